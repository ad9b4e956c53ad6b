//! Tokens of calls of which nobody counted them.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::server::Server;

/// So that a test need not wait long for what its sender could still say.
const SOON: &[(&str, &str)] = &[("TRACEKEEP_ESTIMATE_TOKENS_AFTER_SECONDS", "1")];
/// Within this a busy machine has counted too.
const LONGEST: Duration = Duration::from_secs(60);

/// A finished trace that says no tokens.
async fn call(server: &Server, id: &str, model: &str, result: Value) {
    let start = json!({
        "traceId": id, "source": "test", "model": model, "provider": "openai",
        "prompt": "What is the weather in Oslo?", "systemPrompt": "You are brief.",
    });
    server.posted("/api/tracing/start", &start).await;
    server.posted("/api/tracing/complete", &json!({ "traceId": id, "result": result })).await;
}

/// The trace, once it is as wanted.
async fn once(server: &Server, id: &str, is_wanted: impl Fn(&Value) -> bool) -> Value {
    let began = Instant::now();
    loop {
        let whole = server.got(&format!("/api/traces/{id}")).await;
        if is_wanted(&whole) {
            return whole;
        }
        assert!(began.elapsed() < LONGEST, "{whole}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// How many spans were counted, once there are any: it is noted just after they show.
async fn estimated_spans(server: &Server) -> u64 {
    let began = Instant::now();
    loop {
        let metrics = server.got("/metrics").await;
        let line = |line: &str| line.strip_prefix("tracekeep_estimated_spans_total ")?.parse().ok();
        match metrics.as_str().unwrap().lines().find_map(line) {
            Some(spans) if spans > 0 => return spans,
            found => assert!(began.elapsed() < LONGEST, "{found:?} in {metrics}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn is_estimated(whole: &Value) -> bool {
    whole["trace"]["tokens_estimated"] == true
}

#[tokio::test]
async fn a_call_that_nobody_counted_has_tokens_and_a_cost_that_say_so() {
    let server = Server::start_with(SOON).await;
    let result = json!({ "status": "success", "response": "It is 7 degrees." });
    call(&server, "t", "gpt-4o", result).await;
    let whole = once(&server, "t", is_estimated).await;
    // Two messages of four tokens around 7 and 4, and three of the answer's beginning.
    let tokens =
        json!({ "input": 22, "output": 6, "total": 28, "details": { "input": 22, "output": 6 } });
    assert_eq!(whole["trace"]["tokens_used"], tokens);
    // 22 at 2.5 and 6 at 10 dollars a million.
    assert_eq!(whole["trace"]["cost_calculation"]["total_cost"].to_string(), "0.000115");
    let span = &whole["spans"][0];
    assert_eq!(span["tokens_estimated"], true);
    assert_eq!(span["cost_source"], "computed");
    let given = json!({ "estimated_by": "o200k_base", "exact": true, "input": 22, "output": 6 });
    assert_eq!(span["usage_given"], given);
    assert_eq!(whole["totals"]["tokens_estimated"], true);
    assert_eq!(whole["totals"]["total_tokens"], 28);
    // The list says the same.
    let rows = server.got("/api/tracing/list").await;
    assert_eq!(rows[0]["tokens_estimated"], true);
    assert_eq!(rows[0]["tokens_used"], tokens);
    let rows = server.got("/api/tracing/list?content=none").await;
    assert_eq!(rows[0]["tokens_estimated"], Value::Null);
}

#[tokio::test]
async fn what_its_sender_counts_later_replaces_an_estimate_whole() {
    let server = Server::start_with(SOON).await;
    let result = json!({ "status": "success", "response": "It is 7 degrees." });
    call(&server, "t", "gpt-4o", result).await;
    once(&server, "t", is_estimated).await;
    let update = json!({ "traceId": "t", "updates": { "tokens_used": { "input_cache_read": 5 } } });
    server.posted("/api/tracing/update", &update).await;
    let whole = server.got("/api/traces/t").await;
    let tokens = json!({
        "input": 5, "output": null, "total": 5, "details": { "input_cache_read": 5 },
    });
    assert_eq!(whole["trace"]["tokens_used"], tokens);
    assert_eq!(whole["trace"]["tokens_estimated"], false);
    assert_eq!(whole["spans"][0]["tokens_estimated"], false);
    assert_eq!(whole["spans"][0]["usage_given"], json!({ "input_cache_read": 5 }));
    assert_eq!(whole["totals"]["tokens_estimated"], false);
    let rows = server.got("/api/tracing/list").await;
    assert_eq!((&rows[0]["tokens_estimated"], &rows[0]["tokens_used"]), (&json!(false), &tokens));
}

/// What was counted is a patch as any other: the journal has it.
#[tokio::test]
async fn an_estimate_is_there_after_a_crash() {
    let server = Server::start_with(SOON).await;
    let result = json!({ "status": "success", "response": "It is 7 degrees." });
    call(&server, "t", "claude-sonnet-4-5", result).await;
    let before = once(&server, "t", is_estimated).await;
    assert_eq!(before["spans"][0]["usage_given"]["exact"], false);
    let server = server.killed_and_started_again().await;
    let after = server.got("/api/traces/t").await;
    assert_eq!(after["spans"], before["spans"]);
    assert_eq!(after["totals"], before["totals"]);
}

/// The last call ends last, so that the others were looked at when it was counted.
#[tokio::test]
async fn what_was_counted_or_came_to_nothing_is_left_alone() {
    let server = Server::start_with(SOON).await;
    let counted = json!({ "status": "success", "response": "r", "tokens": { "input": 1 } });
    call(&server, "counted", "gpt-4o", counted).await;
    let paid = json!({ "status": "success", "response": "r", "cost": 0.5 });
    call(&server, "paid", "gpt-4o", paid).await;
    let refused = json!({ "status": "error", "error": "overloaded" });
    call(&server, "refused", "gpt-4o", refused).await;
    let start = json!({ "traceId": "runs", "source": "test", "model": "gpt-4o", "prompt": "p" });
    server.posted("/api/tracing/start", &start).await;
    let cut_off =
        json!({ "status": "error", "error": "cancelled", "response": "It is 7 degrees." });
    call(&server, "cut-off", "gpt-4o", cut_off).await;
    let whole = once(&server, "cut-off", is_estimated).await;
    assert_eq!(whole["trace"]["tokens_used"]["output"], 6);
    for (id, total) in [
        ("counted", json!(1)),
        ("paid", Value::Null),
        ("refused", Value::Null),
        ("runs", Value::Null),
    ] {
        let whole = server.got(&format!("/api/traces/{id}")).await;
        assert_eq!(whole["totals"]["total_tokens"], total, "{id}");
        assert_eq!(whole["trace"]["tokens_estimated"], false, "{id}");
    }
}

/// Usage that comes in a message of its own, before its time is over.
#[tokio::test]
async fn usage_that_comes_in_time_is_not_estimated() {
    let server = Server::start_with(&[("TRACEKEEP_ESTIMATE_TOKENS_AFTER_SECONDS", "2")]).await;
    let result = || json!({ "status": "success", "response": "It is 7 degrees." });
    call(&server, "late", "gpt-4o", result()).await;
    let update = json!({ "traceId": "late", "updates": { "tokens_used": { "output": 3 } } });
    server.posted("/api/tracing/update", &update).await;
    call(&server, "never", "gpt-4o", result()).await;
    once(&server, "never", is_estimated).await;
    assert_eq!(estimated_spans(&server).await, 1);
    let whole = server.got("/api/traces/late").await;
    assert_eq!(whole["trace"]["tokens_used"]["total"], 3);
}

/// As OpenTelemetry's spans, and by another vocabulary.
#[tokio::test]
async fn every_span_of_a_trace_is_counted_by_itself() {
    let server = Server::start_with(SOON).await;
    let span = |id: &str, kind: &str, model: &str, input: Value, output: Value| {
        json!({
            "type": "span", "traceId": "t", "spanId": id, "kind": kind, "model": model,
            "input": input, "output": output, "status": "success",
            "startTime": "2026-03-01T12:00:00Z", "endTime": "2026-03-01T12:00:01Z",
        })
    };
    let messages = json!([{ "role": "user", "content": "hello world" }]);
    let events = json!([
        span("chat", "GENERATION", "gpt-4", messages, json!("It is 7 degrees.")),
        span("vector", "EMBEDDING", "text-embedding-3-small", json!("hello world"), json!([0.5])),
        span("tool", "TOOL", "gpt-4", json!("hello world"), json!("r")),
    ]);
    server.posted("/api/tracing/batch", &json!({ "events": events })).await;
    let whole = once(&server, "t", |whole| whole["totals"]["total_tokens"] == 17).await;
    let spans = whole["spans"].as_array().unwrap();
    let of = |id: &str| spans.iter().find(|span| span["span_id"] == id).unwrap();
    assert_eq!((&of("chat")["usage_input"], &of("chat")["usage_output"]), (&json!(9), &json!(6)));
    assert_eq!(of("chat")["usage_given"]["estimated_by"], "cl100k_base");
    assert_eq!(of("vector")["usage_input"], 2);
    assert_eq!(of("vector")["usage_output"], Value::Null);
    assert_eq!(of("tool")["usage_total"], Value::Null);
}

#[tokio::test]
async fn nothing_is_counted_where_it_is_switched_off() {
    let settings = [("TRACEKEEP_ESTIMATE_TOKENS", "off"), SOON[0]];
    let server = Server::start_with(&settings).await;
    let result = json!({ "status": "success", "response": "It is 7 degrees." });
    call(&server, "t", "gpt-4o", result).await;
    // Longer than it takes where it is on.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let whole = server.got("/api/traces/t").await;
    assert_eq!(whole["trace"]["tokens_used"], Value::Null);
    assert_eq!(whole["trace"]["tokens_estimated"], false);
}
