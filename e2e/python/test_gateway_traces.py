"""What the trace of a call says, and when: it is there within a second of the call's last byte."""

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone

import openai
import pytest

from stub_answers import End, Reply, recording
from stub_providers import KEYS
from tracekeep_server import READABLE_WITHIN

HI = [{"role": "user", "content": "Say hi."}]
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"


def ask(client, model="gpt-4o", headers=None, **fields):
    """A call's trace id and answer."""
    raw = client.chat.completions.with_raw_response.create(
        model=model, messages=fields.pop("messages", HI), extra_headers=headers or {}, **fields
    )
    return raw.headers["x-tracekeep-trace-id"], raw.parse()


def test_all_that_is_known_of_a_call(gateway, openai_client, stub):
    messages = [{"role": "system", "content": "Be brief."}, *HI]
    before = datetime.now(timezone.utc)
    trace_id, _ = ask(
        openai_client,
        messages=messages,
        temperature=0.25,
        max_completion_tokens=100,
        seed=7,
        user="u-42",
    )
    detail = gateway.ended(trace_id)
    trace, (span,) = detail["trace"], detail["spans"]
    assert re.fullmatch("[0-9a-f]{32}", trace_id)
    assert span["span_id"] == trace_id and span["parent_span_id"] is None
    assert (span["kind"], trace["source"], trace["status"]) == ("GENERATION", "api", "success")
    assert (trace["model_id"], trace["response_model"], trace["provider"]) == (
        "gpt-4o",
        "gpt-4o-mini-2024-07-18",
        "openai",
    )
    assert json.loads(span["input"]) == messages
    assert (trace["system_prompt"], trace["response_content"]) == ("Be brief.", "Hi!")
    parameters = {"temperature": 0.25, "max_completion_tokens": 100, "seed": 7}
    assert {name: trace["parameters"].get(name) for name in parameters} == parameters
    assert trace["user_id"] == "u-42"
    assert trace["session_id"] == trace_id
    assert trace["user_agent"].startswith("OpenAI/Python")
    assert trace["ip_address"] == "127.0.0.1"
    assert trace["streaming_enabled"] is False
    assert (trace["error_code"], trace["error_message"]) == (None, None)
    assert (
        trace["tokens_used"]["input"],
        trace["tokens_used"]["output"],
        trace["tokens_used"]["total"],
    ) == (120, 50, 170)
    assert span["usage_input_cache_read"] == 64
    assert span["usage_output_reasoning"] == 20
    assert before <= datetime.fromisoformat(trace["start_time"]) <= datetime.now(timezone.utc)
    assert trace["duration_ms"] >= 0
    assert trace["cost_calculation"]["total_cost"] > 0


def test_a_stream_has_a_first_token(gateway, openai_client, stub):
    stub.will(recording("chat_completions/streams/openai_text.sse").but(pause=0.1))
    stream = openai_client.chat.completions.create(
        model="gpt-4o", messages=HI, stream=True, stream_options={"include_usage": True}
    )
    list(stream)
    detail = gateway.ended(stream.response.headers["x-tracekeep-trace-id"])
    trace, (span,) = detail["trace"], detail["spans"]
    assert trace["streaming_enabled"] is True
    assert trace["response_content"] == "Hello"
    assert span["start_time"] < span["first_token_time"] < span["end_time"]
    assert 0 < trace["first_token_latency_ms"] < trace["duration_ms"]
    assert trace["tokens_used"]["total"] == 12
    # Of all events two hold text.
    assert span["metadata"]["stream"]["pieces"] == 2


def test_tools_are_told(gateway, openai_client, stub):
    tool = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
    trace_id, _ = ask(openai_client, tools=[tool])
    detail = gateway.ended(trace_id)
    (span,) = detail["spans"]
    assert detail["trace"]["parameters"]["tools"] == [tool]
    calls = (
        json.loads(span["tool_calls"])
        if isinstance(span["tool_calls"], str)
        else span["tool_calls"]
    )
    assert [call["function"]["name"] for call in calls] == ["weather", "weather"]
    assert json.loads(calls[0]["function"]["arguments"]) == {"city": "Paris"}


