// What the OpenTelemetry SDK for JavaScript sends is what Tracekeep shows, at once and after
// kill -9.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { OTLPTraceExporter as JsonExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import { Server } from "./tracekeep-server.js";

const options = (server, compression) => ({
  url: `${server.url}/v1/traces`,
  headers: server.headers,
  compression,
});

// How spans get there: a name and an exporter for a server. Another protocol is another line.
const TRANSPORTS = {
  "http/json": (server) => new JsonExporter(options(server, "none")),
  "http/json gzip": (server) => new JsonExporter(options(server, "gzip")),
  "http/protobuf": (server) => new ProtobufExporter(options(server, "none")),
  "http/protobuf gzip": (server) => new ProtobufExporter(options(server, "gzip")),
};

/** The spans that `write` makes with a tracer. */
async function spansOf(write) {
  const memory = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ "service.name": "shop" }),
    spanProcessors: [new SimpleSpanProcessor(memory)],
  });
  write(provider.getTracer("shop.agent", "3.1"));
  await provider.forceFlush();
  return memory.getFinishedSpans();
}

/** Sends one batch; an error where the server did not take it. */
function send(exporter, spans) {
  return new Promise((resolve, reject) => {
    exporter.export(spans, ({ code, error }) => {
      if (code === 0) resolve();
      else reject(error ?? new Error(`export failed with code ${code}`));
    });
  });
}

const messages = (role, content) =>
  JSON.stringify([{ role, parts: [{ type: "text", content }] }]);

/** An agent asks a model, and fails in a tool. */
function agentTrace(tracer, now = Date.now() - 10_000) {
  const root = tracer.startSpan("invoke_agent shop", {
    startTime: now,
    attributes: {
      "gen_ai.operation.name": "invoke_agent",
      "user.id": "user-17",
      "session.id": "session-4",
    },
  });
  const context = trace.setSpan(ROOT_CONTEXT, root);
  const call = tracer.startSpan(
    "chat gpt-4o-mini",
    {
      kind: SpanKind.CLIENT,
      startTime: now + 100,
      attributes: {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o-mini",
        "gen_ai.request.temperature": 0.25,
        "gen_ai.response.finish_reasons": ["tool_calls"],
        "gen_ai.usage.input_tokens": 1000,
        "gen_ai.usage.cache_read.input_tokens": 600,
        "gen_ai.usage.output_tokens": 50,
        "gen_ai.input.messages": messages("user", "May I return it? ¿Todavía? 返品"),
        "gen_ai.output.messages": messages("assistant", "Let me look."),
      },
    },
    context,
  );
  call.end(now + 1_100);
  const tool = tracer.startSpan(
    "execute_tool find_order",
    { startTime: now + 1_200, attributes: { "gen_ai.operation.name": "execute_tool" } },
    context,
  );
  tool.recordException(new RangeError("order 7 is unknown"), now + 1_300);
  tool.setStatus({ code: SpanStatusCode.ERROR, message: "no such order" });
  tool.end(now + 1_300);
  root.end(now + 1_400);
}

const traceIdOf = (spans) => spans[0].spanContext().traceId;
const named = (detail, name) => detail.spans.find((span) => span.name === name);
/** A field that is the sender's JSON text, or that JSON. */
const text = (value) => (typeof value === "string" ? value : JSON.stringify(value));
/** A span without what tells when its messages came. */
const stated = ({ updated_at, ...span }) => span;

