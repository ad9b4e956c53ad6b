//! Feeds the decoders with whatever a fuzzer makes up. What must hold is in `checks`, which
//! `crates/server/tests/it/corpus.rs` compiles too.

mod checks;
#[allow(dead_code, reason = "other small files of a segment use the rest of it")]
#[rustfmt::skip]
#[path = "../../crates/segment/src/frame.rs"]
mod frame;
/// A segment's index by itself: with its crate come Arrow and Parquet, and after every input the
/// fuzzer would look through a million counters of theirs.
#[rustfmt::skip]
#[path = "../../crates/segment/src/index.rs"]
pub mod index;

use index::Index;

/// Checks one input of a target. Returns how many items it was found to hold: accepted, refused.
///
/// # Panics
/// Where a rule does not hold, and if there is no such target.
pub fn check(target: &str, input: &[u8]) -> (usize, usize) {
    let known = checks::ALL.iter().find(|(name, _)| *name == target);
    let (_, check) = known.expect("a target is listed in checks::ALL");
    let outcome = check(input);
    (outcome.accepted, outcome.refused)
}
