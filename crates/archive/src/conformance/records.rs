//! Random records: the archive against the model.

use super::data::Blocks;
use super::run::Run;
use super::settings::seed;
use super::{Disturbance, Subject};

/// Blocks merged between two disturbances.
const BLOCKS: usize = 10;

/// Random blocks, some late, some twice, some deletions: every trace and every row is what the model
/// says, before and after each disturbance. The archive is told of some blocks before it is disturbed,
/// of some after, and of some twice.
///
/// # Panics
/// Where they differ.
pub async fn random_records(subject: &mut dyn Subject) {
    let mut run = Run::new(subject);
    // Other blocks than those that random queries are asked of.
    let mut blocks = Blocks::new(seed().wrapping_add(1));
    let mut next = blocks.batch(BLOCKS);
    for how in [
        Disturbance::Reopen,
        Disturbance::Seal,
        Disturbance::Reopen,
        Disturbance::Seal,
        Disturbance::Compact,
        Disturbance::Reopen,
        Disturbance::Seal,
        Disturbance::Compact,
    ] {
        let rest = next.split_off(BLOCKS / 2);
        run.merge_all(next).await;
        run.announce(&rest).await;
        run.merge_all(rest).await;
        run.verify().await;
        next = blocks.batch(BLOCKS);
        run.announce(&next).await;
        run.disturb(how).await;
        run.verify().await;
    }
}
