use serde_json::{Value, json};

use crate::server::Server;

#[tokio::test]
async fn a_bad_event_is_refused_and_its_neighbours_are_kept() {
    let server = Server::start().await;
    let batch = json!({ "events": [
        { "type": "start", "traceId": "t1", "source": "api", "model": "m", "prompt": "p" },
        { "type": "start", "traceId": "t2", "source": "api", "prompt": "p" },
        { "type": "span", "traceId": "t1", "spanId": "s1", "parentSpanId": "t1", "kind": "TOOL", "name": "look up",
          "startTime": "2026-03-01T12:00:00Z", "endTime": "2026-03-01T12:00:01Z", "output": { "found": 3 } },
        { "type": "score", "traceId": "t1", "name": "quality", "value": 0.75 },
        { "type": "dance" },
        { "type": "complete", "traceId": "t1", "result": { "status": "success", "response": "r" } },
    ]});
    let answer = server.posted("/api/tracing/batch", &batch).await;
    let results = answer["results"].as_array().unwrap();
    let statuses: Vec<&str> = results.iter().map(|r| r["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["ok", "error", "ok", "ok", "error", "ok"]);
    assert_eq!(results[1]["traceId"], "t2");
    assert!(results[1]["error"]["message"].as_str().unwrap().contains("model"));
    let whole = server.got("/api/traces/t1").await;
    assert_eq!(whole["spans"].as_array().unwrap().len(), 2);
    assert_eq!(whole["spans"][1]["output"], "{ \"found\": 3 }".replace(' ', ""));
    assert_eq!(whole["scores"][0]["value"], 0.75);
    assert_eq!(server.get("/api/traces/t2").await.0, 404);
}

#[tokio::test]
async fn what_is_past_retention_is_refused_and_its_neighbours_are_kept() {
    let server = Server::start_with(&[("TRACEKEEP_INIT_PROJECT_RETENTION", "30")]).await;
    let start = json!({ "source": "api", "model": "m", "prompt": "p" });
    let with = |name: &str, time: &str| {
        let mut event = start.clone();
        event["type"] = json!("start");
        event[name] = json!(time);
        event
    };
    let old = "2020-01-01T00:00:00Z";
    let events = [with("startTime", old), with("timestamp", old), with("name", "new")];
    let answer = server.posted("/api/tracing/batch", &json!({ "events": events })).await;
    for (n, field) in [(0usize, "startTime"), (1, "timestamp")] {
        let error = &answer["results"][n]["error"];
        assert_eq!(error["field"], field, "{answer}");
        assert!(error["message"].as_str().unwrap().contains("retention"), "{answer}");
    }
    assert_eq!(answer["results"][2]["status"], "ok");
    let (status, answer) = server.post("/api/tracing/start", &with_start(&start, old)).await;
    assert_eq!((status.as_u16(), &answer["error"]["details"]["field"]), (400, &json!("startTime")));
    assert_eq!(server.got("/api/tracing/list").await.as_array().unwrap().len(), 1);
}

fn with_start(start: &serde_json::Value, time: &str) -> serde_json::Value {
    let mut start = start.clone();
    start["startTime"] = json!(time);
    start
}

#[tokio::test]
async fn ids_that_the_server_makes_are_all_different() {
    let server = Server::start().await;
    let span = json!({ "type": "span", "traceId": "many", "name": "step" });
    let events: Vec<Value> = (0..3_000).map(|_| span.clone()).collect();
    server.posted("/api/tracing/batch", &json!({ "events": events })).await;
    let trace = server.got("/api/traces/many?content=none").await;
    assert_eq!(trace["totals"]["spans"], 3_000);
}
