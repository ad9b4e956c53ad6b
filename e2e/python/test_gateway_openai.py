"""OpenAI's SDK for Python, unchanged but for its base address and key."""

import asyncio
import json

import openai
import pytest
import requests
from openai.types.chat import ChatCompletionChunk
from pydantic import BaseModel

from stub_answers import SPEECH_EVENTS, End, Reply, recording
from stub_providers import KEYS
from tracekeep_server import SECRET_KEY

HI = [{"role": "user", "content": "Say hi."}]
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather at a place.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}


class City(BaseModel):
    name: str
    people: int


def test_an_answer_is_the_providers_own(openai_client, stub):
    raw = openai_client.chat.completions.with_raw_response.create(model="gpt-4o", messages=HI)
    assert raw.http_response.content == recording("chat_completions/responses/plain.json").body
    completion = raw.parse()
    assert completion.choices[0].message.content == "Hi!"
    assert completion.usage.total_tokens == 170
    assert stub.last.headers["authorization"] == f"Bearer {KEYS['openai']}"


def test_a_stream_is_the_providers_own(openai_client, stub):
    asked = {"model": "gpt-4o", "messages": HI, "stream_options": {"include_usage": True}}
    chunks = list(openai_client.chat.completions.create(**asked, stream=True))
    recorded = recording("chat_completions/streams/openai_text.sse").pieces[:-1]
    assert chunks == [
        ChatCompletionChunk.model_validate_json(event.removeprefix(b"data: ")) for event in recorded
    ]
    assert chunks[-1].usage.total_tokens == 12


def test_the_helper_for_streams(openai_client, stub):
    with openai_client.chat.completions.stream(
        model="gpt-4o", messages=HI, tools=[WEATHER]
    ) as events:
        kinds = [event.type for event in events]
        message = events.get_final_completion().choices[0].message
    assert kinds.count("tool_calls.function.arguments.done") == 2
    assert [json.loads(call.function.arguments) for call in message.tool_calls] == [
        {"city": "Paris"},
        {"city": "Rome"},
    ]


def test_an_answer_is_parsed_into_a_model(openai_client, stub):
    answer = json.loads(recording("chat_completions/responses/plain.json").body)
    answer["choices"][0]["message"]["content"] = '{"name": "Rome", "people": 2746984}'
    stub.will(Reply.json(answer))
    completion = openai_client.chat.completions.parse(
        model="gpt-4o", messages=HI, response_format=City
    )
    assert completion.choices[0].message.parsed == City(name="Rome", people=2746984)
    assert stub.last.json()["response_format"]["json_schema"]["name"] == "City"


def test_the_asynchronous_client(gateway, stub):
    async def ask():
        async with openai.AsyncOpenAI(
            base_url=f"{gateway.url}/v1", api_key=SECRET_KEY, max_retries=0
        ) as client:
            create = client.chat.completions.create
            many = [create(model="gpt-4o", messages=HI) for _ in range(20)]
            stream = await create(model="gpt-4o", messages=HI, stream=True)
            texts = [chunk.choices[0].delta.content or "" async for chunk in stream]
            return "".join(texts), [
                answer.choices[0].message.content for answer in await asyncio.gather(*many)
            ]

    assert asyncio.run(ask()) == ("Hello", ["Hi!"] * 20)


def test_responses(openai_client, stub):
    raw = openai_client.responses.with_raw_response.create(
        model="gpt-5.1",
        input="Say hello.",
        instructions="Be brief.",
        store=False,
        reasoning={"effort": "low"},
    )
    assert raw.http_response.content == recording("responses/responses/text.json").body
    assert raw.parse().output_text == "Hello! How can I help?"
    assert stub.last.json()["reasoning"] == {"effort": "low"}


def test_responses_as_a_stream(openai_client, stub):
    events = list(openai_client.responses.create(model="gpt-5.1", input="Say hello.", stream=True))
    recorded = recording("responses/streams/text.sse").pieces
    assert [event.type for event in events] == [
        json.loads(e.split(b"data: ")[1])["type"] for e in recorded
    ]
    assert events[-1].response.output_text == "Hello, wörld"