for (const [name, exporterFor] of Object.entries(TRANSPORTS)) {
  describe(name, () => {
    let server;
    let exporter;
    before(async () => {
      server = await Server.create();
      exporter = exporterFor(server);
    });
    after(() => server.stop());

    test("a trace reads as it was sent", async () => {
      const now = Date.now() - 10_000;
      const spans = await spansOf((tracer) => agentTrace(tracer, now));
      await send(exporter, spans);
      const detail = await server.trace(traceIdOf(spans));

      const kinds = detail.spans.map((span) => [span.name, span.kind]);
      assert.deepEqual(kinds, [
        ["invoke_agent shop", "AGENT"],
        ["chat gpt-4o-mini", "GENERATION"],
        ["execute_tool find_order", "TOOL"],
      ]);
      const [root, call, tool] = detail.spans;
      assert.equal(root.parent_span_id, null);
      assert.equal(call.parent_span_id, root.span_id);
      assert.equal(tool.parent_span_id, root.span_id);
      assert.match(root.span_id, /^[0-9a-f]{16}$/);
      assert.equal(Date.parse(root.start_time), now);
      assert.equal(Date.parse(root.end_time), now + 1_400);

      assert.equal(call.model, "gpt-4o-mini");
      assert.equal(call.provider, "openai");
      assert.ok(text(call.input).includes("¿Todavía? 返品"), text(call.input));
      assert.ok(text(call.output).includes("Let me look."));
      assert.equal(call.service_name, "shop");
      assert.equal(call.scope_name, "shop.agent");
      assert.equal(call.usage_input, 400);
      assert.equal(call.usage_input_cache_read, 600);
      assert.equal(call.usage_output, 50);
      assert.equal(call.usage_total, 1_050);

      assert.equal(detail.trace.status, "success");
      assert.equal(detail.trace.user_id, "user-17");
      assert.equal(detail.trace.session_id, "session-4");
      assert.ok(detail.spans.every((span) => span.user_id === "user-17"));
      assert.equal(detail.totals.spans, 3);
      assert.equal(detail.totals.errors, 1);
    });

    test("an exception keeps its stack", async () => {
      const spans = await spansOf(agentTrace);
      await send(exporter, spans);
      const tool = named(await server.trace(traceIdOf(spans)), "execute_tool find_order");

      assert.equal(tool.status, "error");
      assert.equal(tool.error_type, "RangeError");
      assert.equal(tool.error_message, "order 7 is unknown");
      assert.equal(tool.status_message, "no such order");
      assert.match(tool.error_stack, /^RangeError: order 7 is unknown\n\s+at agentTrace/);
    });

    test("the list has the row at once", async () => {
      const spans = await spansOf(agentTrace);
      await send(exporter, spans);
      const reply = await server.get("/api/tracing/list?limit=1000&userId=user-17");
      assert.equal(reply.status, 200);
      const rows = (await reply.json()).filter((row) => row.trace_id === traceIdOf(spans));

      assert.equal(rows.length, 1);
      assert.equal(rows[0].model_id, "gpt-4o-mini");
      assert.equal(rows[0].duration_ms, 1_400);
      assert.equal(rows[0].tokens_used.input, 1_000);
      assert.equal(rows[0].tokens_used.total, 1_050);
    });

    test("sending twice changes nothing, and kill -9 loses nothing", async () => {
      const spans = await spansOf(agentTrace);
      await send(exporter, spans);
      const sentOnce = await server.trace(traceIdOf(spans));
      await send(exporter, spans.slice(1));
      const sentTwice = await server.trace(traceIdOf(spans));
      assert.deepEqual(sentTwice.spans.map(stated), sentOnce.spans.map(stated));

      const count = (await server.get("/api/tracing/list")).headers.get("x-total-count");
      await server.kill();
      await server.start();
      assert.deepEqual(await server.trace(traceIdOf(spans)), sentTwice);
      const after = (await server.get("/api/tracing/list")).headers.get("x-total-count");
      assert.equal(after, count);
    });

    test("a bad span does not take its neighbours along", async () => {
      const spans = await spansOf((tracer) => {
        tracer.startSpan("good").end();
        tracer.startSpan("of 1970", { startTime: [0, 1] }).end([0, 2]);
        tracer.startSpan("other").end();
      });
      await send(exporter, spans);

      for (const span of spans.filter((span) => span.name !== "of 1970")) {
        const detail = await server.trace(span.spanContext().traceId);
        assert.deepEqual(detail.spans.map((row) => row.name), [span.name]);
      }
      const bad = spans.find((span) => span.name === "of 1970").spanContext().traceId;
      assert.equal((await server.get(`/api/traces/${bad}`)).status, 404);
    });
  });
}
