#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use tracekeep_control::{Budget, KeyLimits, Period};
use tracekeep_decode::call::Failure;
use tracekeep_model::{Cost, CostSource, Pricing, SamePrices};

use super::super::Limits;
use super::super::tests::Store;
use super::*;
use crate::config::Switch;

const NOW: Micros = Micros(1_767_225_600_000_000);

/// A dollar an input token for the model `m` of the provider `paid`; half of it in the tier `flex`;
/// two where `m-2` answered.
#[derive(Debug)]
struct Dollars;

impl Pricing for Dollars {
    fn price(&self, span: &Span) -> Option<(Cost, Text)> {
        assert_eq!(span.start_time, NOW);
        if span.provider.as_deref() != Some("paid") || span.model.as_deref() != Some("m") {
            return None;
        }
        let mut price = Money::parse_cost("1").unwrap();
        if span.response_model.as_deref() == Some("m-2") {
            price = Money(price.0 * 2);
        }
        if span.parameters.as_deref().is_some_and(|text| text.contains("flex")) {
            price = Money(price.0 / 2);
        }
        let amount = Money(price.0 * i128::from(span.usage.input?));
        let parts = vec![(Text::from_static("input"), amount)];
        Some((Cost { source: CostSource::Computed, parts, stated_total: None }, "dollars".into()))
    }

    fn version(&self) -> Text {
        "dollars".into()
    }
}

async fn limited() -> (Store, Arc<Limits>) {
    limited_by(Switch::On).await
}

async fn limited_by(estimating: Switch) -> (Store, Arc<Limits>) {
    let store = Store::in_memory().await;
    let limits = store.limits_by(Arc::new(SamePrices(Arc::new(Dollars))), estimating);
    let budget = Some(Budget { amount: "1000".to_owned(), period: Period::Month });
    let wanted = KeyLimits { tokens_per_minute: Some(1_000), budget, ..KeyLimits::default() };
    store.set(&limits, &wanted).await;
    (store, limits)
}

fn begun(provider: &str) -> Begun {
    let provider = Some(Text::from(provider));
    Begun { at: NOW, model: "m".into(), provider, ..Begun::default() }
}

fn counted(input: i64, output: i64) -> Progress {
    let usage = Usage { input: Some(input), output: Some(output), ..Usage::default() };
    Progress { at: NOW.plus(5), usage: Some(usage), ..Progress::default() }
}

async fn charge(store: &Store, limits: &Arc<Limits>, begun: &Begun) -> Charge {
    let admitted = limits.admit(&store.key_id, NOW).await;
    let admitted = admitted.unwrap_or_else(|reason| panic!("{reason:?}"));
    Charge::of(admitted, &"p".into(), begun).unwrap()
}

/// Tokens and dollars.
async fn used(store: &Store, limits: &Limits) -> (u64, String) {
    let used = limits.used(&store.key_id, NOW.plus(5)).await.unwrap();
    (used.tokens.unwrap(), used.spent.unwrap().0.to_string())
}

