"""A client and a provider of one protocol: what passes, passes as it is; so does what goes wrong."""

import json

import openai
import pytest
import requests

from stub_answers import End, Reply, recording
from stub_providers import KEYS
from tracekeep_server import PUBLIC_KEY, SECRET_KEY

HI = [{"role": "user", "content": "Hi"}]
# By protocol: its path here and at the stub, the header of the key, a body. The bodies are odd on
# purpose: fields that nobody knows, numbers and escapes that a rewrite would change, spaces.
ODD = (
    b'"own_field" : {"deep":[null, 1.0, 1e2, 12345678901234567890123, "\\u0041\\/\\ud83d\\ude00"]},\r\n'
    b' "z":0.10'
)
PROTOCOLS = {
    "chat completions": (
        "/v1/chat/completions",
        "/openai/v1/chat/completions",
        "authorization",
        b'{"model":"gpt-4o", "messages":[{"role":"user","content":"Hi","x":1}], %s}' % ODD,
    ),
    "responses": (
        "/v1/responses",
        "/openai/v1/responses",
        "authorization",
        b'{"model":"gpt-5.1","input":"Hi", %s}' % ODD,
    ),
    "messages": (
        "/v1/messages?beta=true",
        "/anthropic/v1/messages?beta=true",
        "x-api-key",
        b'{"model":"claude-opus-5","max_tokens": 64,"messages":[{"role":"user","content":"Hi"}], %s}'
        % ODD,
    ),
    "generateContent": (
        "/v1beta/models/gemini-2.5-flash:generateContent",
        "/gemini/v1beta/models/gemini-2.5-flash:generateContent",
        "x-goog-api-key",
        b'{"contents" : [{"role":"user","parts":[{"text":"\\u0041"}]}],'
        b'"generationConfig":{"temperature":0.50}}',
    ),
}
OF_OUR_CONNECTION = {"host", "connection", "accept-encoding", "x-tracekeep-key"}
TOLD = {
    "anthropic-version": "2026-10-21",
    "anthropic-beta": "context-1m-2025-08-07",
    "openai-organization": "org-7",
    "openai-beta": "assistants=v2",
    "idempotency-key": "i-1",
    "x-own": "a  b;c",
    "user-agent": "tests/1.0",
    "content-type": "application/json",
}
each_protocol = pytest.mark.parametrize("protocol", PROTOCOLS)


def key_headers(name, key):
    return {name: f"Bearer {key}" if name == "authorization" else key}


def post(gateway, path, body, key=SECRET_KEY, header="authorization", **options):
    headers = {**TOLD, **key_headers(header, key), **options.pop("headers", {})}
    return requests.post(gateway.url + path, data=body, headers=headers, timeout=30, **options)


def chat(gateway, **fields):
    body = json.dumps({"model": "gpt-4o", "messages": HI, **fields})
    return post(gateway, "/v1/chat/completions", body)


def trace_of(gateway, reply):
    return gateway.ended(reply.headers["x-tracekeep-trace-id"])["trace"]


@each_protocol
def test_a_request_arrives_as_it_was_sent(gateway, stub, protocol):
    """The provider gets through the gateway what it gets from a client that calls it directly."""
    stub.takes_unknown_fields = True
    path, direct_path, header, body = PROTOCOLS[protocol]
    brought = {"x-tracekeep-key": SECRET_KEY}
    through = post(gateway, path, body, key="the-clients-own", header=header, headers=brought)
    own = key_headers(header, "the-clients-own")
    direct = requests.post(stub.url + direct_path, data=body, headers={**TOLD, **own}, timeout=30)
    assert (through.status_code, direct.status_code) == (200, 200)

    first, second = stub.calls
    assert first.body == second.body == body
    assert first.path == second.path
    told = [
        {name: value for name, value in call.headers.items() if name not in OF_OUR_CONNECTION}
        for call in [first, second]
    ]
    assert told[0] == told[1]
    assert through.content == direct.content


def test_a_key_of_gemini_s_in_the_address_arrives_in_its_header(gateway, stub):
    stub.takes_unknown_fields = True
    path, _, header, body = PROTOCOLS["generateContent"]
    reply = post(gateway, path + "?key=the%2Dclients-own", body, header="x-tracekeep-key")
    assert reply.status_code == 200
    assert stub.last.headers[header] == "the-clients-own"
    assert "key=" not in stub.last.path


