// The SDKs of OpenAI and Anthropic for JavaScript, unchanged but for their base address and key,
// with the built-in models and with providers that are stubs on this machine.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { Providers } from "./stub-providers.js";
import { SECRET_KEY, Server } from "./tracekeep-server.js";

const TRACE_HEADER = "x-tracekeep-trace-id";
const QUESTION = "What is the weather in Lisbon?";
const ASK = [{ role: "user", content: QUESTION }];
const SCHEMA = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const ABOUT = { name: "get_weather", description: "The weather at a place." };
const OPENAI_TOOLS = [{ type: "function", function: { ...ABOUT, parameters: SCHEMA } }];
const ANTHROPIC_TOOLS = [{ ...ABOUT, input_schema: SCHEMA }];
const OPUS = "claude-opus-5";
// Models, and who is asked for them.
const PROVIDERS = {
  "gpt-4o": "openai",
  [OPUS]: "anthropic",
  "gemini-2.5-flash": "gemini",
  "bedrock/amazon.nova-pro-v1:0": "bedrock",
  "command-a-03-2025": "cohere",
  "mistral/mistral-large-latest": "mistral",
  "llama-local": "local",
};

let providers;
let server;
let openai;
let anthropic;

before(async () => {
  providers = await Providers.create();
  const { environment: variables, settings } = providers;
  server = await Server.create({ variables, settings });
  openai = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: SECRET_KEY, maxRetries: 0 });
  anthropic = new Anthropic({ baseURL: server.url, apiKey: SECRET_KEY, maxRetries: 0 });
});
after(async () => {
  await server?.stop();
  await providers?.stop();
});
beforeEach(() => providers.reset());
afterEach(async () => assert.deepEqual(await providers.problems(), []));

const chat = (fields) => openai.chat.completions.create({ messages: ASK, ...fields });
const message = (fields) =>
  anthropic.messages.create({ max_tokens: 500, messages: ASK, ...fields });

/** The trace of a call that has ended. */
async function traceOf(response) {
  return (await server.ended(response.headers.get(TRACE_HEADER))).trace;
}

/** All chunks of a stream and their text. */
async function read(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  const text = chunks.map((chunk) => chunk.choices?.[0]?.delta.content ?? "").join("");
  return { chunks, text };
}

