//! `/api/models/prices` and `/api/models/currency`: what a project sets about prices.

use std::time::{Duration, Instant};

use futures::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::{PUBLIC, Server, answer};

const COST: &str = "/api/models/cost";
const RECOMPUTE: &str = "/api/models/recompute";
const CONTRACT: &str = "/api/models/prices/contract";
/// Nothing is sealed while a test runs.
const NEVER: &[(&str, &str)] = &[("TRACEKEEP_SEAL_SECONDS", "3600")];
/// What is written is sealed soon.
const SOON: &[(&str, &str)] = &[("TRACEKEEP_SEAL_SECONDS", "1")];

async fn put(server: &Server, path: &str, body: &Value) -> (StatusCode, Value) {
    answer(server.request(Method::PUT, path).json(body).send().await.unwrap()).await
}

async fn set(server: &Server, path: &str, body: &Value) -> Value {
    let (status, answer) = put(server, path, body).await;
    assert_eq!(status, 200, "{path} {body}: {answer}");
    answer
}

async fn delete(server: &Server, path: &str) -> StatusCode {
    server.request(Method::DELETE, path).send().await.unwrap().status()
}

/// A dollar a million tokens of input, two of output.
fn contract() -> Value {
    json!({ "provider": "openai", "match": "=gpt-4o", "units": { "input": "1", "output": "2" } })
}

/// A generation of a thousand tokens of input and a hundred of output, in one message.
async fn call(server: &Server, id: &str, provider: &str, metadata: &Value) {
    let span = json!({
        "type": "span", "traceId": id, "spanId": id, "kind": "GENERATION", "provider": provider,
        "model": "gpt-4o", "startTime": "2026-03-01T12:00:00Z", "endTime": "2026-03-01T12:00:01Z",
        "status": "success", "usage": { "input": 1000, "output": 100 }, "metadata": metadata,
    });
    server.posted("/api/tracing/batch", &json!({ "events": [span] })).await;
}

/// What the list says that a trace cost.
async fn listed(server: &Server, id: &str) -> String {
    let rows = server.got("/api/tracing/list").await;
    let row = rows.as_array().unwrap().iter().find(|row| row["trace_id"] == id).unwrap();
    row["cost_calculation"]["total_cost"].to_string()
}

/// The id of the price of a trace's only span.
async fn price_id(server: &Server, id: &str) -> Value {
    server.got(&format!("/api/traces/{id}/spans/{id}")).await["price_id"].clone()
}

