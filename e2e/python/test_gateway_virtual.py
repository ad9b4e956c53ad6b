"""Virtual models: a name for a choice of models, asked with the vendors' SDKs."""

import time

import openai
import pytest
import requests

from stub_answers import End, Reply, recording, usual
from tracekeep_server import SECRET_KEY

HI = [{"role": "user", "content": "Say hi."}]


@pytest.fixture
def virtual(gateway):
    """Defines virtual models, which go when the test ends."""
    names = []

    def define(name, routes, **rest):
        routes = [{"model": model, "weight": weight} for model, weight in routes.items()]
        reply = requests.put(
            f"{gateway.url}/api/virtual-models/{name}",
            json={"routes": routes, **rest},
            headers=gateway.headers,
            timeout=30,
        )
        assert reply.status_code == 200, reply.text
        names.append(name)
        return name

    yield define
    for name in names:
        requests.delete(
            f"{gateway.url}/api/virtual-models/{name}", headers=gateway.headers, timeout=30
        )


def ask(client, model, headers=None, **fields):
    """A call's trace id and answer."""
    raw = client.chat.completions.with_raw_response.create(
        model=model, messages=fields.pop("messages", HI), extra_headers=headers or {}, **fields
    )
    return raw.headers["x-tracekeep-trace-id"], raw.parse()


def failing(*operations_or_models):
    """Answers 503 where the model is one of these, and else as usual."""

    def reply(call):
        if call.model in operations_or_models:
            error = {"error": {"message": "no room", "type": "server_error", "code": "overloaded"}}
            return Reply.json(error, 503)
        return usual(call)

    return reply


def test_a_call_goes_to_the_route(gateway, openai_client, stub, virtual):
    virtual("smart", {"openai/gpt-4o": 1})
    trace_id, _ = ask(openai_client, "smart")
    assert [call.model for call in stub.calls] == ["gpt-4o"]
    detail = gateway.ended(trace_id)
    trace, (span,) = detail["trace"], detail["spans"]
    assert (trace["model_id"], trace["provider"]) == ("smart", "openai")
    assert span["metadata"]["virtual_model"] == "smart"
    assert "attempts" not in span["metadata"]
    assert trace["cost_calculation"]["total_cost"] > 0, "by the model that answered"


def test_routes_are_drawn_by_weight(openai_client, stub, virtual):
    virtual("mixed", {"openai/gpt-4o": 3, "local/llama-local": 1})
    for _ in range(80):
        ask(openai_client, "mixed")
    drawn = [call.model for call in stub.calls]
    assert len(drawn) == 80
    # 60 are expected; 25 or fewer come once in 10^18 runs, all 80 once in 10^10.
    assert 25 < drawn.count("gpt-4o") < 80


def test_where_a_route_fails_a_fallback_answers(gateway, openai_client, stub, virtual):
    stub.will(failing("gpt-4o"))
    virtual("safe", {"openai/gpt-4o": 1}, fallbacks=["anthropic/claude-opus-5"], retries=1)
    trace_id, answer = ask(openai_client, "safe")
    assert answer.choices[0].message.content
    assert [call.model for call in stub.calls] == ["gpt-4o", "gpt-4o", "claude-opus-5"]
    detail = gateway.ended(trace_id)
    trace, (span,) = detail["trace"], detail["spans"]
    assert (trace["status"], trace["provider"]) == ("success", "anthropic")
    attempts = span["metadata"]["attempts"]
    assert [(attempt["model"], attempt["status"]) for attempt in attempts] == [
        ("openai/gpt-4o", 503),
        ("openai/gpt-4o", 503),
    ]
    assert attempts[0]["message"] == "no room"
    assert trace["cost_calculation"]["total_cost"] > 0


def test_a_stream_falls_back_too(openai_client, stub, virtual):
    stub.will(failing("gpt-4o"))
    virtual("safe", {"openai/gpt-4o": 1}, fallbacks=["anthropic/claude-opus-5"], retries=0)
    stream = openai_client.chat.completions.create(model="safe", messages=HI, stream=True)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
    assert text
    assert [call.model for call in stub.calls] == ["gpt-4o", "claude-opus-5"]


def test_who_cannot_be_reached_is_passed_over(gateway, anthropic_client, stub, virtual):
    virtual("safe", {"absent/x": 1}, fallbacks=["nobody/at-all", "gemini/gemini-2.5-flash"], retries=0)
    message = anthropic_client.messages.create(model="safe", max_tokens=64, messages=HI)
    assert message.content[0].text
    assert [call.model for call in stub.calls] == ["gemini-2.5-flash"]


def test_where_all_fail_the_last_error_is_told(gateway, openai_client, stub, virtual):
    stub.will(failing("gpt-4o", "llama-local"))
    virtual("unlucky", {"openai/gpt-4o": 1}, fallbacks=["local/llama-local"], retries=0)
    with pytest.raises(openai.InternalServerError) as raised:
        ask(openai_client, "unlucky")
    assert raised.value.status_code == 503
    detail = gateway.ended(raised.value.response.headers["x-tracekeep-trace-id"])
    (span,) = detail["spans"]
    assert [attempt["model"] for attempt in span["metadata"]["attempts"]] == [
        "openai/gpt-4o",
        "local/llama-local",
    ]
    assert detail["trace"]["status"] == "error"


