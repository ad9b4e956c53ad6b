#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};
use tracekeep_model::{Field, Micros, Rank, Register, State, Step, Version, project_span};

use super::*;
use crate::book::PriceBook;

const BOOK: &str = r#"{"format":1,"sources":{},"providers":{"p":{"maker":1},"q":{"aliases":["kju"]}},"models":[
    {"provider":"p","id":"m","source":"litellm","prices":[{"units":{"input":"2"}}]},
    {"provider":"q","id":"m","source":"litellm","prices":[{"units":{"input":"5"}}]}]}"#;

const JANUARY: &str = "2026-01-31T23:59:59.999999Z";
const FEBRUARY: &str = "2026-02-01T00:00:00Z";
const VERSION: Version = Version { rank: Rank::Stated, time: Micros(5), step: Step::End };

fn book() -> Arc<BookPrices> {
    Arc::new(BookPrices::of(Box::leak(Box::new(PriceBook::from_json(BOOK).unwrap()))))
}

fn own(list: Value) -> OwnPrices {
    OwnPrices::new(book(), CustomPrices::new(serde_json::from_value(list).unwrap()).unwrap())
}

/// A span of a million tokens of input of a model of a provider.
fn span(start: &str, model: &str, provider: &str, metadata: &[(&str, &str)]) -> Span {
    let mut state = State::new(Micros(5));
    state.set(Field::StartTime, VERSION, Micros::parse(start).unwrap());
    state.set(Field::Model, VERSION, model);
    state.set(Field::Provider, VERSION, provider);
    state.set(Register::Usage("input".into()), VERSION, 1_000_000i64);
    for (key, word) in metadata {
        let json = Value::from(*word).to_string();
        state.set(Register::Metadata((*key).into()), VERSION, json);
    }
    project_span(&"t".into(), &"s".into(), &state)
}

/// Total and price id, the same at the second time, from what was kept.
fn cost(prices: &OwnPrices, span: &Span) -> Option<(String, String)> {
    let once = prices.price(span);
    assert_eq!(prices.price(span), once);
    once.map(|(cost, id)| (cost.total().unwrap().to_string(), id.to_string()))
}

fn expected(total: &str, id: &str) -> Option<(String, String)> {
    Some((total.to_owned(), id.to_owned()))
}

#[test]
fn own_prices_go_before_the_book_from_their_day_on() {
    let prices = own(json!([
        {"id": "contract", "match": "=m", "validFrom": "2026-02-01", "units": {"input": "1"}},
        {"id": "house", "match": "^house-", "units": {"input": "0.5"}},
    ]));
    assert_eq!(cost(&prices, &span(JANUARY, "m", "p", &[])), expected("2", "p/m@start"));
    let february = span(FEBRUARY, "m", "p", &[]);
    assert_eq!(cost(&prices, &february), expected("1", "custom/contract@2026-02-01"));
    // The first again: the same names, another day.
    assert_eq!(cost(&prices, &span(JANUARY, "m", "p", &[])), expected("2", "p/m@start"));
    let house = span(JANUARY, "House-1", "nobody", &[]);
    assert_eq!(cost(&prices, &house), expected("0.5", "custom/house@start"));
    assert_eq!(cost(&prices, &span(JANUARY, "other", "p", &[])), None);
}

#[test]
fn a_price_without_the_types_that_were_used_gives_no_cost() {
    let prices = own(json!([{"id": "a", "match": "=m", "units": {"output": "1"}}]));
    assert_eq!(cost(&prices, &span(JANUARY, "m", "p", &[])), None);
}

#[test]
fn the_kind_says_whose_prices_count_and_the_name_still_means_the_provider() {
    let kind = |kind: &'static str| [("provider_kind", kind)];
    let prices = own(json!([{"id": "a", "provider": "p", "match": "=m", "units": {"input": "1"}}]));
    // Called `p`, and not p's.
    let other = span(JANUARY, "m", "p", &kind("q"));
    assert_eq!(cost(&prices, &other), expected("1", "custom/a@start"));
    // Called otherwise, and p's.
    assert_eq!(
        cost(&prices, &span(JANUARY, "m", "eu", &kind("p"))),
        expected("1", "custom/a@start")
    );
    assert_eq!(cost(&prices, &span(JANUARY, "m", "eu", &kind("kju"))), expected("5", "q/m@start"));
    let prices = own(json!([
        {"id": "alias", "provider": "q", "match": "=m", "units": {"input": "3"}},
        {"id": "named", "provider": "Our-Gateway", "match": "=m", "units": {"input": "4"}},
        {"id": "any", "provider": "custom", "match": "=mine", "units": {"input": "7"}},
    ]));
    let alias = span(JANUARY, "m", "eu", &kind("kju"));
    assert_eq!(cost(&prices, &alias), expected("3", "custom/alias@start"));
    let named = span(JANUARY, "m", "our-gateway", &kind("p"));
    assert_eq!(cost(&prices, &named), expected("4", "custom/named@start"));
    let custom = span(JANUARY, "mine", "q", &kind("custom"));
    assert_eq!(cost(&prices, &custom), expected("7", "custom/any@start"));
}

#[test]
fn the_version_follows_book_and_prices() {
    let price = |input: &str| json!([{"id": "a", "match": "=m", "units": {"input": input}}]);
    let version = |list| own(list).version();
    assert_eq!(version(json!([])), book().version());
    assert_eq!(version(price("1")), version(price("1")));
    assert_ne!(version(price("1")), version(price("2")));
    assert!(version(price("1")).starts_with(&format!("{}+", book().version())));
}

#[test]
fn names_that_senders_make_up_are_let_go_of() {
    let prices = own(json!([{"id": "a", "match": "=m", "units": {"input": "1"}}]));
    for n in 0..MOST_KEPT + 10 {
        assert_eq!(prices.price(&span(JANUARY, &format!("made up {n}"), "p", &[])), None);
    }
    assert_eq!(prices.kept.read().unwrap().count, 10);
    assert_eq!(cost(&prices, &span(JANUARY, "m", "p", &[])), expected("1", "custom/a@start"));
}