/// Waits until so many spans are in segments.
async fn sealed(server: &Server, spans: u64) {
    let began = Instant::now();
    loop {
        let manifest = std::fs::read(server.data().join("archive/manifest.json"));
        let manifest = manifest.ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
        let segments = manifest.as_ref().and_then(|manifest| manifest["segments"].as_array());
        let found: u64 = segments
            .into_iter()
            .flatten()
            .map(|segment| segment["facts"]["spans"].as_u64().unwrap())
            .sum();
        if found >= spans {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "{found} spans are sealed, not {spans}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn stored_costs_follow_a_changed_price_when_it_is_asked_for() {
    let server = Server::start_with(SOON).await;
    call(&server, "old", "openai", &json!({})).await;
    sealed(&server, 1).await;
    set(&server, CONTRACT, &contract()).await;
    call(&server, "new", "openai", &json!({})).await;
    assert_eq!(listed(&server, "new").await, "0.0012");
    assert_eq!(price_id(&server, "new").await, "custom/contract@start");
    assert_eq!(listed(&server, "old").await, "0.0035", "a stored cost stays");

    let wanted = json!([
        { "model": "gpt-4o", "spans": 1, "changed": 1, "before": 0.0035, "after": 0.0012 },
    ]);
    let preview = server.posted(RECOMPUTE, &json!({})).await;
    assert_eq!((&preview["models"], &preview["applied"]), (&wanted, &json!(false)));
    assert_eq!(listed(&server, "old").await, "0.0035", "it was only looked at");
    let applied = server.posted(RECOMPUTE, &json!({ "apply": true })).await;
    assert_eq!((&applied["models"], &applied["more"]), (&wanted, &json!(false)));
    assert_eq!(listed(&server, "old").await, "0.0012");
    assert_eq!(price_id(&server, "old").await, "custom/contract@start");

    sealed(&server, 2).await;
    assert_eq!(delete(&server, CONTRACT).await, 200);
    let applied = server.posted(RECOMPUTE, &json!({ "apply": true })).await;
    assert_eq!((&applied["before"], &applied["after"]), (&json!(0.0024), &json!(0.007)));
    for id in ["old", "new"] {
        assert_eq!(listed(&server, id).await, "0.0035", "{id}");
        assert_eq!(price_id(&server, id).await, "openai/gpt-4o@start", "{id}");
    }
    let again = server.posted(RECOMPUTE, &json!({})).await;
    assert_eq!(again["models"], json!([]));
}

#[tokio::test]
async fn open_traces_have_a_new_price_at_once_and_after_a_restart() {
    let server = Server::start_with(NEVER).await;
    call(&server, "t", "openai", &json!({})).await;
    assert_eq!(listed(&server, "t").await, "0.0035");
    set(&server, CONTRACT, &contract()).await;
    assert_eq!(listed(&server, "t").await, "0.0012");
    // What is read back from the journal is priced before anything is asked.
    let server = server.killed_and_started_again().await;
    assert_eq!(listed(&server, "t").await, "0.0012");
    assert_eq!(delete(&server, CONTRACT).await, 200);
    assert_eq!(listed(&server, "t").await, "0.0035");
}

#[tokio::test]
async fn prices_are_set_changed_listed_and_removed() {
    let server = Server::start_with(NEVER).await;
    let empty = json!({ "prices": [], "updatedAt": null });
    assert_eq!(server.got("/api/models/prices").await, empty);
    let made = set(&server, CONTRACT, &contract()).await;
    let shown = json!({
        "id": "contract", "provider": "openai", "match": "=gpt-4o",
        "units": { "input": "1", "output": "2" }, "steps": "whole",
    });
    assert_eq!(made, shown);
    let house = json!({
        "match": ["^house-", "=mine"], "validFrom": "2026-02-01", "steps": "part",
        "units": { "input": ["1", [200_000, "3"]], "requests": "1000000" },
    });
    set(&server, "/api/models/prices/a%20house%2Fprice", &house).await;
    // A change keeps its place.
    let changed = json!({ "match": "=gpt-4o", "units": { "input": "5" } });
    set(&server, CONTRACT, &changed).await;
    let list = server.got("/api/models/prices").await;
    let ids: Vec<&Value> =
        list["prices"].as_array().unwrap().iter().map(|price| &price["id"]).collect();
    assert_eq!(ids, ["contract", "a house/price"]);
    assert_eq!(list["prices"][0]["units"], json!({ "input": "5" }));
    assert!(list["updatedAt"].is_string());

    let mine =
        json!({ "model": "mine", "at": "2026-02-01T00:00:00Z", "usage": { "input": 300_000 } });
    let cost = server.posted(COST, &mine).await;
    // 200,000 at a dollar, 100,000 at three, and a dollar for the call.
    assert_eq!(cost["cost"]["total_cost"], 1.5);
    assert_eq!(cost["priceId"], "custom/a house/price@2026-02-01");
    assert_eq!((&cost["origin"], &cost["model"]), (&json!("custom"), &json!("a house/price")));
    let early = json!({ "model": "mine", "at": "2026-01-31T23:59:59Z", "usage": { "input": 1 } });
    assert_eq!(server.posted(COST, &early).await["cost"], Value::Null);

    let models = server.got("/api/models?provider=openai&search=openai/gpt-4o&limit=1000").await;
    let custom = |model: &str| {
        let models = models["models"].as_array().unwrap();
        models.iter().find(|shown| shown["model"] == model).unwrap()["customPrice"].clone()
    };
    assert_eq!((custom("gpt-4o"), custom("gpt-4o-mini")), (json!("contract"), Value::Null));
    assert_eq!(models["custom"], json!([]), "none is called so");
    let models = server.got("/api/models?search=house").await;
    assert_eq!(models["custom"][0]["id"], "a house/price");
    assert_eq!(models["custom"].as_array().unwrap().len(), 1);

    for expected in [200, 404] {
        assert_eq!(delete(&server, CONTRACT).await, expected);
    }
    assert_eq!(server.got("/api/models/prices").await["prices"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_bad_price_is_refused_by_name() {
    let server = Server::start_with(NEVER).await;
    for (field, value) in [
        ("match", Value::Null),
        ("match", json!("gpt-4o")),
        ("units", json!({})),
        ("units", json!({ "input": "-1" })),
        ("units", json!({ "input": 1 })),
        ("validFrom", json!("soon")),
        ("provider", json!("")),
        ("id", json!("other")),
    ] {
        let mut body = contract();
        body[field] = value;
        let (status, refused) = put(&server, CONTRACT, &body).await;
        assert_eq!(status, 400, "{body}: {refused}");
        assert_eq!(refused["error"]["details"]["field"], field, "{refused}");
    }
    let long = format!("/api/models/prices/{}", "a".repeat(101));
    let (status, refused) = put(&server, &long, &contract()).await;
    assert_eq!((status.as_u16(), &refused["error"]["details"]["field"]), (400, &json!("id")));
    assert_eq!(server.got("/api/models/prices").await["prices"], json!([]));
    let as_public = server.anonymous(Method::PUT, CONTRACT).bearer_auth(PUBLIC).json(&contract());
    assert_eq!(as_public.send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn costs_are_shown_in_the_project_s_currency() {
    let server = Server::start_with(NEVER).await;
    let path = "/api/models/currency";
    let dollars = json!({ "currency": null, "rates": [], "updatedAt": null });
    assert_eq!(server.got(path).await, dollars);
    let rates = json!([
        { "from": "2026-01-01", "rate": "0.92" }, { "from": "2026-02-01", "rate": "0.900" },
    ]);
    let shown = set(&server, path, &json!({ "currency": "EUR", "rates": rates })).await;
    assert_eq!((&shown["currency"], &shown["rates"]), (&json!("EUR"), &rates));
    assert_eq!(server.got(path).await, shown);

    let at = |at: &str| json!({ "provider": "openai", "model": "gpt-4o", "at": at, "usage": { "input": 1000, "output": 100 } });
    let cost = server.posted(COST, &at("2026-01-31T23:59:59Z")).await;
    assert_eq!(cost["cost"]["total_cost"].to_string(), "0.0035");
    let display = json!({
        "currency": "EUR", "rate": "0.92", "rate_from": "2026-01-01",
        "input_cost": 0.0023, "output_cost": 0.00092, "total_cost": 0.00322,
    });
    assert_eq!(cost["display"], display);
    let cost = server.posted(COST, &at("2026-02-01T00:00:00Z")).await;
    assert_eq!(cost["display"]["rate"], "0.9");
    assert_eq!(cost["display"]["total_cost"].to_string(), "0.00315");
    let early = server.posted(COST, &at("2025-12-31T23:59:59Z")).await;
    assert_eq!(early["cost"]["total_cost"].to_string(), "0.0035");
    assert_eq!(early["display"], Value::Null, "no rate of then is known");
    let unknown = server.posted(COST, &json!({ "model": "no-such-model", "inputTokens": 1 })).await;
    assert_eq!(unknown["display"], Value::Null);

    for (body, field) in [
        (json!({ "currency": "euro", "rates": rates }), "currency"),
        (json!({ "currency": "EUR", "rates": [] }), "rates"),
        (json!({ "currency": "EUR", "rates": [{ "from": "2026-01-01", "rate": "0" }] }), "rates.0"),
    ] {
        let (status, refused) = put(&server, path, &body).await;
        assert_eq!((status.as_u16(), &refused["error"]["details"]["field"]), (400, &json!(field)));
    }
    let shown = set(&server, path, &json!({ "currency": null })).await;
    assert_eq!((&shown["currency"], &shown["rates"]), (&Value::Null, &json!([])));
    assert_eq!(server.posted(COST, &at("2026-02-01T00:00:00Z")).await["display"], Value::Null);
}

#[tokio::test]
async fn the_kind_of_provider_and_its_region_say_the_price() {
    let server = Server::start_with(NEVER).await;
    for (id, provider, metadata, cost, price) in [
        ("named", "azure", json!({}), "0.0035", json!("azure/gpt-4o@start")),
        (
            "kind",
            "our-own",
            json!({ "provider_kind": "azure", "provider_region": "eu" }),
            "0.00385",
            json!("azure/eu/gpt-4o@start"),
        ),
        (
            "other",
            "azure",
            json!({ "provider_kind": "openai" }),
            "0.0035",
            json!("openai/gpt-4o@start"),
        ),
    ] {
        call(&server, id, provider, &metadata).await;
        assert_eq!(listed(&server, id).await, cost, "{id}");
        assert_eq!(price_id(&server, id).await, price, "{id}");
    }
    // A project's price means a provider by the project's name for it, too.
    let own = json!({ "provider": "our-own", "match": "=gpt-4o", "units": { "input": "1" } });
    set(&server, CONTRACT, &own).await;
    assert_eq!(price_id(&server, "kind").await, "custom/contract@start");
    assert_eq!(price_id(&server, "named").await, "azure/gpt-4o@start");
}

#[tokio::test]
async fn changes_at_the_same_time_wait_for_each_other() {
    let server = Server::start_with(NEVER).await;
    let body = contract();
    let paths: Vec<String> = (0..20).map(|n| format!("/api/models/prices/p{n}")).collect();
    for (status, answer) in join_all(paths.iter().map(|path| put(&server, path, &body))).await {
        assert_eq!(status, 200, "{answer}");
    }
    let list = server.got("/api/models/prices").await;
    assert_eq!(list["prices"].as_array().unwrap().len(), 20);
}

#[tokio::test]
async fn large_bodies_are_refused_before_they_are_read() {
    let server = Server::start_with(NEVER).await;
    let mut price = contract();
    price["match"] = Value::from("=".repeat(1 << 20));
    let currency = json!({ "currency": "E".repeat(1 << 20) });
    for (path, body) in [(CONTRACT, price), ("/api/models/currency", currency)] {
        let (status, refused) = put(&server, path, &body).await;
        assert_eq!(status, 413, "{path}: {refused}");
        assert_eq!(refused["error"]["code"], "body_too_large");
        assert_eq!(refused["error"]["details"]["limit_bytes"], 1 << 20);
    }
    let mut price = contract();
    price["match"] = json!(vec![vec!["=m"; 200]; 6]);
    let (status, refused) = put(&server, CONTRACT, &price).await;
    assert_eq!((status.as_u16(), &refused["error"]["details"]["field"]), (400, &json!("match")));
}
