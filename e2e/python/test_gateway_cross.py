"""Every client's protocol with every provider: what its SDK makes of the answer, what the provider
got, what the trace says. The stub refuses what a provider would refuse."""

import base64
import json
import re

import openai
import pytest
import requests
from google.genai import errors as gemini_errors
from google.genai import types as gemini

from sdk_speakers import QUESTION, RESULT, SPEAKERS
from stub_answers import Reply, recording
from stub_providers import KEYS
from tracekeep_server import SECRET_KEY

ASKED = "get_weather"
# By provider: the model, what it says and how many tokens it counts, whole and streamed.
PROVIDERS = {
    "openai": ("gpt-4o", "Hi!", (120, 50), "Hello", (9, 3)),
    "anthropic": ("claude-opus-5", "Hello!", (12, 5), "Hello!", (12, 5)),
    "gemini": (
        "gemini-2.5-flash",
        "Because of Rayleigh scattering.",
        (1000, 205),
        "Because of Rayleigh scattering.",
        (4, 26),
    ),
    "bedrock": ("amazon.nova-pro-v1:0", "Hello!", (12, 5), "Hello!", (12, 5)),
    "cohere": (
        "command-a-03-2025",
        "Because of Rayleigh scattering.",
        (71, 420),
        "Because of Rayleigh scattering.",
        (71, 420),
    ),
    "mistral": ("mistral-large-latest", "Hi!", (120, 50), "Hello", (9, 3)),
    "local": ("llama-local", "Hi!", (120, 50), "Hello", (9, 3)),
}
OPENAI_CALLS = [("weather", {"city": "Paris"}), ("weather", {"city": "Rome"})]
GEMINI_CALLS = [(ASKED, {"city": "Rome", "days": 2}), ("get_time", {})]
COHERE_CALLS = [(ASKED, {"city": "Rome"}), ("get_time", {})]
ANTHROPIC_CALLS = [(ASKED, {"city": "Oslo", "lat": 59.91}), ("now", {})]
CALLS = {
    "openai": (OPENAI_CALLS, OPENAI_CALLS),
    "anthropic": (ANTHROPIC_CALLS, ANTHROPIC_CALLS),
    "gemini": (GEMINI_CALLS, GEMINI_CALLS),
    # Whole, it has searched by itself too, which is no call for the client.
    "bedrock": ([(ASKED, {"city": "Oslo", "days": 2})], [(ASKED, {"city": "Oslo"}), ("now", {})]),
    "cohere": (COHERE_CALLS, COHERE_CALLS),
    "mistral": (OPENAI_CALLS, OPENAI_CALLS),
    "local": (OPENAI_CALLS, OPENAI_CALLS),
}
# OpenAI is asked in the client's own protocol, whose recordings say something else.
RESPONSES_TEXT = ("Hello! How can I help?", (1200, 40), "Hello, wörld", (1200, 40))
RESPONSES_CALLS = [(ASKED, {"city": "Bonn"}), ("get_time", {})]

each_client = pytest.mark.parametrize("protocol", SPEAKERS)
each_provider = pytest.mark.parametrize("provider", PROVIDERS)
each_way = pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])


@pytest.fixture(scope="module")
def speakers(gateway):
    return {protocol: speaker(gateway.url) for protocol, speaker in SPEAKERS.items()}


def expected(protocol, provider, stream):
    whole, counts, streamed, stream_counts = PROVIDERS[provider][1:]
    if (protocol, provider) == ("responses", "openai"):
        whole, counts, streamed, stream_counts = RESPONSES_TEXT
    return (streamed, stream_counts) if stream else (whole, counts)


def expected_calls(protocol, provider, stream):
    if (protocol, provider) == ("responses", "openai"):
        return RESPONSES_CALLS
    return CALLS[provider][1 if stream else 0]


def named(provider):
    return f"{provider}/{PROVIDERS[provider][0]}"


