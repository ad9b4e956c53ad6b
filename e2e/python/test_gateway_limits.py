"""Limits of keys, as the vendors' SDKs meet them. Each test has a server of its own: what a key has
spent stays spent."""

import json
import time
from contextlib import contextmanager
from decimal import Decimal

import anthropic
import openai
import pytest
import requests

from stub_answers import End, Reply, recording
from tracekeep_server import PUBLIC_KEY, SECRET_KEY, running

HI = [{"role": "user", "content": "Say hi."}]
LIMITS = f"/api/keys/{PUBLIC_KEY}/limits"
COUNTED_WITHIN = 30  # seconds: on a busy machine, with the vocabulary unpacked for the first time


@pytest.fixture
def server(providers, tmp_path):
    yield from running(tmp_path, providers.environment(), providers.settings())


@pytest.fixture
def client(server):
    """With the SDK's own retries."""
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key=SECRET_KEY) as client:
        yield client


def limit(server, **limits):
    reply = requests.put(server.url + LIMITS, json=limits, headers=server.headers, timeout=30)
    assert reply.status_code == 200, reply.text


def used(server):
    return server.get(LIMITS).json()["used"]


def spent(server):
    return Decimal(used(server)["spent"])


def cost(server, trace_id):
    """What the trace says, with all its digits."""
    server.ended(trace_id)
    reply = server.get(f"/api/traces/{trace_id}")
    return json.loads(reply.text, parse_float=Decimal)["trace"]["cost_calculation"]["total_cost"]


def refused(server, limit):
    """How many calls were refused for this limit."""
    lines = server.get("/metrics").text.splitlines()
    name = f'tracekeep_refused_calls_total{{limit="{limit}"}} '
    return sum(int(line.removeprefix(name)) for line in lines if line.startswith(name))


def once(read, wanted):
    """What is read, once it is as wanted."""
    deadline = time.monotonic() + COUNTED_WITHIN
    while not wanted(found := read()):
        assert time.monotonic() < deadline, found
        time.sleep(0.02)
    return found


def completion(**headers):
    """With usage that every price knows."""
    answer = json.loads(recording("chat_completions/responses/plain.json").body)
    answer["usage"] = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
    return Reply.json(answer, **headers)


def test_a_budget_is_spent_by_what_the_traces_cost(server, client, stub):
    stub.will(completion())
    limit(server, budget="0.0003", budgetPeriod="month")
    create = client.chat.completions.with_raw_response.create
    first = create(model="gpt-4o-mini", messages=HI)
    price = cost(server, first.headers["x-tracekeep-trace-id"])
    assert 0 < price < Decimal("0.0003") < 2 * price
    assert spent(server) == price
    create(model="gpt-4o-mini", messages=HI)
    assert spent(server) == 2 * price

    with pytest.raises(openai.RateLimitError) as caught:
        create(model="gpt-4o-mini", messages=HI)
    assert (caught.value.code, caught.value.type) == ("budget_exceeded", "insufficient_quota")
    assert f"has spent {2 * price}" in caught.value.message
    headers = caught.value.response.headers
    assert headers["x-should-retry"] == "false"
    assert int(headers["retry-after"]) > 0
    assert refused(server, "budget") == 1, "the SDK does not try again"
    assert len(stub.calls) == 2

    # Not even a restart makes it forget.
    server.stop()
    server.start()
    assert spent(server) == 2 * price
    with pytest.raises(openai.RateLimitError):
        create(model="gpt-4o-mini", messages=HI)
    # More money is there at once.
    limit(server, budget="1", budgetPeriod="day")
    create(model="gpt-4o-mini", messages=HI)
    assert spent(server) == 3 * price


