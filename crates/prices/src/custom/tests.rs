#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};
use tracekeep_model::Usage;

use super::*;
use crate::book::{Call, Origin, PriceBook};

fn prices(list: Value) -> Result<CustomPrices, CustomPriceError> {
    CustomPrices::new(serde_json::from_value(list).unwrap())
}

fn call(model: &str) -> Call<'_> {
    let at = Micros::parse("2026-06-01T00:00:00Z").unwrap();
    Call { provider: Some("azure.ai.openai"), model, at, tier: None, region: None }
}

fn usage() -> Usage {
    Usage { input: Some(1_000_000), input_cache_read: Some(1_000_000), ..Usage::default() }
}

#[test]
fn a_projects_own_price_goes_before_the_book() {
    let own = prices(json!([
        {"id": "old", "match": "^gpt-4o", "units": {"input": "9"}},
        {"id": "contract", "provider": "azure", "match": "^gpt-4o", "validFrom": "2026-01-01", "units": {"input": "1"}},
        {"id": "later", "match": "^gpt-4o", "validFrom": "2027-01-01", "units": {"input": "7"}},
        {"id": "others", "provider": "openai", "match": "^gpt-4o", "validFrom": "2026-02-01", "units": {"input": "8"}},
    ]))
    .unwrap();
    let computed = PriceBook::embedded().cost(&own, &call("gpt-4o"), &usage()).unwrap();
    assert_eq!(computed.origin, Origin::Custom);
    assert_eq!(computed.price_id, "custom/contract@2026-01-01");
    // Cached input has no price of its own here, so it costs what input costs here.
    assert_eq!(computed.cost.total().unwrap().to_string(), "2");
    let computed = PriceBook::embedded().cost(&own, &call("gpt-4.1"), &usage()).unwrap();
    assert_eq!(computed.origin, Origin::Book);
}

#[test]
fn of_equally_late_prices_the_last_counts() {
    let own = prices(json!([
        {"id": "a", "match": "=mine", "units": {"input": "1"}},
        {"id": "b", "match": "=mine", "units": {"input": "2"}},
    ]))
    .unwrap();
    let computed = PriceBook::embedded().cost(&own, &call("Mine"), &usage()).unwrap();
    assert_eq!(computed.price_id, "custom/b@start");
    assert_eq!(computed.provider, None);
}

#[test]
fn thresholds_may_count_for_the_part_above_them() {
    let own = |steps: &str| {
        let list = json!([{"id": "a", "match": "=mine", "steps": steps, "units": {"input": ["1", [1_500_000, "3"]]}}]);
        let own = prices(list).unwrap();
        let usage = Usage { input: Some(2_000_000), ..Usage::default() };
        PriceBook::embedded()
            .cost(&own, &call("mine"), &usage)
            .unwrap()
            .cost
            .total()
            .unwrap()
            .to_string()
    };
    assert_eq!(own("whole"), "6");
    assert_eq!(own("part"), "3");
}

#[test]
fn refuses_what_is_no_price_and_says_where() {
    let refused = |price: Value| {
        let error = prices(json!([{"id": "ok", "match": "=a", "units": {"input": "1"}}, price]))
            .unwrap_err();
        assert_eq!(error.index, 1);
        error.to_string()
    };
    let with = |field: &str, value: Value| {
        let mut price = json!({"id": "x", "match": "=a", "units": {"input": "1"}});
        price[field] = value;
        refused(price)
    };
    assert!(with("id", json!(" ")).starts_with("id is empty"));
    assert!(with("id", json!("ok")).starts_with("id `ok` is there twice"));
    assert!(with("provider", json!("")).starts_with("provider is empty"));
    assert!(with("validFrom", json!("soon")).contains("`soon`, which is no day"));
    assert!(with("units", json!({})).contains("names 0 usage types"));
    assert!(with("units", json!({"Input": "1"})).contains("usage type `Input`"));
    assert!(with("units", json!({"input": "-1"})).contains("input: -1 is below zero"));
    assert!(with("units", json!({"input": ["1", [5, "2"], [5, "3"]]})).contains("does not rise"));
}

