"""What the OpenTelemetry SDK for Python sends is what Tracekeep shows, at once and after kill -9."""

import json
import time
from datetime import datetime, timedelta, timezone

import grpc
import pytest
import requests
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import (
    OTLPSpanExporter as GrpcSpanExporter,
)
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import (
    BatchSpanProcessor,
    SimpleSpanProcessor,
    SpanExporter,
    SpanExportResult,
)
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, Status, StatusCode, set_span_in_context

SECOND = 1_000_000_000


def over_http(server, compression=Compression.NoCompression, headers=None):
    headers = headers or server.headers
    endpoint = f"{server.url}/v1/traces"
    return OTLPSpanExporter(endpoint=endpoint, headers=headers, compression=compression)


def over_grpc(server, compression=grpc.Compression.NoCompression):
    headers = tuple((name.lower(), value) for name, value in server.headers.items())
    return GrpcSpanExporter(
        endpoint=server.grpc, insecure=True, headers=headers, compression=compression
    )


# How spans get there: a name and an exporter for a server. Another protocol is another line.
TRANSPORTS = {
    "http/protobuf": over_http,
    "http/protobuf gzip": lambda server: over_http(server, Compression.Gzip),
    "grpc": over_grpc,
    "grpc gzip": lambda server: over_grpc(server, grpc.Compression.Gzip),
}


@pytest.fixture(params=TRANSPORTS)
def transport(request):
    return TRANSPORTS[request.param]


class Recording(SpanExporter):
    """Hands spans on and keeps what came of it: the SDK itself only logs failures."""

    def __init__(self, exporter):
        self.exporter = exporter
        self.results = []

    def export(self, spans):
        self.results.append(self.exporter.export(spans))
        return self.results[-1]

    def shutdown(self):
        self.exporter.shutdown()


def send(exporter, write):
    """Lets `write` trace with a tracer and sends what it made as one batch. The trace id in hex."""
    recording = Recording(exporter)
    resource = Resource.create({"service.name": "shop", "deployment.environment.name": "staging"})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(recording))
    trace_id = write(provider.get_tracer("shop.agent", "3.1"))
    provider.force_flush()
    provider.shutdown()
    assert recording.results == [SpanExportResult.SUCCESS]
    return f"{trace_id:032x}"


def agent_trace(tracer, now=None):
    """An agent looks something up, asks a model, fails in a tool, and asks again."""
    now = now or time.time_ns() - 10 * SECOND

    def at(seconds):
        return now + int(seconds * SECOND)

    def child(name, start, attributes, kind=SpanKind.CLIENT):
        context = set_span_in_context(root)
        return tracer.start_span(
            name, context=context, kind=kind, attributes=attributes, start_time=at(start)
        )

    root = tracer.start_span(
        "invoke_agent shop",
        start_time=at(0),
        attributes={
            "gen_ai.operation.name": "invoke_agent",
            "gen_ai.agent.name": "shop",
            "user.id": "user-17",
            "session.id": "session-4",
        },
    )
    retrieval = child("retrieval handbook", 0.1, {
        "gen_ai.operation.name": "retrieval",
        "gen_ai.data_source.id": "handbook",
        "gen_ai.retrieval.query.text": "return policy",
    })
    retrieval.end(at(0.2))

    question = child("chat gpt-4o-mini", 0.3, {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o-mini",
        "gen_ai.response.model": "gpt-4o-mini-2024-07-18",
        "gen_ai.request.temperature": 0.25,
        "gen_ai.request.max_tokens": 500,
        "gen_ai.request.stream": True,
        "gen_ai.response.time_to_first_chunk": 0.35,
        "gen_ai.response.finish_reasons": ["tool_calls"],
        "gen_ai.usage.input_tokens": 1000,
        "gen_ai.usage.cache_read.input_tokens": 600,
        "gen_ai.usage.output_tokens": 50,
        "gen_ai.input.messages": messages("user", "May I return it? ¿Todavía? 返品"),
        "gen_ai.output.messages": messages("assistant", "Let me look."),
    })
    question.end(at(1.3))

    tool = child("execute_tool find_order", 1.4, {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "find_order",
        "gen_ai.tool.call.id": "call_1",
        "gen_ai.tool.call.arguments": '{"order": 7}',
    }, SpanKind.INTERNAL)
    try:
        raise LookupError("order 7 is unknown")
    except LookupError as error:
        tool.record_exception(error, timestamp=at(1.5))
        tool.set_status(Status(StatusCode.ERROR, "no such order"))
    tool.end(at(1.5))

    answer = child("chat o4-mini", 1.6, {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "o4-mini",
        "gen_ai.usage.input_tokens": 1200,
        "gen_ai.usage.output_tokens": 300,
        "gen_ai.usage.reasoning.output_tokens": 100,
        "gen_ai.output.messages": messages("assistant", "I cannot find that order."),
    })
    answer.end(at(3.6))
    root.end(at(3.7))
    return root.get_span_context().trace_id


