"""What providers answer: the recordings under fixtures/llm, whole or as streams; what goes wrong."""

import enum
import json
import struct
from binascii import crc32
from dataclasses import dataclass, field, replace
from pathlib import Path

FIXTURES = Path(__file__).parents[2] / "fixtures" / "llm"
JSON = "application/json"
EVENTS = "text/event-stream"
AMAZON = "application/vnd.amazon.eventstream"
# A request that holds one of these answers a tool's call.
RESULTS = [
    b'"tool_call_id"',
    b'"tool_result"',
    b'"function_call_output"',
    b'"functionResponse"',
    b'"toolResult"',
]


class End(enum.Enum):
    """How an answer ends."""

    WHOLE = "whole"
    CUT = "cut"  # the connection breaks
    HANG = "hang"  # nothing more comes; where there are no pieces, not even a status
    AGAIN = "again"  # the last piece comes again and again


@dataclass(frozen=True)
class Reply:
    """One answer. A stream's pieces are sent one by one, with a pause (in seconds) between them."""

    pieces: tuple
    status: int = 200
    headers: dict = field(default_factory=dict)
    is_stream: bool = False
    pause: float = 0.0
    end: End = End.WHOLE

    @staticmethod
    def json(body, status=200, **headers):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return Reply((body,), status, {"content-type": JSON, **headers})

    @staticmethod
    def stream(pieces, kind=EVENTS, **rest):
        return Reply(tuple(pieces), headers={"content-type": kind}, is_stream=True, **rest)

    @staticmethod
    def nothing():
        return Reply((), end=End.HANG)

    @property
    def body(self):
        return b"".join(self.pieces)

    def but(self, **changes):
        return replace(self, **changes)

    def first(self, count):
        return replace(self, pieces=self.pieces[:count])


def recording(name):
    """A file under fixtures/llm as an answer."""
    body = (FIXTURES / name).read_bytes()
    if name.endswith(".sse"):
        return Reply.stream(event + b"\n\n" for event in body.split(b"\n\n") if event.strip())
    if name.endswith(".bin"):
        return Reply.stream(frames(body), AMAZON)
    return Reply.json(body)


def frames(body):
    """Amazon's event stream in its frames: each begins with its length."""
    while body:
        (length,) = struct.unpack(">I", body[:4])
        yield body[:length]
        body = body[length:]


def amazon_event(name, payload):
    """A frame: lengths, their checksum, headers, payload, checksum of all."""
    body = json.dumps(payload).encode()
    headers = b""
    for key, value in {
        ":message-type": "event",
        ":event-type": name,
        ":content-type": JSON,
    }.items():
        headers += (
            bytes([len(key)])
            + key.encode()
            + b"\x07"
            + struct.pack(">H", len(value))
            + value.encode()
        )
    prelude = struct.pack(">II", 16 + len(headers) + len(body), len(headers))
    frame = prelude + struct.pack(">I", crc32(prelude)) + headers + body
    return frame + struct.pack(">I", crc32(frame))


def bedrock_text():
    """A streamed text: the recordings have streamed tools only."""
    yield amazon_event("messageStart", {"role": "assistant"})
    for text in ["Hel", "lo!"]:
        yield amazon_event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": text}})
    yield amazon_event("contentBlockStop", {"contentBlockIndex": 0})
    yield amazon_event("messageStop", {"stopReason": "end_turn"})
    usage = {"inputTokens": 12, "outputTokens": 5, "totalTokens": 17}
    yield amazon_event("metadata", {"usage": usage, "metrics": {"latencyMs": 420}})


# By operation: whole text, whole tools, streamed text, streamed tools.
GENERATIONS = {
    "chat": (
        "chat_completions/responses/{}.json",
        "plain",
        "tools",
        "chat_completions/streams/openai_{}.sse",
        "text",
        "tools",
    ),
    "responses": (
        "responses/responses/{}.json",
        "text",
        "tools",
        "responses/streams/{}.sse",
        "text",
        "tools",
    ),
    "messages": (
        "messages/responses/{}.json",
        "plain",
        "tools",
        "messages/streams/{}.sse",
        "text",
        "tools",
    ),
    "gemini": (
        "generate_content/responses/{}.json",
        "plain",
        "calls",
        "generate_content/streams/{}.sse",
        "plain",
        "calls",
    ),
    "converse": (
        "converse/responses/{}.json",
        "plain",
        "tools",
        "converse/streams/{}.bin",
        "",
        "tools",
    ),
    "cohere": (
        "cohere_chat/responses/{}.json",
        "plain",
        "calls",
        "cohere_chat/streams/{}.sse",
        "plain",
        "calls",
    ),
}
OTHERS = {
    "images": "openai/responses/images.json",
    "transcriptions": "openai/responses/transcription_tokens.json",
    "count_tokens": "messages/responses/token_count.json",
    "gemini_embed": "generate_content/responses/embeddings.json",
    "cohere_embed": "cohere_chat/responses/embeddings.json",
}


def usual(call):
    """What a provider answers to a call if it was told nothing else."""
    if call.operation == "speech":
        return Reply((b"ID3\x04sound",), headers={"content-type": "audio/mpeg"})
    if call.operation == "gemini_count":
        return Reply.json(
            {"totalTokens": 31, "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 31}]}
        )
    if call.operation == "embeddings":
        return embeddings(call.json())
    if call.operation in OTHERS:
        return recording(OTHERS[call.operation])
    whole, text, tools, streamed, streamed_text, streamed_tools = GENERATIONS[call.operation]
    calls_tools = wants_tools(call)
    if not call.stream:
        return recording(whole.format(tools if calls_tools else text))
    if call.operation == "converse" and not calls_tools:
        return Reply.stream(bedrock_text(), AMAZON)
    reply = recording(streamed.format(streamed_tools if calls_tools else streamed_text))
    asks_usage = (call.json().get("stream_options") or {}).get("include_usage")
    # Mistral says it unasked.
    if call.operation == "chat" and call.provider != "mistral" and not asks_usage:
        reply = reply.but(
            pieces=tuple(piece for piece in reply.pieces if b'"choices":[]' not in piece)
        )
    return reply


def wants_tools(call):
    body = call.json()
    has_tools = bool(body.get("tools") or body.get("toolConfig", {}).get("tools"))
    return has_tools and not any(result in call.body for result in RESULTS)


def embeddings(asked):
    """As the recording, in the encoding that is asked for: the SDK asks for base64."""
    answer = json.loads((FIXTURES / "openai/responses/embeddings.json").read_bytes())
    if asked.get("encoding_format") == "base64":
        answer["data"][0]["embedding"] = "AACAPgAAAL8="  # 0.25 and -0.5 as little-endian f32
    return Reply.json(answer)
