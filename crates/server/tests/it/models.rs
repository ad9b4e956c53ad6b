//! `/api/models`: prices, and what calls cost.

use serde_json::{Value, json};

use crate::server::Server;

const COST: &str = "/api/models/cost";

#[tokio::test]
async fn a_call_costs_what_was_valid_when_it_began() {
    let server = Server::start().await;
    let call = |at: &str| json!({ "provider": "openai", "model": "o3", "inputTokens": 1_000_000, "outputTokens": 0, "at": at });
    let before = server.posted(COST, &call("2025-06-09T23:59:59Z")).await;
    assert_eq!(before["cost"]["total_cost"], 10);
    assert_eq!(before["priceId"], "openai/o3@start");
    let after = server.posted(COST, &call("2025-06-10T00:00:00Z")).await;
    assert_eq!(after["cost"]["total_cost"], 2);
    assert_eq!(after["origin"], "book");
}

#[tokio::test]
async fn many_calls_are_answered_in_order_with_all_digits() {
    let server = Server::start().await;
    let items = json!({ "items": [
        { "provider": "azure.ai.openai", "model": "gpt-4o", "usage": { "input": 1, "input_cache_read": 3 } },
        { "provider": "openai", "model": "no-such-model", "inputTokens": 5 },
        { "model": "gpt-4o", "usage": { "my_unit": 5 } },
        { "model": "gpt-4o", "usage": { "output": 7 }, "serviceTier": "batch" },
    ]});
    let answer = server.posted(COST, &items).await;
    let items = answer["items"].as_array().unwrap();
    assert_eq!(items.len(), 4);
    let cost = &items[0]["cost"];
    assert_eq!(cost["details"], json!({ "input": 0.000_002_5, "input_cache_read": 0.000_003_75 }));
    assert_eq!(cost["input_cost"], 0.000_006_25);
    assert_eq!(cost["output_cost"], Value::Null);
    assert_eq!(items[0]["provider"], "azure");
    for unknown in &items[1..3] {
        assert_eq!(unknown["cost"], Value::Null, "{unknown}");
        assert_eq!(unknown["priceId"], Value::Null, "{unknown}");
    }
    assert_eq!(items[3]["cost"]["total_cost"], 0.000_035);
    let empty = server.posted(COST, &json!({ "items": [] })).await;
    assert_eq!(empty, json!({ "items": [] }));
}

#[tokio::test]
async fn with_a_trace_it_is_recorded() {
    let server = Server::start().await;
    let start = json!({ "traceId": "t", "source": "test", "model": "gpt-4o", "prompt": "p" });
    server.posted("/api/tracing/start", &start).await;
    let call = json!({
        "traceId": "t", "provider": "openai", "model": "gpt-4o", "inputTokens": 1000, "outputTokens": 100,
    });
    let answer = server.posted(COST, &call).await;
    let trace = server.got("/api/traces/t").await["trace"].clone();
    assert_eq!(trace["cost_calculation"]["total_cost"], answer["cost"]["total_cost"]);
    assert_eq!(trace["cost_calculation"]["total_cost"], 0.0035);
    assert_eq!(trace["tokens_used"]["total"], 1100);
    // A cost that is not known leaves the one that is there.
    let unknown = json!({ "traceId": "t", "model": "no-such-model", "inputTokens": 1000, "outputTokens": 100 });
    assert_eq!(server.posted(COST, &unknown).await["cost"], Value::Null);
    let trace = server.got("/api/traces/t").await["trace"].clone();
    assert_eq!(trace["cost_calculation"]["total_cost"], 0.0035);
}

#[tokio::test]
async fn a_bad_call_refuses_the_request_by_name() {
    let server = Server::start().await;
    let items = json!({ "items": [
        { "traceId": "t", "model": "gpt-4o", "inputTokens": 1 },
        { "model": "gpt-4o", "inputTokens": "many" },
    ]});
    let (status, answer) = server.post(COST, &items).await;
    assert_eq!(status, 400);
    assert_eq!(answer["error"]["details"]["field"], "items[1].inputTokens");
    let (status, _) = server.get("/api/traces/t").await;
    assert_eq!(status, 404, "nothing was recorded");
}

