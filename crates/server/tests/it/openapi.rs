//! The server is as its OpenAPI document says.

mod schema;

use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Map, Value, json};
use tokio::time::timeout;

use self::schema::Schemas;
use crate::server::{PUBLIC, Server, answer};

const METHODS: [Method; 5] =
    [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];

async fn document(server: &Server) -> Value {
    let response = server.anonymous(Method::GET, "/api/openapi.json").send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/json");
    let (status, document) = answer(response).await;
    assert_eq!(status, 200);
    document
}

/// Each path of the document, and what is said of it.
fn paths(document: &Value) -> &Map<String, Value> {
    document["paths"].as_object().unwrap()
}

/// A path as a client writes it.
fn filled(path: &str) -> String {
    let names = [("{traceId}", "absent"), ("{spanId}", "none"), ("{name}", "absent")];
    let names = names.into_iter().chain([("{publicKey}", "pk-absent-key")]);
    names.fold(path.to_owned(), |path, (gap, name)| path.replace(gap, name))
}

/// The names of the credentials of which an endpoint takes one.
fn credentials(said: &Value) -> BTreeSet<&str> {
    let any = said["security"].as_array().unwrap().iter();
    any.flat_map(|one| one.as_object().unwrap().keys().map(String::as_str)).collect()
}

/// The status, without waiting for a body that may never end.
async fn status(request: RequestBuilder) -> StatusCode {
    request.send().await.unwrap().status()
}

#[tokio::test]
async fn the_command_prints_what_the_server_serves() {
    let server = Server::start().await;
    let printed = Command::new(env!("CARGO_BIN_EXE_tracekeep")).arg("openapi").output().unwrap();
    assert_eq!(printed.status.code(), Some(0));
    let printed: Value = serde_json::from_slice(&printed.stdout).unwrap();
    assert_eq!(printed, document(&server).await);
    assert_eq!(printed["openapi"], "3.1.0");
}

#[tokio::test]
async fn paths_take_the_methods_that_are_described() {
    let server = Server::start().await;
    let document = document(&server).await;
    for (path, item) in paths(&document) {
        for method in METHODS {
            let status = status(server.anonymous(method.clone(), &filled(path))).await;
            let is_described = item.get(method.as_str().to_lowercase()).is_some();
            assert_ne!(status, 404, "{method} {path}");
            assert_eq!(status != 405, is_described, "{method} {path}: {status}");
        }
    }
}

#[tokio::test]
async fn endpoints_take_the_credentials_that_are_described() {
    let server = Server::start().await;
    let document = document(&server).await;
    for (path, item) in paths(&document) {
        for (method, said) in item.as_object().unwrap() {
            let name = format!("{method} {path}");
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let request = || server.anonymous(method.clone(), &filled(path));
            let taken = credentials(said);
            if taken.is_empty() {
                assert_eq!(status(request()).await, 200, "{name} is open to everybody");
                continue;
            }
            assert!(taken.contains("secretKey") && taken.contains("keyPair"), "{name}");
            assert_eq!(status(request()).await, 401, "{name}: no credentials");
            assert_eq!(status(request().bearer_auth("sk-wrong")).await, 401, "{name}: wrong ones");
            for request in [request().bearer_auth(PUBLIC), request().basic_auth(PUBLIC, Some(""))] {
                let status = status(request).await;
                assert_ne!(status, 401, "{name}: the public key is valid");
                assert_eq!(status != 403, taken.contains("publicKey"), "{name}: {status}");
            }
            let secret = status(server.request(method.clone(), &filled(path))).await;
            assert!(![401, 403].contains(&secret.as_u16()), "{name}: {secret}");
        }
    }
}

#[tokio::test]
async fn parameters_are_those_that_are_described() {
    let server = Server::start().await;
    let document = document(&server).await;
    let mut asked = 0;
    for (path, item) in paths(&document) {
        let parameters = item["get"]["parameters"].as_array().into_iter().flatten();
        let described: BTreeSet<&str> = parameters
            .filter(|parameter| parameter["in"] == "query")
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        if described.is_empty() {
            continue;
        }
        let (status, refused) = server.get(&format!("{}?zzz=1", filled(path))).await;
        assert_eq!(status, 400, "{path}: {refused}");
        let reason = refused["error"]["details"]["reason"].as_str().unwrap();
        let known = reason.strip_prefix("is unknown; use one of ").expect(reason);
        let known: BTreeSet<&str> = known.split(", ").collect();
        assert_eq!(described, known, "{path}");
        asked += 1;
    }
    assert!(asked >= 4, "only {asked} endpoints have parameters");
}

/// Sends the first example of what an endpoint takes, and checks the answer.
async fn send_example(server: &Server, schemas: &Schemas, path: &str) {
    let said = &schemas.document["paths"][path]["post"];
    let body = &said["requestBody"]["content"]["application/json"]["schema"];
    let example = schemas.resolved(body)["examples"][0].clone();
    let (status, answer) = server.post(path, &example).await;
    assert_eq!(status, 200, "{path}: {answer}");
    schemas.check_answer("post", path, status, &answer);
}