@pytest.mark.parametrize("encoding", ["float", "base64", None])
def test_embeddings(gateway, openai_client, stub, encoding):
    more = {"encoding_format": encoding} if encoding else {}
    raw = openai_client.embeddings.with_raw_response.create(
        model="text-embedding-3-small", input="A text.", user="u-42", **more
    )
    vector = raw.parse().data[0].embedding
    assert vector == ("AACAPgAAAL8=" if encoding == "base64" else [0.25, -0.5])
    detail = gateway.ended(raw.headers["x-tracekeep-trace-id"])
    assert detail["spans"][0]["kind"] == "EMBEDDING"
    # The plan's model_id is of the trace's GENERATION, and there is none.
    assert detail["spans"][0]["model"] == "text-embedding-3-small"
    assert detail["trace"]["tokens_used"]["input"] == 8
    assert detail["trace"]["user_id"] == "u-42"
    assert "A text." in detail["spans"][0]["input"]


def test_pictures(gateway, openai_client, stub):
    raw = openai_client.images.with_raw_response.generate(
        model="gpt-image-1", prompt="A cat.", size="1024x1024"
    )
    assert raw.parse().data[0].b64_json == "iVBORw0KGgo="
    trace = gateway.ended(raw.headers["x-tracekeep-trace-id"])["trace"]
    assert (trace["model_id"], trace["status"]) == ("gpt-image-1", "success")
    assert (trace["tokens_used"]["input"], trace["tokens_used"]["output"]) == (50, 450)
    assert "A cat." in trace["prompt_content"]


def test_speech(gateway, openai_client, stub):
    raw = openai_client.audio.speech.with_raw_response.create(
        model="gpt-4o-mini-tts", voice="coral", input="Grüße!"
    )
    assert raw.http_response.content == b"ID3\x04sound"
    assert raw.headers["content-type"] == "audio/mpeg"
    trace = gateway.ended(raw.headers["x-tracekeep-trace-id"])["trace"]
    assert trace["status"] == "success"
    assert "Grüße!" in trace["prompt_content"]


def test_speech_has_the_price_of_its_characters(gateway, openai_client, stub):
    raw = openai_client.audio.speech.with_raw_response.create(
        model="tts-1", voice="coral", input="Grüße!"
    )
    (span,) = gateway.ended(raw.headers["x-tracekeep-trace-id"])["spans"]
    # 6 characters at $15 a million.
    assert float(span["cost_total"]) == 9e-5


SOUND = bytes(range(256)) * 400 + b"\r\n--\r\n\n\r"