#[tokio::test]
async fn models_are_listed_with_their_prices() {
    let server = Server::start().await;
    let answer = server.got("/api/models?provider=azure.ai.openai&search=gpt-4o-2024-08-06").await;
    let models = answer["models"].as_array().unwrap();
    assert!(models.iter().all(|model| model["provider"] == "azure"), "{answer}");
    let plain = models.iter().find(|model| model["model"] == "gpt-4o-2024-08-06").unwrap();
    assert_eq!(plain["units"]["input"], json!({ "price": 2.5, "per": 1_000_000, "above": [] }));
    assert_eq!(answer["total"], models.len());
    assert_eq!(answer["sources"]["litellm"]["licence"], "MIT");

    let answer = server.got("/api/models?provider=openai&search=openai/o3&limit=1").await;
    let o3 = &answer["models"][0];
    assert_eq!(o3["model"], "o3");
    assert_eq!(o3["prices"][0]["validFrom"], Value::Null);
    assert_eq!(o3["prices"][1]["validFrom"], "2025-06-10T00:00:00.000Z");
    assert!(o3["priceId"].as_str().unwrap().starts_with("openai/o3@2025-06-10"));
    assert!(answer["total"].as_u64().unwrap() > 1);
}

#[tokio::test]
async fn pages_are_bounded_and_add_up() {
    let server = Server::start().await;
    let page = |offset: u32| format!("/api/models?provider=anthropic&limit=10&offset={offset}");
    let first = server.got(&page(0)).await;
    let total = first["total"].as_u64().unwrap();
    let mut seen = 0;
    for offset in (0..total).step_by(10) {
        let answer = server.got(&page(u32::try_from(offset).unwrap())).await;
        seen += answer["models"].as_array().unwrap().len();
    }
    assert_eq!(seen as u64, total);
    for query in ["limit=1001", "limit=0", "offset=-1", "provider=nobody-knows", "zzz=1"] {
        let (status, answer) = server.get(&format!("/api/models?{query}")).await;
        assert_eq!(status, 400, "{query}: {answer}");
    }
}

/// The first row of the list, the trace by id, its span and the figures.
async fn shown(server: &Server, id: &str) -> (Value, Value, Value) {
    let rows = server.got("/api/tracing/list").await;
    let row = rows.as_array().unwrap().iter().find(|row| row["trace_id"] == id).unwrap().clone();
    let whole = server.got(&format!("/api/traces/{id}")).await;
    let span = server.got(&format!("/api/traces/{id}/spans/{id}")).await;
    for column in ["cost_source", "cost_total", "cost_details", "price_id"] {
        assert_eq!(whole["spans"][0][column], span[column], "{column}");
    }
    assert_eq!(whole["trace"]["cost_calculation"], row["cost_calculation"], "list and detail");
    assert_eq!(whole["totals"]["total_cost"], span["cost_total"]);
    (row, whole, span)
}

