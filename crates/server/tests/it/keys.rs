//! Limits of a project's keys.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::{PUBLIC, Server, answer};

fn path(public_key: &str) -> String {
    format!("/api/keys/{public_key}/limits")
}

async fn put(server: &Server, public_key: &str, body: &Value) -> (StatusCode, Value) {
    let request = server.request(Method::PUT, &path(public_key)).json(body);
    answer(request.send().await.unwrap()).await
}

/// Takes out what is used, which is nothing of what is limited, in a period of one day.
fn unused(limits: &mut Value) {
    let used = limits.as_object_mut().unwrap().remove("used").unwrap();
    let counts = (&used["requests"], &used["tokens"], &used["spent"]);
    assert_eq!(counts, (&json!(0), &json!(0), &json!("0")));
    for bound in ["periodStart", "periodEnd"] {
        assert!(used[bound].as_str().unwrap().ends_with("T00:00:00.000Z"), "{used}");
    }
}

#[tokio::test]
async fn limits_of_a_key_are_set_whole_and_taken_away() {
    let server = Server::start().await;
    let none = json!({
        "requestsPerMinute": null, "tokensPerMinute": null, "budget": null, "budgetPeriod": null,
        "used": {
            "requests": null, "tokens": null, "spent": null, "periodStart": null, "periodEnd": null,
        },
    });
    assert_eq!(server.got(&path(PUBLIC)).await, none);
    let limits = json!({
        "requestsPerMinute": 60, "tokensPerMinute": 100_000, "budget": "12.50", "budgetPeriod": "day",
    });
    let (status, mut set) = put(&server, PUBLIC, &limits).await;
    assert_eq!(status, 200, "{set}");
    unused(&mut set);
    let expected = json!({
        "requestsPerMinute": 60, "tokensPerMinute": 100_000, "budget": "12.5", "budgetPeriod": "day",
    });
    assert_eq!(set, expected);
    let server = server.killed_and_started_again().await;
    let mut kept = server.got(&path(PUBLIC)).await;
    unused(&mut kept);
    assert_eq!(kept, expected);
    let (_, fewer) = put(&server, PUBLIC, &json!({ "requests_per_minute": 1 })).await;
    assert_eq!((&fewer["requestsPerMinute"], &fewer["budget"]), (&json!(1), &Value::Null));
    let gone = server.request(Method::DELETE, &path(PUBLIC)).send().await.unwrap();
    assert_eq!(gone.status(), 200);
    assert_eq!(server.got(&path(PUBLIC)).await, none);
}

#[tokio::test]
async fn wrong_limits_and_unknown_keys_are_refused() {
    let server = Server::start().await;
    for (body, field) in [
        (json!({ "requestsPerMinute": 0 }), "requestsPerMinute"),
        (json!({ "budget": "1" }), "budgetPeriod"),
        (json!({ "budgets": "1" }), "budgets"),
    ] {
        let (status, refused) = put(&server, PUBLIC, &body).await;
        assert_eq!(status, 400, "{body}");
        assert_eq!(refused["error"]["details"]["field"], field, "{body}");
    }
    assert_eq!(put(&server, "pk-absent-key", &json!({})).await.0, 404);
    assert_eq!(server.get(&path("pk-absent-key")).await.0, 404);
    let public = server.anonymous(Method::GET, &path(PUBLIC)).bearer_auth(PUBLIC);
    assert_eq!(public.send().await.unwrap().status(), 403);
}
