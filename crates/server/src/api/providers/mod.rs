//! Providers of models, as a project stores and sees them. Secrets go in and never come out.

mod body;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod update;

use serde::Serialize;
use tracekeep_model::Micros;

use crate::gateway::providers::{Facts, Listed};

/// A provider as it is shown.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shown {
    name: String,
    kind: String,
    base_url: String,
    api_version: Option<String>,
    models: Vec<String>,
    headers: Vec<String>,
    has_credential: bool,
    hint: Option<String>,
    source: &'static str,
    problem: Option<String>,
    created_at: Option<Micros>,
    updated_at: Option<Micros>,
}

impl Shown {
    fn of(listed: &Listed) -> Self {
        let Listed { provider, source, problem, facts } = listed;
        let headers = provider.headers.iter().map(|(name, _)| name.clone()).collect();
        let has_credential = provider.credential != Default::default();
        let facts = facts.as_ref();
        Self {
            name: provider.name.clone(),
            kind: facts.map_or_else(|| provider.kind.as_str().to_owned(), |f| f.kind.clone()),
            base_url: provider.base_url.clone(),
            api_version: provider.api_version.clone(),
            models: provider.models.clone(),
            headers: facts.map_or(headers, |facts| facts.headers.clone()),
            has_credential: facts.map_or(has_credential, |facts| facts.has_credential),
            // Of the server's keys a project sees nothing.
            hint: facts.map(|facts| facts.hint.clone()).filter(|hint| !hint.is_empty()),
            source: source.as_str(),
            problem: problem.clone(),
            created_at: facts.map(|Facts { created_at, .. }| Micros(*created_at)),
            updated_at: facts.map(|Facts { updated_at, .. }| Micros(*updated_at)),
        }
    }
}
