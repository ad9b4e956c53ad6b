//! Limits of keys, as calls of models meet them.

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::server::{PUBLIC, Server, answer};

async fn limit(server: &Server, limits: &Value) -> Value {
    let path = format!("/api/keys/{PUBLIC}/limits");
    let (status, set) =
        answer(server.request(Method::PUT, &path).json(limits).send().await.unwrap()).await;
    assert_eq!(status, 200, "{set}");
    set
}

async fn used(server: &Server) -> Value {
    server.got(&format!("/api/keys/{PUBLIC}/limits")).await["used"].clone()
}

async fn ask(server: &Server, path: &str) -> Response {
    let body = json!({
        "model": "demo/fast", "max_tokens": 4, "messages": [{ "role": "user", "content": "Say hi." }],
    });
    server.request(Method::POST, path).json(&body).send().await.unwrap()
}

async fn chat(server: &Server) -> Response {
    ask(server, "/v1/chat/completions").await
}

fn header(response: &Response, name: &str) -> Option<String> {
    response.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
}

fn seconds(response: &Response) -> u64 {
    header(response, "retry-after").unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_key_makes_so_many_requests_a_minute() {
    let server = Server::start().await;
    let free = chat(&server).await;
    assert_eq!(header(&free, "x-ratelimit-limit-requests"), None);
    limit(&server, &json!({ "requestsPerMinute": 2 })).await;

    for remaining in ["1", "0"] {
        let response = chat(&server).await;
        assert_eq!(response.status(), 200);
        assert_eq!(header(&response, "x-ratelimit-limit-requests").unwrap(), "2");
        assert_eq!(header(&response, "x-ratelimit-remaining-requests").unwrap(), remaining);
        assert_eq!(header(&response, "x-ratelimit-limit-tokens"), None);
    }
    let refused = chat(&server).await;
    assert!((1..=60).contains(&seconds(&refused)));
    assert_eq!(header(&refused, "x-ratelimit-remaining-requests").unwrap(), "0");
    assert_eq!(header(&refused, "x-should-retry"), None);
    assert_eq!(header(&refused, "x-tracekeep-trace-id"), None, "nothing was called");
    let (status, body) = answer(refused).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(body["error"]["code"], "rate_limit_exceeded");
    assert_eq!(body["error"]["type"], "requests");
    let message = body["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("this key may use 2 requests a minute"), "{message}");
    assert!(message.contains("PUT /api/keys/{publicKey}/limits"), "{message}");

    // In the words of whoever is asked for.
    let (status, body) = answer(ask(&server, "/v1/messages").await).await;
    assert_eq!((status.as_u16(), &body["error"]["type"]), (429, &json!("rate_limit_error")));
    // What was refused is not counted, and more is allowed at once.
    assert_eq!(used(&server).await["requests"], 2);
    limit(&server, &json!({ "requestsPerMinute": 3 })).await;
    assert_eq!(chat(&server).await.status(), 200);
    assert_eq!(chat(&server).await.status(), 429);
    let metrics = server.got("/metrics").await;
    let line = "tracekeep_refused_calls_total{limit=\"requests\"} 3";
    assert!(metrics.as_str().unwrap().contains(line), "{metrics}");
}

#[tokio::test]
async fn tokens_of_a_call_count_for_the_next() {
    let server = Server::start().await;
    limit(&server, &json!({ "tokensPerMinute": 1 })).await;
    let first = chat(&server).await;
    assert_eq!(header(&first, "x-ratelimit-remaining-tokens").unwrap(), "1");
    let (status, body) = answer(first).await;
    assert_eq!(status, 200);
    assert_eq!(used(&server).await["tokens"], body["usage"]["total_tokens"]);
    let (status, body) = answer(chat(&server).await).await;
    assert_eq!((status.as_u16(), &body["error"]["type"]), (429, &json!("tokens")));
    assert_eq!(body["error"]["code"], "rate_limit_exceeded");
}

#[tokio::test]
async fn a_budget_of_nothing_refuses_every_call_and_is_not_asked_again() {
    let server = Server::start().await;
    let set = limit(&server, &json!({ "budget": "0", "budgetPeriod": "month" })).await;
    assert_eq!(set["used"]["spent"], "0");
    assert!(set["used"]["periodStart"].as_str().unwrap().ends_with("-01T00:00:00.000Z"), "{set}");
    assert!(set["used"]["periodEnd"].as_str().unwrap().ends_with("-01T00:00:00.000Z"), "{set}");
    assert_eq!((&set["used"]["requests"], &set["used"]["tokens"]), (&Value::Null, &Value::Null));
    let refused = chat(&server).await;
    assert_eq!(header(&refused, "x-should-retry").unwrap(), "false");
    assert!(seconds(&refused) <= 31 * 86_400);
    let (status, body) = answer(refused).await;
    assert_eq!((status.as_u16(), &body["error"]["code"]), (429, &json!("budget_exceeded")));
    assert_eq!(body["error"]["type"], "insufficient_quota");
    // It is the key that is at its limit, wherever it is used.
    let prompt = json!({ "model": "demo/fast", "prompt": "Say hi." });
    let (status, body) = server.post("/api/playground/stream", &prompt).await;
    assert_eq!(
        (status.as_u16(), &body["error"]["details"]["code"]),
        (429, &json!("budget_exceeded"))
    );
    // Reading and writing traces goes on.
    assert_eq!(server.get("/api/tracing/list").await.0, 200);

    let path = format!("/api/keys/{PUBLIC}/limits");
    let gone = server.request(Method::DELETE, &path).send().await.unwrap();
    assert_eq!(gone.status(), 200);
    assert_eq!(chat(&server).await.status(), 200);
}

#[tokio::test]
async fn models_are_compared_if_there_is_room_for_all_of_them() {
    let server = Server::start().await;
    limit(&server, &json!({ "requestsPerMinute": 5 })).await;
    let compare = async |models: &[&str]| {
        let body = json!({ "models": models, "prompt": "Say hi." });
        let request = server.request(Method::POST, "/api/playground/compare");
        let response = request.json(&body).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };
    for _ in 0..2 {
        let (status, body) = compare(&["demo/fast"; 8]).await;
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(
            (status, &body["error"]["details"]["code"]),
            (429, &json!("rate_limit_exceeded"))
        );
        assert_eq!(used(&server).await["requests"], 0);
    }
    // Nor does it count where one of them is nobody's.
    let (status, body) = compare(&["demo/fast", "nobody-has-it/at-all"]).await;
    assert!((400..500).contains(&status), "{status} {body}");
    assert_eq!(used(&server).await["requests"], 0);
    assert_eq!(server.got("/api/tracing/list").await, json!([]), "nothing was called");

    let (status, events) = compare(&["demo/fast"; 5]).await;
    assert_eq!((status, events.matches("event: done").count()), (200, 5), "{events}");
    assert_eq!(used(&server).await["requests"], 5);
}
