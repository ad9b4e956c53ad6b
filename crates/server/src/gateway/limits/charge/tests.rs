#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use tracekeep_control::{Budget, KeyLimits, Period};
use tracekeep_model::{Cost, CostSource, Pricing, SamePrices, Span};

use super::super::Limits;
use super::super::tests::Store;
use super::*;

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
    let store = Store::in_memory().await;
    let limits = store.limits_by(Arc::new(SamePrices(Arc::new(Dollars))));
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
    charge(&store, &limits, &begun("paid")).await.end(&counted(3, 4));
    assert_eq!(used(&store, &limits).await, (7, "3".to_owned()));
    let answered = Progress { response_model: Some("m-2".into()), ..counted(3, 0) };
    charge(&store, &limits, &begun("paid")).await.end(&answered);
    assert_eq!(used(&store, &limits).await, (10, "9".to_owned()));
    let tier = Some(Text::from_static(r#"{"service_tier":"flex"}"#));
    let flexible = Begun { parameters: tier, ..begun("paid") };
    charge(&store, &limits, &flexible).await.end(&counted(1, 0));
    assert_eq!(used(&store, &limits).await, (11, "9.5".to_owned()));
}

#[tokio::test]
async fn who_served_it_decides_the_price() {
    let (store, limits) = limited().await;
    let mut free = charge(&store, &limits, &begun("free")).await;
    free.served_by(&"paid".into());
    free.end(&counted(2, 0));
    assert_eq!(used(&store, &limits).await.1, "2");
    let mut paid = charge(&store, &limits, &begun("paid")).await;
    paid.served_by(&"free".into());
    paid.end(&counted(2, 0));
    assert_eq!(used(&store, &limits).await.1, "2");
}

#[tokio::test]
async fn a_cost_that_is_stated_stays_and_one_that_is_unknown_is_none() {
    let (store, limits) = limited().await;
    let stated = Progress { cost: Some(Money::parse_cost("0.25").unwrap()), ..counted(3, 0) };
    charge(&store, &limits, &begun("paid")).await.end(&stated);
    assert_eq!(used(&store, &limits).await, (3, "0.25".to_owned()));
    charge(&store, &limits, &begun("unknown")).await.end(&counted(5, 0));
    let nothing = Progress { at: NOW.plus(5), ..Progress::default() };
    charge(&store, &limits, &begun("paid")).await.end(&nothing);
    assert_eq!(used(&store, &limits).await, (8, "0.25".to_owned()));
}

#[tokio::test]
async fn a_call_of_a_key_without_limits_has_no_charge() {
    let store = Store::in_memory().await;
    let limits = store.limits_by(Arc::new(SamePrices(Arc::new(Dollars))));
    let admitted = limits.admit(&store.key_id, NOW).await.unwrap_or_else(|e| panic!("{e:?}"));
    assert!(Charge::of(admitted, &"p".into(), &begun("paid")).is_none());
}
