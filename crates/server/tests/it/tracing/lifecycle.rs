use serde_json::{Value, json};

use crate::server::Server;

/// The plan's first unit test.
#[tokio::test]
async fn should_create_trace_with_valid_context() {
    let server = Server::start().await;
    let trace = server
        .posted(
            "/api/tracing/start",
            &json!({
                "userId": "test-user", "source": "playground", "model": "claude-3-5-sonnet",
                "prompt": "Test prompt",
            }),
        )
        .await;
    let id = trace["traceId"].as_str().unwrap();
    assert_eq!(id.len(), 32);
    assert_eq!(trace["status"], "pending");
    let whole = server.got(&format!("/api/traces/{id}")).await;
    assert_eq!(whole["trace"]["user_id"], "test-user");
    assert_eq!(whole["trace"]["model_id"], "claude-3-5-sonnet");
    assert_eq!(whole["trace"]["session_id"], id);
    assert_eq!(whole["spans"][0]["kind"], "GENERATION");
}

/// The plan's second unit test.
#[tokio::test]
async fn should_update_trace_metrics_correctly() {
    let server = Server::start().await;
    let start = json!({ "source": "test", "model": "m", "prompt": "p" });
    let trace = server.posted("/api/tracing/start", &start).await;
    let updates = json!({
        "first_token_latency_ms": 150, "tokens_used": { "input": 10, "output": 20, "total": 30 },
    });
    let update = json!({ "traceId": trace["traceId"], "updates": updates });
    assert_eq!(server.posted("/api/tracing/update", &update).await, json!({ "success": true }));
    let updated = server.got(&format!("/api/tracing/{}", trace["traceId"].as_str().unwrap())).await;
    assert_eq!(updated["trace"]["first_token_latency_ms"], 150);
    let tokens =
        json!({ "input": 10, "output": 20, "total": 30, "details": { "input": 10, "output": 20 } });
    assert_eq!(updated["trace"]["tokens_used"], tokens);
}

