"""Anthropic's SDK for Python, unchanged but for its base address and key."""

import anthropic
import pytest
from anthropic.types import RawMessageStreamEvent
from pydantic import TypeAdapter

from stub_answers import Reply, recording
from stub_providers import KEYS

OPUS = "claude-opus-5"
HI = [{"role": "user", "content": "Hi"}]
WEATHER = {
    "name": "get_weather",
    "description": "The weather at a place.",
    "input_schema": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
}


def test_an_answer_is_the_providers_own(anthropic_client, stub):
    raw = anthropic_client.messages.with_raw_response.create(
        model=OPUS, max_tokens=64, messages=HI, system="Be brief."
    )
    assert raw.http_response.content == recording("messages/responses/plain.json").body
    assert raw.parse().content[0].text == "Hello!"
    assert (stub.last.operation, stub.last.json()["system"]) == ("messages", "Be brief.")
    assert KEYS["anthropic"] in {
        stub.last.headers.get("x-api-key"),
        stub.last.headers.get("authorization", "")[7:],
    }


def test_a_stream_is_the_providers_own(anthropic_client, stub):
    events = list(
        anthropic_client.messages.create(
            model=OPUS, max_tokens=64, messages=HI, tools=[WEATHER], stream=True
        )
    )
    event = TypeAdapter(RawMessageStreamEvent)
    recorded = [
        piece.split(b"data: ")[1] for piece in recording("messages/streams/tools.sse").pieces
    ]
    expected = [event.validate_json(data) for data in recorded if b'"ping"' not in data]
    assert [found for found in events if found.type != "ping"] == expected


def test_the_helper_for_streams(gateway, anthropic_client, stub):
    with anthropic_client.messages.stream(model=OPUS, max_tokens=64, messages=HI) as events:
        text = "".join(events.text_stream)
        message = events.get_final_message()
        trace_id = events.response.headers["x-tracekeep-trace-id"]
    assert text == "Hello!"
    assert (message.usage.input_tokens, message.usage.output_tokens) == (12, 5)
    trace = gateway.ended(trace_id)["trace"]
    assert trace["response_content"] == "Hello!"
    assert (trace["model_id"], trace["response_model"]) == (OPUS, "claude-sonnet-4-5-20250929")
    assert (trace["tokens_used"]["input"], trace["tokens_used"]["output"]) == (12, 5)


def test_cached_and_thinking_tokens(gateway, anthropic_client, stub):
    raw = anthropic_client.messages.with_raw_response.create(
        model=OPUS, max_tokens=64, messages=HI, tools=[WEATHER]
    )
    assert raw.parse().usage.cache_read_input_tokens == 3000
    detail = gateway.ended(raw.headers["x-tracekeep-trace-id"])
    used, (span,) = detail["trace"]["tokens_used"], detail["spans"]
    assert (used["input"], used["output"]) == (21 + 3000 + 700, 90)
    assert (span["usage_input"], span["usage_input_cache_read"]) == (21, 3000)
    assert span["usage_output_reasoning"] == 60


def test_tokens_are_counted(anthropic_client, stub):
    counted = anthropic_client.messages.count_tokens(model=OPUS, messages=HI, tools=[WEATHER])
    assert counted.input_tokens == 14
    assert (stub.last.operation, stub.last.json()["model"]) == ("count_tokens", OPUS)


def test_the_clients_version_and_features_are_passed_on(anthropic_client, stub):
    anthropic_client.beta.messages.create(
        model=OPUS,
        max_tokens=64,
        messages=HI,
        betas=["context-1m-2025-08-07"],
        extra_headers={"x-team": "search"},
    )
    headers = stub.last.headers
    assert headers["anthropic-beta"] == "context-1m-2025-08-07"
    assert headers["x-team"] == "search"
    assert headers["anthropic-version"] == anthropic_client.default_headers["anthropic-version"]


