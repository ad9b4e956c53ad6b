//! A project's providers of models, and those of the server.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::{PUBLIC, Server, answer};

const KEY: &str = "sk-of-the-project-abcd";
const HEADER: &str = "team-header-secret";
const SECRET_KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const OTHER_KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// A server whose own environment names no providers, whatever that of the tests does.
const NO_PROVIDERS: [(&str, &str); 8] = [
    ("OPENAI_API_KEY", ""),
    ("ANTHROPIC_API_KEY", ""),
    ("GEMINI_API_KEY", ""),
    ("GOOGLE_API_KEY", ""),
    ("AWS_ACCESS_KEY_ID", ""),
    ("AWS_BEARER_TOKEN_BEDROCK", ""),
    ("AZURE_OPENAI_API_KEY", ""),
    ("OLLAMA_BASE_URL", ""),
];

fn openai() -> Value {
    json!({
        "name": "mine", "kind": "openai", "apiKey": KEY, "models": ["gpt-5"],
        "headers": { "X-Team": HEADER },
    })
}

async fn send(server: &Server, method: Method, path: &str, body: &Value) -> (StatusCode, Value) {
    answer(server.request(method, path).json(body).send().await.unwrap()).await
}

async fn delete(server: &Server, path: &str) -> StatusCode {
    server.request(Method::DELETE, path).send().await.unwrap().status()
}

/// Names and sources, in order.
async fn listed(server: &Server) -> Vec<(String, String)> {
    let list = server.got("/api/providers").await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let providers = list["providers"].as_array().unwrap().iter();
    providers.map(|provider| (text(&provider["name"]), text(&provider["source"]))).collect()
}

fn pair(name: &str, source: &str) -> (String, String) {
    (name.to_owned(), source.to_owned())
}

#[tokio::test]
async fn a_provider_is_stored_shown_without_its_secrets_changed_and_removed() {
    let server = Server::start_with(&NO_PROVIDERS).await;
    assert_eq!(listed(&server).await, [pair("demo", "built_in")]);
    let made = server.posted("/api/providers", &openai()).await;
    assert_eq!(made["hint"], "abcd");
    assert_eq!(made["hasCredential"], true);
    assert_eq!(made["baseUrl"], "https://api.openai.com/v1");
    assert_eq!(made["headers"], json!(["x-team"]));
    assert_eq!(made["models"], json!(["gpt-5"]));
    assert_eq!(made["problem"], Value::Null);
    // At once, though providers are kept in memory for a while.
    assert_eq!(listed(&server).await, [pair("demo", "built_in"), pair("mine", "project")]);
    assert_eq!(server.got("/api/providers/mine").await, made);

    let change = json!({ "base_url": "https://api.openai.com/v2/", "models": null });
    let (status, changed) = send(&server, Method::PATCH, "/api/providers/mine", &change).await;
    assert_eq!(status, 200, "{changed}");
    assert_eq!(changed["baseUrl"], "https://api.openai.com/v2");
    assert_eq!((&changed["hint"], &changed["headers"]), (&made["hint"], &made["headers"]));
    assert_eq!(changed["models"], json!([]));
    let change = json!({ "apiKey": "sk-another-0123456789", "baseUrl": null, "headers": null });
    let (_, changed) = send(&server, Method::PATCH, "/api/providers/mine", &change).await;
    assert_eq!((changed["hint"].as_str(), &changed["headers"]), (Some("6789"), &json!([])));
    assert_eq!(changed["baseUrl"], "https://api.openai.com/v1");

    let everything = format!("{made} {changed} {}", server.got("/api/providers").await);
    assert!(!everything.contains(KEY) && !everything.contains(HEADER), "{everything}");
    for file in ["control.db", "control.db-wal"] {
        let bytes = std::fs::read(server.data().join(file)).unwrap();
        for secret in [KEY, HEADER] {
            let holds = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!holds, "{file} holds {secret}");
        }
    }
    assert_eq!(delete(&server, "/api/providers/mine").await, 200);
    assert_eq!(delete(&server, "/api/providers/mine").await, 404);
    assert_eq!(server.get("/api/providers/mine").await.0, 404);
    assert_eq!(listed(&server).await, [pair("demo", "built_in")]);
}

#[tokio::test]
async fn a_stored_key_goes_to_no_other_server_than_it_was_stored_for() {
    let server = Server::start_with(&NO_PROVIDERS).await;
    server.posted("/api/providers", &openai()).await;
    let path = "/api/providers/mine";
    for moved in
        ["http://api.openai.com/v1", "https://example.org/v1", "https://api.openai.com:8443/v1"]
    {
        let (status, refused) =
            send(&server, Method::PATCH, path, &json!({ "baseUrl": moved })).await;
        assert_eq!(status, 400, "{moved}");
        assert_eq!(refused["error"]["details"]["field"], "baseUrl", "{moved}");
    }
    let within = json!({ "baseUrl": "https://api.openai.com/v2" });
    assert_eq!(send(&server, Method::PATCH, path, &within).await.0, 200);
    let anew = json!({
        "baseUrl": "https://example.org/v1", "apiKey": "sk-another-key-1234", "headers": {},
    });
    let (status, changed) = send(&server, Method::PATCH, path, &anew).await;
    assert_eq!((status, &changed["hint"]), (StatusCode::OK, &json!("1234")));
}