@each_way
@each_provider
@each_client
def test_a_text_and_its_trace(gateway, stub, speakers, protocol, provider, stream):
    answer = speakers[protocol].ask(named(provider), stream)
    text, counts = expected(protocol, provider, stream)
    assert answer.text == text
    assert answer.calls == []

    (call,) = stub.calls
    assert (call.provider, call.model, call.stream) == (provider, PROVIDERS[provider][0], stream)
    assert QUESTION in call.body.decode()

    detail = gateway.ended(answer.trace_id)
    trace = detail["trace"]
    assert (trace["status"], trace["error_code"]) == ("success", None)
    assert trace["model_id"] in (named(provider), PROVIDERS[provider][0])
    assert trace["provider"] == provider
    assert trace["streaming_enabled"] is stream
    assert QUESTION in trace["prompt_content"]
    assert text in trace["response_content"]
    assert (trace["first_token_latency_ms"] is not None) is stream
    assert (trace["tokens_used"]["input"], trace["tokens_used"]["output"]) == counts


@each_way
@each_provider
@each_client
def test_tools_are_called_and_their_results_come_back(
    gateway, stub, speakers, protocol, provider, stream
):
    speaker = speakers[protocol]
    asked = speaker.ask(named(provider), stream, tools=True)
    assert asked.called == expected_calls(protocol, provider, stream)
    assert ASKED in stub.last.body.decode()
    calls = gateway.ended(asked.trace_id)["spans"][0]["tool_calls"]
    assert [call["function"]["name"] for call in calls] == [name for name, _ in asked.called]

    told = speaker.ask(named(provider), stream, tools=True, earlier=asked)
    assert told.text == expected(protocol, provider, stream)[0]
    sent = stub.last.body.decode()
    assert sent.count(RESULT) == len(asked.calls)
    for name, _ in asked.called:
        assert name in sent


@each_client
@pytest.mark.parametrize("provider", ["anthropic", "bedrock", "cohere"])
def test_calls_of_tools_have_ids_that_tell_them_apart(stub, speakers, protocol, provider):
    asked = speakers[protocol].ask(named(provider), stream=True, tools=True)
    ids = [id for id, _, _ in asked.calls]
    assert all(ids) and len(set(ids)) == len(ids) == 2