def test_who_is_too_slow_is_left(gateway, openai_client, stub, virtual):
    stub.will(lambda call: Reply.nothing() if call.model == "gpt-4o" else usual(call))
    virtual("quick", {"openai/gpt-4o": 1}, fallbacks=["local/llama-local"], timeoutMs=200)
    trace_id, _ = ask(openai_client, "quick")
    (span,) = gateway.ended(trace_id)["spans"]
    (attempt,) = span["metadata"]["attempts"]
    assert (attempt["status"], attempt["model"]) == (504, "openai/gpt-4o")
    assert attempt["duration_ms"] >= 200
    deadline = time.monotonic() + 5
    while not stub.calls[0].gone.is_set():
        assert time.monotonic() < deadline, "the slow call goes on"
        time.sleep(0.01)


def test_a_stream_that_begins_with_an_error_has_not_begun(openai_client, stub, virtual):
    overloaded = (
        b'data: {"error":{"message":"no room","type":"server_error","code":"overloaded"}}\n\n'
    )
    stub.will(lambda call: Reply.stream([overloaded]) if call.model == "gpt-4o" else usual(call))
    virtual("safe", {"openai/gpt-4o": 1}, fallbacks=["local/llama-local"], retries=0)
    stream = openai_client.chat.completions.create(model="safe", messages=HI, stream=True)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
    assert [call.model for call in stub.calls] == ["gpt-4o", "llama-local"]


def test_a_head_alone_is_no_answer(openai_client, stub, virtual):
    silent = Reply.stream([]).but(end=End.HANG)
    stub.will(lambda call: silent if call.model == "gpt-4o" else usual(call))
    virtual("quick", {"openai/gpt-4o": 1}, fallbacks=["local/llama-local"], timeoutMs=200)
    stream = openai_client.chat.completions.create(model="quick", messages=HI, stream=True)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
    assert [call.model for call in stub.calls] == ["gpt-4o", "llama-local"]


def test_a_failure_that_calls_itself_a_success_is_one(gateway, openai_client, stub, virtual):
    told = {"error": {"message": "nope", "code": 429}}
    stub.will(lambda call: Reply.json(told) if call.model == "gpt-4o" else usual(call))
    virtual("safe", {"openai/gpt-4o": 1}, fallbacks=["local/llama-local"], retries=0)
    _, answer = ask(openai_client, "safe")
    assert answer.choices[0].message.content
    # Without another to ask, its bytes pass as they are, and the trace says what it was.
    reply = requests.post(
        f"{gateway.url}/v1/chat/completions",
        json={"model": "openai/gpt-4o", "messages": HI},
        headers=gateway.headers,
        timeout=30,
    )
    assert (reply.status_code, reply.json()) == (200, told)
    trace = gateway.ended(reply.headers["x-tracekeep-trace-id"])["trace"]
    assert (trace["status"], trace["error_message"]) == ("error", "nope")


def test_who_leaves_while_targets_are_asked_leaves_what_failed(gateway, stub, virtual):
    error = {"error": {"message": "no room", "type": "server_error", "code": "overloaded"}}
    stub.will(lambda call: Reply.json(error, 503) if call.model == "gpt-4o" else Reply.nothing())
    virtual("slow", {"openai/gpt-4o": 1}, fallbacks=["local/llama-local"], retries=0)
    with pytest.raises(requests.Timeout):
        requests.post(
            f"{gateway.url}/v1/chat/completions",
            json={"model": "slow", "messages": HI},
            headers=gateway.headers | {"x-tracekeep-trace-id": "left early"},
            timeout=1,
        )
    (span,) = gateway.ended("left early")["spans"]
    assert span["error_code"] == "cancelled"
    assert span["metadata"]["virtual_model"] == "slow"
    assert [attempt["model"] for attempt in span["metadata"]["attempts"]] == ["openai/gpt-4o"]


def test_a_wrong_definition_is_refused_at_once(gateway):
    reply = requests.put(
        f"{gateway.url}/api/virtual-models/loop",
        json={"routes": [{"model": "loop"}]},
        headers=gateway.headers,
        timeout=30,
    )
    assert reply.status_code == 400 and "loop → loop" in reply.text