@each_protocol
def test_with_stored_keys_only_the_key_changes(gateway, stub, protocol):
    stub.takes_unknown_fields = True
    path, _, header, body = PROTOCOLS[protocol]
    assert post(gateway, path, body, header=header).status_code == 200
    assert stub.last.body == body
    key = KEYS[stub.last.provider]
    assert stub.last.headers[header] == key_headers(header, key)[header]
    for name in set(TOLD) - {"user-agent"}:
        assert stub.last.headers[name] == TOLD[name]


STREAMS = {
    "chat completions": (
        "chat_completions/streams/openai_text.sse",
        {"stream_options": {"include_usage": True}},
    ),
    "responses": ("responses/streams/tools.sse", {}),
    "messages": ("messages/streams/search.sse", {}),
    "generateContent": ("generate_content/streams/calls.sse", None),
}


@each_protocol
def test_a_stream_passes_byte_by_byte(gateway, stub, protocol):
    """With comments, events that nobody knows, and line ends of another kind."""
    name, more = STREAMS[protocol]
    path, _, header, body = PROTOCOLS[protocol]
    odd = [b": a comment\n\n", b'event: own\ndata: {"type":"own",  "x":1}\n\n']
    pieces = recording(name).pieces
    sent = Reply.stream([*odd[:1], *pieces[:2], *odd[1:], *pieces[2:]])
    stub.will(sent)
    stub.takes_unknown_fields = True
    if more is None:
        path = path.replace(":generateContent", ":streamGenerateContent?alt=sse")
    else:
        body = json.dumps({**json.loads(body), "stream": True, **more})
    reply = post(gateway, path, body, header=header)
    assert reply.headers["content-type"] == "text/event-stream"
    assert reply.content == sent.body


def test_the_providers_headers_come_back(gateway, stub):
    told = {
        "x-request-id": "req_1",
        "openai-processing-ms": "12",
        "x-ratelimit-remaining-tokens": "99",
    }
    answer = recording("chat_completions/responses/plain.json")
    stub.will(answer.but(headers={**answer.headers, **told, "set-cookie": "a=b"}))
    reply = chat(gateway)
    assert {name: reply.headers[name] for name in told} == told
    assert "set-cookie" not in reply.headers


class TestUsageThatNobodyAskedFor:
    """It is asked for, for the trace, and hidden from the client."""

    @pytest.mark.parametrize("more", [{}, {"stream_options": {"include_usage": False}}])
    @pytest.mark.parametrize("model", ["gpt-4o", "llama-local"])
    def test_it_is_hidden(self, gateway, openai_client, stub, model, more):
        stream = openai_client.chat.completions.create(
            model=model, messages=HI, stream=True, **more
        )
        chunks = list(stream)
        assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "Hello"
        assert [chunk.usage for chunk in chunks] == [None] * len(chunks)
        assert stub.last.json()["stream_options"]["include_usage"] is True
        used = gateway.ended(stream.response.headers["x-tracekeep-trace-id"])["trace"][
            "tokens_used"
        ]
        assert (used["input"], used["output"], used["total"]) == (9, 3, 12)

    def test_the_end_is_still_told(self, gateway, stub):
        reply = chat(gateway, stream=True)
        assert reply.content.rstrip().endswith(b"data: [DONE]")

    def test_who_asks_gets_it(self, openai_client, stub):
        asked = {"stream": True, "stream_options": {"include_usage": True}}
        *_, last = openai_client.chat.completions.create(model="gpt-4o", messages=HI, **asked)
        assert (last.choices, last.usage.total_tokens) == ([], 12)

    def test_mistral_is_not_asked(self, gateway, openai_client, stub):
        stream = openai_client.chat.completions.create(
            model="mistral/mistral-large-latest", messages=HI, stream=True
        )
        list(stream)
        assert "stream_options" not in stub.last.json()
        used = gateway.ended(stream.response.headers["x-tracekeep-trace-id"])["trace"][
            "tokens_used"
        ]
        assert used["total"] == 12


