//! A question, how its answer is checked, and the questions that Tracekeep is asked.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::Value;

use crate::connection::{Call, Reply};
use crate::record::TraceId;

/// The question that finds one trace.
pub(crate) const TRACE_BY_ID: &str = "trace by id";

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// A question. `{trace_id}` and `{user_id}` in it stand for those of some trace.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) name: String,
    path: String,
    /// Sent as JSON with POST. Without it, the question is a GET.
    #[serde(default)]
    body: Option<Value>,
    /// Where the answer has a list, as a JSON pointer.
    list: String,
    /// How many entries that has at least: how fast a wrong answer came means nothing.
    least: usize,
}

/// A question about one trace.
#[derive(Debug)]
pub(crate) struct Asked {
    path: String,
    body: Option<String>,
}

impl Asked {
    pub(crate) fn call(&self) -> Call<'_> {
        match &self.body {
            None => Call::get(&self.path),
            Some(body) => Call::json_text(&self.path, body.clone()),
        }
    }
}

impl Case {
    fn get(name: &str, path: &str, list: &str, least: usize) -> Self {
        let [name, path, list] = [name, path, list].map(str::to_owned);
        Self { name, path, body: None, list, least }
    }

    pub(crate) fn about(&self, trace_id: TraceId, user_id: &str) -> Asked {
        let trace_id = trace_id.to_string();
        let filled =
            |text: &str| text.replace("{trace_id}", &trace_id).replace("{user_id}", user_id);
        let body = self.body.as_ref().map(|body| filled(&body.to_string()));
        Asked { path: filled(&self.path), body }
    }

    /// Whether this is an answer.
    pub(crate) fn check(&self, reply: &Reply) -> Result<()> {
        let (name, excerpt) = (&self.name, || reply.excerpt());
        ensure!(reply.is_success(), "{name}: answered {}: {}", reply.status, excerpt());
        let answer: Value = serde_json::from_slice(&reply.body)
            .with_context(|| format!("{name}: the answer is no JSON: {}", excerpt()))?;
        let list = answer
            .pointer(&self.list)
            .and_then(Value::as_array)
            .with_context(|| format!("{name}: no list at `{}` of {}", self.list, excerpt()))?;
        let (has, least) = (list.len(), self.least);
        ensure!(has >= least, "{name}: {has} entries at `{}`, not {least}", self.list);
        Ok(())
    }
}

/// The questions of a file: a JSON array of objects with the fields of [`Case`].
pub(crate) fn read(path: &Path) -> Result<Vec<Case>> {
    let text = std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    serde_json::from_slice(&text)
        .with_context(|| format!("{} is no list of questions", path.display()))
}

/// What Tracekeep is asked of traces that spread over so many days before `now`, in seconds since
/// 1970.
pub(crate) fn tracekeep(now: u64, days: u64) -> Vec<Case> {
    let newest = |name: &str, filters: &str, least| {
        Case::get(name, &format!("/api/tracing/list?limit=100{filters}"), "", least)
    };
    let middle = (now * 1_000).saturating_sub(days * DAY_MS / 2);
    let (from, to) = (middle.saturating_sub(DAY_MS / 2), middle + DAY_MS / 2);
    vec![
        Case::get(TRACE_BY_ID, "/api/traces/{trace_id}", "/spans", 5),
        newest("newest 100 with totals", "", 100),
        newest("newest 100 without texts", "&content=none", 100),
        newest("newest 100 of a model", "&model=gpt-4o", 1),
        newest("newest 100 that failed", "&status=error", 1),
        newest("newest 100 of a user", "&userId={user_id}", 1),
        newest("newest 100 of a day", &format!("&startDate={from}&endDate={to}"), 1),
        Case::get("figures of 30 days", "/api/tracing/metrics", "/modelComparison", 1),
        Case::get("dashboard by hour", "/api/tracing/metrics?bucket=hour", "/costTrends", 1),
    ]
}

#[cfg(test)]
mod tests;
