//! An archive that somebody else filled.

use std::sync::Arc;

use async_trait::async_trait;
use tracekeep_model::block::Block;

use super::run::Run;
use super::views::verify_views;
use super::{Disturbance, Subject};
use crate::Archive;

/// How much of an archive is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Every trace whole, and how many rows each table has.
    Brief,
    /// Besides every row of every table, the views, and what points to a trace.
    Thorough,
}

/// Compares what an archive says with what these blocks say, which are all that were merged into it.
/// For tests that do to a store with the suite's [`prices`](super::prices()) what [`Disturbance`] has no
/// word for.
///
/// # Panics
/// Where they differ.
pub async fn says_what_blocks_say(archive: Arc<dyn Archive>, blocks: &[Block], look: Look) {
    let mut filled = Filled(archive);
    let mut run = Run::new(&mut filled);
    blocks.iter().for_each(|block| run.model.join(block));
    if look == Look::Brief {
        return run.verify_briefly().await;
    }
    run.verify().await;
    let projects: Vec<_> = run.model.projects().map(|(project, _)| project.clone()).collect();
    for project in projects {
        verify_views(&run, &project).await;
    }
}

/// Is there, and is left alone.
struct Filled(Arc<dyn Archive>);

#[async_trait]
impl Subject for Filled {
    async fn archive(&self) -> Arc<dyn Archive> {
        self.0.clone()
    }

    async fn disturb(&mut self, how: Disturbance) {
        panic!("{how:?}: the archive is another's");
    }
}
