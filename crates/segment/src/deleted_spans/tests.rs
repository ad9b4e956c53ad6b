#![allow(clippy::unwrap_used)]

use tracekeep_model::{NoPrices, Unit, UnitKey};

use super::*;
use crate::BatchesBuilder;
use crate::batch::tests::trace;

#[test]
fn a_trace_without_deleted_spans_has_nothing_to_keep() {
    assert_eq!(encode(&trace(0, 3)), None);
}

#[test]
fn deleted_spans_come_back_and_stay_deleted() {
    let mut unit = trace(100, 4);
    unit.join_span("span 1".into(), State::deleted(Micros(500)));
    unit.join_span("never seen".into(), State::deleted(Micros(600)));
    let mut builder = BatchesBuilder::new();
    builder.add(&UnitKey::Trace("t".into()), &Unit::Trace(unit.clone()));
    builder.add(&UnitKey::Trace("u".into()), &Unit::Trace(trace(100, 1)));
    let batches = builder.finish().unwrap();
    assert_eq!(batches.spans.num_rows(), 4, "they have no rows");
    let mut back = batches.trace_unit(0).unwrap();
    assert_eq!(back, unit);
    assert_eq!(batches.trace_unit(1).unwrap(), trace(100, 1));
    let late = trace(900, 2).spans.remove("span 1").unwrap();
    back.join_span("span 1".into(), late);
    assert_eq!(back.spans["span 1"].deleted_at(), Some(Micros(500)));
    assert_eq!(back.project(&"t".into(), &NoPrices).1.len(), 3);
}

#[test]
fn garbage_is_an_error() {
    assert!(decode(Bytes::from_static(b"garbage")).is_err());
    let key = RecordKey::Score { score_id: "s".into() };
    let patches = vec![(key, State::deleted(Micros(1)))];
    let block = Block { project_id: Text::new(), received: Micros(0), patches };
    assert!(decode(block.encode()).unwrap_err().to_string().contains("score s"));
}