class TestForms:
    def test_a_transcription(self, gateway, openai_client, stub):
        raw = openai_client.audio.transcriptions.with_raw_response.create(
            model="gpt-4o-transcribe",
            file=("a.wav", SOUND, "audio/wav"),
            language="de",
            prompt="Grüße",
            temperature=0.25,
            timestamp_granularities=["word", "segment"],
        )
        assert raw.parse().text == "Hallo."
        assert stub.last.form()["file"] == [("a.wav", SOUND)]
        detail = gateway.ended(raw.headers["x-tracekeep-trace-id"])
        trace, (span,) = detail["trace"], detail["spans"]
        assert (trace["model_id"], trace["status"]) == ("gpt-4o-transcribe", "success")
        assert trace["response_content"] == "Hallo."
        file = {"field": "file", "name": "a.wav", "type": "audio/wav", "bytes": len(SOUND)}
        assert json.loads(span["input"]) == {"prompt": "Grüße", "files": [file]}
        assert trace["parameters"] == {
            "language": "de",
            "temperature": 0.25,
            "timestamp_granularities": ["word", "segment"],
        }
        assert (trace["tokens_used"]["input"], trace["tokens_used"]["output"]) == (14, 45)
        assert span["first_token_time"] is None

    @pytest.mark.parametrize("model", ["whisper-1", "openai/whisper-1"])
    def test_only_the_models_name_changes(self, gateway, stub, model):
        head = b"--b0\r\nContent-Disposition: form-data; name=\"%s\"%s\r\n\r\n"
        file = b'; filename="a \xc3\xa9.wav"\r\ncontent-type:audio/wav\r\nX-Own:  1'
        before = b"preamble\r\n" + head % (b"x_own", b"") + b" 1 \r\n" + head % (b"model", b"")
        after = b"\r\n" + head % (b"file", file) + SOUND + b"\r\n--b0--\r\nepilogue"
        body = before + model.encode() + after
        headers = {
            "authorization": f"Bearer {SECRET_KEY}",
            "content-type": "multipart/form-data; boundary=b0",
        }
        url = f"{gateway.url}/v1/audio/transcriptions"
        reply = requests.post(url, data=body, headers=headers, timeout=30)
        assert reply.status_code == 200, reply.text
        assert stub.last.body == before + b"whisper-1" + after
        assert stub.last.headers["content-type"] == headers["content-type"]
        assert reply.content == recording("openai/responses/transcription_tokens.json").body

    def test_as_a_stream(self, gateway, openai_client, stub):
        stream = openai_client.audio.transcriptions.create(
            model="gpt-4o-transcribe", file=("a.wav", SOUND), stream=True
        )
        assert [event.type for event in stream] == ["transcript.text.delta", "transcript.text.done"]
        detail = gateway.ended(stream.response.headers["x-tracekeep-trace-id"])
        trace, (span,) = detail["trace"], detail["spans"]
        assert (trace["status"], trace["streaming_enabled"]) == ("success", True)
        assert trace["response_content"] == "Hallo."
        assert trace["tokens_used"]["output"] == 45
        assert span["first_token_time"] is not None

    @pytest.mark.parametrize("kind", ["text", "srt"])
    def test_as_a_text(self, gateway, openai_client, stub, kind):
        stub.will(Reply((b"Hallo.\n",), headers={"content-type": "text/plain"}))
        raw = openai_client.audio.transcriptions.with_raw_response.create(
            model="whisper-1", file=("a.wav", SOUND), response_format=kind
        )
        assert raw.http_response.content == b"Hallo.\n"
        trace = gateway.ended(raw.headers["x-tracekeep-trace-id"])["trace"]
        assert trace["response_content"] == "Hallo.\n"

    def test_a_translation(self, gateway, openai_client, stub):
        raw = openai_client.audio.translations.with_raw_response.create(
            model="whisper-1", file=("a.wav", SOUND)
        )
        assert raw.parse().text == "Hallo."
        assert stub.last.operation == "translations"
        (span,) = gateway.ended(raw.headers["x-tracekeep-trace-id"])["spans"]
        assert span["usage_given"] == {"type": "duration", "seconds": 3.0}

    def test_an_edit_of_pictures(self, gateway, openai_client, stub):
        pictures = [("a.png", b"\x89PNG 1"), ("b.png", b"\x89PNG 22")]
        raw = openai_client.images.with_raw_response.edit(
            model="openai/gpt-image-1", prompt="A hat.", image=pictures, mask=("m.png", b"M")
        )
        assert raw.parse().data[0].b64_json == "iVBORw0KGgo="
        sent = stub.last.form()
        assert sent["image[]"] == pictures and sent["mask"] == [("m.png", b"M")]
        assert stub.last.model == "gpt-image-1"
        detail = gateway.ended(raw.headers["x-tracekeep-trace-id"])
        said = json.loads(detail["spans"][0]["input"])
        assert said["prompt"] == "A hat."
        assert [(file["name"], file["bytes"]) for file in said["files"]] == [
            ("a.png", 6),
            ("b.png", 7),
            ("m.png", 1),
        ]
        assert detail["trace"]["tokens_used"]["output"] == 450

    def test_a_variation_of_a_picture(self, openai_client, stub):
        answer = openai_client.images.create_variation(model="openai/dall-e-2", image=b"PNG")
        assert answer.data[0].url
        assert (stub.last.operation, stub.last.model) == ("image_variations", "dall-e-2")

    def test_25_mib_pass(self, openai_client, stub):
        sound = bytes(25 << 20)
        text = openai_client.audio.transcriptions.create(model="whisper-1", file=("a.wav", sound))
        assert text.text == "Hallo."
        assert len(stub.last.body) > len(sound)

    @pytest.mark.parametrize(
        ("kind", "body", "reason"),
        [
            ("application/json", b"{}", "multipart/form-data"),
            ("multipart/form-data", b"--x--", "boundary"),
            ("multipart/form-data; boundary=x", b"--x\r\n\r\nhalf", "cut off"),
        ],
    )
    def test_what_is_no_form(self, gateway, stub, kind, body, reason):
        headers = {"authorization": f"Bearer {SECRET_KEY}", "content-type": kind}
        url = f"{gateway.url}/v1/audio/transcriptions"
        reply = requests.post(url, data=body, headers=headers, timeout=30)
        assert reply.status_code == 400
        assert reason in reply.json()["error"]["message"]
        assert stub.calls == []

    @pytest.mark.parametrize("fields", [{}, {"model": ""}, {"model[]": "whisper-1"}])
    def test_a_model_is_missing(self, gateway, stub, fields):
        reply = requests.post(
            f"{gateway.url}/v1/audio/transcriptions",
            data=fields,
            files={"file": ("a.wav", SOUND)},
            headers={"authorization": f"Bearer {SECRET_KEY}"},
            timeout=30,
        )
        assert reply.status_code == 400
        assert "is missing" in reply.json()["error"]["message"]
        assert reply.json()["error"]["param"] == "model"
        assert stub.calls == []

    def test_long_texts_are_shown_by_their_size(self, gateway, stub):
        text = "x" * (200 << 10)
        fields = [("model", "whisper-1"), *[("x_own[]", text)] * 20]
        reply = requests.post(
            f"{gateway.url}/v1/audio/transcriptions",
            data=fields,
            files={"file": ("a.wav", SOUND)},
            headers={"authorization": f"Bearer {SECRET_KEY}"},
            timeout=30,
        )
        assert reply.status_code == 200, reply.text
        detail = gateway.ended(reply.headers["x-tracekeep-trace-id"])
        files = json.loads(detail["spans"][0]["input"])["files"]
        # 1 MiB has room for five.
        assert [file["bytes"] for file in files] == [len(text)] * 15 + [len(SOUND)]

    def test_who_takes_no_forms(self, openai_client, stub):
        with pytest.raises(openai.BadRequestError, match="does not speak this API"):
            openai_client.audio.transcriptions.create(model="gemini/x", file=("a.wav", SOUND))
        assert stub.calls == []


