//! A short history of two projects, with all that gives sealing, compaction and retention something to
//! do: what began today, yesterday and long ago, late patches, deletions, and texts that become blobs.

use tracekeep_model::block::Block;
use tracekeep_model::{
    Field, Kind, Micros, Money, Rank, RecordKey, Register, State, Status, Step, Text, Value,
    Version,
};
use tracekeep_segment::LARGE;

/// The project in which nearly everything happens.
pub(crate) const PROJECT: &str = "p";
/// A trace of it that is past its time.
pub(crate) const OLD: &str = "long ago";
/// Today: 2026-02-02T02:40:00Z.
pub(crate) const NOON: Micros = Micros(1_770_000_000_000_000);

/// What happens to the archive.
#[derive(Clone, Debug)]
pub(crate) enum Deed {
    Merge(Block),
    Seal,
    /// All the compaction that there is to do, some hours after the last.
    Compact,
    /// What is past its time goes.
    Expire,
    /// Closes the archive and opens it again.
    Reopen,
}

type Said = (RecordKey, State);

/// All that happens.
pub(crate) fn life() -> Vec<Deed> {
    let mut life = beginning();
    life.extend(today());
    life
}

/// Whether a block is about what is past its time, and about nothing else.
pub(crate) fn is_old(block: &Block) -> bool {
    let is_of_it = |(key, _): &Said| match key {
        RecordKey::Trace { trace_id } | RecordKey::Span { trace_id, .. } => &**trace_id == OLD,
        RecordKey::Score { .. } => false,
    };
    block.patches.iter().all(is_of_it)
}

/// What is in the first segments.
fn beginning() -> Vec<Deed> {
    let (yesterday, old) = (second(-86_400), second(-20 * 86_400));
    vec![
        said(vec![
            begun("t0", "a", second(0)),
            begun("t0", "b", second(1)),
            begun("t1", "a", second(2)),
            begun("t1", "b", second(3)),
            begun("t2", "a", second(4)),
            begun("t2", "b", second(5)),
            named("t2", second(5)),
            score("s0", "t0", second(6)),
        ]),
        said(vec![
            begun("y0", "a", yesterday),
            begun("y1", "a", yesterday),
            score("s1", "y0", yesterday),
        ]),
        said(vec![begun(OLD, "a", old), ended(OLD, "a", old.plus(1), "an answer")]),
        // Ids are of a project.
        of_project("q", vec![begun("t0", "a", second(7)), score("s0", "t0", second(8))]),
        Deed::Seal,
    ]
}

fn today() -> Vec<Deed> {
    let yesterday = second(-86_000);
    let large = "a large answer, ".repeat(LARGE / 16 + 1);
    vec![
        // Re-opens traces; one of them has a blob from now on.
        said(vec![ended("t0", "a", second(10), &large), ended("t1", "b", second(10), "short")]),
        said(vec![
            deleted(trace_key("y1"), second(11)),
            deleted(span_key("t2", "b"), second(11)),
            deleted(score_key("s1"), second(11)),
        ]),
        said(vec![begun("t3", "a", second(12)), score("s2", "t3", second(12))]),
        Deed::Seal,
        Deed::Expire,
        // In memory while the segments that they were in are compacted.
        said(vec![ended("t2", "a", second(20), "late"), ended("y0", "a", yesterday, "late")]),
        of_project("q", vec![ended("t0", "a", second(20), "late")]),
        Deed::Compact,
        // Late news of what was deleted; and a blob that is soon all that its segment has of its trace.
        said(vec![
            begun("y1", "a", yesterday),
            ended("t2", "b", second(21), "too late"),
            ended("t1", "a", second(21), &large),
        ]),
        Deed::Reopen,
        Deed::Seal,
        Deed::Compact,
        // Nothing came for hours: what is left of each day becomes one segment.
        Deed::Compact,
    ]
}

fn said(patches: Vec<Said>) -> Deed {
    of_project(PROJECT, patches)
}

fn of_project(project: &str, patches: Vec<Said>) -> Deed {
    Deed::Merge(Block { project_id: Text::from(project), received: NOON, patches })
}

fn second(second: i64) -> Micros {
    NOON.plus(second * Micros::SECOND)
}

fn version(time: Micros, step: Step) -> Version {
    Version { rank: Rank::Stated, time, step }
}

fn trace_key(trace: &str) -> RecordKey {
    RecordKey::Trace { trace_id: trace.into() }
}

fn span_key(trace: &str, span: &str) -> RecordKey {
    RecordKey::Span { trace_id: trace.into(), span_id: span.into() }
}

fn score_key(score: &str) -> RecordKey {
    RecordKey::Score { score_id: score.into() }
}

fn begun(trace: &str, span: &str, at: Micros) -> Said {
    let (mut state, version) = (State::new(at), version(at, Step::Start));
    state.set(Field::StartTime, version, at);
    state.set(Field::Kind, version, Kind::Generation);
    state.set(Field::Status, version, Status::Pending);
    state.set(Field::Model, version, "m1");
    state.set(Field::Input, version, format!("question {span} of {trace}"));
    (span_key(trace, span), state)
}

fn ended(trace: &str, span: &str, at: Micros, output: &str) -> Said {
    let (mut state, version) = (State::new(at), version(at, Step::End));
    state.set(Field::EndTime, version, at);
    state.set(Field::Status, version, Status::Success);
    state.set(Field::Output, version, output);
    state.set(Register::Usage("input".into()), version, 7i64);
    state.set(Register::Usage("output".into()), version, 11i64);
    state.set(Register::Cost("total".into()), version, Money(13_000_000));
    (span_key(trace, span), state)
}

fn named(trace: &str, at: Micros) -> Said {
    let (mut state, version) = (State::new(at), version(at, Step::Update));
    state.set(Field::Name, version, "name");
    state.set(Field::UserId, version, "user");
    (trace_key(trace), state)
}

fn score(score: &str, trace: &str, at: Micros) -> Said {
    let (mut state, version) = (State::new(at), version(at, Step::Start));
    state.set(Field::Name, version, "quality");
    state.set(Field::TargetTraceId, version, trace);
    state.set(Field::ScoreNumber, version, Value::Float(0.5));
    state.set(Field::Timestamp, version, at);
    (score_key(score), state)
}

fn deleted(key: RecordKey, at: Micros) -> Said {
    (key, State::deleted(at))
}