class TestPlace:
    """Where a call belongs, by headers and the body's metadata."""

    def test_traceparent(self, gateway, openai_client, stub):
        trace_id, _ = ask(openai_client, headers={"traceparent": f"00-{TRACE}-{SPAN}-01"})
        assert trace_id == TRACE
        (span,) = gateway.ended(TRACE)["spans"]
        assert span["parent_span_id"] == SPAN
        assert re.fullmatch("[0-9a-f]{16}", span["span_id"])

    def test_calls_of_one_trace_are_beside_each_other(self, gateway, openai_client, stub):
        headers = {"x-tracekeep-trace-id": "an agent's run 1"}
        for model in ["gpt-4o", "claude-opus-5", "demo/fast"]:
            ask(openai_client, model, headers)
        deadline = time.monotonic() + READABLE_WITHIN
        while True:
            detail = gateway.ended("an agent's run 1")
            spans = {span["model"]: span["status"] for span in detail["spans"]}
            if len(spans) == 3 and "pending" not in spans.values():
                break
            assert time.monotonic() < deadline, spans
        assert spans == {"gpt-4o": "success", "claude-opus-5": "success", "demo/fast": "success"}

    def test_all_headers(self, gateway, openai_client, stub):
        trace_id, _ = ask(
            openai_client,
            headers={
                "x-tracekeep-trace-id": "all-headers",
                "x-tracekeep-parent-span-id": "parent-1",
                "x-tracekeep-session-id": "session-4",
                "x-tracekeep-user-id": "user-17",
                "x-tracekeep-trace-name": "answer a letter",
                "x-tracekeep-name": "draft",
                "x-tracekeep-source": "test",
                "x-tracekeep-environment": "staging",
                "x-tracekeep-release": "r1",
                "x-tracekeep-version": "v2",
                "x-tracekeep-tags": "a, b,c",
                "x-tracekeep-prompt-id": "p-1",
                "x-tracekeep-prompt-name": "letters",
                "x-tracekeep-prompt-version": "3",
                "x-tracekeep-metadata": '{"ticket": "T-1", "weight": 2}',
            },
        )
        assert trace_id == "all-headers"
        detail = gateway.ended(trace_id)
        trace, (span,) = detail["trace"], detail["spans"]
        assert (trace["session_id"], trace["user_id"], trace["name"]) == (
            "session-4",
            "user-17",
            "answer a letter",
        )
        assert (trace["source"], trace["environment"], trace["release"], trace["version"]) == (
            "test",
            "staging",
            "r1",
            "v2",
        )
        assert sorted(trace["tags"]) == ["a", "b", "c"]
        assert {name: trace["metadata"][name] for name in ["ticket", "weight"]} == {
            "ticket": "T-1",
            "weight": 2,
        }
        assert (span["name"], span["parent_span_id"]) == ("draft", "parent-1")
        assert (span["prompt_id"], span["prompt_name"], str(span["prompt_version"])) == (
            "p-1",
            "letters",
            "3",
        )

    def test_the_bodys_metadata(self, gateway, openai_client, stub):
        told = {
            "session_id": "s-9",
            "trace_name": "letters",
            "generation_name": "draft",
            "ticket": "T-1",
        }
        trace_id, _ = ask(openai_client, metadata=told, store=True, user="u-1")
        detail = gateway.ended(trace_id)
        trace = detail["trace"]
        assert (trace["session_id"], trace["name"], trace["user_id"]) == ("s-9", "letters", "u-1")
        assert trace["metadata"]["ticket"] == "T-1"
        assert detail["spans"][0]["name"] == "draft"
        # It is OpenAI's own field too, and passes.
        assert stub.last.json()["metadata"] == told

    def test_the_header_counts_before_the_body(self, gateway, openai_client, stub):
        headers = {"x-tracekeep-user-id": "u-header", "x-tracekeep-session-id": "s-header"}
        trace_id, _ = ask(
            openai_client,
            headers=headers,
            user="u-body",
            metadata={"session_id": "s-body"},
            store=True,
        )
        trace = gateway.ended(trace_id)["trace"]
        assert (trace["user_id"], trace["session_id"]) == ("u-header", "s-header")

    def test_anthropics_user(self, gateway, anthropic_client, stub):
        raw = anthropic_client.messages.with_raw_response.create(
            model="claude-opus-5", max_tokens=9, messages=HI, metadata={"user_id": "u-7"}
        )
        assert gateway.ended(raw.headers["x-tracekeep-trace-id"])["trace"]["user_id"] == "u-7"

    @pytest.mark.parametrize(
        "headers",
        [
            {"traceparent": "00-zz-1-01"},
            {"traceparent": f"00-{'0' * 32}-{SPAN}-01"},
            {"x-tracekeep-trace-id": "x" * 5000},
            {"x-tracekeep-metadata": "{nothing"},
            {"x-tracekeep-source": "NOT A SOURCE"},
        ],
        ids=["no traceparent", "traceparent of zeros", "a long id", "no metadata", "no source"],
    )
    def test_what_is_not_valid_is_left_out(self, gateway, openai_client, stub, headers):
        trace_id, answer = ask(openai_client, headers=headers)
        assert answer.choices[0].message.content == "Hi!"
        assert re.fullmatch("[0-9a-f]{32}", trace_id)
        trace = gateway.ended(trace_id)["trace"]
        assert (trace["status"], trace["source"]) == ("success", "api")

    def test_nothing_of_this_reaches_the_provider(self, openai_client, stub):
        ask(
            openai_client,
            headers={"x-tracekeep-user-id": "u", "traceparent": f"00-{TRACE}-{SPAN}-01"},
        )
        assert not any(name.startswith("x-tracekeep-") for name in stub.last.headers)