fn messages() -> [(&'static str, Value); 3] {
    let start = json!({
        "traceId": "t", "source": "api", "model": "m", "prompt": "p", "userId": "u", "tags": ["a"],
        "startTime": "2026-03-01T12:00:00Z", "timestamp": "2026-03-01T12:00:00Z",
    });
    let update = json!({
        "traceId": "t", "updates": { "response_content": "half" }, "timestamp": "2026-03-01T12:00:01Z",
    });
    let complete = json!({
        "traceId": "t", "timestamp": "2026-03-01T12:00:03Z",
        "result": {
            "status": "success", "response": "whole", "endTime": "2026-03-01T12:00:02.500Z",
            "tokens": { "input": 7, "output": 5 }, "firstTokenLatencyMs": 320,
            "cost": { "input_cost": 0.000_000_7, "output_cost": 0.1, "total_cost": 0.100_000_7 },
        },
    });
    [("start", start), ("update", update), ("complete", complete)]
}

/// Complete before start, update after complete, everything twice: all ordinary.
#[tokio::test]
async fn any_order_gives_the_same_trace() {
    let orders = [[0, 1, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1]];
    let mut seen: Vec<Value> = Vec::new();
    for order in orders {
        let server = Server::start().await;
        for n in order.into_iter().chain(order) {
            let (verb, body) = &messages()[n];
            server.posted(&format!("/api/tracing/{verb}"), body).await;
        }
        let mut whole = server.got("/api/traces/t").await;
        for record in ["/trace", "/spans/0"] {
            let record = whole.pointer_mut(record).unwrap().as_object_mut().unwrap();
            for receipt in ["created_at", "updated_at", "received_at"] {
                record.remove(receipt);
            }
        }
        seen.push(whole);
    }
    assert_eq!(seen[0]["trace"]["response_content"], "whole");
    assert_eq!(seen[0]["trace"]["duration_ms"], 2500);
    assert_eq!(seen[0]["trace"]["status"], "success");
    assert_eq!(seen[0]["trace"]["cost_calculation"]["total_cost"].to_string(), "0.1000007");
    assert_eq!(seen[0]["totals"]["total_tokens"], 12);
    for other in &seen[1..] {
        assert_eq!(other, &seen[0]);
    }
}

/// Nothing has been said of how it ended, nor that it did.
#[tokio::test]
async fn a_trace_of_nothing_but_attributes_is_pending() {
    let server = Server::start().await;
    let update = json!({ "traceId": "only-meta", "updates": { "metadata": { "a": 1 } } });
    server.posted("/api/tracing/update", &update).await;
    let whole = server.got("/api/traces/only-meta").await;
    assert_eq!((&whole["trace"]["status"], &whole["spans"]), (&json!("pending"), &json!([])));
    let pending = server.got("/api/tracing/list?status=pending").await;
    assert_eq!(pending[0]["trace_id"], "only-meta");
    assert_eq!(server.got("/api/tracing/list?status=success").await, json!([]));
    let complete = json!({ "traceId": "only-meta", "result": { "status": "success" } });
    server.posted("/api/tracing/complete", &complete).await;
    assert_eq!(server.got("/api/traces/only-meta").await["trace"]["status"], "success");
}

/// A step that names no parent, began earlier and failed does not speak for the interaction.
#[tokio::test]
async fn a_span_without_a_parent_does_not_take_a_lifecycle_trace_over() {
    let server = Server::start().await;
    let start = json!({
        "traceId": "t", "source": "api", "model": "m", "prompt": "p",
        "startTime": "2026-03-01T12:00:01Z",
    });
    let span = json!({
        "type": "span", "traceId": "t", "spanId": "tool", "kind": "TOOL", "name": "look up",
        "startTime": "2026-03-01T12:00:00Z", "endTime": "2026-03-01T12:00:00.500Z",
        "status": "error",
    });
    let complete = json!({ "traceId": "t", "result": { "status": "success", "response": "r" } });
    server.posted("/api/tracing/batch", &json!({ "events": [span] })).await;
    assert_eq!(server.got("/api/traces/t").await["trace"]["status"], "error");
    server.posted("/api/tracing/start", &start).await;
    server.posted("/api/tracing/complete", &complete).await;
    let whole = server.got("/api/traces/t").await;
    assert_eq!(
        (&whole["trace"]["status"], &whole["totals"]["errors"]),
        (&json!("success"), &json!(1))
    );
    assert_eq!(whole["trace"]["root_span_id"], "t");
    assert_eq!(whole["trace"]["response_content"], "r");
    let listed = server.got("/api/tracing/list").await;
    assert_eq!((&listed[0]["status"], &listed[0]["model_id"]), (&json!("success"), &json!("m")));
}

#[tokio::test]
async fn an_error_is_kept_with_its_stack() {
    let server = Server::start().await;
    let error = json!({ "message": "boom", "code": "rate_limit", "type": "RateLimitError", "stack": "at a\nat b" });
    let complete = json!({ "traceId": "t", "result": { "status": "error", "error": error } });
    server.posted("/api/tracing/complete", &complete).await;
    let whole = server.got("/api/traces/t").await;
    assert_eq!(whole["trace"]["status"], "error");
    assert_eq!(whole["trace"]["error_message"], "boom");
    assert_eq!(whole["trace"]["error_code"], "rate_limit");
    assert_eq!(whole["spans"][0]["error_stack"], "at a\nat b");
    assert_eq!(whole["totals"]["errors"], 1);
}

#[tokio::test]
async fn what_is_wrong_is_named_with_its_remedy() {
    let server = Server::start().await;
    let cases = [
        ("start", json!({ "source": "api", "model": "m" }), "prompt"),
        (
            "start",
            json!({ "traceId": "a\u{0}b", "source": "api", "model": "m", "prompt": "p" }),
            "traceId",
        ),
        ("start", json!({ "source": "Not OK", "model": "m", "prompt": "p" }), "source"),
        ("start", json!({ "source": "api", "modle": "m", "prompt": "p" }), "modle"),
        (
            "start",
            json!({ "source": "api", "model": "m", "prompt": "p", "startTime": 1_767_225_600 }),
            "startTime",
        ),
        ("update", json!({ "traceId": "t", "updates": { "status": "done" } }), "status"),
        ("update", json!({ "traceId": "", "updates": {} }), "traceId"),
        (
            "complete",
            json!({ "traceId": "t", "result": { "status": "success", "tokens": { "input": -1 } } }),
            "input",
        ),
        ("complete", json!({ "traceId": "t", "result": { "status": "pending" } }), "status"),
        ("update", json!({ "traceId": "t", "updates": { "duration_ms": 5 } }), "duration_ms"),
    ];
    for (verb, body, field) in cases {
        let (status, answer) = server.post(&format!("/api/tracing/{verb}"), &body).await;
        assert_eq!(status, 400, "{body}");
        assert_eq!(answer["error"]["code"], "invalid_field");
        let named = answer["error"]["details"]["field"].as_str().unwrap();
        assert!(named.contains(field), "{named} should name {field}: {answer}");
    }
    assert_eq!(server.got("/api/tracing/list").await, json!([]));
}

#[tokio::test]
async fn sensitive_data_is_masked_before_it_is_kept() {
    let server = Server::start().await;
    let body = json!({ "traceId": "t", "source": "api", "model": "m", "prompt": "I am ann@example.org", "userId": "ann@example.org" });
    server.posted("/api/tracing/start", &body).await;
    let whole = server.got("/api/traces/t").await;
    assert_eq!(whole["trace"]["prompt_content"], "I am [EMAIL]");
    assert_eq!(whole["trace"]["user_id"], "ann@example.org");
    // As text, so that the escapes are sent.
    let body = r#"{"traceId":"t2","source":"api","model":"m","prompt":"p",
        "metadata":{"to":"j\u00f6rg\u002btag\u0040example\u002eorg","n":[1.50]}}"#;
    let start = server.request(reqwest::Method::POST, "/api/tracing/start");
    let sent = start.header("content-type", "application/json").body(body).send().await.unwrap();
    assert!(sent.status().is_success());
    let whole = server.got("/api/traces/t2").await;
    assert_eq!(whole["trace"]["metadata"]["to"], "[EMAIL]");
}

#[tokio::test]
async fn keys_decide_who_may_write_and_read() {
    use crate::server::{PUBLIC, SECRET};
    use reqwest::Method;
    let server = Server::start().await;
    let body = json!({ "source": "api", "model": "m", "prompt": "p" });
    let start = || server.anonymous(Method::POST, "/api/tracing/start").json(&body);
    let list = || server.anonymous(Method::GET, "/api/tracing/list");
    assert_eq!(start().send().await.unwrap().status(), 401);
    assert_eq!(start().bearer_auth("sk-wrong-key").send().await.unwrap().status(), 401);
    assert_eq!(start().bearer_auth(PUBLIC).send().await.unwrap().status(), 200);
    assert_eq!(start().basic_auth(PUBLIC, Some(SECRET)).send().await.unwrap().status(), 200);
    assert_eq!(list().send().await.unwrap().status(), 401);
    assert_eq!(list().bearer_auth(PUBLIC).send().await.unwrap().status(), 403);
    assert_eq!(list().basic_auth(PUBLIC, Some("sk-wrong-key")).send().await.unwrap().status(), 401);
    assert_eq!(list().basic_auth(PUBLIC, Some(SECRET)).send().await.unwrap().status(), 200);
}
