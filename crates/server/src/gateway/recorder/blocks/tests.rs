use tracekeep_model::{Field, Micros, RecordKey, State, Step, Version};

use super::super::memory;
use super::super::room::Room;
use super::*;

/// What a call of a project says: a text of so many bytes.
fn said(room: &Room, project_id: &str, span_id: &str, bytes: usize) -> Said {
    let mut state = State::new(Micros(1));
    let version = Version::stated(Micros(1), Micros(1), Step::End);
    state.set(Field::Output, version, "x".repeat(bytes));
    let key = RecordKey::Span { trace_id: "t".into(), span_id: span_id.into() };
    let patches = vec![(key, state)];
    let share = room.take(memory(&patches));
    Said { project_id: project_id.into(), patches, share }
}

/// Projects, and the spans that are in the block.
fn seen(blocks: &[Block]) -> Vec<(String, Vec<String>)> {
    let span_id = |key: &RecordKey| match key {
        RecordKey::Span { span_id, .. } => span_id.to_string(),
        other => panic!("{other} is no span"),
    };
    let seen = |block: &Block| {
        let spans: Vec<String> = block.patches.iter().map(|(key, _)| span_id(key)).collect();
        (block.project_id.to_string(), spans)
    };
    let mut all: Vec<_> = blocks.iter().map(seen).collect();
    all.sort();
    all
}

fn block(project_id: &str, spans: &[&str]) -> (String, Vec<String>) {
    (project_id.to_owned(), spans.iter().map(|&span| span.to_owned()).collect())
}

#[test]
fn what_is_small_goes_together_by_project() {
    let room = Room::default();
    let all = [("p", "1"), ("q", "2"), ("p", "3"), ("q", "4")];
    let blocks = of(all.map(|(project_id, span_id)| said(&room, project_id, span_id, 10)));
    assert_eq!(seen(&blocks), [block("p", &["1", "3"]), block("q", &["2", "4"])]);
}

#[test]
fn what_is_larger_than_a_block_goes_alone() {
    let room = Room::default();
    let all = [("1", 10), ("2", 10), ("3", FULL + 1), ("4", 10), ("5", 10)];
    let blocks = of(all.map(|(span_id, bytes)| said(&room, "p", span_id, bytes)));
    assert_eq!(
        seen(&blocks),
        [block("p", &["1", "2"]), block("p", &["3"]), block("p", &["4", "5"])]
    );
}

#[test]
fn a_full_block_is_followed_by_another() {
    let room = Room::default();
    let all = ["1", "2", "3", "4", "5", "6", "7"];
    let blocks = of(all.map(|span_id| said(&room, "p", span_id, FULL / 3 - 10_000)));
    let expected = [block("p", &["1", "2", "3"]), block("p", &["4", "5", "6"]), block("p", &["7"])];
    assert_eq!(seen(&blocks), expected);
}

#[test]
fn what_is_in_blocks_still_waits_and_no_longer_when_they_go() {
    let room = Room::default();
    let blocks = of([said(&room, "p", "1", 10), said(&room, "p", "2", FULL)]);
    assert_eq!(blocks.len(), 2);
    let bytes: usize = blocks.iter().map(|block| memory(&block.patches)).sum();
    assert_eq!(room.taken(), bytes);
    drop(blocks);
    assert_eq!(room.taken(), 0);
}
