//! Patches that come late, twice, in any order.

use tracekeep_model::block::Block;
use tracekeep_model::{Field, Register, Text};

use crate::conformance::data::Blocks;
use crate::conformance::patch::Patch;
use crate::conformance::random::Random;
use crate::conformance::run::Run;
use crate::conformance::{Disturbance, Subject};

/// Traces with a span that has not ended.
const OPEN: &str = r#"{"table":"traces","select":["trace_id"],"order":[{"by":"trace_id"}],
    "filter":{"field":"open_spans","op":"gt","value":0}}"#;

/// A patch for a trace that is at its final place takes it back from there; it is never there twice.
///
/// # Panics
/// Where the archive says something else.
pub async fn a_late_patch_reopens(subject: &mut dyn Subject) {
    let mut run = Run::new(subject);
    let begun = [
        Patch::begun("t", "a", 0),
        Patch::begun("t", "b", 1),
        Patch::begun("u", "a", 2),
        Patch::score("s", "t", 0.5, 3),
    ];
    run.merge("p", begun).await;
    run.disturb(Disturbance::Seal).await;
    run.merge("p", [Patch::ended("t", "a", 9), Patch::score("s", "t", 0.25, 9)]).await;
    run.verify().await;
    // What stood at the final place stands there still; the replay voids it again.
    run.disturb(Disturbance::Reopen).await;
    run.verify().await;
    run.merge("p", [Patch::ended("t", "b", 10), Patch::begun("t", "c", 11)]).await;
    assert_eq!(run.texts("p", OPEN).await, ["t", "u"]);
    run.verify_through_everything().await;
    run.merge("p", [Patch::ended("t", "c", 12)]).await;
    assert_eq!(run.texts("p", OPEN).await, ["u"]);
    run.verify_through_everything().await;
    assert_eq!(run.texts("p", OPEN).await, ["u"]);
}

/// A block that comes again says nothing new, wherever its records are by then.
///
/// # Panics
/// Where the archive says something else.
pub async fn a_block_twice_changes_nothing(subject: &mut dyn Subject) {
    let mut run = Run::new(subject);
    let block = [
        Patch::begun("t", "a", 0).with(Register::Usage(Text::from("input")), 5i64),
        Patch::ended("t", "a", 9),
        Patch::trace("t", 1).with(Field::UserId, "ada"),
        Patch::score("s", "t", 0.5, 2),
    ];
    run.merge("p", block.clone()).await;
    for how in [Disturbance::Seal, Disturbance::Compact, Disturbance::Reopen] {
        run.merge("p", block.clone()).await;
        run.verify().await;
        run.disturb(how).await;
        run.merge("p", block.clone()).await;
        run.merge("p", block.clone()).await;
        run.verify().await;
    }
    assert_eq!(run.texts("p", r#"{"table":"traces","select":["trace_id"]}"#).await, ["t"]);
    assert_eq!(run.texts("p", r#"{"table":"spans","select":["span_id"]}"#).await, ["a"]);
    assert_eq!(run.texts("p", r#"{"table":"scores","select":["score_id"]}"#).await, ["s"]);
}

/// The same blocks in another order, sealed at other places, make the same records.
///
/// # Panics
/// Where the archive says something else.
pub async fn any_order_gives_the_same(subject: &mut dyn Subject) {
    let mut run = Run::new(subject);
    let forward = Blocks::new(7).batch(24);
    let mut backward = forward.clone();
    backward.reverse();
    let mut mixed = forward.clone();
    Random::new(8).shuffle(&mut mixed);
    let orders = [("forward", forward), ("backward", backward), ("mixed", mixed)];
    for at in 0..orders[0].1.len() {
        for (project, blocks) in &orders {
            let project_id = Text::from(*project);
            run.merge_block(Block { project_id, ..blocks[at].clone() }).await;
        }
        if at % 8 == 5 {
            run.disturb(Disturbance::Seal).await;
        }
    }
    let wanted = run.model.tables("forward");
    for project in ["backward", "mixed"] {
        assert!(run.model.tables(project) == wanted, "joining depends on the order");
    }
    run.verify_through_everything().await;
}

/// Spans show what was said of their trace, even if it was said after they had gone to their final
/// place.
///
/// # Panics
/// Where the archive says something else.
pub async fn an_attribute_of_a_trace_reaches_its_spans(subject: &mut dyn Subject) {
    const OF_ADA: &str = r#"{"table":"spans","select":["span_id"],"order":[{"by":"span_id"}],
        "filter":{"and":[{"field":"user_id","op":"eq","value":"ada"},
                         {"field":"tags","op":"contains","value":"red"}]}}"#;
    let red = || Register::Tag(Text::from("red"));
    let mut run = Run::new(subject);
    run.merge("p", [Patch::begun("t", "a", 0), Patch::begun("t", "b", 1)]).await;
    run.merge("p", [Patch::begun("u", "c", 0)]).await;
    run.disturb(Disturbance::Seal).await;
    assert!(run.texts("p", OF_ADA).await.is_empty());
    let said = Patch::trace("t", 5).with(Field::UserId, "ada").with(red(), true);
    run.merge("p", [said.with(Field::Environment, "production")]).await;
    assert_eq!(run.texts("p", OF_ADA).await, ["a", "b"]);
    run.verify_through_everything().await;
    assert_eq!(run.texts("p", OF_ADA).await, ["a", "b"]);
    run.merge("p", [Patch::trace("t", 6).with(red(), false).with(Field::Name, "again")]).await;
    assert!(run.texts("p", OF_ADA).await.is_empty());
    run.verify_through_everything().await;
}