class TestErrors:
    # A pause that is longer than the gateway waits: it does not ask again.
    PAUSE = "3600"

    @pytest.mark.parametrize(
        "status", [400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 504]
    )
    def test_status_body_and_pause_are_the_providers(self, gateway, stub, status):
        body = {
            "error": {"message": f"Said {status}.", "type": "t", "param": None, "code": "c"},
            "more": [1.0],
        }
        answer = Reply.json(body, status, retry_after=self.PAUSE, x_request_id="req_1")
        stub.will(answer)
        reply = chat(gateway)
        assert (reply.status_code, reply.content) == (status, answer.body)
        assert (reply.headers["retry-after"], reply.headers["x-request-id"]) == (
            self.PAUSE,
            "req_1",
        )
        assert len(stub.calls) == 1
        trace = trace_of(gateway, reply)
        assert (trace["status"], trace["error_code"], trace["error_message"]) == (
            "error",
            "c",
            f"Said {status}.",
        )
        assert trace["prompt_content"] and trace["response_content"] is None

    @pytest.mark.parametrize(
        "body", [b"<html>Bad gateway</html>", b"", b"[]", b'{"detail": "no"}', b"\xff\xfe"]
    )
    def test_a_body_of_another_shape_passes_too(self, gateway, stub, body):
        stub.will(Reply((body,), 502, {"content-type": "text/html", "retry-after": self.PAUSE}))
        reply = chat(gateway)
        assert (reply.status_code, reply.content, reply.headers["content-type"]) == (
            502,
            body,
            "text/html",
        )
        trace = trace_of(gateway, reply)
        assert (trace["status"], trace["error_code"]) == ("error", "502")
        assert trace["error_message"]

    def test_a_stream_that_is_refused_is_an_error_with_its_status(self, gateway, stub):
        answer = Reply.json(
            {"error": {"message": "Too long.", "code": "context_length_exceeded"}}, 400
        )
        stub.will(answer)
        reply = chat(gateway, stream=True)
        assert (reply.status_code, reply.content) == (400, answer.body)
        assert trace_of(gateway, reply)["error_code"] == "context_length_exceeded"

    def test_a_failure_that_passes_is_tried_again(self, gateway, stub):
        stub.will(
            Reply.json({"error": {"message": "Busy."}}, 503),
            recording("chat_completions/responses/plain.json"),
        )
        reply = chat(gateway)
        assert reply.json()["choices"][0]["message"]["content"] == "Hi!"
        assert len(stub.calls) == 2
        assert trace_of(gateway, reply)["status"] == "success"

    def test_nobody_listens(self, gateway):
        reply = chat(gateway, model="absent/m")
        assert reply.status_code == 502
        assert reply.json()["error"]["message"]
        assert trace_of(gateway, reply)["status"] == "error"


class TestBrokenAnswers:
    def test_no_json(self, gateway, stub):
        stub.will(Reply((b"{nothing",), headers={"content-type": "application/json"}))
        reply = chat(gateway)
        assert (reply.status_code, reply.content) == (200, b"{nothing")
        trace = trace_of(gateway, reply)
        assert trace["status"] == "error"
        assert "cannot be read" in trace["error_message"]

    @pytest.mark.parametrize(
        ("bad", "code"),
        [
            (b"data: {nothing\n\n", "malformed_stream"),
            (b'data: {"choices": 7}\n\n', "malformed_stream"),
            (b"", "incomplete_stream"),
        ],
    )
    def test_a_stream_that_makes_no_sense(self, gateway, stub, bad, code):
        pieces = recording("chat_completions/streams/openai_text.sse").pieces[:2]
        sent = Reply.stream([piece for piece in [*pieces, bad] if piece])
        stub.will(sent)
        reply = chat(gateway, stream=True, stream_options={"include_usage": True})
        assert (reply.status_code, reply.content) == (200, sent.body)
        trace = trace_of(gateway, reply)
        assert (trace["status"], trace["error_code"], trace["response_content"]) == (
            "error",
            code,
            "Hel",
        )

    @pytest.mark.parametrize("model", ["gpt-4o", "anthropic/claude-opus-5", "llama-local"])
    def test_a_stream_that_is_cut(self, gateway, openai_client, stub, model):
        name = (
            "messages/streams/text.sse"
            if "claude" in model
            else "chat_completions/streams/openai_text.sse"
        )
        count = 4 if "claude" in model else 2
        stub.will(recording(name).first(count).but(end=End.CUT, pause=0.02))
        stream = openai_client.chat.completions.create(model=model, messages=HI, stream=True)
        texts = []
        with pytest.raises(openai.APIError):
            for chunk in stream:
                texts.append(chunk.choices[0].delta.content or "")
        assert "".join(texts) == "Hel"
        trace = gateway.ended(stream.response.headers["x-tracekeep-trace-id"])["trace"]
        assert (trace["status"], trace["response_content"]) == ("error", "Hel")
        assert trace["error_code"] != "cancelled"

    def test_a_whole_answer_that_is_cut(self, gateway, stub):
        stub.will(recording("chat_completions/responses/plain.json").but(end=End.CUT))
        reply = chat(gateway)
        assert reply.status_code == 502
        assert reply.json()["error"]["message"]
        assert trace_of(gateway, reply)["status"] == "error"

    def test_a_malformed_stream_is_an_error_in_another_protocol(
        self, gateway, anthropic_client, stub
    ):
        pieces = recording("chat_completions/streams/openai_text.sse").pieces[:2]
        stub.will(Reply.stream([*pieces, b"data: {nothing\n\n"]))
        stream = anthropic_client.messages.create(
            model="llama-local", max_tokens=9, messages=HI, stream=True
        )
        with pytest.raises(Exception, match="cannot be read"):
            list(stream)
        trace = gateway.ended(stream.response.headers["x-tracekeep-trace-id"])["trace"]
        assert (trace["status"], trace["error_code"]) == ("error", "malformed_stream")