#[tokio::test]
async fn what_cannot_be_a_provider_is_refused_by_name() {
    let server = Server::start().await;
    for (change, field) in [
        (json!({ "name": "Mine" }), "name"),
        (json!({ "name": "demo" }), "name"),
        (json!({ "name": null }), "name"),
        (json!({ "kind": "opena" }), "kind"),
        (json!({ "apiKeys": "x" }), "apiKeys"),
        (json!({ "apiKey": "has space" }), "apiKey"),
        (json!({ "apiKey": 17 }), "apiKey"),
        (json!({ "baseUrl": "proxy.example" }), "baseUrl"),
        (json!({ "kind": "azure" }), "baseUrl"),
        (json!({ "accessKeyId": "AKIA" }), "accessKeyId"),
        (json!({ "models": "gpt-5" }), "models"),
        (json!({ "headers": { "host": "x" } }), "headers"),
    ] {
        let mut body = openai();
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        let (status, refused) = server.post("/api/providers", &body).await;
        assert_eq!(status, 400, "{body}: {refused}");
        assert_eq!(refused["error"]["details"]["field"], field, "{body}");
        assert!(!refused.to_string().contains(KEY), "{refused}");
    }
    server.posted("/api/providers", &openai()).await;
    assert_eq!(server.post("/api/providers", &openai()).await.0, 409);
    let path = "/api/providers/mine";
    for body in [json!({ "name": "other" }), json!({ "kind": "groq" }), json!([])] {
        assert_eq!(send(&server, Method::PATCH, path, &body).await.0, 400, "{body}");
    }
    let (status, _) = send(&server, Method::PATCH, "/api/providers/absent", &json!({})).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn only_a_secret_key_sees_or_changes_providers() {
    let server = Server::start().await;
    for (method, path) in [
        (Method::GET, "/api/providers"),
        (Method::POST, "/api/providers"),
        (Method::GET, "/api/providers/mine"),
        (Method::PATCH, "/api/providers/mine"),
        (Method::DELETE, "/api/providers/mine"),
    ] {
        let request = || server.anonymous(method.clone(), path).json(&openai());
        assert_eq!(request().send().await.unwrap().status(), 401, "{method} {path}");
        let public = request().bearer_auth(PUBLIC).send().await.unwrap();
        assert_eq!(public.status(), 403, "{method} {path}");
    }
}

#[tokio::test]
async fn the_servers_providers_stand_behind_the_projects() {
    let mut variables = NO_PROVIDERS.to_vec();
    variables
        .extend([("GROQ_API_KEY", "gsk-of-the-server"), ("MISTRAL_API_KEY", "m-of-the-server")]);
    let server = Server::start_with(&variables).await;
    let mut groq = openai();
    groq["name"] = json!("groq");
    server.posted("/api/providers", &groq).await;
    let expected = [pair("demo", "built_in"), pair("groq", "project"), pair("mistral", "server")];
    assert_eq!(listed(&server).await, expected);
    let mistral = server.got("/api/providers/mistral").await;
    assert_eq!((&mistral["hint"], &mistral["hasCredential"]), (&Value::Null, &json!(true)));
    assert!(!mistral.to_string().contains("of-the-server"));
    assert_eq!(delete(&server, "/api/providers/mistral").await, 404);
    assert_eq!(delete(&server, "/api/providers/groq").await, 200);
    assert_eq!(listed(&server).await[1], pair("mistral", "server"));
}

#[tokio::test]
async fn the_key_in_the_data_folder_is_private_and_outlives_a_restart() {
    let server = Server::start().await;
    server.posted("/api/providers", &openai()).await;
    let path = server.data().join("secret.key");
    let before = std::fs::read_to_string(&path).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let server = server.killed_and_started_again().await;
    assert_eq!(std::fs::read_to_string(&path).unwrap(), before);
    assert_eq!(server.got("/api/providers/mine").await["problem"], Value::Null);
}

#[tokio::test]
async fn another_secret_key_leaves_the_server_running_and_says_so_where_it_matters() {
    let mut server = Server::start_with(&[("TRACEKEEP_SECRET_KEY", SECRET_KEY)]).await;
    server.posted("/api/providers", &openai()).await;
    assert!(!server.data().join("secret.key").exists());
    server.terminate();
    let folder = server.folder();
    drop(server);
    let server = Server::start_in(folder, &[("TRACEKEEP_SECRET_KEY", OTHER_KEY)]).await;
    let shown = server.got("/api/providers/mine").await;
    let problem = shown["problem"].as_str().unwrap();
    assert!(problem.contains("store the credential again"), "{problem}");
    assert_eq!((shown["hint"].as_str(), shown["kind"].as_str()), (Some("abcd"), Some("openai")));
    // Without the former secrets, nothing that leaves them as they are can be checked.
    let path = "/api/providers/mine";
    let (status, refused) = send(&server, Method::PATCH, path, &json!({ "models": [] })).await;
    assert_eq!((status.as_u16(), &refused["error"]["code"]), (503, &json!("secret_key")));
    let anew = json!({ "apiKey": KEY, "headers": {} });
    let (status, changed) = send(&server, Method::PATCH, path, &anew).await;
    assert_eq!((status.as_u16(), &changed["problem"]), (200, &Value::Null), "{changed}");
}
