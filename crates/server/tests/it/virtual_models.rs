//! A project's virtual models.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::{PUBLIC, Server, answer};

async fn put(server: &Server, name: &str, body: &Value) -> (StatusCode, Value) {
    let path = format!("/api/virtual-models/{name}");
    answer(server.request(Method::PUT, &path).json(body).send().await.unwrap()).await
}

fn to(model: &str) -> Value {
    json!({ "routes": [{ "model": model }] })
}

#[tokio::test]
async fn a_virtual_model_is_defined_changed_listed_and_removed() {
    let server = Server::start().await;
    let (status, made) = put(&server, "smart", &to("demo/fast")).await;
    assert_eq!(status, 200, "{made}");
    let definition = json!({
        "routes": [{ "model": "demo/fast", "weight": 1.0 }], "fallbacks": [],
        "retries": null, "timeoutMs": null, "cacheSeconds": null,
    });
    assert_eq!(made["definition"], definition);
    let whole = json!({
        "routes": [{ "model": "demo/fast", "weight": 3 }, { "model": "demo/slow" }],
        "fallbacks": ["gpt-5"], "retries": 2, "timeoutMs": 1_000, "cacheSeconds": 60,
    });
    let (_, changed) = put(&server, "smart", &whole).await;
    assert_eq!(changed["definition"]["routes"][0]["weight"], 3.0);
    assert_eq!(changed["createdAt"], made["createdAt"]);
    assert_eq!(server.got("/api/virtual-models/smart").await, changed);
    put(&server, "cheap", &to("smart")).await;
    let list = server.got("/api/virtual-models").await;
    let names: Vec<&str> = list["virtualModels"]
        .as_array()
        .unwrap()
        .iter()
        .map(|model| model["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["cheap", "smart"]);
    for expected in [200, 404] {
        let gone = server.request(Method::DELETE, "/api/virtual-models/smart").send().await;
        assert_eq!(gone.unwrap().status(), expected);
    }
    assert_eq!(server.get("/api/virtual-models/smart").await.0, 404);
}

#[tokio::test]
async fn one_that_leads_back_to_itself_is_refused() {
    let server = Server::start().await;
    for (name, model, expected) in [
        ("a", "a", 400),
        ("a", "demo/a", 200),
        ("b", "a", 200),
        ("c", "b", 200),
        ("a", "c", 400),
        ("a", "gpt-5", 200),
    ] {
        let (status, answer) = put(&server, name, &to(model)).await;
        assert_eq!(status, expected, "{name} to {model}: {answer}");
        if expected == 400 {
            assert_eq!(answer["error"]["details"]["field"], "routes", "{answer}");
        }
    }
    let mut by_fallback = to("gpt-5");
    by_fallback["fallbacks"] = json!(["c"]);
    let (status, answer) = put(&server, "a", &by_fallback).await;
    assert_eq!(status, 400);
    let reason = answer["error"]["message"].as_str().unwrap();
    assert!(reason.contains("a → c → b → a"), "{reason}");
}

#[tokio::test]
async fn names_and_definitions_are_checked_and_keys_too() {
    let server = Server::start().await;
    for name in ["a%2Fb", "a%20b"] {
        let (status, answer) = put(&server, name, &to("gpt-5")).await;
        assert_eq!(status, 400, "{name}");
        assert_eq!(answer["error"]["details"]["field"], "name");
    }
    let (status, answer) = put(&server, "a", &json!({ "routs": [] })).await;
    assert_eq!(status, 400);
    assert_eq!(answer["error"]["details"]["field"], "routs");
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let request = || server.anonymous(method.clone(), "/api/virtual-models/a").json(&to("m"));
        assert_eq!(request().send().await.unwrap().status(), 401, "{method}");
        let public = request().bearer_auth(PUBLIC).send().await.unwrap();
        assert_eq!(public.status(), 403, "{method}");
    }
}
