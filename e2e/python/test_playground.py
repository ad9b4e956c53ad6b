"""The playground: one request, server-sent events, a trace."""

import json

import pytest
import requests

from stub_answers import End, Reply, recording
from stub_providers import KEYS
from tracekeep_server import PUBLIC_KEY

STREAM = "/api/playground/stream"
COMPARE = "/api/playground/compare"
QUESTION = "How do I bake bread?"
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}


def post(server, path=STREAM, headers=None, **body):
    headers = server.headers if headers is None else headers
    return requests.post(server.url + path, json=body, headers=headers, stream=True, timeout=60)


def events(reply):
    """The events of an answer, each as (name, data), as they come."""
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"].split(";")[0] == "text/event-stream"
    name, data = "message", []
    # As bytes: as text a line would also end at U+2028 and the like.
    for line in reply.iter_lines(chunk_size=1):
        line = line.decode()
        if not line:
            if data:
                yield name, json.loads("\n".join(data))
            name, data = "message", []
        elif line.startswith("event:"):
            name = line[6:].strip()
        elif line.startswith("data:"):
            data.append(line[5:].removeprefix(" "))


class Played:
    """An answer that has ended, by what its events say."""

    def __init__(self, found):
        found = list(found)
        self.names = [name for name, _ in found]
        assert self.names[0] == "trace" and self.names[-1] == "done", self.names
        assert self.names.count("trace") == self.names.count("done") == 1

        def of(name):
            return [data for kind, data in found if kind == name]

        self.trace, self.done = of("trace")[0], of("done")[0]
        self.deltas, self.usages, self.errors = of("delta"), of("usage"), of("error")
        self.trace_id = self.trace["traceId"]
        self.text = "".join(delta.get("text", "") for delta in self.deltas)
        self.reasoning = "".join(delta.get("reasoning", "") for delta in self.deltas)
        assert self.done["traceId"] == self.trace_id

    def calls(self):
        """Calls of tools, put together: id, name, arguments."""
        calls = {}
        for piece in (delta["toolCall"] for delta in self.deltas if "toolCall" in delta):
            call = calls.setdefault(piece["index"], {"id": "", "name": "", "arguments": ""})
            for name in ["id", "name"]:
                call[name] = piece.get(name) or call[name]
            call["arguments"] += piece.get("arguments") or ""
        return [calls[index] for index in sorted(calls)]


def play(server, **body):
    return Played(events(post(server, **body)))


def test_an_interaction_and_its_trace(gateway, stub):
    parameters = {
        "temperature": 0.5,
        "maxTokens": 300,
        "topP": 0.9,
        "frequencyPenalty": 0.1,
        "presencePenalty": 0.2,
    }
    played = play(
        gateway, prompt=QUESTION, systemPrompt="Be brief.", model="demo/fast", parameters=parameters
    )
    assert played.trace["model"] == "demo/fast"
    assert "How do I bake bread" in played.text
    assert len(played.deltas) > 20
    assert set(played.names[1:]) == {"delta", "usage", "done"}
    (usage,) = played.usages
    assert usage["total"] == usage["input"] + usage["output"]
    assert usage["output"] > 20
    assert (played.done["status"], played.done["finishReason"]) == ("success", "stop")
    assert 0 < played.done["firstTokenLatencyMs"] < played.done["durationMs"]
    assert stub.calls == []

    detail = gateway.ended(played.trace_id)
    trace, (span,) = detail["trace"], detail["spans"]
    assert (trace["source"], trace["status"], trace["model_id"]) == (
        "playground",
        "success",
        "demo/fast",
    )
    assert (trace["provider"], trace["streaming_enabled"]) == ("demo", True)
    assert QUESTION in trace["prompt_content"]
    assert (trace["system_prompt"], trace["response_content"]) == ("Be brief.", played.text)
    assert trace["parameters"]["temperature"] == 0.5
    used = trace["tokens_used"]
    assert (used["input"], used["output"], used["total"]) == (
        usage["input"],
        usage["output"],
        usage["total"],
    )
    assert span["span_id"] == played.trace_id and span["kind"] == "GENERATION"
    assert trace["first_token_latency_ms"] == pytest.approx(
        played.done["firstTokenLatencyMs"], abs=50
    )


def test_the_plans_integration_test(own_server):
    """`should trace complete playground interaction`"""
    played = play(
        own_server, prompt="Test prompt", model="demo/fast", parameters={"temperature": 0.7}
    )
    own_server.ended(played.trace_id)
    traces = own_server.get("/api/tracing/list", limit=1).json()
    assert len(traces) == 1
    assert (traces[0]["status"], traces[0]["trace_id"]) == ("success", played.trace_id)


