#![allow(clippy::unwrap_used)]

use serde_json::json;
use tracekeep_model::Micros;

use super::*;

/// `q` also serves models of `p`.
const BOOK: &str = r#"{"format":1,"sources":{},"providers":{
    "p":{"maker":1},"q":{"fallback":["p"]}},"models":[
    {"provider":"p","id":"m","source":"litellm","prices":[{"units":{"input":"2"}}],
     "tiers":[{"tier":"batch","units":{"input":"1"}}]},
    {"provider":"p","id":"eu/m","source":"litellm","prices":[{"units":{"input":"3"}}]},
    {"provider":"q","id":"own","source":"litellm","prices":[{"units":{"input":"5"}}]}]}"#;

const JANUARY: &str = "2026-01-31T00:00:00Z";
const FEBRUARY: &str = "2026-02-01T00:00:00Z";

fn call<'a>(provider: &'a str, model: &'a str, at: &str) -> Call<'a> {
    let at = Micros::parse(at).unwrap();
    Call { provider: Some(provider), model, at, tier: None, region: None }
}

fn usage() -> Usage {
    Usage { input: Some(1_000_000), ..Usage::default() }
}

fn own(list: serde_json::Value) -> CustomPrices {
    CustomPrices::new(serde_json::from_value(list).unwrap()).unwrap()
}

#[test]
fn names_are_looked_up_once_and_moments_and_tiers_are_not_mixed() {
    let book = PriceBook::from_json(BOOK).unwrap();
    let own = own(json!([
        {"id": "a", "provider": "p", "match": "=m", "validFrom": "2026-02-01", "units": {"input": "7"}},
    ]));
    let mut prices = CallPrices::new(&book, &own);
    let mut id = |call: &Call<'static>| prices.cost(call, &usage()).map(|found| found.price_id);
    let january = call("p", "m", JANUARY);
    for _ in 0..2 {
        assert_eq!(id(&january).as_deref(), Some("p/m@start"));
        assert_eq!(id(&call("p", "m", FEBRUARY)).as_deref(), Some("custom/a@2026-02-01"));
        let batch = Call { tier: Some("batch"), ..january };
        assert_eq!(id(&batch).as_deref(), Some("p/m@start+batch"));
        let regional = Call { region: Some("eu"), ..january };
        assert_eq!(id(&regional).as_deref(), Some("p/eu/m@start"));
        assert_eq!(id(&call("q", "own", JANUARY)).as_deref(), Some("q/own@start"));
        assert_eq!(id(&call("p", "own", JANUARY)), None);
    }
    assert_eq!(prices.meant.len(), 4);
}

#[test]
fn a_price_of_a_provider_is_not_for_another_that_also_serves_its_models() {
    let book = PriceBook::from_json(BOOK).unwrap();
    let own = own(json!([
        {"id": "ps", "provider": "p", "match": ["=m", "=own"], "units": {"input": "7"}},
        {"id": "qs", "provider": "q", "match": "=m-2026-01-01", "units": {"input": "8"}},
    ]));
    let id = |provider, model| {
        book.cost(&own, &call(provider, model, JANUARY), &usage()).map(|found| found.price_id)
    };
    assert_eq!(id("p", "m").as_deref(), Some("custom/ps@start"));
    assert_eq!(id("q", "m").as_deref(), Some("p/m@start"));
    assert_eq!(id("q", "m-2026-01-01").as_deref(), Some("custom/qs@start"));
    // Whose it is the model's name says.
    let unsaid = Call { provider: None, ..call("p", "m", JANUARY) };
    let computed = book.cost(&own, &unsaid, &usage()).unwrap();
    assert_eq!(computed.price_id, "custom/ps@start");
}
