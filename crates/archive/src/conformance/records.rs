//! Random records: the archive against the model.

use super::data::Blocks;
use super::run::Run;
use super::settings::seed;
use super::{Disturbance, Subject};

/// Blocks merged between two disturbances.
const BLOCKS: usize = 10;

/// Random blocks, some late, some twice, some deletions: every trace and every row is what the model
/// says, before and after each disturbance.
///
/// # Panics
/// Where they differ.
pub async fn random_records(subject: &mut dyn Subject) {
    let mut run = Run::new(subject);
    // Other blocks than those that random queries are asked of.
    let mut blocks = Blocks::new(seed().wrapping_add(1));
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
        run.merge_random(&mut blocks, BLOCKS).await;
        run.verify().await;
        run.disturb(how).await;
        run.verify().await;
    }
}