class TestWhatComesPieceByPiece:
    def test_speech_is_heard_while_it_is_made(self, gateway, openai_client, stub):
        """Its end never comes."""
        pieces = [b"ID3\x04", b"sound", b"more"]
        stub.will(Reply.stream(pieces, "audio/mpeg").but(end=End.HANG))
        asked = {"model": "gpt-4o-mini-tts", "voice": "coral", "input": "Grüße!"}
        with openai_client.audio.speech.with_streaming_response.create(**asked) as reply:
            trace_id = reply.headers["x-tracekeep-trace-id"]
            heard = b""
            for piece in reply.iter_bytes():
                heard += piece
                if len(heard) == len(b"".join(pieces)):
                    break
        assert heard == b"".join(pieces)
        assert stub.last.gone.wait(5), "the provider still speaks to nobody"
        detail = gateway.ended(trace_id)
        trace, (span,) = detail["trace"], detail["spans"]
        assert (trace["status"], trace["error_code"]) == ("error", "cancelled")
        assert span["first_token_time"] is not None
        assert span["usage_given"] == {"characters": 6}

    def test_speech_as_events(self, gateway, openai_client, stub):
        asked = {"model": "gpt-4o-mini-tts", "voice": "coral", "input": "Hi!"}
        with openai_client.audio.speech.with_streaming_response.create(
            **asked, stream_format="sse"
        ) as reply:
            assert reply.headers["content-type"] == "text/event-stream"
            assert reply.read().count(b"data: ") == 2
            trace_id = reply.headers["x-tracekeep-trace-id"]
        trace = gateway.ended(trace_id)["trace"]
        assert (trace["status"], trace["streaming_enabled"]) == ("success", True)
        assert (trace["tokens_used"]["input"], trace["tokens_used"]["output"]) == (3, 40)

    def test_speech_that_is_cut_is_an_error(self, gateway, openai_client, stub):
        stub.will(Reply.stream([b"ID3\x04", b"so"], "audio/mpeg").but(end=End.CUT))
        asked = {"model": "gpt-4o-mini-tts", "voice": "coral", "input": "Hi!"}
        with openai_client.audio.speech.with_streaming_response.create(**asked) as reply:
            trace_id = reply.headers["x-tracekeep-trace-id"]
            with pytest.raises(Exception, match=r"(?i)incomplete|closed|read|chunk"):
                reply.read()
        trace = gateway.ended(trace_id)["trace"]
        assert trace["status"] == "error"
        assert trace["error_code"] != "cancelled"

    @pytest.mark.parametrize("edits", [False, True])
    def test_pictures_take_shape(self, gateway, openai_client, stub, edits):
        asked = {"model": "gpt-image-1", "prompt": "A cat.", "stream": True, "partial_images": 1}
        if edits:
            stream = openai_client.images.edit(image=("a.png", b"\x89PNG"), **asked)
        else:
            stream = openai_client.images.generate(**asked)
        assert [event.type for event in stream] == [
            "image_generation.partial_image",
            "image_generation.completed",
        ]
        trace = gateway.ended(stream.response.headers["x-tracekeep-trace-id"])["trace"]
        assert (trace["status"], trace["streaming_enabled"]) == ("success", True)
        assert (trace["tokens_used"]["input"], trace["tokens_used"]["output"]) == (50, 450)
        assert trace["response_content"] is None

    @pytest.mark.parametrize("kind", ["pictures", "transcript", "speech"])
    def test_events_that_end_too_early_are_an_error(self, gateway, openai_client, stub, kind):
        if kind == "speech":
            stub.will(Reply.stream(SPEECH_EVENTS[:1]))
            asked = {"model": "gpt-4o-mini-tts", "voice": "coral", "input": "Hi!"}
            speech = openai_client.audio.speech.with_streaming_response
            with speech.create(**asked, stream_format="sse") as reply:
                assert reply.read() == SPEECH_EVENTS[0]
                trace_id = reply.headers["x-tracekeep-trace-id"]
        else:
            if kind == "pictures":
                stub.will(recording("openai/streams/images.sse").first(1))
                stream = openai_client.images.generate(
                    model="gpt-image-1", prompt="A cat.", stream=True, partial_images=1
                )
            else:
                stub.will(recording("openai/streams/transcription.sse").first(1))
                stream = openai_client.audio.transcriptions.create(
                    model="gpt-4o-transcribe", file=("a.wav", SOUND), stream=True
                )
            assert len(list(stream)) == 1
            trace_id = stream.response.headers["x-tracekeep-trace-id"]
        trace = gateway.ended(trace_id)["trace"]
        assert (trace["status"], trace["error_code"]) == ("error", "incomplete_stream")
        assert trace["response_content"] == ("Hallo" if kind == "transcript" else None)

    def test_an_error_midway(self, gateway, openai_client, stub):
        picture = recording("openai/streams/images.sse").pieces[0]
        error = b'event: error\ndata: {"type":"error","error":{"message":"No cats.","code":"c"}}\n\n'
        stub.will(Reply.stream([picture, error]))
        stream = openai_client.images.generate(model="gpt-image-1", prompt="A cat.", stream=True)
        with pytest.raises(openai.APIError, match="No cats."):
            list(stream)
        trace = gateway.ended(stream.response.headers["x-tracekeep-trace-id"])["trace"]
        assert (trace["status"], trace["error_message"], trace["error_code"]) == (
            "error",
            "No cats.",
            "c",
        )