def test_a_started_trace_goes_on(gateway):
    """The plan's client starts the trace, then streams."""
    asked = {"model": "demo/fast", "prompt": QUESTION, "systemPrompt": "Be brief."}
    started = requests.post(
        f"{gateway.url}/api/tracing/start",
        json={"source": "playground", "promptId": "prompt-7", "sessionId": "session-4", **asked},
        headers=gateway.headers,
        timeout=30,
    ).json()
    assert started["status"] == "pending"
    played = play(gateway, traceId=started["traceId"], parameters={"temperature": 0.7}, **asked)
    assert played.trace_id == started["traceId"]

    detail = gateway.ended(played.trace_id)
    trace, (span,) = detail["trace"], detail["spans"]
    assert span["span_id"] == played.trace_id
    assert (trace["status"], trace["response_content"]) == ("success", played.text)
    assert (trace["prompt_id"], trace["session_id"]) == ("prompt-7", "session-4")
    assert started["startTime"] <= trace["start_time"] <= trace["end_time"]


def test_what_is_said_of_the_trace(gateway):
    played = play(
        gateway,
        prompt=QUESTION,
        model="demo/fast",
        parameters={"maxTokens": 3},
        promptId="prompt-7",
        sessionId="session-9",
        userId="user-17",
        metadata={"ticket": "T-1"},
        tags=["a", "b"],
        name="bakery",
    )
    assert played.done["finishReason"] == "length"
    trace = gateway.ended(played.trace_id)["trace"]
    assert (trace["prompt_id"], trace["session_id"], trace["user_id"]) == (
        "prompt-7",
        "session-9",
        "user-17",
    )
    assert (trace["metadata"]["ticket"], sorted(trace["tags"])) == ("T-1", ["a", "b"])
    assert "bakery" in (trace["name"], gateway.ended(played.trace_id)["spans"][0]["name"])


def test_pieces_come_as_they_are_made(gateway):
    """The first event comes before the model has said anything; then its text, bit by bit."""
    found = events(post(gateway, prompt=QUESTION, model="demo/slow"))
    name, data = next(found)
    assert name == "trace"
    assert next(found)[0] == "delta"
    assert gateway.trace(data["traceId"])["trace"]["status"] == "pending"
    assert next(found)[0] == "delta"


def test_a_failure(gateway):
    played = play(gateway, prompt=QUESTION, model="demo/fail")
    assert played.names == ["trace", "error", "done"]
    (error,) = played.errors
    assert (error["code"], error["status"]) == ("overloaded", 503)
    assert "overloaded" in error["message"]
    assert played.done["status"] == "error"
    trace = gateway.ended(played.trace_id)["trace"]
    assert (trace["status"], trace["error_code"], trace["error_message"]) == (
        "error",
        "overloaded",
        error["message"],
    )


def test_a_failure_midway(gateway):
    played = play(gateway, prompt=QUESTION, model="demo/fail-midway")
    assert played.names[1] == "delta" and played.names[-2:] == ["error", "done"]
    assert (played.errors[0]["code"], played.done["status"]) == ("overloaded", "error")
    trace = gateway.ended(played.trace_id)["trace"]
    assert (trace["status"], trace["response_content"]) == ("error", played.text)


def test_tools(gateway):
    question = {"role": "user", "content": "What is the weather in Lisbon?"}
    asked = play(gateway, messages=[question], model="demo/tools", tools=[WEATHER])
    (call,) = asked.calls()
    assert (call["name"], json.loads(call["arguments"])) == ("weather", {"city": "Lisbon"})
    assert call["id"]
    assert asked.done["finishReason"] == "tool_calls"
    assert "weather" in json.dumps(gateway.ended(asked.trace_id)["spans"][0]["tool_calls"])

    function = {"name": call["name"], "arguments": call["arguments"]}
    turn = {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": call["id"], "type": "function", "function": function}],
    }
    result = {"role": "tool", "tool_call_id": call["id"], "content": '{"temperature": 21}'}
    told = play(gateway, messages=[question, turn, result], model="demo/tools", tools=[WEATHER])
    assert "temperature is 21" in told.text
    assert told.done["finishReason"] == "stop"


def test_thoughts(gateway):
    played = play(gateway, prompt=QUESTION, model="demo/reasoning")
    assert played.reasoning and played.text
    assert played.usages[0]["details"]["output_reasoning"] > 0