#[test]
fn unknown_members_and_patterns_are_refused_by_name() {
    let read = |price: Value| serde_json::from_value::<CustomPrice>(price).unwrap_err().to_string();
    assert!(read(json!({"id": "a", "match": "=a", "units": {}, "price": 1})).contains("price"));
    assert!(read(json!({"id": "a", "match": "abc", "units": {}})).contains("does not begin with"));
    assert!(read(json!({"id": "a", "units": {}})).contains("match"));
}

#[test]
fn a_project_has_a_bounded_number() {
    let price =
        |index: usize| json!({"id": index.to_string(), "match": "=a", "units": {"input": "1"}});
    assert!(prices((0..1_000).map(price).collect()).is_ok());
    assert!(
        prices((0..1_001).map(price).collect()).unwrap_err().to_string().contains("at most 1000")
    );
}

#[test]
fn a_project_has_a_bounded_number_of_regular_expressions() {
    let price = |index: usize| json!({"id": index.to_string(), "match": ["/a+", {"all": ["!/b+", "=c"]}], "units": {"input": "1"}});
    assert!(prices((0..50).map(price).collect()).is_ok());
    let error = prices((0..51).map(price).collect()).unwrap_err();
    assert_eq!((error.index, error.field.as_str()), (50, "match"));
    assert!(error.to_string().contains("more than 100 regular expressions"), "{error}");
}

#[test]
fn what_was_sent_is_written_again() {
    let json = json!({"id": "a", "provider": "p", "match": ["=a", "^b"], "validFrom": "2026-01-01",
                      "units": {"input": ["1", [10, "2"]]}, "steps": "part"});
    let price: CustomPrice = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(serde_json::to_value(&price).unwrap(), json);
}

#[test]
fn a_provider_is_meant_by_any_of_its_names() {
    let own = prices(json!([
        {"id": "ours", "provider": "openai", "match": "~gpt-4o", "units": {"input": "1"}},
        {"id": "gateway", "provider": "My-Gateway", "match": "=inner-model", "units": {"input": "3"}},
    ]))
    .unwrap();
    let price_id = |provider, model| {
        let call = Call { provider, ..call(model) };
        PriceBook::embedded().cost(&own, &call, &usage()).map(|computed| computed.price_id)
    };
    for provider in [Some("openai"), Some("OpenAI.chat"), Some("my-gateway"), None] {
        assert_eq!(
            price_id(provider, "gpt-4o").as_deref(),
            Some("custom/ours@start"),
            "{provider:?}"
        );
    }
    assert_eq!(
        price_id(Some("my-gateway"), "inner-model").as_deref(),
        Some("custom/gateway@start")
    );
    assert_eq!(price_id(Some("azure"), "gpt-4o").as_deref(), Some("azure/gpt-4o@start"));
}

#[test]
fn regular_expressions_of_a_project_are_small_together() {
    let of = |text: &str, count: usize| {
        let price =
            |index: usize| json!({"id": index.to_string(), "match": text, "units": {"input": "1"}});
        prices((0..count).map(price).collect())
    };
    let dated = r"/^gpt-4o(-\d{4}-\d{2}-\d{2})?$";
    assert!(of(dated, 100).is_ok());
    // Each of more than 8 KiB and less than 16.
    let error = of("/^[ab]{130}$", 100).unwrap_err();
    assert_eq!((error.index, error.field.as_str()), (16, "match"));
    assert!(error.to_string().contains("larger than 262144 bytes"), "{error}");
}

#[test]
fn regular_expressions_are_not_tried_on_long_names() {
    let own = prices(json!([
        {"id": "a", "match": "/^house-", "units": {"input": "1"}},
        {"id": "b", "match": "^mill-", "units": {"input": "1"}},
    ]))
    .unwrap();
    let id = |model: &str| {
        let found = own.find(&[], model, Micros(0));
        found.map(|price| price.id.clone())
    };
    let long =
        |prefix: &str, length: usize| format!("{prefix}{}", "x".repeat(length - prefix.len()));
    assert_eq!(id(&long("House-", 200)).as_deref(), Some("a"));
    assert_eq!(id(&long("House-", 201)), None);
    assert_eq!(id(&long("mill-", 201)).as_deref(), Some("b"));
}
