//! Virtual models: a name for a choice of models.
//!
//! A call of one goes to one of its routes, drawn by weight; where that fails, to the others' and then
//! to the fallbacks, in order. What it names may be virtual itself, as long as nothing leads back.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tracekeep_control::{Control, ControlError, Micros};

use super::kept::Kept;
use crate::clock;

/// Routes, and fallbacks, of one virtual model.
pub(crate) const MOST_ROUTES: usize = 50;
/// The largest weight.
pub(crate) const MOST_WEIGHT: f64 = 1_000_000.0;
/// Retries of one call.
pub(crate) const MOST_RETRIES: u64 = 10;
/// An hour.
pub(crate) const LONGEST_TIMEOUT_MS: u64 = 3_600_000;
/// A year.
pub(crate) const LONGEST_CACHE_S: u64 = 31_536_000;

/// What a virtual model is. As JSON it is what is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Definition {
    /// At least one.
    pub(crate) routes: Vec<Route>,
    /// Models that are asked where the routes fail.
    #[serde(default)]
    pub(crate) fallbacks: Vec<String>,
    /// How often each is asked again; `None`: as often as the gateway does by itself.
    #[serde(default)]
    pub(crate) retries: Option<u64>,
    /// Milliseconds until an answer has begun, of each; `None`: as long as the gateway waits by itself.
    #[serde(default)]
    pub(crate) timeout_ms: Option<u64>,
    /// Seconds for which an answer is given again to the same request; `None`: it is not.
    #[serde(default)]
    pub(crate) cache_seconds: Option<u64>,
}

/// A model that may be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Route {
    pub(crate) model: String,
    /// Its share of the calls, beside the others' weights.
    pub(crate) weight: f64,
}

impl Definition {
    /// Reads what is stored.
    pub(crate) fn of(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json)
    }

    /// All models that it names.
    pub(crate) fn models(&self) -> impl Iterator<Item = &str> {
        let routes = self.routes.iter().map(|route| route.model.as_str());
        routes.chain(self.fallbacks.iter().map(String::as_str))
    }
}

/// The virtual models of a project, by name.
pub(crate) type Definitions = Arc<HashMap<String, Stored>>;

/// A virtual model that a project has.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    /// `None`: it cannot be read.
    pub(crate) definition: Option<Definition>,
    /// When it was stored so.
    pub(crate) updated_at: Micros,
}

/// The virtual models of all projects.
pub(crate) struct VirtualModels {
    control: Arc<Control>,
    kept: Kept<Definitions>,
}

impl VirtualModels {
    /// Those of the store.
    pub(crate) fn new(control: Arc<Control>) -> Self {
        Self { control, kept: Kept::default() }
    }

    /// Those of a project.
    ///
    /// # Errors
    /// The control store failed.
    pub(crate) async fn of(&self, project_id: &str) -> Result<Definitions, ControlError> {
        let read = async {
            let stored = self.control.virtual_models(project_id).await?;
            let read = stored.into_iter().map(|model| {
                let definition = Definition::of(&model.definition);
                let definition = definition.inspect_err(|error| {
                    tracing::error!(%error, model.name, "a virtual model's definition is damaged");
                });
                let definition = definition.ok();
                (model.name, Stored { definition, updated_at: model.updated_at })
            });
            Ok(Arc::new(read.collect()))
        };
        self.kept.get(project_id, clock::now_micros(), read).await
    }

    /// Forgets what was read of a project: it has changed.
    pub(crate) fn forget(&self, project_id: &str) {
        self.kept.forget(project_id);
    }
}

/// The way on which a virtual model leads back to itself, its name first and last. `others` are the
/// project's, by name; one of them that has the same name does not count.
pub(crate) fn way_back(
    name: &str,
    definition: &Definition,
    others: &HashMap<String, Definition>,
) -> Option<Vec<String>> {
    // Each model is looked at once; of each is noted which one led there.
    let mut from: HashMap<&str, Option<&str>> = HashMap::new();
    let mut open: Vec<(&str, Option<&str>)> =
        definition.models().map(|model| (model, None)).collect();
    while let Some((model, before)) = open.pop() {
        if model == name {
            let steps = std::iter::successors(before, |step| from.get(step).copied().flatten());
            let mut way: Vec<String> = [name].into_iter().chain(steps).map(str::to_owned).collect();
            way.push(name.to_owned());
            way.reverse();
            return Some(way);
        }
        if from.contains_key(model) {
            continue;
        }
        from.insert(model, before);
        let next = others.get(model).into_iter().flat_map(Definition::models);
        open.extend(next.map(|next| (next, Some(model))));
    }
    None
}

#[cfg(test)]
mod tests;
