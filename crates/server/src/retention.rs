//! How long each project keeps its traces, without asking the control store for every request.

use std::collections::HashMap;

use arc_swap::ArcSwap;
use tracekeep_archive::Expiry;
use tracekeep_control::Project;
use tracekeep_model::Micros;

/// Days by project, as of the last look.
#[derive(Debug, Default)]
pub(crate) struct Retention(ArcSwap<HashMap<String, i64>>);

impl Retention {
    /// As these projects have it now.
    pub(crate) fn new(projects: &[Project]) -> Self {
        let retention = Self::default();
        retention.learn(projects);
        retention
    }

    /// Forgets what it knew, and knows these.
    pub(crate) fn learn(&self, projects: &[Project]) {
        let days = projects.iter().map(|project| (project.id.clone(), project.retention_days));
        self.0.store(days.collect::<HashMap<String, i64>>().into());
    }

    /// What began before this moment is past its retention. A project that is not known yet keeps
    /// everything: nothing is refused that a later look would have taken.
    pub(crate) fn keeps_from(&self, project_id: &str, now: Micros) -> Micros {
        self.0
            .load()
            .get(project_id)
            .map_or(Micros::EARLIEST, |days| Expiry::after_days(*days, now).records)
    }
}

#[cfg(test)]
mod tests;
