use reqwest::Method;
use serde_json::{Value, json};

use crate::server::{Server, answer};

/// So few, so that a test can fill a trace.
const THREE_SPANS: &[(&str, &str)] = &[("TRACEKEEP_MAX_TRACE_SPANS", "3")];

fn span(trace: &str, id: &str) -> Value {
    json!({
        "type": "span", "traceId": trace, "spanId": id, "parentSpanId": trace, "status": "success",
        "startTime": "2026-03-01T12:00:00Z", "endTime": "2026-03-01T12:00:01Z",
    })
}

/// A server with the trace `t`, whose third span made it full.
async fn with_a_full_trace() -> Server {
    let server = Server::start_with(THREE_SPANS).await;
    let start = json!({
        "type": "start", "traceId": "t", "source": "api", "model": "m", "prompt": "p",
        "startTime": "2026-03-01T12:00:00Z", "metadata": { "team": "a" },
    });
    let events = [start, span("t", "one"), span("t", "two")];
    let taken = server.posted("/api/tracing/batch", &json!({ "events": events })).await;
    assert_eq!(taken["results"][2]["status"], "ok", "{taken}");
    server
}

async fn is_refused(server: &Server, event: Value) -> bool {
    let taken = server.posted("/api/tracing/batch", &json!({ "events": [event] })).await;
    taken["results"][0]["status"] == "error"
}

#[tokio::test]
async fn a_full_trace_takes_no_more_spans_and_its_neighbours_are_kept() {
    let server = with_a_full_trace().await;
    let score = json!({ "type": "score", "traceId": "t", "name": "quality", "value": 1 });
    let events = [span("t", "three"), span("u", "one"), score];
    let taken = server.posted("/api/tracing/batch", &json!({ "events": events })).await;
    let statuses: Vec<&str> =
        (0..3usize).filter_map(|n| taken["results"][n]["status"].as_str()).collect();
    assert_eq!(statuses, ["error", "ok", "ok"], "{taken}");
    let error = &taken["results"][0]["error"];
    assert_eq!(error["field"], "traceId");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("full: it has 3 spans"), "{message}");
    assert!(
        message.contains("begin another trace, with this one as its parentTraceId"),
        "{message}"
    );
    let whole = server.got("/api/traces/t").await;
    assert_eq!(whole["totals"]["spans"], 3);
    assert_eq!(whole["scores"].as_array().unwrap().len(), 1);
    // What the message says to do.
    let next = json!({
        "traceId": "t-2", "parentTraceId": "t", "source": "api", "model": "m", "prompt": "p",
    });
    server.posted("/api/tracing/start", &next).await;
    assert!(!is_refused(&server, span("t-2", "three")).await);
}

#[tokio::test]
async fn a_full_trace_is_ended_and_corrected_but_does_not_grow() {
    let server = with_a_full_trace().await;
    let tagged = json!({ "trace_id": "t", "updates": { "tags": ["late"] } });
    let (status, answer) = server.post("/api/tracing/update", &tagged).await;
    assert_eq!((status.as_u16(), &answer["error"]["code"]), (400, &json!("invalid_field")));
    assert_eq!(answer["error"]["details"]["field"], "trace_id", "{answer}");

    let corrected = json!({ "traceId": "t", "updates": { "userId": "ann" } });
    server.posted("/api/tracing/update", &corrected).await;
    let ended = json!({
        "traceId": "t",
        "result": { "status": "success", "response": "r", "tokens": { "input": 1, "output": 2 } },
    });
    server.posted("/api/tracing/complete", &ended).await;
    let whole = server.got("/api/traces/t").await;
    assert_eq!(whole["trace"]["status"], "success");
    assert_eq!(whole["trace"]["response_content"], "r");
    assert_eq!(whole["trace"]["user_id"], "ann");
    assert_eq!(whole["trace"]["tags"], json!([]));
    assert_eq!(whole["totals"]["total_tokens"], 3);
}

#[tokio::test]
async fn a_full_trace_is_deleted_like_any_other() {
    let server = with_a_full_trace().await;
    let deletion = server.request(Method::DELETE, "/api/traces/t").send().await.unwrap();
    let (status, deleted) = answer(deletion).await;
    assert_eq!((status.as_u16(), deleted), (200, json!({ "deleted": 1 })));
    // The id is closed, as that of any deleted trace: no longer full, and still not shown.
    assert!(!is_refused(&server, span("t", "three")).await);
    assert_eq!(server.get("/api/traces/t").await.0, 404);
}

#[tokio::test]
async fn a_trace_that_was_full_is_so_after_the_journal_was_replayed() {
    let server = with_a_full_trace().await;
    let folder = server.folder();
    // Killed, with nothing sealed yet.
    drop(server);
    let server = Server::start_in(folder, THREE_SPANS).await;
    assert!(is_refused(&server, span("t", "three")).await);
    assert!(!is_refused(&server, span("u", "one")).await);
}