# By model: the beginning of its stream, and the text in it.
BEGINNINGS = {
    "gpt-4o": ("chat_completions/streams/openai_text.sse", 2, "Hel"),
    "claude-opus-5": ("messages/streams/text.sse", 4, "Hel"),
    "gemini-2.5-flash": ("generate_content/streams/plain.sse", 2, "Because of "),
    "llama-local": ("chat_completions/streams/openai_text.sse", 2, "Hel"),
}


class TestClientsThatGoAway:
    def cancelled(self, gateway, trace_id):
        trace = gateway.ended(trace_id)["trace"]
        assert (trace["status"], trace["error_code"]) == ("error", "cancelled")
        assert trace["end_time"] is not None
        return trace

    @pytest.mark.parametrize("end", [End.HANG, End.AGAIN], ids=["silent", "never-ending"])
    @pytest.mark.parametrize("model", BEGINNINGS)
    def test_midway(self, gateway, openai_client, stub, model, end):
        name, count, text = BEGINNINGS[model]
        stub.will(recording(name).first(count).but(end=end, pause=0.02))
        stream = openai_client.chat.completions.create(model=model, messages=HI, stream=True)
        said = ""
        for chunk in stream:
            said += chunk.choices[0].delta.content or ""
            if said.startswith(text):
                break
        stream.close()
        trace = self.cancelled(gateway, stream.response.headers["x-tracekeep-trace-id"])
        assert text in trace["response_content"]
        assert trace["first_token_latency_ms"] is not None
        assert stub.last.gone.wait(5), "the provider goes on for nobody"

    def test_midway_of_a_demo_model(self, gateway, openai_client):
        stream = openai_client.chat.completions.create(model="demo/slow", messages=HI, stream=True)
        said = ""
        for chunk in stream:
            said += chunk.choices[0].delta.content or ""
            if len(said) > 10:
                break
        stream.close()
        trace = self.cancelled(gateway, stream.response.headers["x-tracekeep-trace-id"])
        assert trace["response_content"].startswith(said)

    @pytest.mark.parametrize("stream", [False, True])
    def test_before_anything_came(self, gateway, openai_client, stub, stream):
        stub.will(Reply.nothing())
        trace_id = f"impatient-{stream}"
        with pytest.raises(openai.APITimeoutError):
            ask(
                openai_client.with_options(timeout=0.5),
                headers={"x-tracekeep-trace-id": trace_id},
                stream=stream,
            )
        trace = self.cancelled(gateway, trace_id)
        assert trace["response_content"] is None
        assert stub.last.gone.wait(5), "the provider goes on for nobody"

    def test_who_has_all_has_not_gone_away(self, gateway, openai_client, stub):
        """The SDK closes the connection as soon as it has read the end."""
        for _ in range(20):
            stream = openai_client.chat.completions.create(model="gpt-4o", messages=HI, stream=True)
            list(stream)
            stream.close()
            trace = gateway.ended(stream.response.headers["x-tracekeep-trace-id"])["trace"]
            assert (trace["status"], trace["error_code"]) == ("success", None)


def test_a_text_shows_while_it_comes(gateway, openai_client):
    stream = openai_client.chat.completions.create(model="demo/slow", messages=HI, stream=True)
    trace_id = stream.response.headers["x-tracekeep-trace-id"]
    said, shown = "", None
    for chunk in stream:
        said += chunk.choices[0].delta.content or ""
        trace = gateway.trace(trace_id)["trace"] if said else {}
        shown = trace.get("response_content")
        if shown or len(said) > 400:
            break
    stream.close()
    assert shown, "the text did not show while it came"
    assert said.startswith(shown)
    assert trace["status"] == "pending"


def test_the_clients_own_key_is_traced_for_the_project_and_kept_nowhere(gateway, stub):
    own = "sk-of-the-client-51c7"
    headers = {"x-tracekeep-key": gateway.headers["Authorization"].split()[1]}
    base = f"{gateway.url}/v1"
    with openai.OpenAI(
        base_url=base, api_key=own, default_headers=headers, max_retries=0
    ) as client:
        trace_id, _ = ask(client)
    assert stub.last.headers["authorization"] == f"Bearer {own}"
    detail = json.dumps(gateway.ended(trace_id)) + gateway.log()
    assert own not in detail
    assert not any(key in detail for key in KEYS.values())


def test_a_thousand_calls_leave_a_thousand_traces(gateway, openai_client, stub):
    """None is lost, none is mixed up with another."""

    def call(number):
        return ask(openai_client, messages=[{"role": "user", "content": f"Question {number}."}])[0]

    with ThreadPoolExecutor(16) as pool:
        trace_ids = list(pool.map(call, range(1000)))
    assert len(set(trace_ids)) == 1000
    for number, trace_id in enumerate(trace_ids):
        trace = gateway.ended(trace_id)["trace"]
        assert f"Question {number}." in trace["prompt_content"]
        assert trace["status"] == "success"