def test_embeddings_have_the_price_of_the_model_that_was_asked_for(gateway, openai_client, stub):
    """Also where the client names the provider before it."""
    costs = []
    for model in ["text-embedding-3-small", "openai/text-embedding-3-small"]:
        raw = openai_client.embeddings.with_raw_response.create(model=model, input="A text.")
        (span,) = gateway.ended(raw.headers["x-tracekeep-trace-id"])["spans"]
        assert span["response_model"] == "text-embedding-3-small"
        costs.append(span["cost_total"])
    # 8 tokens at $0.02 a million.
    assert [float(cost) for cost in costs] == [1.6e-7, 1.6e-7]


def test_the_list_of_models(openai_client):
    models = {model.id: model.owned_by for model in openai_client.models.list()}
    assert {"demo/fast", "demo/slow", "demo/fail", "demo/tools", "demo/embed"} <= set(models)
    assert any(name in models for name in ["llama-local", "local/llama-local"])


@pytest.mark.parametrize("name", ["llama-local", "local/llama-local", "local/another"])
def test_a_provider_is_found_by_its_name_or_its_models(openai_client, stub, name):
    openai_client.chat.completions.create(model=name, messages=HI)
    assert (stub.last.provider, stub.last.model) == ("local", name.removeprefix("local/"))


def test_a_model_of_another_name_is_the_only_thing_that_changes(openai_client, stub):
    body = (
        b'{ "messages":[{"role":"user","content":"a\\u00e9/\\/ 1.0"}] ,"temperature":0.50,\n'
        b' "model" : "openai/gpt-4o"}'
    )
    openai_client.post("/chat/completions", content=body, cast_to=object)
    assert stub.last.body == body.replace(b'"openai/gpt-4o"', b'"gpt-4o"')