#[tokio::test]
async fn a_call_that_states_no_cost_has_a_computed_one() {
    let server = Server::start().await;
    for (id, model, result) in [
        (
            "computed",
            "gpt-4o",
            json!({ "status": "success", "tokens": { "input": 1000, "output": 100 } }),
        ),
        (
            "given",
            "gpt-4o",
            json!({ "status": "success", "tokens": { "input": 1000 }, "cost": 0.25 }),
        ),
        ("unknown", "no-such-model", json!({ "status": "success", "tokens": { "input": 1000 } })),
    ] {
        let start = json!({
            "traceId": id, "source": "test", "model": model, "provider": "openai", "prompt": "p",
        });
        server.posted("/api/tracing/start", &start).await;
        server.posted("/api/tracing/complete", &json!({ "traceId": id, "result": result })).await;
    }
    let (row, _, span) = shown(&server, "computed").await;
    assert_eq!(row["cost_calculation"]["total_cost"].to_string(), "0.0035");
    assert_eq!(row["cost_calculation"]["details"], json!({ "input": 0.0025, "output": 0.001 }));
    assert_eq!(
        (&span["cost_source"], &span["price_id"]),
        (&json!("computed"), &json!("openai/gpt-4o@start"))
    );
    let (_, _, span) = shown(&server, "given").await;
    assert_eq!((&span["cost_source"], &span["price_id"]), (&json!("given"), &Value::Null));
    let (row, _, span) = shown(&server, "unknown").await;
    assert_eq!((&span["cost_source"], &span["cost_total"]), (&json!("none"), &Value::Null));
    assert_eq!(row["cost_calculation"], Value::Null);
    let metrics = server.got("/api/tracing/metrics").await;
    assert_eq!(metrics["totalCost"].to_string(), "0.2535");
    // A filter finds what was computed.
    let filter = "/api/tracing/list?filter=%7B%22field%22%3A%22total_cost%22%2C%22op%22%3A%22eq%22%2C%22value%22%3A0.0035%7D";
    let found = server.got(filter).await;
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert_eq!(found[0]["trace_id"], "computed");
    // More usage costs more, a cost that is stated late replaces what was computed.
    let more = json!({ "traceId": "computed", "updates": { "tokens_used": { "input": 2000 } } });
    server.posted("/api/tracing/update", &more).await;
    let (row, ..) = shown(&server, "computed").await;
    assert_eq!(row["cost_calculation"]["total_cost"].to_string(), "0.006");
    let stated =
        json!({ "traceId": "computed", "updates": { "cost_calculation": { "total_cost": 1 } } });
    server.posted("/api/tracing/update", &stated).await;
    let (_, _, span) = shown(&server, "computed").await;
    assert_eq!((&span["cost_source"], &span["price_id"]), (&json!("given"), &Value::Null));
    assert_eq!(span["cost_total"].to_string(), "1");
}

#[tokio::test]
async fn nothing_is_recomputed_while_prices_are_the_same() {
    let server = Server::start().await;
    for (body, applied) in [(json!({}), false), (json!({ "apply": true }), true)] {
        let answer = server.posted("/api/models/recompute", &body).await;
        let wanted =
            json!({ "models": [], "before": 0, "after": 0, "applied": applied, "more": false });
        assert_eq!(answer, wanted);
    }
    let (status, answer) = server.post("/api/models/recompute", &json!({ "aply": true })).await;
    assert_eq!((status.as_u16(), &answer["error"]["details"]["field"]), (400, &json!("body")));
}

#[tokio::test]
async fn a_request_names_so_many_models_by_names_of_a_bounded_length() {
    let server = Server::start().await;
    let refused = async |body: &Value| {
        let (status, answer) = server.post(COST, body).await;
        assert_eq!(status.as_u16(), 400, "{answer}");
        answer["error"]["details"]["field"].clone()
    };
    let name = |length: usize| "m".repeat(length);
    let call = |model: String| json!({ "model": model, "inputTokens": 1 });
    assert_eq!(server.posted(COST, &call(name(500))).await["cost"], Value::Null);
    assert_eq!(refused(&call(name(501))).await, "model");
    let long = json!({ "items": [call(name(1)), { "model": "m", "provider": name(501) }] });
    assert_eq!(refused(&long).await, "items[1].provider");

    let many = |count: usize| (0..count).map(|n| call(format!("m{n}"))).collect::<Vec<_>>();
    let mut items = many(1_000);
    items.extend(many(10));
    let answer = server.posted(COST, &json!({ "items": items })).await;
    assert_eq!(answer["items"].as_array().unwrap().len(), 1_010);
    assert_eq!(refused(&json!({ "items": many(1_001) })).await, "items");
}
