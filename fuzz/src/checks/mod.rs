//! What must hold for any input of any decoder, beyond that none panics. The fuzzer checks it for
//! inputs that it makes up, and `crates/server/tests/it/corpus.rs` for those of `fuzz/corpus`.

mod block;
mod index;
mod native;
mod otlp;
mod patches;
mod query;

use tracekeep_model::Micros;

use super::Index;

/// Checks one input; panics where a rule does not hold.
pub(crate) type Check = fn(&[u8]) -> Outcome;

/// Every target, by the name of its folder in `fuzz/corpus`.
pub(crate) const ALL: &[(&str, Check)] = &[
    ("otlp_protobuf", otlp::protobuf),
    ("otlp_json", otlp::json),
    ("native_start", native::start),
    ("native_update", native::update),
    ("native_complete", native::complete),
    ("native_batch", native::batch),
    ("native_score", native::score),
    ("model_cost", native::model_cost),
    ("query", query::query),
    ("block", block::block),
    ("index", index::index),
];

/// 2026-08-01T00:00:00Z, when every input is received.
const RECEIVED: Micros = Micros(1_785_542_400_000_000);

/// What became of the items of one input: spans, events, or the input as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// How many were understood.
    pub(crate) accepted: usize,
    /// How many were refused with a reason.
    pub(crate) refused: usize,
}

impl Outcome {
    /// One item, understood.
    const ACCEPTED: Self = Self { accepted: 1, refused: 0 };
    /// One item, refused.
    const REFUSED: Self = Self { accepted: 0, refused: 1 };
}