@each_provider
def test_what_was_asked_for_is_asked_for(openai_client, stub, provider):
    """The parameters of OpenAI's client, in each provider's own words."""
    openai_client.chat.completions.create(
        # Anthropic's newer models take no temperature.
        model="anthropic/claude-sonnet-4-5" if provider == "anthropic" else named(provider),
        messages=[{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Why?"}],
        temperature=0.25,
        max_tokens=77,
        stop=["END"],
    )
    sent = stub.last.json()
    places = {
        "anthropic": lambda: (sent["temperature"], sent["max_tokens"], sent["stop_sequences"]),
        "gemini": lambda: tuple(
            sent["generationConfig"][n] for n in ["temperature", "maxOutputTokens", "stopSequences"]
        ),
        "bedrock": lambda: tuple(
            sent["inferenceConfig"][n] for n in ["temperature", "maxTokens", "stopSequences"]
        ),
        "cohere": lambda: (sent["temperature"], sent["max_tokens"], sent["stop_sequences"]),
    }
    found = places.get(provider, lambda: (sent["temperature"], sent["max_tokens"], sent["stop"]))()
    assert found == (0.25, 77, ["END"])
    assert stub.last.body.decode().count("Be brief.") == 1


@pytest.mark.parametrize("provider", ["openai", "anthropic", "gemini", "bedrock", "local"])
def test_a_picture_arrives(openai_client, stub, provider):
    pixel = base64.b64encode(b"\x89PNG\r\n\x1a\nnot quite a picture").decode()
    parts = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{pixel}"}},
    ]
    openai_client.chat.completions.create(
        model=named(provider), messages=[{"role": "user", "content": parts}]
    )
    assert pixel in stub.last.body.decode()


@pytest.mark.parametrize(
    "provider", ["openai", "anthropic", "gemini", "cohere", "mistral", "local"]
)
def test_a_schema_arrives(openai_client, stub, provider):
    schema = {
        "type": "object",
        "properties": {"people": {"type": "integer"}},
        "required": ["people"],
    }
    asked = {"type": "json_schema", "json_schema": {"name": "city", "schema": schema}}
    openai_client.chat.completions.create(
        model=named(provider),
        messages=[{"role": "user", "content": "Rome?"}],
        response_format=asked,
    )
    sent = json.dumps(stub.last.json())
    assert '"people"' in sent and re.search('"type": "integer"', sent, re.IGNORECASE)


@pytest.mark.parametrize("provider", ["anthropic", "cohere"])
def test_what_a_provider_cannot_do_is_refused_by_its_name(openai_client, stub, provider):
    with pytest.raises(openai.BadRequestError, match=r"\bn\b"):
        openai_client.chat.completions.create(
            model=named(provider), messages=[{"role": "user", "content": "Hi"}], n=2
        )
    assert stub.calls == []


# By provider: the model, the operation that it is asked, the tokens that it counts for two texts.
EMBEDDERS = {
    "openai": ("text-embedding-3-small", "embeddings", 8),
    "gemini": ("gemini-embedding-001", "gemini_embed", 2),
    "cohere": ("embed-multilingual-v3.0", "cohere_embed", 2),
    "bedrock": ("cohere.embed-multilingual-v3", "invoke", 8),
    "mistral": ("mistral-embed", "embeddings", 8),
    "local": ("nomic-embed-text", "embeddings", 8),
}
VECTORS = [[0.25, -0.5], [0.125, 1.0]]


@pytest.mark.parametrize("encoding", ["float", "base64", None])
@pytest.mark.parametrize("provider", EMBEDDERS)
def test_embeddings_of_other_providers(gateway, openai_client, stub, provider, encoding):
    model, operation, tokens = EMBEDDERS[provider]
    more = {"encoding_format": encoding} if encoding else {}
    raw = openai_client.embeddings.with_raw_response.create(
        model=f"{provider}/{model}", input=["a", "b"], **more
    )
    answer = raw.parse()
    # Only who asks for base64 by name gets to see it.
    written = ["AACAPgAAAL8=", "AAAAPgAAgD8="] if encoding == "base64" else VECTORS
    assert [embedding.embedding for embedding in answer.data] == written
    assert [embedding.index for embedding in answer.data] == [0, 1]
    assert answer.usage.prompt_tokens == answer.usage.total_tokens == tokens
    assert (stub.last.provider, stub.last.operation) == (provider, operation)
    assert stub.last.model == model
    (span,) = gateway.ended(raw.headers["x-tracekeep-trace-id"])["spans"]
    assert (span["kind"], span["provider"], span["usage_input"]) == ("EMBEDDING", provider, tokens)
    # By which it is priced.
    assert span["response_model"] in (model, "text-embedding-3-small")
    assert json.loads(span["input"]) == ["a", "b"]


class TestEmbeddingsInParts:
    """A provider that takes fewer inputs than OpenAI is called several times."""

    @pytest.mark.parametrize(
        ("model", "sizes"),
        [
            ("gemini/gemini-embedding-001", [100, 100, 50]),
            ("cohere/embed-v4.0", [96, 96, 58]),
            ("bedrock/eu.cohere.embed-v4:0", [96, 96, 58]),
        ],
    )
    def test_all_inputs_are_embedded(self, gateway, openai_client, stub, model, sizes):
        texts = [f"text {number}" for number in range(250)]
        raw = openai_client.embeddings.with_raw_response.create(
            model=model, input=texts, encoding_format="float"
        )
        # Each call begins again with the first of the two vectors.
        expected = [VECTORS[number % 2] for size in sizes for number in range(size)]
        assert [one.embedding for one in raw.parse().data] == expected
        sent = [call.json().get("texts") or call.json()["requests"] for call in stub.calls]
        assert sorted(len(part) for part in sent) == sorted(sizes)
        assert all(any(f'"{text}"' in json.dumps(part) for part in sent) for text in texts)
        counted = 4 * 250 if model.startswith("bedrock") else 250
        (span,) = gateway.ended(raw.headers["x-tracekeep-trace-id"])["spans"]
        assert span["usage_input"] == counted == raw.parse().usage.prompt_tokens

    def test_titan_is_called_for_each_input(self, openai_client, stub):
        answer = openai_client.embeddings.create(
            model="bedrock/amazon.titan-embed-text-v2:0", input=list("abcde"), dimensions=256
        )
        assert [one.embedding for one in answer.data] == [[0.25, -0.5]] * 5
        assert answer.usage.prompt_tokens == 15
        texts = sorted(call.json()["inputText"] for call in stub.calls)
        assert texts == list("abcde")
        assert {call.json()["dimensions"] for call in stub.calls} == {256}

    def test_the_order_is_the_clients(self, openai_client, stub):
        """Whichever answers first."""

        def number(call):
            return Reply.json({"embedding": [float(call.json()["inputText"])]})

        stub.will(number)
        answer = openai_client.embeddings.create(
            model="bedrock/amazon.titan-embed-text-v2:0",
            input=[str(number) for number in range(30)],
            encoding_format="float",
        )
        assert [one.embedding for one in answer.data] == [[float(n)] for n in range(30)]

    def test_a_part_without_room_is_asked_for_again_by_itself(self, gateway, openai_client, stub):
        refused = []

        def answer(call):
            if b'"text 120"' in call.body and not refused:
                refused.append(call)
                return Reply.json({"error": {"code": 429, "message": "Busy."}}, 429)
            return Reply.json({"embeddings": [{"values": [1]}] * len(call.json()["requests"])})

        stub.will(answer)
        raw = openai_client.embeddings.with_raw_response.create(
            model="gemini/gemini-embedding-001",
            input=[f"text {n}" for n in range(250)],
            encoding_format="float",
        )
        assert len(raw.parse().data) == 250
        assert len(stub.calls) == 3 + 1
        assert gateway.ended(raw.headers["x-tracekeep-trace-id"])["trace"]["status"] == "success"

    def test_the_others_are_not_asked_for_again(self, openai_client, stub):
        """Where one never finds room: they are paid for."""

        def answer(call):
            if b'"text 120"' in call.body:
                return Reply.json({"error": {"code": 429, "message": "Busy."}}, 429)
            return Reply.json({"embeddings": [{"values": [1]}] * len(call.json()["requests"])})

        stub.will(answer)
        with pytest.raises(openai.RateLimitError, match="Busy."):
            openai_client.embeddings.create(
                model="gemini/gemini-embedding-001", input=[f"text {n}" for n in range(250)]
            )
        assert len(stub.calls) == 2 + 3

    def test_one_that_fails_fails_all(self, gateway, openai_client, stub):
        def answer(call):
            if b"text 120" in call.body:
                return Reply.json({"error": {"code": 400, "message": "Too long."}}, 400)
            return Reply.json({"embeddings": [{"values": [1]}] * len(call.json()["requests"])})

        stub.will(answer)
        with pytest.raises(openai.BadRequestError, match="Too long.") as raised:
            openai_client.embeddings.create(
                model="gemini/gemini-embedding-001", input=[f"text {n}" for n in range(150)]
            )
        trace_id = raised.value.response.headers["x-tracekeep-trace-id"]
        assert gateway.ended(trace_id)["trace"]["status"] == "error"


class TestWhatVectorsAreFor:
    @pytest.mark.parametrize(
        ("model", "field", "said"),
        [
            ("gemini/gemini-embedding-001", "taskType", "RETRIEVAL_QUERY"),
            ("cohere/embed-v4.0", "input_type", "search_query"),
            ("bedrock/cohere.embed-english-v3", "input_type", "search_query"),
        ],
    )
    def test_it_is_told(self, openai_client, stub, model, field, said):
        openai_client.embeddings.create(
            model=model, input="a", dimensions=2, extra_body={"input_type": "query"}
        )
        sent = stub.last.json()
        assert sent.get("requests", [sent])[0][field] == said
        assert b"imension" in stub.last.body

    def test_another_is_refused(self, openai_client, stub):
        with pytest.raises(openai.BadRequestError, match="input_type"):
            openai_client.embeddings.create(
                model="cohere/embed-v4.0", input="a", extra_body={"input_type": "poetry"}
            )
        assert stub.calls == []


@pytest.mark.parametrize("provider", ["gemini", "cohere", "bedrock"])
@pytest.mark.parametrize("tokens", [[1, 2, 3], [[1, 2], [3]]])
def test_ids_of_tokens_are_refused_where_nobody_knows_them(openai_client, stub, provider, tokens):
    with pytest.raises(openai.BadRequestError, match="token ids") as raised:
        openai_client.embeddings.create(
            model=f"{provider}/{EMBEDDERS[provider][0]}", input=tokens
        )
    assert raised.value.param == "input[0]"
    assert stub.calls == []


@pytest.mark.parametrize("model", ["anthropic/claude-opus-5", "bedrock/amazon.nova-pro-v1:0"])
def test_who_makes_no_vectors_says_so(openai_client, stub, model):
    with pytest.raises(openai.BadRequestError, match="makes no vectors"):
        openai_client.embeddings.create(model=model, input="a")
    assert stub.calls == []


def test_too_few_vectors_are_an_error(openai_client, stub):
    stub.will(Reply.json({"embeddings": [{"values": [1.0]}]}))
    with pytest.raises(openai.APIStatusError, match="1 vectors came for 2 inputs") as raised:
        openai_client.embeddings.create(model="gemini/gemini-embedding-001", input=["a", "b"])
    assert raised.value.status_code == 502


def test_vectors_go_to_the_inputs_that_they_are_of(gemini_client, stub):
    items = [{"index": number, "embedding": [float(number)]} for number in [2, 0, 1]]
    stub.will(Reply.json({"object": "list", "data": items, "model": "m"}))
    answer = gemini_client.models.embed_content(
        model="openai/text-embedding-3-small", contents=["a", "b", "c"]
    )
    assert [embedding.values for embedding in answer.embeddings] == [[0.0], [1.0], [2.0]]


@pytest.mark.parametrize("model", ["mistral/codestral-embed", "codestral-embed"])
def test_mistral_is_told_the_length_of_vectors(gateway, stub, model):
    """By the name that it has for it; a client that brings its own key names the model plainly."""
    headers = {"authorization": f"Bearer {SECRET_KEY}"}
    if "/" not in model:
        headers = {
            "authorization": f"Bearer {KEYS['mistral']}",
            "x-tracekeep-key": SECRET_KEY,
            "x-tracekeep-provider": "mistral",
        }
    reply = requests.post(
        f"{gateway.url}/v1/embeddings",
        json={"model": model, "input": "a", "dimensions": 2},
        headers=headers,
        timeout=30,
    )
    assert reply.status_code == 200, reply.text
    assert stub.last.provider == "mistral"
    sent = {"model": "codestral-embed", "input": "a", "output_dimension": 2}
    assert stub.last.json() == sent


@pytest.mark.parametrize(
    ("verb", "body", "reason"),
    [
        ("embedContent", {"requests": [{"content": "a"}]}, "batchEmbedContents"),
        ("batchEmbedContents", {"content": "a"}, "embedContent"),
    ],
)
def test_one_content_is_no_batch(gateway, stub, verb, body, reason):
    reply = requests.post(
        f"{gateway.url}/v1beta/models/demo/embed:{verb}",
        json=body,
        headers={"x-goog-api-key": SECRET_KEY},
        timeout=30,
    )
    assert reply.status_code == 400
    assert reason in reply.json()["error"]["message"]


@pytest.mark.parametrize("provider", ["openai", "cohere", "bedrock", "demo"])
def test_embeddings_for_a_gemini_client(gateway, gemini_client, stub, provider):
    model = "embed" if provider == "demo" else EMBEDDERS[provider][0]
    answer = gemini_client.models.embed_content(model=f"{provider}/{model}", contents=["a", "b"])
    vectors = [embedding.values for embedding in answer.embeddings]
    if provider == "demo":
        assert [len(vector) for vector in vectors] == [256, 256]
    else:
        assert vectors == VECTORS
    url = f"{gateway.url}/v1beta/models/{provider}/{model}:embedContent"
    reply = requests.post(
        url,
        json={"content": {"parts": [{"text": "a"}]}},
        headers={"x-goog-api-key": SECRET_KEY},
        timeout=30,
    )
    assert reply.json()["embedding"]["values"] == vectors[0]
    (span,) = gateway.ended(reply.headers["x-tracekeep-trace-id"])["spans"]
    assert (span["kind"], span["provider"]) == ("EMBEDDING", provider)


ERRORS = {
    "openai": (429, "responses/responses/error.json", "Too fast."),
    "anthropic": (529, "messages/responses/error_overloaded.json", "Overloaded"),
    "gemini": (429, "generate_content/errors/quota.json", "You exceeded your current quota."),
    "bedrock": (
        429,
        "converse/responses/error_throttled.json",
        "Too many requests, please wait before trying again.",
    ),
    "cohere": (
        404,
        "cohere_chat/errors/model.json",
        "model 'command-zzz' not found, make sure the name is right",
    ),
}


WHOLE = [(provider, False) for provider in ERRORS]


@pytest.mark.parametrize(("provider", "stream"), [*WHOLE, ("anthropic", True), ("bedrock", True)])
@each_client
def test_an_error_is_the_sdks_own(gateway, stub, speakers, protocol, provider, stream):
    """An SDK raises what it would raise of its own provider, with the status and words of this one."""
    status, body, message = ERRORS[provider]
    stub.will(Reply.json(recording(body).body, status))
    with pytest.raises(Exception) as raised:
        speakers[protocol].ask(named(provider), stream)
    error = raised.value
    if protocol == "generateContent":
        assert isinstance(error, gemini_errors.APIError), error
        found = error.code
    else:
        found = error.status_code
    assert found == status
    assert message in str(error)
    if protocol in ("chat completions", "responses"):
        trace_id = error.response.headers["x-tracekeep-trace-id"]
        trace = gateway.ended(trace_id)["trace"]
        assert trace["status"] == "error"
        assert trace["error_message"] == message
        assert trace["response_content"] is None


BROKEN_STREAMS = {
    "anthropic": ("messages/streams/error.sse", "Hal", "Overloaded"),
    "gemini": ("generate_content/streams/error.sse", "Be", "The model is overloaded."),
    "bedrock": ("converse/streams/error.bin", "Hal", "Too many tokens."),
    "cohere": ("cohere_chat/streams/error.sse", "Be", "generation failed"),
    "local": ("chat_completions/streams/error.sse", "Ha", "The server had an error"),
}


@pytest.mark.parametrize("provider", BROKEN_STREAMS)
def test_a_stream_that_fails_midway_fails_in_the_clients_protocol(
    gateway, openai_client, stub, provider
):
    name, begun, message = BROKEN_STREAMS[provider]
    stub.will(recording(name))
    stream = openai_client.chat.completions.create(
        model=named(provider), messages=[{"role": "user", "content": "Hi"}], stream=True
    )
    texts = []
    with pytest.raises(openai.APIError, match=re.escape(message)):
        for chunk in stream:
            texts += [choice.delta.content or "" for choice in chunk.choices]
    assert "".join(texts) == begun

    trace = gateway.ended(stream.response.headers["x-tracekeep-trace-id"])["trace"]
    assert trace["status"] == "error"
    assert message in trace["error_message"]
    assert trace["response_content"] == begun


def test_thoughts_keep_their_seals_between_turns(openai_client, stub):
    """Anthropic refuses thoughts without the seal that it gave them."""
    tool = {"type": "function", "function": {"name": ASKED, "parameters": {"type": "object"}}}
    question = {"role": "user", "content": "Hi"}
    first = openai_client.chat.completions.create(
        model="claude-opus-5", messages=[question], tools=[tool]
    )
    message = first.choices[0].message.model_dump(exclude_none=True)
    assert message["reasoning_content"] == "Two cities."
    results = [
        {"role": "tool", "tool_call_id": call["id"], "content": "rain"}
        for call in message["tool_calls"]
    ]
    openai_client.chat.completions.create(
        model="claude-opus-5", messages=[question, message, *results], tools=[tool]
    )
    thoughts = [
        block for block in stub.last.json()["messages"][1]["content"] if "thinking" in block["type"]
    ]
    assert {"type": "thinking", "thinking": "Two cities.", "signature": "c2ln"} in thoughts


def test_each_provider_gets_its_own_key(speakers, stub):
    for provider in PROVIDERS:
        speakers["chat completions"].ask(named(provider))
    values = {call.provider: " ".join(call.headers.values()) for call in stub.calls}
    for provider, key in KEYS.items():
        others = [other for name, other in KEYS.items() if name != provider]
        assert key in values[provider]
        assert not any(other in values[provider] for other in others)


def test_a_gemini_client_in_a_stream_without_events(gateway, stub):
    """Without `alt=sse` Google's API streams one JSON array, piece by piece."""
    body = {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]}
    url = f"{gateway.url}/v1beta/models/claude-opus-5:streamGenerateContent"
    reply = requests.post(url, json=body, headers={"x-goog-api-key": SECRET_KEY}, timeout=30)
    answers = [gemini.GenerateContentResponse.model_validate(answer) for answer in reply.json()]
    assert "".join(answer.text or "" for answer in answers) == "Hello!"
    assert answers[-1].candidates[0].finish_reason == gemini.FinishReason.STOP