#[tokio::test]
async fn answers_are_as_described() {
    let server = Server::start().await;
    let schemas = Schemas::new(document(&server).await);
    for path in [
        "/api/tracing/start",
        "/api/tracing/update",
        "/api/tracing/complete",
        "/api/tracing/batch",
        "/api/scores",
        "/api/models/cost",
        "/api/models/recompute",
        "/v1/traces",
    ] {
        send_example(&server, &schemas, path).await;
    }
    // Another trace that is little known, and a child.
    let child = json!({
        "traceId": "child", "parentTraceId": "tour-1", "source": "api", "model": "m", "prompt": [],
    });
    server.posted("/api/tracing/start", &child).await;
    for (path, query) in [
        ("/api/tracing/list", "?limit=100"),
        ("/api/tracing/live", ""),
        ("/api/tracing/metrics", "?bucket=hour"),
        ("/api/models", "?search=gpt-4o&limit=5"),
        ("/api/health", ""),
        ("/api/ready", ""),
    ] {
        let (status, answer) = server.get(&format!("{path}{query}")).await;
        schemas.check_answer("get", path, status, &answer);
    }
    for path in ["/api/traces/{traceId}", "/api/tracing/{traceId}"] {
        for id in ["tour-1", "tour-2", "5b8efff798038103d269b633813fc60c", "child", "absent"] {
            let (status, answer) = server.get(&path.replace("{traceId}", id)).await;
            schemas.check_answer("get", path, status, &answer);
        }
    }
}

#[tokio::test]
async fn refusals_are_as_described() {
    let server = Server::start().await;
    let schemas = Schemas::new(document(&server).await);
    let mixed = json!({ "events": [{ "type": "dance" }, { "type": "start", "traceId": "t" }] });
    for (path, body, expected) in [
        ("/api/tracing/start", json!({ "sauce": "api" }), 400),
        ("/api/tracing/batch", mixed, 200),
        ("/api/scores", json!([]), 400),
        ("/v1/traces", json!({ "resourceSpans": 1 }), 400),
        (
            "/v1/traces",
            json!({ "resourceSpans": [{ "scopeSpans": [{ "spans": [{ "name": "no id" }] }] }] }),
            200,
        ),
    ] {
        let (status, answer) = server.post(path, &body).await;
        assert_eq!(status, expected, "{path}: {answer}");
        schemas.check_answer("post", path, status, &answer);
    }
    for path in ["/api/tracing/list", "/api/tracing/live", "/api/tracing/metrics"] {
        for query in ["?status=lost", "?filter=%7B%22field%22:%22nothing%22%7D"] {
            let (status, answer) = server.get(&format!("{path}{query}")).await;
            assert_eq!(status, 400);
            schemas.check_answer("get", path, status, &answer);
        }
        let (status, refused) =
            answer(server.anonymous(Method::GET, path).send().await.unwrap()).await;
        schemas.check_answer("get", path, status, &refused);
    }
}

#[tokio::test]
async fn deletions_are_as_described() {
    let server = Server::start().await;
    let schemas = Schemas::new(document(&server).await);
    let path = "/api/traces";
    let delete = async |body: &Value| {
        answer(server.request(Method::DELETE, path).json(body).send().await.unwrap()).await
    };
    let fields = schemas.named("DeleteTraces")["properties"].as_object().unwrap();
    for field in fields.keys() {
        let value = if field == "traceIds" { json!(["a", "b"]) } else { json!("a") };
        let (status, answer) = delete(&json!({ field.as_str(): value })).await;
        assert_eq!(status, 200, "{field}: {answer}");
        schemas.check_answer("delete", path, status, &answer);
    }
    let most = fields["traceIds"]["maxItems"].as_u64().unwrap();
    for (count, expected) in [(0, 400), (most, 200), (most + 1, 400)] {
        let ids: Vec<String> = (0..count).map(|n| n.to_string()).collect();
        let (status, answer) = delete(&json!({ "traceIds": ids })).await;
        assert_eq!(status, expected, "{count} ids: {answer}");
        schemas.check_answer("delete", path, status, &answer);
    }
    let (status, refused) = delete(&json!({ "names": ["a"] })).await;
    assert_eq!(status, 400);
    let known: BTreeSet<String> = fields.keys().cloned().collect();
    let reason = refused["error"]["details"]["reason"].as_str().unwrap();
    assert!(known.iter().all(|field| reason.contains(field.as_str())), "{reason}");
    let one = server.request(Method::DELETE, "/api/traces/a").send().await.unwrap();
    let (status, answer) = answer(one).await;
    schemas.check_answer("delete", "/api/traces/{traceId}", status, &answer);
}

