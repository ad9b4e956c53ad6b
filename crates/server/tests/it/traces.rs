use std::io::Read as _;

use reqwest::Method;
use serde_json::json;

use crate::server::{Server, answer};

#[tokio::test]
async fn an_unknown_trace_is_not_found() {
    let server = Server::start().await;
    let (status, answer) = server.get("/api/traces/absent").await;
    assert_eq!(status, 404);
    assert_eq!(answer["error"]["code"], "not_found");
}

#[tokio::test]
async fn children_are_named_and_ids_may_hold_anything_printable() {
    let server = Server::start().await;
    let parent = "täsk/1 %2F?";
    for (id, parent) in [(parent, None), ("child", Some(parent))] {
        let body = json!({ "traceId": id, "parentTraceId": parent, "source": "api", "model": "m", "prompt": "p" });
        server.posted("/api/tracing/start", &body).await;
    }
    let path = "/api/traces/t%C3%A4sk%2F1%20%252F%3F";
    let whole = server.got(path).await;
    assert_eq!(whole["trace"]["trace_id"], parent);
    assert_eq!(whole["children"][0]["trace_id"], "child");
}

#[tokio::test]
async fn bodies_are_read_compressed_and_bounded() {
    let server = Server::start_with(&[("TRACEKEEP_MAX_BODY_MIB", "1")]).await;
    let long = "x".repeat(900_000);
    let body = json!({ "traceId": "t", "source": "api", "model": "m", "prompt": long });
    server.posted("/api/tracing/start", &body).await;
    assert_eq!(server.got("/api/traces/t").await["trace"]["prompt_content"], long.as_str());
    let body = json!({ "source": "api", "model": "m", "prompt": "x".repeat(1_100_000) });
    let (status, answer) = server.post("/api/tracing/start", &body).await;
    assert_eq!(status, 413);
    assert_eq!(answer["error"]["details"]["limit_bytes"], 1_048_576);
    // 200 MB of zeros in 200 kB.
    let bomb = zstd_of_zeros();
    let request =
        server.request(Method::POST, "/api/tracing/start").header("content-encoding", "zstd");
    let response =
        request.header("content-type", "application/json").body(bomb).send().await.unwrap();
    assert_eq!(response.status(), 413);
    assert_eq!(server.get("/api/ready").await.0, 200);
}

fn zstd_of_zeros() -> Vec<u8> {
    zstd::encode_all(std::io::repeat(b' ').take(200_000_000), 1).unwrap()
}

#[tokio::test]
async fn what_is_deleted_stays_deleted() {
    let server = Server::start().await;
    for (id, user) in [("a", "ann"), ("b", "ben"), ("c", "ben"), ("d", "cy")] {
        let body =
            json!({ "traceId": id, "source": "api", "model": "m", "prompt": "p", "userId": user });
        server.posted("/api/tracing/start", &body).await;
        server
            .posted(
                "/api/scores",
                &json!({ "id": format!("score-{id}"), "traceId": id, "name": "n", "value": 1 }),
            )
            .await;
    }
    let delete = server.request(Method::DELETE, "/api/traces/a").send().await.unwrap();
    assert_eq!(delete.json::<serde_json::Value>().await.unwrap(), json!({ "deleted": 1 }));
    let delete = async |body| {
        answer(server.request(Method::DELETE, "/api/traces").json(&body).send().await.unwrap())
            .await
    };
    let (_, answer) = delete(json!({ "userId": "ben" })).await;
    assert_eq!(answer, json!({ "deleted": 2, "more": false }));
    // A late retry does not bring it back, nor does a restart.
    let late = json!({ "traceId": "a", "result": { "status": "success" } });
    server.posted("/api/tracing/complete", &late).await;
    let server = server.killed_and_started_again().await;
    assert_eq!(server.get("/api/traces/a").await.0, 404);
    let rows = server.got("/api/tracing/list").await;
    assert_eq!(rows.as_array().unwrap().len(), 1);
    assert_eq!(rows[0]["trace_id"], "d");
    for body in [
        json!({}),
        json!({ "userId": "x", "sessionId": "y" }),
        json!({ "traceIds": [] }),
        json!({ "user": "x" }),
    ] {
        let request = server.request(Method::DELETE, "/api/traces").json(&body);
        assert_eq!(request.send().await.unwrap().status(), 400, "{body}");
    }
}

#[tokio::test]
async fn every_error_has_one_shape() {
    let server = Server::start().await;
    for (method, path, status, code) in [
        (Method::GET, "/api/tracing/start", 405, "method_not_allowed"),
        (Method::GET, "/nowhere", 404, "not_found"),
        (Method::GET, "/api/traces/delete", 404, "not_found"),
    ] {
        let response = server.request(method, path).send().await.unwrap();
        let (got, body) = answer(response).await;
        assert_eq!(got, status, "{path}");
        assert_eq!(body["error"]["code"], code, "{path}");
    }
}
