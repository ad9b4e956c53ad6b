#![allow(clippy::unwrap_used)]

use crate::{
    Field, Micros, Money, Rank, Register, State, Step, TraceUnit, Value, Version, project_span,
    totals,
};

use super::*;

/// A dollar for whatever was used.
#[derive(Debug)]
struct Dollar;

impl Pricing for Dollar {
    fn price(&self, span: &Span) -> Option<(Cost, Text)> {
        span.model.as_ref()?;
        let types =
            span.usage.types().map(|(name, _)| (Text::from(name), Money(1_000_000_000_000)));
        let cost =
            Cost { source: CostSource::Computed, parts: types.collect(), stated_total: None };
        Some((cost, "dollar".into()))
    }

    fn version(&self) -> Text {
        "dollar".into()
    }
}

fn state(registers: &[(Register, Value)]) -> State {
    let mut state = State::new(Micros(5));
    let version = Version { rank: Rank::Stated, time: Micros(5), step: Step::End };
    for (register, value) in registers {
        state.set(register.clone(), version, value.clone());
    }
    state
}

fn usage(name: &str) -> (Register, Value) {
    (Register::Usage(name.into()), Value::Int(3))
}

fn cost(amount: i128) -> (Register, Value) {
    (Register::Cost("total".into()), Value::Money(Money(amount)))
}

fn model() -> (Register, Value) {
    (Field::Model.into(), "m".into())
}

fn priced(registers: &[(Register, Value)]) -> (CostSource, Option<Money>, Option<Text>) {
    let span = project_span(&"t".into(), &"s".into(), &state(registers)).priced(&Dollar);
    (span.cost.source, span.cost.total(), span.price_id)
}

const DOLLAR: Money = Money(1_000_000_000_000);

#[test]
fn a_cost_that_nobody_stated_is_computed() {
    let computed = (CostSource::Computed, Some(DOLLAR), Some("dollar".into()));
    assert_eq!(priced(&[model(), usage("input")]), computed);
    // A cost that was stated and cleared again was not stated.
    let cleared = (Register::Cost("total".into()), Value::Cleared);
    assert_eq!(priced(&[model(), usage("input"), cleared]), computed);
}

#[test]
fn a_stated_cost_stays_and_nothing_costs_zero_by_mistake() {
    let given = |amount| (CostSource::Given, Some(Money(amount)), None);
    assert_eq!(priced(&[model(), usage("input"), cost(7)]), given(7));
    assert_eq!(priced(&[model(), usage("input"), cost(0)]), given(0));
    let none = (CostSource::None, None, None);
    assert_eq!(priced(&[usage("input")]), none);
    assert_eq!(priced(&[model()]), none);
    assert_eq!(priced(&[model(), usage("total")]), none);
}

#[test]
fn parts_stand_in_the_order_of_their_names() {
    let registers = [model(), usage("input_audio"), usage("output"), usage("input")];
    let span = project_span(&"t".into(), &"s".into(), &state(&registers)).priced(&Dollar);
    let names: Vec<&str> = span.cost.parts.iter().map(|(name, _)| &**name).collect();
    assert_eq!(names, ["input", "input_audio", "output"]);
}

#[test]
fn totals_add_stated_and_computed_costs() {
    let mut unit = TraceUnit::new(Micros(5));
    unit.join_span("a".into(), state(&[model(), usage("input")]));
    unit.join_span("b".into(), state(&[model(), usage("input"), cost(7)]));
    unit.join_span("c".into(), state(&[usage("input")]));
    let sum = |pricing: &dyn Pricing| {
        let (_, spans) = unit.project(&"t".into(), pricing);
        totals(spans.iter().map(|(_, span)| span)).total_cost
    };
    assert_eq!(sum(&Dollar), Some(DOLLAR + Money(7)));
    assert_eq!(sum(&NoPrices), Some(Money(7)));
}
