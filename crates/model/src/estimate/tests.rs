#![allow(clippy::unwrap_used)]

use super::*;
use crate::{Micros, Rank, Span, Step, Value, project_span};

const COUNTED: Estimate =
    Estimate { by: "o200k_base", is_exact: true, input: Some(11), output: Some(7) };

fn version(rank: Rank, time: i64) -> Version {
    Version { rank, time: Micros(time), step: Step::Update }
}

fn estimated() -> State {
    let mut state = State::new(Micros(1));
    COUNTED.set(&mut state, version(Rank::Inferred, 100));
    state
}

/// What a sender stated at a time.
fn stated(registers: &[(Register, Value)]) -> State {
    let mut state = State::new(Micros(1));
    for (register, value) in registers {
        state.set(register.clone(), version(Rank::Stated, 5), value.clone());
    }
    state
}

fn usage(name: &str) -> Register {
    Register::Usage(name.into())
}

/// The span that two states make, in both orders.
fn joined(one: State, other: State) -> Span {
    let (mut a, mut b) = (one.clone(), other.clone());
    a.join(other);
    b.join(one);
    assert_eq!(a, b);
    project_span(&"t".into(), &"s".into(), &a)
}

#[test]
fn an_estimate_is_usage_and_says_who_counted() {
    let span = joined(estimated(), State::new(Micros(1)));
    assert_eq!(
        (span.usage.input, span.usage.output, span.usage.total()),
        (Some(11), Some(7), Some(18))
    );
    assert!(span.tokens_estimated());
    let given: serde_json::Value =
        serde_json::from_str(span.usage_given.as_deref().unwrap()).unwrap();
    let wanted = serde_json::json!({
        "estimated_by": "o200k_base", "exact": true, "input": 11, "output": 7,
    });
    assert_eq!(given, wanted);
}

#[test]
fn what_was_not_counted_is_not_there() {
    let mut state = State::new(Micros(1));
    let half = Estimate { is_exact: false, input: None, ..COUNTED };
    half.set(&mut state, version(Rank::Inferred, 1));
    let span = project_span(&"t".into(), &"s".into(), &state);
    assert_eq!((span.usage.input, span.usage.output), (None, Some(7)));
    let given = r#"{"estimated_by":"o200k_base","exact":false,"output":7}"#;
    assert_eq!(span.usage_given.as_deref(), Some(given));
}

/// One type that the sender counts is enough: nothing of the estimate is mixed into it, however much
/// earlier the sender's own time is.
#[test]
fn what_a_sender_counts_replaces_an_estimate_whole() {
    // Searches are no tokens.
    let told = [
        ("output", Some(3)),
        ("input_cache_read", Some(3)),
        ("total", Some(3)),
        ("searches", None),
    ];
    for (name, total) in told {
        let span = joined(estimated(), stated(&[(usage(name), Value::Int(3))]));
        assert_eq!(span.usage.total(), total, "{name}");
        assert!(!span.usage.is_empty(), "{name}");
        assert_eq!(span.usage.input, None, "{name}");
        assert_eq!(span.usage_given, None, "{name}");
        assert!(!span.tokens_estimated(), "{name}");
    }
}

#[test]
fn a_usage_object_without_counts_of_ours_hides_an_estimate_too() {
    let given = r#"{"characters":12}"#;
    let span = joined(estimated(), stated(&[(Field::UsageGiven.into(), given.into())]));
    assert!(span.usage.is_empty());
    assert_eq!(span.usage_given.as_deref(), Some(given));
    assert!(!span.tokens_estimated());
}

/// Taking usage back, and a stated cost, count nothing.
#[test]
fn what_counts_nothing_hides_nothing_else() {
    let cleared = stated(&[(usage("total"), Value::Cleared), (Field::Output.into(), "x".into())]);
    let span = joined(estimated(), cleared);
    assert_eq!(span.usage.total(), Some(18));
    assert!(span.tokens_estimated());
}

#[test]
fn a_person_who_corrects_one_count_replaces_the_estimate() {
    let mut edit = State::new(Micros(1));
    edit.set(usage("input"), version(Rank::Edited, 1), 2i64);
    let span = joined(estimated(), edit);
    assert_eq!(
        (span.usage.input, span.usage.output, span.tokens_estimated()),
        (Some(2), None, false)
    );
}

#[test]
fn no_usage_of_a_sender_looks_like_an_estimate() {
    for given in ["", "{}", r#"{"input":1}"#, r#"{"input":1,"estimated_by":"x"}"#, "null"] {
        assert!(!Estimate::is_given(given), "{given}");
    }
}