describe("openai", () => {
  test("an answer and its trace", async () => {
    const { data, response } = await chat({ model: "gpt-4o", user: "u-42" }).withResponse();
    assert.equal(data.choices[0].message.content, "Hi!");
    assert.equal(data.usage.total_tokens, 170);
    const call = await providers.last();
    assert.equal(call.headers.authorization, "Bearer openai-key-0000");
    assert.deepEqual(call.body, { model: "gpt-4o", messages: ASK, user: "u-42" });

    const trace = await traceOf(response);
    assert.equal(trace.status, "success");
    assert.equal(trace.model_id, "gpt-4o");
    assert.equal(trace.provider, "openai");
    assert.equal(trace.user_id, "u-42");
    assert.equal(trace.response_content, "Hi!");
    assert.ok(trace.prompt_content.includes(QUESTION));
    assert.equal(trace.tokens_used.input, 120);
    assert.equal(trace.tokens_used.output, 50);
    assert.match(trace.user_agent, /^OpenAI\/JS/);
  });

  test("a stream hides the usage that only the trace asked for", async () => {
    const { data, response } = await chat({ model: "gpt-4o", stream: true }).withResponse();
    const { chunks, text } = await read(data);
    assert.equal(text, "Hello");
    assert.ok(chunks.every((chunk) => chunk.choices.length === 1 && !chunk.usage));
    assert.equal((await providers.last()).body.stream_options.include_usage, true);
    const trace = await traceOf(response);
    assert.equal(trace.streaming_enabled, true);
    assert.equal(trace.tokens_used.total, 12);
    assert.ok(trace.first_token_latency_ms >= 0);
  });

  test("a stream has the usage that was asked for", async () => {
    const stream_options = { include_usage: true };
    const { chunks } = await read(await chat({ model: "gpt-4o", stream: true, stream_options }));
    assert.equal(chunks.at(-1).usage.total_tokens, 12);
  });

  test("the helper for streams puts tools together", async () => {
    const stream = openai.chat.completions.stream({
      model: "gpt-4o",
      messages: ASK,
      tools: OPENAI_TOOLS,
    });
    const { tool_calls: calls } = await stream.finalMessage();
    assert.deepEqual(
      calls.map((call) => JSON.parse(call.function.arguments)),
      [{ city: "Paris" }, { city: "Rome" }],
    );
  });

  for (const [model, provider] of Object.entries(PROVIDERS)) {
    for (const stream of [false, true]) {
      test(`tools of ${model}, ${stream ? "streamed" : "whole"}`, async () => {
        const asked = { model, messages: ASK, tools: OPENAI_TOOLS };
        const final = async (fields) => {
          if (stream) return openai.chat.completions.stream(fields).finalMessage();
          return (await openai.chat.completions.create(fields)).choices[0].message;
        };
        const turn = await final(asked);
        const { tool_calls: calls, parsed, ...rest } = turn;
        assert.ok(calls.length > 0);
        const sent = calls.map(({ id, type, function: { name, arguments: text } }) => {
          assert.equal(typeof JSON.parse(text), "object");
          return { id, type, function: { name, arguments: text } };
        });
        const results = sent.map(({ id }) => ({ role: "tool", tool_call_id: id, content: "rain" }));
        const messages = [...ASK, { ...rest, tool_calls: sent }, ...results];
        const told = await final({ ...asked, messages });
        assert.match(told.content, /^(Hello!?|Hi!|Because of Rayleigh scattering\.)$/);
        const callees = (await providers.calls()).map((call) => call.provider);
        assert.deepEqual(callees, [provider, provider]);
      });
    }
  }

  test("responses", async () => {
    const response = await openai.responses.create({ model: "gpt-5.1", input: "Say hello." });
    assert.equal(response.output_text, "Hello! How can I help?");
    const stream = openai.responses.stream({ model: "gpt-5.1", input: "Say hello." });
    assert.equal((await stream.finalResponse()).output_text, "Hello, wörld");
  });

  test("responses of another provider", async () => {
    const response = await openai.responses.create({ model: OPUS, input: "Say hello." });
    assert.equal(response.output_text, "Hello!");
    const stream = openai.responses.stream({ model: OPUS, input: "Say hello." });
    assert.equal((await stream.finalResponse()).output_text, "Hello!");
  });

  test("embeddings", async () => {
    const model = "text-embedding-3-small";
    const { data } = await openai.embeddings.create({ model, input: "A text." });
    assert.deepEqual(data[0].embedding, [0.25, -0.5]);
  });

  test("the list of models", async () => {
    const ids = [];
    for await (const model of openai.models.list()) ids.push(model.id);
    assert.ok(ids.includes("demo/fast"), ids.join());
  });

  test("an error is the provider's own", async () => {
    const error = { message: "Busy.", type: "t", param: null, code: "c" };
    const headers = { "retry-after": "3600", "x-request-id": "req_1" };
    await providers.will({ status: 429, headers, body: { error } });
    const raised = await chat({ model: "gpt-4o" }).then(assert.fail, (raised) => raised);
    assert.ok(raised instanceof OpenAI.RateLimitError, String(raised));
    assert.deepEqual(raised.error, error);
    assert.equal(raised.requestID, "req_1");
    assert.equal(raised.headers.get("retry-after"), "3600");
    const trace = await traceOf(raised);
    assert.equal(trace.status, "error");
    assert.equal(trace.error_code, "c");
    assert.equal(trace.error_message, "Busy.");
  });

  test("who goes away leaves what was said", async () => {
    const chunk = (delta) => {
      const choices = [{ index: 0, delta, finish_reason: null }];
      const object = "chat.completion.chunk";
      const whole = { id: "c", object, created: 1, model: "gpt-4o", choices };
      return `data: ${JSON.stringify(whole)}\n\n`;
    };
    const events = [chunk({ role: "assistant", content: "" }), chunk({ content: "Hel" })];
    await providers.will({ events, end: "hang" });
    const { data, response } = await chat({ model: "gpt-4o", stream: true }).withResponse();
    for await (const { choices } of data) {
      if (choices[0].delta.content === "Hel") break;
    }
    data.controller.abort();
    const trace = await traceOf(response);
    assert.equal(trace.status, "error");
    assert.equal(trace.error_code, "cancelled");
    assert.equal(trace.response_content, "Hel");
    assert.equal(await providers.gone(), true);
  });

  test("a wrong key is an authentication error", async () => {
    const apiKey = "sk-tk-wrong-40c1d9";
    const wrong = new OpenAI({ baseURL: `${server.url}/v1`, apiKey, maxRetries: 0 });
    await assert.rejects(
      wrong.chat.completions.create({ model: "gpt-4o", messages: ASK }),
      (error) => error instanceof OpenAI.AuthenticationError && !error.message.includes("40c1d9"),
    );
    assert.deepEqual(await providers.calls(), []);
  });

  test("the trace's place", async () => {
    const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    const headers = {
      traceparent: `00-${trace}-00f067aa0ba902b7-01`,
      "x-tracekeep-user-id": "user-17",
      "x-tracekeep-tags": "a,b",
    };
    await openai.chat.completions.create({ model: "gpt-4o", messages: ASK }, { headers });
    const detail = await server.ended(trace);
    assert.equal(detail.spans[0].parent_span_id, "00f067aa0ba902b7");
    assert.equal(detail.trace.user_id, "user-17");
    assert.deepEqual(detail.trace.tags.toSorted(), ["a", "b"]);
  });
});