#[tokio::test]
async fn what_is_stored_of_models_is_as_described() {
    let server = Server::start().await;
    let schemas = Schemas::new(document(&server).await);
    send_example(&server, &schemas, "/api/providers").await;
    let limits = format!("/api/keys/{PUBLIC}/limits");
    for (method, template, path) in [
        ("patch", "/api/providers/{name}", "/api/providers/openai-eu"),
        ("put", "/api/virtual-models/{name}", "/api/virtual-models/smart"),
        ("put", "/api/keys/{publicKey}/limits", limits.as_str()),
    ] {
        let said = &schemas.document["paths"][template];
        let body = &said[method]["requestBody"]["content"]["application/json"]["schema"];
        let body = schemas.resolved(body)["examples"][0].clone();
        let verb = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
        let changed = server.request(verb.clone(), path).json(&body).send().await.unwrap();
        let (status, changed) = answer(changed).await;
        assert_eq!(status, 200, "{method} {path}: {changed}");
        schemas.check_answer(method, template, status, &changed);
        let unknown = server.request(verb, path).json(&json!({ "zzz": 1 })).send().await.unwrap();
        let (status, refused) = answer(unknown).await;
        assert_eq!(status, 400, "{method} {path}");
        schemas.check_answer(method, template, status, &refused);
        let fields =
            schemas.resolved(&said[method]["requestBody"]["content"]["application/json"]["schema"])
                ["properties"]
                .as_object()
                .unwrap();
        let reason = refused["error"]["details"]["reason"].as_str().unwrap();
        let known = reason.strip_prefix("is not a field here; send only ").expect(reason);
        let known: BTreeSet<&str> = known.split(", ").collect();
        let described: BTreeSet<&str> = fields.keys().map(String::as_str).collect();
        assert_eq!(described, known, "{method} {path}");
        schemas.check_answer("get", template, StatusCode::OK, &server.got(path).await);
    }
    for path in ["/api/providers", "/api/virtual-models"] {
        schemas.check_answer("get", path, StatusCode::OK, &server.got(path).await);
    }
    for (template, path) in [
        ("/api/providers/{name}", "/api/providers/openai-eu"),
        ("/api/virtual-models/{name}", "/api/virtual-models/smart"),
        ("/api/keys/{publicKey}/limits", limits.as_str()),
    ] {
        let gone = server.request(Method::DELETE, path).send().await.unwrap();
        let (status, gone) = answer(gone).await;
        assert_eq!(status, 200, "{path}: {gone}");
        schemas.check_answer("delete", template, status, &gone);
    }
}

#[tokio::test]
async fn events_are_as_described() {
    let server = Server::start().await;
    let schemas = Schemas::new(document(&server).await);
    let stream = server.request(Method::GET, "/api/tracing/live/stream");
    let mut stream = stream.send().await.unwrap();
    for path in ["/api/tracing/start", "/api/tracing/complete", "/api/tracing/batch"] {
        send_example(&server, &schemas, path).await;
    }
    let mut text = String::new();
    let read = async {
        while text.matches("event: finish").count() < 3 {
            text += std::str::from_utf8(&stream.chunk().await.unwrap().unwrap()).unwrap();
        }
    };
    timeout(Duration::from_secs(10), read).await.expect("three traces and spans finish");
    // The last one may not be there whole.
    let (whole, _) = text.rsplit_once("\n\n").unwrap();
    let events: Vec<&str> = whole.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
    assert!(events.len() >= 4, "{whole}");
    for event in events {
        schemas.check(schemas.named("LiveEvent"), &serde_json::from_str(event).unwrap());
    }
}

#[tokio::test]
async fn texts_are_as_described() {
    let server = Server::start().await;
    let schemas = Schemas::new(document(&server).await);
    let stream = server.request(Method::GET, "/api/tracing/live/stream");
    let mut stream = stream.send().await.unwrap();
    let question = json!({ "model": "demo/fast", "prompt": "How do I bake bread?" });
    let run = server.request(Method::POST, "/api/playground/stream").json(&question);
    let run = tokio::spawn(async move { run.send().await.unwrap().text().await.unwrap() });
    let mut text = String::new();
    let read = async {
        while !text.contains("event: finish") {
            text += std::str::from_utf8(&stream.chunk().await.unwrap().unwrap()).unwrap();
        }
    };
    timeout(Duration::from_secs(10), read).await.expect("the run finishes");
    let events = text.split("\n\n").filter(|event| event.contains("event: text\n"));
    let data = events.filter_map(|event| event.lines().find_map(|l| l.strip_prefix("data: ")));
    let texts: Vec<Value> = data.map(|data| serde_json::from_str(data).unwrap()).collect();
    assert!(!texts.is_empty(), "{text}");
    texts.iter().for_each(|text| schemas.check(schemas.named("TextEvent"), text));
    run.await.unwrap();
}

#[tokio::test]
async fn the_page_is_served() {
    let server = Server::start().await;
    let response = server.anonymous(Method::GET, "/api/docs").send().await.unwrap();
    assert_eq!(response.status(), 200);
    let headers = response.headers();
    assert!(headers["content-type"].to_str().unwrap().starts_with("text/html"));
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("'sha256-") && !policy.contains("unsafe"), "{policy}");
    let html = response.text().await.unwrap();
    assert!(html.starts_with("<!doctype html>") && html.contains("/api/tracing/start"));
    let start = server.anonymous(Method::GET, "/").send().await.unwrap().text().await.unwrap();
    assert!(start.contains("href=\"/api/docs\""));
}