def messages(role, text):
    return json.dumps([{"role": role, "parts": [{"type": "text", "content": text}]}])


def by_name(detail):
    spans = {span["name"]: span for span in detail["spans"]}
    assert len(spans) == len(detail["spans"]), "a span is there twice"
    return spans


def text(value):
    """A field that is the sender's JSON text, or that JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def moment(value):
    return datetime.fromisoformat(value.replace("Z", "+00:00"))


def test_a_trace_reads_as_it_was_sent(server, transport):
    sent_at = time.time_ns() - 10 * SECOND
    trace_id = send(transport(server), lambda tracer: agent_trace(tracer, sent_at))
    detail = server.trace(trace_id)

    assert set(detail) >= {"trace", "spans", "scores", "totals", "children"}
    assert detail["scores"] == [] and detail["children"] == []
    spans = by_name(detail)
    assert {name: span["kind"] for name, span in spans.items()} == {
        "invoke_agent shop": "AGENT",
        "retrieval handbook": "RETRIEVER",
        "chat gpt-4o-mini": "GENERATION",
        "execute_tool find_order": "TOOL",
        "chat o4-mini": "GENERATION",
    }
    root = spans.pop("invoke_agent shop")
    assert root["parent_span_id"] is None
    assert detail["spans"][0]["span_id"] == root["span_id"], "tree order begins with the root"
    assert {span["parent_span_id"] for span in spans.values()} == {root["span_id"]}
    assert all(len(span["span_id"]) == 16 for span in spans.values())

    started = datetime.fromtimestamp(sent_at // 1000 / 1e6, timezone.utc)
    assert abs(moment(root["start_time"]) - started) < timedelta(microseconds=2)
    assert moment(root["end_time"]) - moment(root["start_time"]) == timedelta(seconds=3.7)

    question = spans["chat gpt-4o-mini"]
    assert question["model"] == "gpt-4o-mini"
    assert question["response_model"] == "gpt-4o-mini-2024-07-18"
    assert question["provider"] == "openai"
    assert question["streaming"] is True
    assert question["status"] == "success"
    latency = moment(question["first_token_time"]) - moment(question["start_time"])
    assert latency == timedelta(seconds=0.35)
    assert "¿Todavía? 返品" in json.dumps(
        json.loads(text(question["input"])), ensure_ascii=False
    )
    assert "Let me look." in text(question["output"])
    assert question["service_name"] == "shop"
    assert question["scope_name"] == "shop.agent"
    assert question["scope_version"] == "3.1"


def test_usage_counts_every_token_once(server, transport):
    detail = server.trace(send(transport(server), agent_trace))
    spans = by_name(detail)

    question = spans["chat gpt-4o-mini"]
    assert question["usage_input"] == 400
    assert question["usage_input_cache_read"] == 600
    assert question["usage_output"] == 50
    assert question["usage_total"] == 1050

    answer = spans["chat o4-mini"]
    assert answer["usage_input"] == 1200
    assert answer["usage_output"] == 200
    assert answer["usage_output_reasoning"] == 100
    assert answer["usage_total"] == 1500

    tokens = detail["trace"]["tokens_used"]
    assert (tokens["input"], tokens["output"], tokens["total"]) == (2200, 350, 2550)


def test_an_exception_keeps_its_stack(server, transport):
    detail = server.trace(send(transport(server), agent_trace))
    tool = by_name(detail)["execute_tool find_order"]

    assert tool["status"] == "error"
    assert tool["level"] == "ERROR"
    assert tool["error_type"] == "LookupError"
    assert tool["error_message"] == "order 7 is unknown"
    assert tool["status_message"] == "no such order"
    assert "Traceback (most recent call last)" in tool["error_stack"]
    assert 'raise LookupError("order 7 is unknown")' in tool["error_stack"]
    assert detail["trace"]["status"] == "success", "the root went well"
    assert detail["totals"]["spans"] == 5
    assert detail["totals"]["errors"] == 1


def test_spans_inherit_user_and_session(server, transport):
    detail = server.trace(send(transport(server), agent_trace))

    assert detail["trace"]["user_id"] == "user-17"
    assert detail["trace"]["session_id"] == "session-4"
    assert detail["trace"]["environment"] == "staging"
    assert {span["user_id"] for span in detail["spans"]} == {"user-17"}
    assert {span["session_id"] for span in detail["spans"]} == {"session-4"}


def test_the_list_has_the_row_at_once(server, transport):
    trace_id = send(transport(server), agent_trace)
    reply = server.get("/api/tracing/list", limit=1000, sessionId="session-4")
    assert reply.status_code == 200, reply.text
    rows = [row for row in reply.json() if row["trace_id"] == trace_id]

    assert len(rows) == 1
    row = rows[0]
    assert set(row) >= {
        "id", "trace_id", "parent_trace_id", "session_id", "user_id",
        "source", "prompt_id", "model_id", "prompt_content", "system_prompt",
        "parameters", "response_content", "tokens_used", "cost_calculation",
        "start_time", "end_time", "duration_ms", "first_token_latency_ms", "streaming_enabled",
        "status", "error_message", "error_code", "langfuse_trace_id", "langfuse_observation_id",
        "user_agent", "ip_address", "created_at", "updated_at",
    }
    # The earliest generation stands for the trace: its root is none.
    assert row["model_id"] == "gpt-4o-mini"
    assert row["parameters"]["temperature"] == 0.25
    assert row["parameters"]["max_tokens"] == 500
    assert row["source"] == "api"
    assert row["status"] == "success"
    assert row["duration_ms"] == 3700
    assert row["first_token_latency_ms"] == 350
    assert int(reply.headers["X-Total-Count"]) >= 1


def test_sending_twice_changes_nothing(own_server, transport):
    memory, provider = in_memory()
    agent_trace(provider.get_tracer("shop.agent"))
    spans = memory.get_finished_spans()
    exporter = transport(own_server)
    trace_id = f"{spans[0].context.trace_id:032x}"

    assert exporter.export(spans) == SpanExportResult.SUCCESS
    once = own_server.trace(trace_id)
    assert exporter.export(spans[3:]) == SpanExportResult.SUCCESS
    assert exporter.export(spans) == SpanExportResult.SUCCESS
    twice = own_server.trace(trace_id)

    assert [stated(span) for span in twice["spans"]] == [stated(span) for span in once["spans"]]
    assert twice["totals"] == once["totals"]
    assert own_server.get("/api/tracing/list").headers["X-Total-Count"] == "1"


def stated(span):
    """A span without what tells when its messages came."""
    return {name: value for name, value in span.items() if name != "updated_at"}


def test_an_acknowledged_trace_outlives_kill_9(own_server, transport):
    exporter = transport(own_server)
    before = {}
    for _ in range(3):
        memory, provider = in_memory()
        agent_trace(provider.get_tracer("shop.agent"))
        spans = memory.get_finished_spans()
        assert exporter.export(spans) == SpanExportResult.SUCCESS
        trace_id = f"{spans[0].context.trace_id:032x}"
        before[trace_id] = own_server.trace(trace_id)

    for _ in range(2):
        own_server.kill()
        own_server.start()
        assert {trace_id: own_server.trace(trace_id) for trace_id in before} == before
        reply = own_server.get("/api/tracing/list")
        assert {row["trace_id"] for row in reply.json()} == set(before)
        assert reply.headers["X-Total-Count"] == "3"


def in_memory():
    memory = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(memory))
    return memory, provider


def test_a_bad_span_does_not_take_its_neighbours_along(server):
    memory, provider = in_memory()
    tracer = provider.get_tracer("shop.agent")
    good = tracer.start_span("good")
    good.end()
    bad = tracer.start_span("of 1970", start_time=1)
    bad.end(2)
    other = tracer.start_span("other")
    other.end()

    reply = requests.post(
        f"{server.url}/v1/traces",
        data=encode_spans(memory.get_finished_spans()).SerializeToString(),
        headers=server.headers | {"Content-Type": "application/x-protobuf"},
        timeout=30,
    )

    assert reply.status_code == 200, reply.text
    assert reply.headers["Content-Type"] == "application/x-protobuf"
    response = ExportTraceServiceResponse.FromString(reply.content)
    assert response.partial_success.rejected_spans == 1
    assert "start" in response.partial_success.error_message
    for span in (good, other):
        trace_id = f"{span.get_span_context().trace_id:032x}"
        assert [row["name"] for row in server.trace(trace_id)["spans"]] == [span.name]
    trace_id = f"{bad.get_span_context().trace_id:032x}"
    assert server.get(f"/api/traces/{trace_id}").status_code == 404


def test_a_wrong_key_is_refused(server):
    memory, provider = in_memory()
    trace_id = agent_trace(provider.get_tracer("shop.agent"))
    exporter = over_http(server, headers={"Authorization": "Bearer sk-tk-wrong"})

    assert exporter.export(memory.get_finished_spans()) == SpanExportResult.FAILURE
    assert server.get(f"/api/traces/{trace_id:032x}").status_code == 404