def test_a_stream_is_paid_for_when_it_ends(server, client, stub):
    limit(server, budget="1", budgetPeriod="week", tokensPerMinute=1000)
    raw = client.chat.completions.with_raw_response.create(
        model="gpt-4o", messages=HI, stream=True, stream_options={"include_usage": True}
    )
    assert raw.headers["x-ratelimit-remaining-tokens"] == "1000"
    chunks = list(raw.parse())
    # The SDK stops reading a moment before the server has ended the call.
    price = cost(server, raw.headers["x-tracekeep-trace-id"])
    assert spent(server) == price > 0
    assert used(server)["tokens"] == chunks[-1].usage.total_tokens


def uncounted():
    """A streamed text, and no event that says usage."""
    pieces = recording("chat_completions/streams/openai_text.sse").pieces
    return Reply.stream(piece for piece in pieces if b'"usage":{' not in piece)


@pytest.mark.parametrize("leaves", [False, True])
def test_what_nobody_counted_is_paid_for_as_the_trace_shows_it(providers, stub, tmp_path, leaves):
    soon = {"TRACEKEEP_ESTIMATE_TOKENS_AFTER_SECONDS": "1"}
    variables = providers.environment() | soon
    with contextmanager(running)(tmp_path, variables, providers.settings()) as server:
        reply = uncounted()
        stub.will(reply.first(len(reply.pieces) - 2).but(end=End.HANG) if leaves else reply)
        limit(server, budget="1", budgetPeriod="month", tokensPerMinute=100_000)
        with openai.OpenAI(base_url=f"{server.url}/v1", api_key=SECRET_KEY) as client:
            raw = client.chat.completions.with_raw_response.create(
                model="gpt-4o", messages=HI, stream=True
            )
            chunks = raw.parse()
            if leaves:
                # Before anything says what it took.
                next(chunk for chunk in chunks if chunk.choices and chunk.choices[0].delta.content)
                chunks.close()
            else:
                list(chunks)
        trace_id = raw.headers["x-tracekeep-trace-id"]
        once(lambda: spent(server), lambda amount: amount > 0)
        trace = once(
            lambda: server.trace(trace_id)["trace"], lambda trace: trace.get("tokens_estimated")
        )
        assert used(server)["tokens"] == trace["tokens_used"]["total"] > 0
        assert spent(server) == cost(server, trace_id)


def test_vectors_count_too(server, client, stub):
    limit(server, tokensPerMinute=8, requestsPerMinute=5)
    client.embeddings.create(model="text-embedding-3-small", input="A text.")
    assert (used(server)["tokens"], used(server)["requests"]) == (8, 1)
    with pytest.raises(openai.RateLimitError) as caught:
        client.with_options(max_retries=0).embeddings.create(
            model="text-embedding-3-small", input="A text."
        )
    assert (caught.value.code, caught.value.type) == ("rate_limit_exceeded", "tokens")


def test_headers_are_the_keys_where_it_has_that_limit(server, client, stub):
    theirs = {"x_ratelimit_limit_requests": "9999", "x_ratelimit_limit_tokens": "5"}
    stub.will(completion(**theirs))
    create = client.chat.completions.with_raw_response.create
    free = create(model="gpt-4o", messages=HI).headers
    assert (free["x-ratelimit-limit-requests"], free["x-ratelimit-limit-tokens"]) == ("9999", "5")
    limit(server, requestsPerMinute=10)
    limited = create(model="gpt-4o", messages=HI).headers
    assert limited.get_list("x-ratelimit-limit-requests") == ["10"]
    assert limited["x-ratelimit-remaining-requests"] == "9"
    assert limited["x-ratelimit-reset-requests"] == "1m0s"
    assert limited["x-ratelimit-limit-tokens"] == "5"


def test_anthropics_sdk_understands_it(server, stub):
    limit(server, budget="0", budgetPeriod="day")
    with anthropic.Anthropic(base_url=server.url, api_key=SECRET_KEY) as client:
        with pytest.raises(anthropic.RateLimitError) as caught:
            client.messages.create(model="claude-sonnet-4-5", max_tokens=10, messages=HI)
    assert caught.value.body["error"]["type"] == "rate_limit_error"
    assert refused(server, "budget") == 1, "the SDK does not try again"
    assert stub.calls == []
