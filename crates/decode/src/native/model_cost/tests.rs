#![allow(clippy::unwrap_used)]

use serde_json::{Value as Json, json};
use tracekeep_model::{CostSource, Money};

use super::super::test_support::{NOW, joined, noon, with};
use super::*;

fn decode(body: &Json) -> Result<CostRequest, FieldError> {
    with(|ctx| model_cost(body.to_string().as_bytes(), ctx))
}

fn one(body: &Json) -> CostCall {
    match decode(body).unwrap() {
        CostRequest::One(call) => *call,
        CostRequest::Many(calls) => panic!("{calls:?}"),
    }
}

fn refused(body: &Json) -> String {
    decode(body).unwrap_err().to_string()
}

#[test]
fn the_plans_call_is_taken() {
    let call = one(&json!({
        "traceId": "t", "provider": "openai", "model": "gpt-4o", "inputTokens": 10, "outputTokens": 4,
    }));
    assert_eq!(call.provider.as_deref(), Some("openai"));
    assert_eq!(&*call.model, "gpt-4o");
    assert_eq!((call.usage.input, call.usage.output), (Some(10), Some(4)));
    assert_eq!(call.at, NOW);
    assert_eq!(call.trace_id.as_deref(), Some("t"));
}

#[test]
fn usage_by_type_tier_region_and_time() {
    let call = one(&json!({
        "model": "m", "usage": { "input": 1, "inputCacheRead": 2, "web_searches": 3, "output": null },
        "at": "2026-07-31T12:00:00Z", "serviceTier": "batch", "region": "eu",
    }));
    assert_eq!(call.usage.input_cache_read, Some(2));
    assert_eq!(call.usage.other, [(Text::from("web_searches"), 3)]);
    assert_eq!(call.usage.output, None);
    assert_eq!(call.at, noon(0));
    assert_eq!(call.service_tier.as_deref(), Some("batch"));
    assert_eq!(call.region.as_deref(), Some("eu"));
}

#[test]
fn many_calls_are_one_request() {
    let call = |model: &str| json!({ "model": model, "inputTokens": 1 });
    let CostRequest::Many(calls) = decode(&json!({ "items": [call("a"), call("b")] })).unwrap()
    else {
        panic!("one call");
    };
    assert_eq!(calls.iter().map(|call| &*call.model).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(decode(&json!({ "items": [] })).unwrap(), CostRequest::Many(Vec::new()));
    let many = vec![call("a"); MAX_COST_CALLS + 1];
    assert!(refused(&json!({ "items": many })).contains("send at most 10000"));
}

#[test]
fn refusals_name_the_call_and_the_field() {
    assert!(refused(&json!({ "provider": "p" })).contains("model is missing"));
    assert!(refused(&json!({ "model": "m", "inputTokens": -1 })).contains("inputTokens"));
    assert!(
        refused(&json!({ "model": "m", "inputTokens": 1, "usage": {} }))
            .contains("inputTokens stands beside")
    );
    assert!(
        refused(&json!({ "model": "m", "usage": { "prompt_tokens": 1 } })).contains("send `input`")
    );
    assert!(refused(&json!({ "model": "m", "sort": 1 })).contains("sort is not a field here"));
    assert!(
        refused(&json!({ "items": [{ "model": "m" }, { "model": 7 }] })).contains("items[1].model")
    );
    assert!(refused(&json!({ "items": [1] })).contains("items[0]"));
    assert!(refused(&json!({ "items": [], "model": "m" })).contains("model is not a field here"));
}

#[test]
fn a_trace_learns_usage_and_cost() {
    let call = one(&json!({ "traceId": "t", "model": "m", "inputTokens": 10, "outputTokens": 4 }));
    let cost = Cost {
        source: CostSource::Computed,
        parts: vec![("input".into(), Money(5)), ("output".into(), Money(7))],
        stated_total: None,
    };
    let records = joined(call.patches(Some(&cost)));
    let span =
        tracekeep_model::project_span(&"t".into(), &"t".into(), records.values().next().unwrap());
    assert_eq!(records.len(), 1);
    assert_eq!(span.usage.total(), Some(14));
    assert_eq!(span.cost.total(), Some(Money(12)));
    assert_eq!(span.kind, Kind::Generation);
}

#[test]
fn an_unknown_cost_is_not_recorded_and_usage_is() {
    let call = one(&json!({ "traceId": "t", "model": "m", "inputTokens": 10 }));
    let records = joined(call.patches(None));
    let span =
        tracekeep_model::project_span(&"t".into(), &"t".into(), records.values().next().unwrap());
    assert_eq!(span.usage.input, Some(10));
    assert_eq!(span.cost.total(), None);
    assert!(one(&json!({ "model": "m", "inputTokens": 10 })).patches(None).is_empty());
    assert!(one(&json!({ "model": "m", "traceId": "t" })).patches(None).is_empty());
}
