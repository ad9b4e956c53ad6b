"""What providers answer: the recordings under fixtures/llm, whole or as streams; what goes wrong."""

import enum
import json
import struct
from base64 import b64encode
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
# By operation: whole, and streamed.
OTHERS = {
    "images": ("openai/responses/images.json", "openai/streams/images.sse"),
    "image_edits": ("openai/responses/images.json", "openai/streams/images.sse"),
    "image_variations": ("openai/responses/images_dalle.json", None),
    "transcriptions": (
        "openai/responses/transcription_tokens.json",
        "openai/streams/transcription.sse",
    ),
    "translations": ("openai/responses/transcription_verbose.json", None),
    "count_tokens": ("messages/responses/token_count.json", None),
}
SPEECH_EVENTS = [
    b'data: {"type":"speech.audio.delta","audio":"SUQz"}\n\n',
    b'data: {"type":"speech.audio.done",'
    b'"usage":{"input_tokens":3,"output_tokens":40,"total_tokens":43}}\n\n',
]


def usual(call):
    """What a provider answers to a call if it was told nothing else."""
    if call.operation == "speech" and call.stream:
        return Reply.stream(SPEECH_EVENTS)
    if call.operation == "speech":
        return Reply((b"ID3\x04sound",), headers={"content-type": "audio/mpeg"})
    if call.operation == "gemini_count":
        return Reply.json(
            {"totalTokens": 31, "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 31}]}
        )
    if call.operation in VECTORS:
        return VECTORS[call.operation](call)
    if call.operation in OTHERS:
        return recording(OTHERS[call.operation][1 if call.stream else 0])
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


def vectors(count):
    """As recorded, again and again."""
    return [[[0.25, -0.5], [0.125, 1.0]][number % 2] for number in range(count)]


def embeddings(call):
    """As the recording, in the encoding that is asked for: the SDK asks for base64."""
    asked = call.json()
    answer = json.loads((FIXTURES / "openai/responses/embeddings.json").read_bytes())
    inputs = asked["input"]
    is_one = isinstance(inputs, str) or isinstance(inputs[0], int)
    answer["data"] = [
        {"object": "embedding", "index": index, "embedding": vector}
        for index, vector in enumerate(vectors(1 if is_one else len(inputs)))
    ]
    if call.provider == "mistral":
        answer["id"] = "embd-1"
    if asked.get("encoding_format") == "base64":
        for one in answer["data"]:
            packed = struct.pack(f"<{len(one['embedding'])}f", *one["embedding"])
            one["embedding"] = b64encode(packed).decode()
    return Reply.json(answer)


def gemini_embeddings(call):
    answer = json.loads((FIXTURES / "generate_content/responses/embeddings.json").read_bytes())
    count = len(call.json()["requests"])
    answer["embeddings"] = [{"values": vector} for vector in vectors(count)]
    answer["usageMetadata"] = {"promptTokenCount": count, "totalTokenCount": count}
    return Reply.json(answer)


def gemini_embedding(call):
    return Reply.json({"embedding": {"values": [0.25, -0.5]}})


def cohere_embeddings(call):
    answer = json.loads((FIXTURES / "cohere_chat/responses/embeddings.json").read_bytes())
    answer["texts"] = call.json()["texts"]
    answer["embeddings"] = {"float": vectors(len(answer["texts"]))}
    answer["meta"]["billed_units"]["input_tokens"] = len(answer["texts"])
    return Reply.json(answer)


def invoked(call):
    """Amazon's models say in the answer what they read, the others beside it."""
    if "titan" in call.model:
        return Reply.json({"embedding": [0.25, -0.5], "inputTextTokenCount": 3})
    texts = call.json()["texts"]
    answer = {"id": "e1", "texts": texts, "response_type": "embeddings_by_type"}
    answer["embeddings"] = {"float": vectors(len(texts))}
    return Reply.json(answer, x_amzn_bedrock_input_token_count=str(4 * len(texts)))


VECTORS = {
    "embeddings": embeddings,
    "gemini_embed": gemini_embeddings,
    "gemini_embed_one": gemini_embedding,
    "cohere_embed": cohere_embeddings,
    "invoke": invoked,
}
