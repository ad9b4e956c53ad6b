use reqwest::Method;
use serde_json::{Value, json};

use crate::server::Server;

fn span(id: &str, parent: &str, attributes: Value) -> Value {
    json!({
        "traceId": "5b8efff798038103d269b633813fc60c", "spanId": id, "parentSpanId": parent, "name": "step",
        "kind": 1, "startTimeUnixNano": "1772366400000000000", "endTimeUnixNano": "1772366401500000000",
        "attributes": attributes, "status": {},
    })
}

fn text(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": { "stringValue": value } })
}

fn request(spans: Vec<Value>) -> Value {
    let resource = json!({ "attributes": [text("service.name", "shop")] });
    json!({ "resourceSpans": [{ "resource": resource, "scopeSpans": [{ "scope": {}, "spans": spans }] }] })
}

#[tokio::test]
async fn spans_arrive_and_are_read_at_once() {
    let server = Server::start().await;
    let generation = span(
        "eee19b7ec3c1b175",
        "eee19b7ec3c1b174",
        json!([
            text("gen_ai.operation.name", "chat"),
            text("gen_ai.provider.name", "openai"),
            text("gen_ai.request.model", "gpt-5-mini"),
            text("session.id", "s1"),
            { "key": "gen_ai.usage.input_tokens", "value": { "intValue": "100" } },
            { "key": "gen_ai.usage.output_tokens", "value": { "intValue": "20" } },
            { "key": "gen_ai.usage.cache_read.input_tokens", "value": { "intValue": "60" } },
        ]),
    );
    let root = span("eee19b7ec3c1b174", "", json!([text("user.id", "ann")]));
    let answer = server.posted("/v1/traces", &request(vec![root, generation])).await;
    assert_eq!(answer, json!({}));
    let whole = server.got("/api/traces/5b8efff798038103d269b633813fc60c").await;
    assert_eq!(whole["trace"]["model_id"], "gpt-5-mini");
    assert_eq!(whole["trace"]["user_id"], "ann");
    assert_eq!(whole["trace"]["session_id"], "s1");
    assert_eq!(whole["spans"][1]["user_id"], "ann");
    assert_eq!(whole["spans"][1]["usage_input"], 40);
    assert_eq!(whole["spans"][1]["usage_input_cache_read"], 60);
    assert_eq!(whole["totals"]["total_tokens"], 120);
    assert_eq!(whole["trace"]["duration_ms"], 1_500);
}

#[tokio::test]
async fn a_bad_span_is_rejected_and_its_neighbours_are_kept() {
    let server = Server::start().await;
    let spans = vec![span("eee19b7ec3c1b174", "", json!([])), span("not hex", "", json!([]))];
    let answer = server.posted("/v1/traces", &request(spans)).await;
    assert_eq!(answer["partialSuccess"]["rejectedSpans"], "1");
    assert!(answer["partialSuccess"]["errorMessage"].as_str().unwrap().contains("span 1"));
    let whole = server.got("/api/traces/5b8efff798038103d269b633813fc60c").await;
    assert_eq!(whole["totals"]["spans"], 1);
}

#[tokio::test]
async fn failures_answer_in_the_encoding_of_the_request() {
    let server = Server::start().await;
    let post = || server.request(Method::POST, "/v1/traces");
    let json = |body: &'static str| post().header("content-type", "application/json").body(body);
    let response = json("{").send().await.unwrap();
    assert_eq!(response.status(), 400);
    assert_eq!(response.json::<Value>().await.unwrap()["code"], 3);
    let response = post()
        .header("content-type", "application/x-protobuf")
        .body(vec![0xff])
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 400);
    assert_eq!(response.headers()["content-type"], "application/x-protobuf");
    let response = post().header("content-type", "text/plain").body("hello").send().await.unwrap();
    assert_eq!(response.status(), 415);
    let response = server
        .anonymous(Method::POST, "/v1/traces")
        .header("content-type", "application/x-protobuf");
    assert_eq!(response.body(vec![]).send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn what_is_past_retention_is_a_partial_success() {
    let server = Server::start_with(&[("TRACEKEEP_INIT_PROJECT_RETENTION", "30")]).await;
    let mut old = span("eee19b7ec3c1b174", "", json!([]));
    old["startTimeUnixNano"] = json!("1577836800000000000");
    let now = std::process::Command::new("date").arg("+%s").output().unwrap();
    let now = String::from_utf8(now.stdout).unwrap().trim().to_owned() + "000000000";
    let mut new = span("eee19b7ec3c1b175", "", json!([]));
    (new["startTimeUnixNano"], new["endTimeUnixNano"]) = (json!(now), json!(now));
    let answer = server.posted("/v1/traces", &request(vec![old, new])).await;
    assert_eq!(answer["partialSuccess"]["rejectedSpans"], "1");
    let message = answer["partialSuccess"]["errorMessage"].as_str().unwrap();
    assert!(message.contains("span 0: start_time_unix_nano is 2020-01-01"), "{message}");
    assert!(message.contains("past the project's retention"), "{message}");
    let whole = server.got("/api/traces/5b8efff798038103d269b633813fc60c").await;
    assert_eq!(whole["totals"]["spans"], 1);
}

#[tokio::test]
async fn spans_of_a_full_trace_are_a_partial_success() {
    let server = Server::start_with(&[("TRACEKEEP_MAX_TRACE_SPANS", "2")]).await;
    let full = "5b8efff798038103d269b633813fc60c";
    let spans = ["eee19b7ec3c1b174", "eee19b7ec3c1b175"].map(|id| span(id, "", json!([])));
    assert_eq!(server.posted("/v1/traces", &request(spans.to_vec())).await, json!({}));
    let mut elsewhere = span("eee19b7ec3c1b176", "", json!([]));
    elsewhere["traceId"] = json!("00000000000000000000000000000001");
    let spans = vec![elsewhere, span("eee19b7ec3c1b177", "", json!([]))];
    let answer = server.posted("/v1/traces", &request(spans)).await;
    assert_eq!(answer["partialSuccess"]["rejectedSpans"], "1", "{answer}");
    let message = answer["partialSuccess"]["errorMessage"].as_str().unwrap();
    let wanted = format!("span 1: trace_id is {full}, which is full: it has 2 spans");
    assert!(message.contains(&wanted), "{message}");
    assert_eq!(server.got(&format!("/api/traces/{full}")).await["totals"]["spans"], 2);
    assert_eq!(server.get("/api/traces/00000000000000000000000000000001").await.0, 200);
}