def test_a_schema(gateway):
    schema = {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    }
    played = play(gateway, prompt="The weather in Lisbon", model="demo/fast", schema=schema)
    assert json.loads(played.text) == {"city": "Lisbon", "days": 3}


@pytest.mark.parametrize(
    ("model", "text", "counts"),
    [
        ("gpt-4o", "Hello", (9, 3)),
        ("claude-opus-5", "Hello!", (12, 5)),
        ("gemini-2.5-flash", "Because of Rayleigh scattering.", (4, 26)),
        ("bedrock/amazon.nova-pro-v1:0", "Hello!", (12, 5)),
        ("command-a-03-2025", "Because of Rayleigh scattering.", (71, 420)),
        ("mistral/mistral-large-latest", "Hello", (9, 3)),
        ("llama-local", "Hello", (9, 3)),
    ],
)
def test_the_models_of_providers(gateway, stub, model, text, counts):
    played = play(gateway, prompt=QUESTION, systemPrompt="Be brief.", model=model)
    assert played.text == text
    assert (played.usages[-1]["input"], played.usages[-1]["output"]) == counts
    assert played.done["status"] == "success"
    assert stub.last.stream
    assert QUESTION in stub.last.body.decode() and "Be brief." in stub.last.body.decode()
    trace = gateway.ended(played.trace_id)["trace"]
    assert trace["provider"] == stub.last.provider
    assert text in trace["response_content"]


def test_the_parameters_reach_the_provider(gateway, stub):
    parameters = {
        "temperature": 0.5,
        "maxTokens": 300,
        "topP": 0.9,
        "frequencyPenalty": 0.1,
        "presencePenalty": 0.2,
    }
    play(gateway, prompt=QUESTION, systemPrompt="Be brief.", model="gpt-4o", parameters=parameters)
    sent = stub.last.json()
    names = ["temperature", "top_p", "frequency_penalty", "presence_penalty"]
    assert [sent[name] for name in names] == [0.5, 0.9, 0.1, 0.2]
    assert sent.get("max_completion_tokens", sent.get("max_tokens")) == 300
    assert [message["role"] for message in sent["messages"]] in (
        ["system", "user"],
        ["developer", "user"],
    )


def test_a_providers_error(gateway, stub):
    stub.will(
        Reply.json({"error": {"message": "Too long.", "code": "context_length_exceeded"}}, 400)
    )
    played = play(gateway, prompt=QUESTION, model="gpt-4o")
    assert played.errors == [
        {"code": "context_length_exceeded", "message": "Too long.", "status": 400}
    ]
    assert gateway.ended(played.trace_id)["trace"]["error_code"] == "context_length_exceeded"


def test_who_goes_away_leaves_what_was_said(gateway, stub):
    stub.will(recording("chat_completions/streams/openai_text.sse").first(2).but(end=End.HANG))
    reply = post(gateway, prompt=QUESTION, model="gpt-4o")
    found = events(reply)
    trace_id = next(found)[1]["traceId"]
    assert next(data for name, data in found if name == "delta" and data.get("text")) == {
        "text": "Hel"
    }
    reply.close()
    trace = gateway.ended(trace_id)["trace"]
    assert (trace["status"], trace["error_code"], trace["response_content"]) == (
        "error",
        "cancelled",
        "Hel",
    )
    assert stub.last.gone.wait(5), "the provider goes on for nobody"


