#![allow(clippy::unwrap_used)]

use tracekeep_model::{Field, Rank, Step, Text, Version};

use super::*;

/// What a span of the trace `t` answered at a moment.
fn answer(span: &str, at: i64, text: Text) -> (RecordKey, State) {
    let mut state = State::new(Micros(at));
    let version = Version { rank: Rank::Stated, time: Micros(at), step: Step::End };
    state.set(Field::Output, version, text);
    (RecordKey::Span { trace_id: "t".into(), span_id: span.into() }, state)
}

#[test]
fn a_trace_of_very_much_content_is_full_until_it_is_replaced() {
    let mut memtable = Memtable::default();
    let trace = UnitKey::Trace("t".into());
    assert_eq!(memtable.full(&trace, usize::MAX), None);
    // Counted for each span, though all share it here.
    let long = Text::from("x".repeat(13 << 20));
    for n in 0..8 {
        assert_eq!(memtable.full(&trace, usize::MAX), None);
        let (key, patch) = answer(&format!("s{n}"), 1, long.clone());
        memtable.join(key, patch).unwrap();
    }
    let full = memtable.full(&trace, usize::MAX);
    assert!(matches!(full, Some(Full::Bytes(bytes)) if bytes > 104 << 20), "{full:?}");
    let (key, patch) = answer("s3", 2, "short".into());
    memtable.join(key, patch).unwrap();
    assert_eq!(memtable.full(&trace, usize::MAX), None);
    assert_eq!(memtable.full(&trace, 8), Some(Full::Spans(8)));
}