describe("@anthropic-ai/sdk", () => {
  test("an answer and its trace", async () => {
    const asked = message({ model: OPUS, system: "Be brief.", metadata: { user_id: "u-7" } });
    const { data, response } = await asked.withResponse();
    assert.deepEqual(data.content.map(({ text }) => text), ["Hello!"]);
    const { body } = await providers.last();
    assert.equal(body.system, "Be brief.");
    const trace = await traceOf(response);
    assert.equal(trace.provider, "anthropic");
    assert.equal(trace.user_id, "u-7");
    assert.equal(trace.system_prompt, "Be brief.");
    assert.equal(trace.response_content, "Hello!");
  });

  test("a stream", async () => {
    const stream = anthropic.messages.stream({ model: OPUS, max_tokens: 500, messages: ASK });
    const final = await stream.finalMessage();
    assert.equal(final.content[0].text, "Hello!");
    assert.equal(final.usage.output_tokens, 5);
    assert.equal((await traceOf(stream.response)).response_content, "Hello!");
  });

  for (const [model, provider] of Object.entries(PROVIDERS)) {
    for (const stream of [false, true]) {
      test(`tools of ${model}, ${stream ? "streamed" : "whole"}`, async () => {
        const asked = { model, max_tokens: 500, tools: ANTHROPIC_TOOLS };
        const final = (fields) =>
          stream
            ? anthropic.messages.stream(fields).finalMessage()
            : anthropic.messages.create(fields);
        const turn = await final({ ...asked, messages: ASK });
        assert.equal(turn.stop_reason, "tool_use");
        const calls = turn.content.filter(({ type }) => type === "tool_use");
        const results = calls.map(({ id, input }) => {
          assert.equal(typeof input, "object");
          return { type: "tool_result", tool_use_id: id, content: "rain" };
        });
        const messages = [
          ...ASK,
          { role: "assistant", content: turn.content },
          { role: "user", content: results },
        ];
        const told = await final({ ...asked, messages });
        assert.equal(told.stop_reason, "end_turn");
        const text = told.content.findLast((block) => block.type === "text").text;
        assert.match(text, /^(Hello!?|Hi!|Because of Rayleigh scattering\.)$/);
        const callees = (await providers.calls()).map((call) => call.provider);
        assert.deepEqual(callees, [provider, provider]);
      });
    }
  }

  test("tokens are counted", async () => {
    const counted = await anthropic.messages.countTokens({ model: OPUS, messages: ASK });
    assert.equal(counted.input_tokens, 14);
  });

  test("an error is the provider's own", async () => {
    const body = { type: "error", error: { type: "overloaded_error", message: "Overloaded" } };
    await providers.will({ status: 529, headers: { "retry-after": "3600" }, body });
    const raised = await message({ model: OPUS }).then(assert.fail, (raised) => raised);
    assert.ok(raised instanceof Anthropic.APIError, String(raised));
    assert.equal(raised.status, 529);
    assert.deepEqual(raised.error, body);
    assert.equal((await traceOf(raised)).error_message, "Overloaded");
  });
});

describe("demo", () => {
  test("openai", async () => {
    const { text } = await read(await chat({ model: "demo/fast", stream: true }));
    assert.ok(text.includes("What is the weather in Lisbon"), text);
    const asked = await chat({ model: "demo/tools", tools: OPENAI_TOOLS });
    const [call] = asked.choices[0].message.tool_calls;
    assert.deepEqual(JSON.parse(call.function.arguments), { city: "Lisbon" });
    await assert.rejects(chat({ model: "demo/fail" }), { status: 503, code: "overloaded" });
    const midway = chat({ model: "demo/fail-midway", stream: true }).then(read);
    await assert.rejects(midway, OpenAI.APIError);
    assert.deepEqual(await providers.calls(), []);
  });

  test("@anthropic-ai/sdk", async () => {
    const asked = { model: "demo/tools", max_tokens: 500, messages: ASK, tools: ANTHROPIC_TOOLS };
    const turn = await anthropic.messages.stream(asked).finalMessage();
    const [call] = turn.content.filter(({ type }) => type === "tool_use");
    assert.deepEqual(call.input, { city: "Lisbon" });
    const told = await message({ model: "demo/fast" });
    assert.ok(told.content[0].text.includes("What is the weather in Lisbon"));
    await assert.rejects(message({ model: "demo/fail" }), Anthropic.APIError);
  });
});