ERRORS = [
    (400, "invalid_request_error", anthropic.BadRequestError),
    (401, "authentication_error", anthropic.AuthenticationError),
    (403, "permission_error", anthropic.PermissionDeniedError),
    (404, "not_found_error", anthropic.NotFoundError),
    (413, "request_too_large", anthropic.APIStatusError),
    (429, "rate_limit_error", anthropic.RateLimitError),
    (500, "api_error", anthropic.InternalServerError),
    (529, "overloaded_error", anthropic.APIStatusError),
]


@pytest.mark.parametrize(("status", "kind", "error"), ERRORS)
def test_an_error_is_the_providers_own(gateway, anthropic_client, stub, status, kind, error):
    body = {
        "type": "error",
        "error": {"type": kind, "message": f"Said {kind}."},
        "request_id": "req_1",
    }
    stub.will(Reply.json(body, status, request_id="req_1"))
    with pytest.raises(error) as raised:
        anthropic_client.messages.create(model=OPUS, max_tokens=64, messages=HI)
    assert (raised.value.status_code, raised.value.body) == (status, body)
    assert raised.value.response.headers["request-id"] == "req_1"
    trace = gateway.ended(raised.value.response.headers["x-tracekeep-trace-id"])["trace"]
    assert (trace["status"], trace["error_type"], trace["error_message"]) == (
        "error",
        kind,
        f"Said {kind}.",
    )


def test_an_error_midway_is_the_sdks_own(gateway, anthropic_client, stub):
    stub.will(recording("messages/streams/error.sse"))
    stream = anthropic_client.messages.create(model=OPUS, max_tokens=64, messages=HI, stream=True)
    with pytest.raises(anthropic.APIStatusError, match="Overloaded"):
        list(stream)
    trace = gateway.ended(stream.response.headers["x-tracekeep-trace-id"])["trace"]
    assert (trace["status"], trace["error_message"]) == ("error", "Overloaded")
    assert trace["response_content"] == "Hal"


def test_a_wrong_key_is_an_authentication_error(gateway, stub):
    with anthropic.Anthropic(
        base_url=gateway.url, api_key="sk-tk-wrong-9137", max_retries=0
    ) as client:
        with pytest.raises(anthropic.AuthenticationError) as raised:
            client.messages.create(model=OPUS, max_tokens=64, messages=HI)
    assert raised.value.body["error"]["type"] == "authentication_error"
    assert stub.calls == []


class TestDemo:
    """The built-in models, which need no provider."""

    def test_fast(self, anthropic_client, stub):
        question = [{"role": "user", "content": "How do I bake bread?"}]
        with anthropic_client.messages.stream(
            model="demo/fast", max_tokens=500, messages=question
        ) as events:
            message = events.get_final_message()
        assert "How do I bake bread" in message.content[0].text
        assert message.stop_reason == "end_turn"
        assert message.usage.input_tokens > 0 and message.usage.output_tokens > 20
        assert stub.calls == []

    def test_tools(self, anthropic_client):
        messages = [{"role": "user", "content": "What is the weather in Lisbon?"}]
        asked = {"model": "demo/tools", "max_tokens": 500, "tools": [WEATHER]}
        with anthropic_client.messages.stream(**asked, messages=messages) as events:
            message = events.get_final_message()
        assert message.stop_reason == "tool_use"
        (call,) = [block for block in message.content if block.type == "tool_use"]
        assert (call.name, call.input) == ("get_weather", {"city": "Lisbon"})
        result = {"type": "tool_result", "tool_use_id": call.id, "content": '{"temperature": 21}'}
        messages += [
            {"role": "assistant", "content": message.content},
            {"role": "user", "content": [result]},
        ]
        told = anthropic_client.messages.create(**asked, messages=messages)
        assert "temperature is 21" in told.content[0].text

    def test_fail(self, anthropic_client):
        with pytest.raises(anthropic.APIStatusError) as raised:
            anthropic_client.messages.create(model="demo/fail", max_tokens=500, messages=HI)
        assert raised.value.body["error"]["type"] == "overloaded_error"
