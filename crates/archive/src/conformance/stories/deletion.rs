//! Deleted is deleted.

use tracekeep_model::Field;

use crate::conformance::patch::Patch;
use crate::conformance::run::Run;
use crate::conformance::{Disturbance, Subject};

const TRACES: &str = r#"{"table":"traces","select":["trace_id"],"order":[{"by":"trace_id"}]}"#;
const SPANS: &str = r#"{"table":"spans","select":["trace_id"],"order":[{"by":"trace_id"}]}"#;
const SCORES: &str = r#"{"table":"scores","select":["score_id"],"order":[{"by":"score_id"}]}"#;

/// A deleted trace or score is gone, and no patch brings it back: neither now nor after sealing and
/// starting.
///
/// # Panics
/// Where the archive says something else.
pub async fn a_deletion_wins(subject: &mut dyn Subject) {
    let mut run = Run::new(subject);
    let begun = [
        Patch::begun("t", "a", 0),
        Patch::begun("u", "a", 1),
        Patch::score("r", "u", 0.25, 2),
        Patch::score("s", "u", 0.5, 2),
    ];
    run.merge("p", begun).await;
    run.disturb(Disturbance::Seal).await;
    run.merge("p", [Patch::deleted_trace("t", 5), Patch::deleted_score("s", 5)]).await;
    run.verify().await;
    for at in [9, 19] {
        let late = [
            Patch::ended("t", "a", at),
            Patch::begun("t", "new", at),
            Patch::trace("t", at).with(Field::Name, "again"),
            Patch::score("s", "u", 1.0, at),
            Patch::ended("u", "a", at),
        ];
        run.merge("p", late).await;
        run.verify_through_everything().await;
        assert_eq!(run.texts("p", TRACES).await, ["u"]);
        assert_eq!(run.texts("p", SPANS).await, ["u"]);
        assert_eq!(run.texts("p", SCORES).await, ["r"]);
    }
}

/// A deleted span is gone from its trace, and no patch brings it back, wherever the trace is by then.
///
/// # Panics
/// Where the archive says something else.
pub async fn a_deleted_span_stays_deleted(subject: &mut dyn Subject) {
    const IDS: &str = r#"{"table":"spans","select":["span_id"],"order":[{"by":"span_id"}]}"#;
    let mut run = Run::new(subject);
    run.merge("p", [Patch::begun("t", "a", 0), Patch::begun("t", "b", 1)]).await;
    run.merge("p", [Patch::begun("u", "a", 2), Patch::deleted_span("u", "a", 3)]).await;
    run.disturb(Disturbance::Seal).await;
    run.merge("p", [Patch::deleted_span("t", "a", 5), Patch::deleted_span("t", "new", 5)]).await;
    run.verify().await;
    for at in [9, 19] {
        // Sealed with the deletion; then what was sent before comes again, and more of it.
        run.verify_through_everything().await;
        let late = [
            Patch::begun("t", "a", 0),
            Patch::ended("t", "a", at),
            Patch::begun("t", "new", at),
            Patch::ended("t", "b", at),
            Patch::ended("u", "a", at),
        ];
        run.merge("p", late).await;
        run.verify().await;
        assert_eq!(run.texts("p", IDS).await, ["b"]);
        assert_eq!(run.texts("p", TRACES).await, ["t", "u"]);
    }
    run.verify_through_everything().await;
    assert_eq!(run.texts("p", IDS).await, ["b"]);
}

/// What is deleted before anything is known of it does not come to be.
///
/// # Panics
/// Where the archive says something else.
pub async fn a_deletion_may_come_first(subject: &mut dyn Subject) {
    let mut run = Run::new(subject);
    run.merge("p", [Patch::deleted_trace("t", 0), Patch::deleted_score("s", 0)]).await;
    run.verify_through_everything().await;
    run.merge("p", [Patch::begun("t", "a", 1), Patch::score("s", "t", 0.5, 2)]).await;
    run.merge("p", [Patch::begun("u", "a", 1)]).await;
    run.verify_through_everything().await;
    assert_eq!(run.texts("p", TRACES).await, ["u"]);
    assert_eq!(run.texts("p", SPANS).await, ["u"]);
    assert!(run.texts("p", SCORES).await.is_empty());
}