class TestDemo:
    """The built-in models, which need no provider."""

    def test_fast(self, openai_client, stub):
        stream = openai_client.chat.completions.create(
            model="demo/fast",
            messages=[{"role": "user", "content": "How do I bake bread?"}],
            stream=True,
            stream_options={"include_usage": True},
        )
        chunks = list(stream)
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        assert "How do I bake bread" in text
        assert len(chunks) > 20
        assert chunks[-1].usage.completion_tokens > 20
        assert stub.calls == []

    def test_tools(self, openai_client):
        messages = [{"role": "user", "content": "What is the weather in Lisbon?"}]
        asked = openai_client.chat.completions.create(
            model="demo/tools", messages=messages, tools=[WEATHER]
        )
        message = asked.choices[0].message
        (call,) = message.tool_calls
        assert (call.function.name, json.loads(call.function.arguments)) == (
            "weather",
            {"city": "Lisbon"},
        )
        result = {"role": "tool", "tool_call_id": call.id, "content": '{"temperature": 21}'}
        told = openai_client.chat.completions.create(
            model="demo/tools", messages=[*messages, message, result], tools=[WEATHER]
        )
        assert "temperature is 21" in told.choices[0].message.content

    @pytest.mark.parametrize("stream", [False, True])
    def test_fail(self, gateway, openai_client, stream):
        with pytest.raises(openai.InternalServerError) as raised:
            openai_client.chat.completions.create(model="demo/fail", messages=HI, stream=stream)
        assert (raised.value.status_code, raised.value.code) == (503, "overloaded")
        trace = gateway.ended(raised.value.response.headers["x-tracekeep-trace-id"])["trace"]
        assert (trace["status"], trace["error_code"]) == ("error", "overloaded")

    def test_fail_midway(self, gateway, openai_client):
        stream = openai_client.chat.completions.create(
            model="demo/fail-midway", messages=HI, stream=True
        )
        texts = []
        with pytest.raises(openai.APIError, match="overloaded"):
            for chunk in stream:
                texts.append(chunk.choices[0].delta.content or "")
        trace = gateway.ended(stream.response.headers["x-tracekeep-trace-id"])["trace"]
        assert trace["status"] == "error"
        assert trace["response_content"] == "".join(texts) != ""

    def test_reasoning(self, gateway, openai_client):
        raw = openai_client.chat.completions.with_raw_response.create(
            model="demo/reasoning", messages=HI
        )
        completion = raw.parse()
        assert completion.choices[0].message.reasoning_content
        details = completion.usage.completion_tokens_details
        assert 0 < details.reasoning_tokens < completion.usage.completion_tokens
        used = gateway.ended(raw.headers["x-tracekeep-trace-id"])["trace"]["tokens_used"]
        assert used["output"] == completion.usage.completion_tokens

    def test_parse(self, openai_client):
        completion = openai_client.chat.completions.parse(
            model="demo/fast", messages=HI, response_format=City
        )
        assert isinstance(completion.choices[0].message.parsed, City)

    def test_responses(self, openai_client):
        with openai_client.responses.stream(
            model="demo/fast", input="How do I bake bread?"
        ) as events:
            response = events.get_final_response()
        assert response.status == "completed"
        assert "How do I bake bread" in response.output_text

    @pytest.mark.parametrize("dimensions", [None, 64])
    def test_embed(self, gateway, openai_client, stub, dimensions):
        texts = ["How do I bake bread?", "Do I bake bread at noon?", "Ships sail over seas."]
        more = {"dimensions": dimensions} if dimensions else {}
        raw = openai_client.embeddings.with_raw_response.create(
            model="demo/embed", input=texts, **more
        )
        answer = raw.parse()
        one, near, far = (embedding.embedding for embedding in answer.data)
        assert len(one) == (dimensions or 256)
        likeness = [sum(a * b for a, b in zip(one, other)) for other in [one, near, far]]
        assert likeness[0] == pytest.approx(1, abs=1e-4)
        assert likeness[1] > likeness[2]
        assert answer.usage.prompt_tokens > 0
        (span,) = gateway.ended(raw.headers["x-tracekeep-trace-id"])["spans"]
        assert (span["kind"], span["usage_input"]) == ("EMBEDDING", answer.usage.prompt_tokens)
        assert stub.calls == []

    @pytest.mark.parametrize(
        ("call", "reason"),
        [
            ({"model": "demo/fast"}, "demo/embed"),
            ({"model": "demo/embed", "dimensions": 1_000_000}, "dimensions"),
        ],
    )
    def test_embed_refuses(self, openai_client, call, reason):
        with pytest.raises(openai.APIStatusError, match=reason) as raised:
            openai_client.embeddings.create(input="Hi", **call)
        assert raised.value.status_code in (400, 404)

    def test_a_limit(self, openai_client):
        completion = openai_client.chat.completions.create(
            model="demo/fast", messages=HI, max_completion_tokens=3
        )
        assert completion.choices[0].finish_reason == "length"
        assert completion.usage.completion_tokens == 3
