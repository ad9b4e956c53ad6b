#![allow(clippy::unwrap_used)]

use tracekeep_model::{
    CostSource, Field, Micros, Rank, Register, State, Step, Version, project_span,
};

use super::*;
use crate::asked::LONGEST_NAME;

const BOOK: &str = r#"{"format":1,"sources":{},"providers":{"p":{"maker":1},"q":{}},"models":[
    {"provider":"p","id":"m","source":"litellm",
     "prices":[{"units":{"input":"2","output":"8"}},
               {"from":"2026-02-01","units":{"input":"1","input_cache_read":"0.5","output":"4"}}],
     "tiers":[{"tier":"batch","units":{"input":"1"}}]},
    {"provider":"p","id":"empty","source":"litellm","prices":[{"units":{}}]}]}"#;

fn book() -> BookPrices {
    BookPrices::of(Box::leak(Box::new(PriceBook::from_json(BOOK).unwrap())))
}

const VERSION: Version = Version { rank: Rank::Stated, time: Micros(5), step: Step::End };

/// A span of a model that took a million tokens of input, two of them cached.
fn span(start: &str, more: &[(Register, &str)]) -> Span {
    let mut state = State::new(Micros(5));
    state.set(Field::StartTime, VERSION, Micros::parse(start).unwrap());
    state.set(Field::Model, VERSION, "m");
    state.set(Register::Usage("input".into()), VERSION, 1_000_000i64);
    state.set(Register::Usage("input_cache_read".into()), VERSION, 2_000_000i64);
    for (register, text) in more {
        state.set(register.clone(), VERSION, *text);
    }
    project_span(&"t".into(), &"s".into(), &state)
}

/// Total and price id, the same at the second time, from what was kept.
fn cost(prices: &BookPrices, span: &Span) -> Option<(String, String)> {
    let once = prices.price(span);
    assert_eq!(prices.price(span), once);
    once.map(|(cost, id)| (cost.total().unwrap().to_string(), id.to_string()))
}

fn expected(total: &str, id: &str) -> Option<(String, String)> {
    Some((total.to_owned(), id.to_owned()))
}

const JANUARY: &str = "2026-01-31T23:59:59.999999Z";
const FEBRUARY: &str = "2026-02-01T00:00:00Z";

#[test]
fn the_price_at_the_span_s_start_counts_and_cached_input_is_input() {
    let prices = book();
    assert_eq!(cost(&prices, &span(JANUARY, &[])), expected("6", "p/m@start"));
    assert_eq!(cost(&prices, &span(FEBRUARY, &[])), expected("2", "p/m@2026-02-01"));
    // The first again, after another price of the same names.
    assert_eq!(cost(&prices, &span(JANUARY, &[])), expected("6", "p/m@start"));
}

#[test]
fn the_model_that_answered_goes_first() {
    let prices = book();
    let answered = |model| span(JANUARY, &[(Field::ResponseModel.into(), model)]);
    assert_eq!(cost(&prices, &answered("nobody's")), None);
    assert_eq!(cost(&prices, &answered("empty")), None);
    assert_eq!(cost(&prices, &answered("M")), expected("6", "p/m@start"));
    // A provider that is known and does not have it.
    assert_eq!(cost(&prices, &span(JANUARY, &[(Field::Provider.into(), "q")])), None);
    assert_eq!(
        cost(&prices, &span(JANUARY, &[(Field::Provider.into(), "p")])),
        expected("6", "p/m@start")
    );
}