def test_embeddings_and_the_playground_take_them(gateway, openai_client, stub, virtual):
    stub.will(failing("text-embedding-3-large"))
    virtual(
        "vectors",
        {"openai/text-embedding-3-large": 1},
        fallbacks=["openai/text-embedding-3-small"],
        retries=0,
    )
    assert openai_client.embeddings.create(model="vectors", input="a").data[0].embedding
    assert [call.model for call in stub.calls] == [
        "text-embedding-3-large",
        "text-embedding-3-small",
    ]
    stub.reset()
    stub.will(failing("gpt-4o"))
    virtual("chat", {"openai/gpt-4o": 1}, fallbacks=["local/llama-local"], retries=0)
    reply = requests.post(
        f"{gateway.url}/api/playground/stream",
        json={"prompt": "Hi", "model": "chat"},
        headers=gateway.headers,
        timeout=30,
    )
    assert '"status":"success"' in reply.text
    assert [call.model for call in stub.calls] == ["gpt-4o", "llama-local"]


def test_models_name_them(openai_client, stub, virtual):
    virtual("smart", {"openai/gpt-4o": 1})
    assert "smart" in [model.id for model in openai_client.models.list()]
    assert openai_client.models.retrieve("smart").owned_by == "tracekeep"
    assert openai_client.models.retrieve("demo/fast").id == "demo/fast"
    with pytest.raises(openai.NotFoundError):
        openai_client.models.retrieve("never-defined")


class TestKeptAnswers:
    def test_the_same_request_is_answered_again_for_nothing(
        self, gateway, openai_client, stub, virtual
    ):
        virtual("kept", {"openai/gpt-4o": 1}, cacheSeconds=60)
        first_id, first = ask(openai_client, "kept", user="ada")
        second_id, second = ask(openai_client, "kept", user="bob")
        assert len(stub.calls) == 1
        assert second == first and second_id != first_id
        first_trace = gateway.ended(first_id)["trace"]
        detail = gateway.ended(second_id)
        trace, (span,) = detail["trace"], detail["spans"]
        cache = span["metadata"]["cache"]
        assert (cache["hit"], cache["trace_id"]) == (True, first_id)
        assert trace["response_content"] == first_trace["response_content"]
        assert trace["cost_calculation"]["total_cost"] == 0
        assert trace["tokens_used"] is None
        assert (trace["user_id"], trace["status"]) == ("bob", "success")

    def test_the_trace_says_whose_answer_it_is(self, gateway, openai_client, stub, virtual):
        stub.will(failing("gpt-4o"))
        virtual(
            "kept", {"openai/gpt-4o": 1}, fallbacks=["local/llama-local"], cacheSeconds=60, retries=0
        )
        ask(openai_client, "kept")
        trace_id, _ = ask(openai_client, "kept")
        trace = gateway.ended(trace_id)["trace"]
        assert (trace["provider"], trace["response_model"] != "kept") == ("local", True)

    def test_a_stream_is_answered_again(self, openai_client, stub, virtual):
        stub.will(recording("chat_completions/streams/openai_text.sse"))
        virtual("kept", {"openai/gpt-4o": 1}, cacheSeconds=60)
        said = []
        for _ in range(2):
            stream = openai_client.chat.completions.create(model="kept", messages=HI, stream=True)
            said.append([chunk.to_dict() for chunk in stream])
        assert said[0] == said[1] and len(said[0]) > 2
        assert len(stub.calls) == 1

    def test_another_request_and_another_api_are_asked(
        self, openai_client, anthropic_client, stub, virtual
    ):
        virtual("kept", {"openai/gpt-4o": 1}, cacheSeconds=60)
        ask(openai_client, "kept")
        ask(openai_client, "kept", temperature=0.5)
        anthropic_client.messages.create(model="kept", max_tokens=64, messages=HI)
        assert len(stub.calls) == 3

    def test_a_client_may_want_a_fresh_one(self, openai_client, stub, virtual):
        virtual("kept", {"openai/gpt-4o": 1}, cacheSeconds=60)
        for _ in range(2):
            ask(openai_client, "kept", headers={"cache-control": "no-cache"})
        assert len(stub.calls) == 2
        ask(openai_client, "kept")
        assert len(stub.calls) == 2

    def test_an_error_is_not_kept(self, openai_client, stub, virtual):
        stub.will(failing("gpt-4o"))
        virtual("kept", {"openai/gpt-4o": 1}, cacheSeconds=60, retries=0)
        with pytest.raises(openai.InternalServerError):
            ask(openai_client, "kept")
        stub.will(usual)
        ask(openai_client, "kept")
        assert len(stub.calls) == 2

    def test_it_is_over_after_its_time(self, openai_client, stub, virtual):
        virtual("kept", {"openai/gpt-4o": 1}, cacheSeconds=1)
        ask(openai_client, "kept")
        time.sleep(1.1)
        ask(openai_client, "kept")
        assert len(stub.calls) == 2


def test_an_unknown_model_is_a_trace_too(gateway):
    client = openai.OpenAI(base_url=f"{gateway.url}/v1", api_key=SECRET_KEY, max_retries=0)
    with pytest.raises(openai.NotFoundError) as raised:
        client.chat.completions.create(model="never-defined", messages=HI)
    assert raised.value.code == "model_not_found"
    trace = gateway.ended(raised.value.response.headers["x-tracekeep-trace-id"])["trace"]
    assert (trace["status"], trace["error_code"]) == ("error", "model_not_found")