class TestRefusals:
    WRONG = "sk-tk-wrong-40c1d9"

    @each_protocol
    def test_a_wrong_key_is_not_repeated(self, gateway, stub, protocol):
        path, _, header, body = PROTOCOLS[protocol]
        for options in [
            {"header": header, "key": self.WRONG},
            {"header": header, "key": KEYS["openai"], "headers": {"x-tracekeep-key": self.WRONG}},
        ]:
            reply = post(gateway, path, body, **options)
            assert reply.status_code == 401
            assert reply.json()["error"]["message"]
            assert self.WRONG not in reply.text + str(reply.headers)
        assert self.WRONG not in gateway.log()
        assert stub.calls == []

    def test_a_wrong_key_in_an_address_is_not_repeated(self, gateway, stub):
        path = PROTOCOLS["generateContent"][0] + f"?key={self.WRONG}"
        reply = requests.post(gateway.url + path, json={"contents": []}, timeout=30)
        assert reply.status_code == 401
        assert self.WRONG not in reply.text + gateway.log()

    @each_protocol
    def test_no_key(self, gateway, stub, protocol):
        path, _, _, body = PROTOCOLS[protocol]
        assert requests.post(gateway.url + path, data=body, timeout=30).status_code == 401
        assert stub.calls == []

    def test_a_public_key_calls_no_model(self, gateway, stub):
        reply = post(
            gateway,
            "/v1/chat/completions",
            json.dumps({"model": "gpt-4o", "messages": HI}),
            key=PUBLIC_KEY,
        )
        assert reply.status_code in (401, 403)
        assert stub.calls == []

    def test_stored_keys_are_in_no_answer(self, gateway, stub):
        stub.will(Reply.json({"error": {"message": "Busy."}}, 400))
        reply = chat(gateway)
        told = reply.text + str(reply.headers) + gateway.log()
        assert not any(key in told for key in KEYS.values())

    @each_protocol
    def test_an_unknown_model_tells_who_could_be_asked(self, gateway, stub, protocol):
        path, _, header, body = PROTOCOLS[protocol]
        for name in [b"gpt-4o", b"gpt-5.1", b"claude-opus-5"]:
            body = body.replace(name, b"no-such-model")
        reply = post(
            gateway, path.replace("gemini-2.5-flash", "no-such-model"), body, header=header
        )
        assert reply.status_code in (400, 404)
        message = reply.json()["error"]["message"]
        assert "no-such-model" in message
        for provider in [
            "demo",
            "openai",
            "anthropic",
            "gemini",
            "cohere",
            "mistral",
            "bedrock",
            "local",
        ]:
            assert provider in message
        assert stub.calls == []

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b"[]",
            b"null",
            b'"gpt-4o"',
            b'{"model": 7, "messages": []}',
            b'{"messages": []}',
            b"\xff",
        ],
    )
    @pytest.mark.parametrize(
        "path", ["/v1/chat/completions", "/v1/responses", "/v1/messages", "/v1/embeddings"]
    )
    def test_a_body_that_is_none(self, gateway, stub, path, body):
        reply = post(gateway, path, body)
        assert reply.status_code in (400, 404)
        assert reply.json()["error"]["message"]
        assert stub.calls == []

    def test_an_unknown_demo_model(self, gateway):
        reply = chat(gateway, model="demo/huge")
        assert reply.status_code == 404
        assert "demo/fast" in reply.json()["error"]["message"]


def test_a_prompt_of_10_mb(gateway, openai_client, stub):
    prompt = "A long story. " * 750_000
    raw = openai_client.chat.completions.with_raw_response.create(
        model="gpt-4o", messages=[{"role": "user", "content": prompt}]
    )
    assert raw.parse().choices[0].message.content == "Hi!"
    assert stub.last.json()["messages"][0]["content"] == prompt
    detail = gateway.ended(raw.headers["x-tracekeep-trace-id"])
    assert json.loads(detail["spans"][0]["input"]) == [{"role": "user", "content": prompt}]