#[test]
fn the_tier_comes_from_metadata_or_parameters() {
    let prices = book();
    let metadata = |key: &str| Register::Metadata(key.into());
    let batch = expected("3", "p/m@start+batch");
    for more in [
        (Field::Parameters.into(), r#"{"temperature":1,"service_tier":"batch"}"#),
        (Field::Parameters.into(), r#"{"serviceTier":"batch"}"#),
        (metadata("service_tier"), "\"batch\""),
        (metadata("gen_ai.openai.request.service_tier"), "\"batch\""),
    ] {
        assert_eq!(cost(&prices, &span(JANUARY, std::slice::from_ref(&more))), batch, "{more:?}");
    }
    let both = [
        (Field::Parameters.into(), r#"{"service_tier":"batch"}"#),
        (metadata("openai.response.service_tier"), "\"default\""),
    ];
    assert_eq!(cost(&prices, &span(JANUARY, &both)), expected("6", "p/m@start"));
    for parameters in [r#"{"service_tier":5}"#, r#"{"service_tier":"batch""#, "\"service_tier\""] {
        let odd = span(JANUARY, &[(Field::Parameters.into(), parameters)]);
        assert_eq!(cost(&prices, &odd), expected("6", "p/m@start"), "{parameters}");
    }
}

/// A provider whose prices differ from another's, and one that has prices of its own in a region.
const PLACES: &str = r#"{"format":1,"sources":{},"providers":{
    "p":{"maker":1},"q":{"aliases":["kju"]}},"models":[
    {"provider":"p","id":"m","source":"litellm","regions":{"eu":"1.1"},"prices":[{"units":{"input":"2"}}]},
    {"provider":"p","id":"us/m","source":"litellm","prices":[{"units":{"input":"3"}}]},
    {"provider":"q","id":"m","source":"litellm","prices":[{"units":{"input":"5"}}]}]}"#;

#[test]
fn the_kind_of_provider_goes_before_its_name() {
    let prices = BookPrices::of(Box::leak(Box::new(PriceBook::from_json(PLACES).unwrap())));
    let of = |name: &'static str, kind: &'static str| {
        let more =
            [(Field::Provider.into(), name), (Register::Metadata("provider_kind".into()), kind)];
        let mut span = span(JANUARY, &more);
        span.usage.input_cache_read = None;
        span
    };
    assert_eq!(cost(&prices, &of("p", "\"q\"")), expected("5", "q/m@start"));
    assert_eq!(cost(&prices, &of("p", "\"kju\"")), expected("5", "q/m@start"));
    // The same name again, of another kind.
    assert_eq!(cost(&prices, &of("p", "\"p\"")), expected("2", "p/m@start"));
    // Nobody is known: the model's name says whose it is.
    assert_eq!(cost(&prices, &of("q", "\"custom\"")), expected("2", "p/m@start"));
    // What is no text says nothing.
    for odd in ["5", "\"\"", "[\"p\"]", "\"p"] {
        assert_eq!(cost(&prices, &of("q", odd)), expected("5", "q/m@start"), "{odd}");
    }
}

#[test]
fn the_region_comes_from_metadata() {
    let prices = BookPrices::of(Box::leak(Box::new(PriceBook::from_json(PLACES).unwrap())));
    let at = |region: &'static str| {
        let more =
            [(Field::Provider.into(), "p"), (Register::Metadata("provider_region".into()), region)];
        let mut span = span(JANUARY, &more);
        span.usage.input_cache_read = None;
        span
    };
    for (region, total, id) in [
        ("\"global\"", "2", "p/m@start"),
        ("\"eu-west-1\"", "2.2", "p/m@start#eu"),
        ("\"us\"", "3", "p/us/m@start"),
        ("\"mars\"", "2", "p/m@start"),
        ("7", "2", "p/m@start"),
    ] {
        assert_eq!(cost(&prices, &at(region)), expected(total, id), "{region}");
    }
}

#[test]
fn names_that_senders_make_up_are_let_go_of() {
    let prices = book();
    for n in 0..MOST_KEPT + 10 {
        let name = format!("made up {n}");
        assert_eq!(prices.price(&span(JANUARY, &[(Field::Model.into(), name.as_str())])), None);
    }
    assert_eq!(prices.kept.read().unwrap().count, 10);
    let long = "m".repeat(LONGEST_NAME + 1);
    assert_eq!(prices.price(&span(JANUARY, &[(Field::Model.into(), long.as_str())])), None);
    assert_eq!(prices.kept.read().unwrap().count, 10);
    assert_eq!(cost(&prices, &span(JANUARY, &[])), expected("6", "p/m@start"));
}

#[test]
fn the_version_follows_the_data() {
    let changed = BOOK.replace("\"4\"", "\"5\"");
    let changed = Box::leak(Box::new(PriceBook::from_json(&changed).unwrap()));
    assert_eq!(book().version(), book().version());
    assert_ne!(book().version(), BookPrices::of(changed).version());
}

#[test]
fn a_span_of_a_real_model_costs_what_the_book_says() {
    let prices = BookPrices::embedded();
    let priced = span(JANUARY, &[(Field::ResponseModel.into(), "gpt-4o")]).priced(&prices);
    assert_eq!(priced.cost.source, CostSource::Computed);
    assert_eq!(priced.cost.total().unwrap().to_string(), "5");
    assert_eq!(priced.price_id.as_deref(), Some("openai/gpt-4o@start"));
}