class TestCompare:
    def parts(self, reply):
        """The events of each model, by its index and name."""
        parts = {}
        for name, data in events(reply):
            parts.setdefault((data["index"], data["model"]), []).append((name, data))
        return parts

    def test_models_side_by_side(self, gateway):
        models = ["demo/fast", "demo/fail", "demo/reasoning", "demo/fast"]
        parts = self.parts(post(gateway, COMPARE, prompt=QUESTION, models=models))
        assert sorted(parts) == sorted(enumerate(models))
        trace_ids = set()
        for (_, model), events_of_one in parts.items():
            names = [name for name, _ in events_of_one]
            assert names[0] == "trace" and names[-1] == "done"
            trace_id = events_of_one[0][1]["traceId"]
            trace_ids.add(trace_id)
            trace = gateway.ended(trace_id)["trace"]
            status = "error" if model == "demo/fail" else "success"
            assert (trace["model_id"], trace["status"], trace["source"]) == (
                model,
                status,
                "playground",
            )
            assert events_of_one[-1][1]["status"] == status
            text = "".join(data.get("text", "") for name, data in events_of_one if name == "delta")
            assert ("How do I bake bread" in text) is (status == "success")
        assert len(trace_ids) == len(models)

    def test_they_do_not_wait_for_each_other(self, gateway):
        reply = post(gateway, COMPARE, prompt=QUESTION, models=["demo/slow", "demo/fast"])
        done = next(data for name, data in events(reply) if name == "done")
        reply.close()
        assert (done["index"], done["model"]) == (1, "demo/fast")

    @pytest.mark.parametrize("models", [[], None, "demo/fast", ["demo/fast"] * 1000, [7]])
    def test_models_that_are_none(self, gateway, models):
        reply = post(gateway, COMPARE, prompt=QUESTION, models=models)
        assert reply.status_code == 400
        assert "models" in reply.json()["error"]["message"]

    def test_an_unknown_model_is_refused_before_any_is_asked(self, gateway):
        models = ["demo/fast", "no-such-model"]
        reply = post(gateway, COMPARE, prompt=QUESTION, models=models, sessionId="s-refused")
        assert reply.status_code in (400, 404)
        assert "no-such-model" in reply.json()["error"]["message"]
        # What had begun before this one would be written by now.
        played = Played(events(post(gateway, prompt=QUESTION, model="demo/fast")))
        gateway.ended(played.trace_id)
        assert gateway.get("/api/tracing/list", sessionId="s-refused").json() == []


class TestBadInput:
    @pytest.mark.parametrize(
        ("body", "named"),
        [
            ({"model": "demo/fast"}, "prompt"),
            ({"prompt": QUESTION}, "model"),
            ({"prompt": 7, "model": "demo/fast"}, "prompt"),
            ({"prompt": QUESTION, "model": ""}, "model"),
            ({"prompt": QUESTION, "model": "demo/fast", "temprature": 1}, "temprature"),
            (
                {"prompt": QUESTION, "model": "demo/fast", "parameters": {"temperature": "hot"}},
                "temperature",
            ),
            (
                {"prompt": QUESTION, "model": "demo/fast", "parameters": {"maxTokens": -1}},
                "maxTokens",
            ),
            ({"prompt": QUESTION, "model": "demo/fast", "parameters": {"tempo": 1}}, "tempo"),
            ({"prompt": QUESTION, "model": "demo/fast", "traceId": ""}, "traceId"),
            ({"prompt": QUESTION, "model": "demo/fast", "tags": "a"}, "tags"),
            ({"messages": "Hi", "model": "demo/fast"}, "messages"),
            ({"messages": [{"role": "nobody", "content": "Hi"}], "model": "demo/fast"}, "role"),
            ({"prompt": QUESTION, "model": "demo/fast", "tools": [{"type": "function"}]}, "tools"),
        ],
    )
    def test_it_is_refused_by_its_name(self, gateway, body, named):
        reply = post(gateway, **body)
        assert reply.status_code == 400, reply.text
        assert named in reply.json()["error"]["message"]

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"null"])
    def test_no_json_object(self, gateway, body):
        headers = {**gateway.headers, "content-type": "application/json"}
        reply = requests.post(gateway.url + STREAM, data=body, headers=headers, timeout=30)
        assert reply.status_code == 400
        assert reply.json()["error"]["code"]

    def test_an_unknown_model_tells_who_could_be_asked(self, gateway):
        reply = post(gateway, prompt=QUESTION, model="no-such-model")
        if reply.status_code == 200:
            (error,) = Played(events(reply)).errors
            assert error["status"] in (400, 404)
            message = error["message"]
        else:
            assert reply.status_code in (400, 404)
            message = reply.json()["error"]["message"]
        assert "no-such-model" in message and "demo" in message and "anthropic" in message

    @pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer sk-tk-wrong-40c1d9"}])
    def test_nobody_plays_without_a_key(self, gateway, headers):
        reply = post(gateway, headers=headers, prompt=QUESTION, model="demo/fast")
        assert reply.status_code == 401
        assert "40c1d9" not in reply.text

    def test_a_public_key_does_not_play(self, gateway):
        headers = {"Authorization": f"Bearer {PUBLIC_KEY}"}
        reply = post(gateway, headers=headers, prompt=QUESTION, model="demo/fast")
        assert reply.status_code in (401, 403)

    def test_keys_are_in_no_answer(self, gateway, stub):
        stub.will(Reply.json({"error": {"message": "Wrong key."}}, 401))
        played = play(gateway, prompt=QUESTION, model="gpt-4o")
        assert played.errors[0]["status"] == 401
        told = json.dumps(
            [played.trace, played.errors, played.done, gateway.ended(played.trace_id)]
        )
        assert not any(key in told for key in KEYS.values())