#[tokio::test]
async fn a_call_is_charged_what_its_trace_shows() {
    let (store, limits) = limited().await;
    charge(&store, &limits, &begun("paid")).await.end(&counted(3, 4), &End::Success);
    assert_eq!(used(&store, &limits).await, (7, "3".to_owned()));
    let answered = Progress { response_model: Some("m-2".into()), ..counted(3, 0) };
    charge(&store, &limits, &begun("paid")).await.end(&answered, &End::Success);
    assert_eq!(used(&store, &limits).await, (10, "9".to_owned()));
    let tier = Some(Text::from_static(r#"{"service_tier":"flex"}"#));
    let flexible = Begun { parameters: tier, ..begun("paid") };
    charge(&store, &limits, &flexible).await.end(&counted(1, 0), &End::Success);
    assert_eq!(used(&store, &limits).await, (11, "9.5".to_owned()));
}

#[tokio::test]
async fn who_served_it_decides_the_price() {
    let (store, limits) = limited().await;
    let mut free = charge(&store, &limits, &begun("free")).await;
    free.served_by(&"paid".into());
    free.end(&counted(2, 0), &End::Success);
    assert_eq!(used(&store, &limits).await.1, "2");
    let mut paid = charge(&store, &limits, &begun("paid")).await;
    paid.served_by(&"free".into());
    paid.end(&counted(2, 0), &End::Success);
    assert_eq!(used(&store, &limits).await.1, "2");
}

#[tokio::test]
async fn a_cost_that_is_stated_stays_and_one_that_is_unknown_is_none() {
    let (store, limits) = limited().await;
    let stated = Progress { cost: Some(Money::parse_cost("0.25").unwrap()), ..counted(3, 0) };
    charge(&store, &limits, &begun("paid")).await.end(&stated, &End::Success);
    assert_eq!(used(&store, &limits).await, (3, "0.25".to_owned()));
    charge(&store, &limits, &begun("unknown")).await.end(&counted(5, 0), &End::Success);
    let nothing = Progress { at: NOW.plus(5), ..Progress::default() };
    charge(&store, &limits, &begun("paid")).await.end(&nothing, &End::Success);
    assert_eq!(used(&store, &limits).await, (8, "0.25".to_owned()));
}

/// Of which nobody counts the tokens: 14 go in. Seven are of the question, four of a message, three of
/// the answer's beginning.
fn asking() -> Begun {
    Begun { input: Some("What is the weather in Oslo?".into()), ..begun("paid") }
}

fn answered() -> Progress {
    Progress { at: NOW.plus(5), output: Some("7 degrees".into()), ..Progress::default() }
}

fn cancelled() -> End {
    End::Error(Failure { code: Some("cancelled".into()), ..Failure::default() })
}

/// Of this key alone, with nothing used before: tokens and dollars.
async fn used_by(begun: &Begun, said: &Progress, end: &End) -> (u64, String) {
    let (store, limits) = limited().await;
    charge(&store, &limits, begun).await.end(said, end);
    limits.counting.done().await;
    used(&store, &limits).await
}

#[tokio::test]
async fn what_nobody_counted_is_counted() {
    for end in [End::Success, cancelled()] {
        assert_eq!(used_by(&asking(), &answered(), &end).await, (16, "14".to_owned()), "{end:?}");
    }
    let briefed = Begun { system_prompt: Some("You are brief.".into()), ..asking() };
    let (tokens, dollars) = used_by(&briefed, &answered(), &End::Success).await;
    assert_eq!((tokens, dollars.as_str()), (24, "22"));
    let kind = Some(Kind::Embedding);
    let embedded = Begun { kind, input: Some("hello world".into()), ..asking() };
    // There is no message, and nothing of what came out.
    let vectors = used_by(&embedded, &answered(), &End::Success).await;
    assert_eq!(vectors, (2, "2".to_owned()));
}

#[tokio::test]
async fn what_came_to_nothing_or_was_counted_is_not() {
    let nothing = Progress { output: None, ..answered() };
    assert_eq!(used_by(&asking(), &nothing, &cancelled()).await, (0, "0".to_owned()));
    let said = Progress { output: answered().output, ..counted(3, 4) };
    assert_eq!(used_by(&asking(), &said, &cancelled()).await, (7, "3".to_owned()));
    let free = Progress { cost: Some(Money::ZERO), ..answered() };
    assert_eq!(used_by(&asking(), &free, &End::Success).await, (0, "0".to_owned()));
    // The provider counted it, in other units.
    let other = Progress { usage_given: Some("{\"characters\":3}".into()), ..answered() };
    assert_eq!(used_by(&asking(), &other, &End::Success).await, (0, "0".to_owned()));
}

#[tokio::test]
async fn where_nothing_is_estimated_no_call_is_and_no_text_is_kept() {
    let (store, limits) = limited_by(Switch::Off).await;
    let call = charge(&store, &limits, &asking()).await;
    assert_eq!(call.call.input, None);
    call.end(&answered(), &End::Success);
    limits.counting.done().await;
    assert_eq!(used(&store, &limits).await, (0, "0".to_owned()));

    // Nor where neither tokens nor dollars are limited.
    let store = Store::in_memory().await;
    let limits = store.limits_by(Arc::new(SamePrices(Arc::new(Dollars))), Switch::On);
    let wanted = KeyLimits { requests_per_minute: Some(9), ..KeyLimits::default() };
    store.set(&limits, &wanted).await;
    assert_eq!(charge(&store, &limits, &asking()).await.call.input, None);
}

#[tokio::test]
async fn what_is_counted_yet_is_stored_at_the_end() {
    let (store, limits) = limited().await;
    charge(&store, &limits, &asking()).await.end(&answered(), &End::Success);
    limits.store_all(NOW).await;
    let day = NOW.0.div_euclid(Micros::DAY);
    let stored = store.control.key_spending(&store.key_id, day..day + 1).await.unwrap();
    assert_eq!(Money(stored).to_string(), "14");
}

#[tokio::test]
async fn a_call_of_a_key_without_limits_has_no_charge() {
    let store = Store::in_memory().await;
    let limits = store.limits_by(Arc::new(SamePrices(Arc::new(Dollars))), Switch::On);
    let admitted = limits.admit(&store.key_id, NOW).await.unwrap_or_else(|e| panic!("{e:?}"));
    assert!(Charge::of(admitted, &"p".into(), &begun("paid")).is_none());
}
