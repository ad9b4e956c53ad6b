//! Blocks of the journal, and the states of traces and scores in segments: the same format.

use std::collections::BTreeMap;

use bytes::Bytes;
use tracekeep_model::block::{Block, decode_state, encode_state};
use tracekeep_model::{NoPrices, RecordKey, Text, TraceUnit, project_score, totals};
use tracekeep_query::{Table, score_row, span_row, trace_row};

use super::Outcome;

/// Checks bytes that may be a block, and may be a state.
pub(super) fn block(input: &[u8]) -> Outcome {
    let bytes = Bytes::copy_from_slice(input);
    if let Ok(state) = decode_state(&bytes) {
        assert_eq!(decode_state(&encode_state(&state)), Ok(state));
    }
    let Ok(block) = Block::decode(&bytes) else { return Outcome::REFUSED };
    let written = block.encode();
    let read = Block::decode(&written).expect("what was written is read");
    assert_eq!(read, block);
    assert_eq!(read.encode(), written);
    show(block);
    Outcome::ACCEPTED
}

/// Replays a block and shows what it came to, as strange as it may be: every row is whole.
fn show(block: Block) {
    let mut traces: BTreeMap<Text, TraceUnit> = BTreeMap::new();
    for (key, state) in block.patches {
        match key {
            RecordKey::Trace { trace_id } => traces.entry(trace_id).or_default().join_trace(state),
            RecordKey::Span { trace_id, span_id } => {
                traces.entry(trace_id).or_default().join_span(span_id, state);
            }
            RecordKey::Score { score_id } => {
                let row = score_row(&project_score(&score_id, &state));
                assert_eq!(row.len(), Table::Scores.columns().len());
            }
        }
    }
    for (id, unit) in &traces {
        let (trace, spans) = unit.project(id, &NoPrices);
        let totals = totals(spans.iter().map(|(_, span)| span));
        let row = trace_row(&trace, &totals, None, None);
        assert_eq!(row.len(), Table::Traces.columns().len());
        for (_, span) in &spans {
            assert_eq!(span_row(span, &trace.inherited).len(), Table::Spans.columns().len());
        }
    }
}
