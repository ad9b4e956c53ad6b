//! Scores and the traces they judge.

use tracekeep_model::{Field, Value};

use crate::conformance::patch::Patch;
use crate::conformance::run::Run;
use crate::conformance::{Disturbance, Subject};

/// Traces that someone found helpful.
const HELPFUL: &str = r#"{"table":"traces","select":["trace_id"],"order":[{"by":"trace_id"}],
    "filter":{"field":"scores.help","op":"ge","value":0.5}}"#;
/// Traces that nobody judged.
const UNJUDGED: &str = r#"{"table":"traces","select":["trace_id"],"order":[{"by":"trace_id"}],
    "filter":{"field":"scores.help","op":"missing"}}"#;
/// Spans of helpful traces.
const SPANS: &str = r#"{"table":"spans","select":["span_id"],"order":[{"by":"span_id"}],
    "filter":{"field":"scores.help","op":"ge","value":0.5}}"#;

/// A score waits for its trace.
///
/// # Panics
/// Where the archive says something else.
pub async fn a_score_may_come_first(subject: &mut dyn Subject) {
    let mut run = Run::new(subject);
    run.merge("p", [Patch::score("s", "t", 1.0, 0)]).await;
    assert!(run.texts("p", HELPFUL).await.is_empty());
    run.verify_through_everything().await;
    run.merge("p", [Patch::begun("t", "a", 1)]).await;
    assert_eq!(run.texts("p", HELPFUL).await, ["t"]);
    run.verify_through_everything().await;
    assert_eq!(run.texts("p", HELPFUL).await, ["t"]);
}

/// Traces and spans are found by the scores of the trace, as these come, change and go.
///
/// # Panics
/// Where the archive says something else.
pub async fn scores_lead_to_their_trace(subject: &mut dyn Subject) {
    let mut run = Run::new(subject);
    let begun = ["t", "u", "v"].map(|trace| Patch::begun(trace, &format!("span of {trace}"), 0));
    run.merge("p", begun).await;
    run.merge("p", [Patch::score("1", "t", 1.0, 1), Patch::score("2", "t", 0.0, 1)]).await;
    run.merge("p", [Patch::score("3", "u", 0.25, 1)]).await;
    // Of another name, of a session, and no longer of a trace.
    let other = Patch::bare_score("4", 1)
        .with(Field::Name, "other")
        .with(Field::TargetTraceId, "v")
        .with(Field::ScoreNumber, Value::Float(1.0));
    let session = Patch::bare_score("5", 1)
        .with(Field::Name, "help")
        .with(Field::TargetSessionId, "v")
        .with(Field::ScoreNumber, Value::Float(1.0));
    run.merge("p", [other, session, Patch::score("6", "v", 1.0, 1)]).await;
    run.merge("p", [Patch::bare_score("6", 2).with(Field::TargetTraceId, Value::Cleared)]).await;
    assert_eq!(run.texts("p", HELPFUL).await, ["t"]);
    assert_eq!(run.texts("p", SPANS).await, ["span of t"]);
    run.disturb(Disturbance::Seal).await;
    assert_eq!(run.texts("p", HELPFUL).await, ["t"]);
    run.merge("p", [Patch::score("3", "u", 0.75, 5)]).await;
    assert_eq!(run.texts("p", HELPFUL).await, ["t", "u"]);
    run.merge("p", [Patch::deleted_score("1", 6)]).await;
    assert_eq!(run.texts("p", HELPFUL).await, ["u"]);
    assert_eq!(run.texts("p", UNJUDGED).await, ["v"]);
    run.verify_through_everything().await;
    assert_eq!(run.texts("p", SPANS).await, ["span of u"]);
    assert_eq!(run.texts("p", UNJUDGED).await, ["v"]);
}
