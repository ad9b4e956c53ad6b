//! The suite that every archive must pass. For tests only: feature `conformance`.
//!
//! Random blocks of patches go to the archive and to a model in memory; what the archive says must be
//! what the model says, to the last column. Random queries go to the archive and to the oracle
//! ([`tracekeep_query::evaluate()`]); both must answer alike. Stories, written by hand, tell the cases
//! that are easily got wrong. All of it again after the archive was sealed, compacted, and opened
//! again.
//!
//! # Adding a store
//!
//! 1. Name this crate in the store's dev-dependencies, with `features = ["conformance"]`.
//! 2. Implement [`Subject`] for a store of its own for every test: a new folder, a schema with a
//!    random name, a database that is dropped at the end. It has the [`prices()`] of the suite.
//!    [`Disturbance`] says what to do to it.
//! 3. In an integration test, with an async function that makes such a subject:
//!
//! ```text
//! tracekeep_archive::conformance_tests!(open);
//! ```
//!
//! This makes a test of each check. A test fails with the seed, the query as JSON and the first row
//! that differs.
//!
//! | environment | default | |
//! |---|---|---|
//! | `TRACEKEEP_CONFORMANCE_QUERIES` | 150 | how many random queries are asked; long runs: 10,000 |
//! | `TRACEKEEP_CONFORMANCE_SEED` | fixed | another seed, other blocks and queries |
//!
//! # What a store need not do
//!
//! Sums of floats may differ in their last digits, as they depend on the order of adding. Everything
//! else is exact. Random blocks delete traces and scores, never single spans; a story does.

#![allow(clippy::unwrap_used, reason = "a test suite: what goes wrong ends the test")]

mod answers;
mod coverage;
mod data;
mod filled;
mod model;
mod patch;
mod prices;
mod queries;
mod random;
mod records;
mod run;
mod settings;
mod stories;
mod views;

use std::sync::Arc;

use async_trait::async_trait;

use crate::Archive;

pub use filled::{Look, says_what_blocks_say};
pub use prices::prices;
pub use queries::random_queries;
pub use random::Random;
pub use records::random_records;
pub use stories::*;

/// A store under test with the [`prices()`] of the suite, empty at first.
#[async_trait]
pub trait Subject: Send + Sync {
    /// The archive as it is open now. The suite asks again after every disturbance and keeps no handle
    /// over one.
    async fn archive(&self) -> Arc<dyn Archive>;

    /// Does something to the store that must not change what it says.
    async fn disturb(&mut self, how: Disturbance);
}

/// What happens to a store in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disturbance {
    /// All that was merged goes to its final place: [`Archive::seal`].
    Seal,
    /// All the tidying there is to do is done: [`Archive::compact`] until it has nothing left.
    Compact,
    /// The process ends without a word and another begins: drop the archive with all that it has in
    /// memory and open it again from what is durable. The suite then merges the blocks behind
    /// [`Archive::checkpoint`] once more, as the server does from the journal.
    Reopen,
}

/// Makes a test of each check of the [suite](crate::conformance). Its argument is an async function
/// without arguments that gives a new, empty [`Subject`](crate::conformance::Subject).
#[macro_export]
macro_rules! conformance_tests {
    (@each $open:expr; $($check:ident),+ $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $check() {
                let mut subject = $open().await;
                $crate::conformance::$check(&mut subject).await;
            }
        )+
    };
    ($open:expr) => {
        $crate::conformance_tests! {
            @each $open;
            random_records,
            random_queries,
            an_empty_archive_answers,
            projects_are_apart,
            bad_queries_are_refused,
            a_late_patch_reopens,
            a_block_twice_changes_nothing,
            any_order_gives_the_same,
            an_attribute_of_a_trace_reaches_its_spans,
            a_deletion_wins,
            a_deletion_may_come_first,
            a_deleted_span_stays_deleted,
            a_score_may_come_first,
            scores_lead_to_their_trace,
            ids_may_hold_anything,
            a_megabyte_comes_back_whole,
            large_fields_come_back_whole,
            numbers_are_compared_exactly,
            views_agree_with_their_tables,
            hours_add_up,
            costs_are_computed,
            a_late_patch_computes_costs_anew,
            random_costs_add_up,
        }
    };
}
