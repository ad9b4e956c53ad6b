//! Costs of what is in segments, by today's prices.
//!
//! The manifest notes by which version of the prices a segment's costs were computed. Where that is
//! another one than today's, compaction computes them anew as it copies, and so does this, one segment
//! at a time. Rows of the head are always built by today's prices. Those of a chunk have the prices of
//! the moment at which it left the head: where they are others today, memory is sealed first.

use std::collections::BTreeMap;

use hashbrown::HashSet;
use tracekeep_archive::{ArchiveError, ModelCosts};
use tracekeep_model::Text;
use tracekeep_segment::{CostChange, Source, compare_costs};

use crate::manifest::SegmentEntry;
use crate::seal::Sealer;
use crate::store::failed;

/// Models that are told apart.
const MOST_MODELS: usize = 1_000;
/// Bytes of a model's name that is told apart.
const LONGEST_NAME: usize = 500;

impl Sealer {
    /// Writes one segment of a project anew whose costs are of other prices; says whether there was one.
    pub(crate) fn recompute_costs(&self, project: &str) -> Result<bool, ArchiveError> {
        self.seal_former_prices(project)?;
        let _turn = self.compacting.lock();
        let chosen = {
            let manifest = self.manifest();
            let version = self.pricing(project).version();
            let entry = manifest.segments.iter().find(|entry| is_stale(entry, project, &version));
            match entry {
                Some(entry) => self.sources(vec![entry.clone()])?,
                None => return Ok(false),
            }
        };
        self.make_one(&chosen)?;
        Ok(true)
    }

    /// What [`Sealer::recompute_costs`] would change, by model.
    pub(crate) fn stale_costs(&self, project: &str) -> Result<Vec<ModelCosts>, ArchiveError> {
        self.seal_former_prices(project)?;
        let pricing = self.pricing(project);
        let version = pricing.version();
        let stale: HashSet<u64> = {
            let manifest = self.manifest();
            let stale = manifest.segments.iter().filter(|entry| is_stale(entry, project, &version));
            stale.map(|entry| entry.number).collect()
        };
        let sources: Vec<Source> = {
            let live = self.lock();
            let segments = live.projects.get(project).map(|memtable| &memtable.segments[..]);
            let stale = segments.unwrap_or_default().iter().filter(|m| stale.contains(&m.number));
            // What was re-opened since it was sealed is in memory.
            let source = stale.map(|masked| Source {
                segment: masked.segment.clone(),
                gone_traces: masked.mask.traces.iter().collect(),
                gone_scores: Vec::new(),
                pricing: None,
            });
            source.collect()
        };
        let mut models = BTreeMap::new();
        for source in &sources {
            compare_costs(source, &*pricing, |change| add(&mut models, &change)).map_err(failed)?;
        }
        Ok(models.into_values().collect())
    }

    /// Seals, if a chunk of the project has costs by other prices than today's: in a segment they can be
    /// computed anew.
    fn seal_former_prices(&self, project: &str) -> Result<(), ArchiveError> {
        let version = self.pricing(project).version();
        let is_former = self.lock().projects.get(project).is_some_and(|memtable| {
            memtable.chunks.iter().any(|masked| masked.chunk.prices() != version)
        });
        if is_former { self.seal() } else { Ok(()) }
    }
}

fn is_stale(entry: &SegmentEntry, project: &str, version: &str) -> bool {
    entry.project == project && entry.facts.spans > 0 && entry.is_stale(version)
}

fn add(models: &mut BTreeMap<Option<Text>, ModelCosts>, change: &CostChange) {
    let span = &change.span;
    let named = span.response_model.as_ref().or(span.model.as_ref());
    let named = named.filter(|model| model.len() <= LONGEST_NAME).cloned();
    let has_room = models.len() < MOST_MODELS || models.contains_key(&named);
    let model = named.filter(|_| has_room);
    let costs = models
        .entry(model.clone())
        .or_insert_with(|| ModelCosts { model, ..ModelCosts::default() });
    let after = span.cost.total();
    costs.spans += 1;
    costs.changed += u64::from(change.before != after);
    costs.before += change.before.unwrap_or_default();
    costs.after += after.unwrap_or_default();
}
