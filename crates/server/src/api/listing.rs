//! Lists of traces: parameters in, rows of `ai_interaction_traces` out.

mod own;
mod page;
mod spans;

use std::collections::HashMap;
use std::ops::RangeInclusive;

use tracekeep_archive::Archive;
use tracekeep_model::Status;
use tracekeep_query::{Cell, Filter, Function, Measure, Op, Query, Table, TimeRange};

use crate::api::time_range::time_range;
use crate::error::ApiError;

pub(crate) use page::page;

/// Parameters that choose traces, in every list and figure.
const FILTERS: &[(&str, &str)] = &[
    ("model", "model"),
    ("status", "status"),
    ("source", "source"),
    ("userId", "user_id"),
    ("sessionId", "session_id"),
    ("environment", "environment"),
    ("name", "name"),
    ("release", "release"),
];

/// A query string, each name at most once.
pub(crate) struct Parameters(HashMap<String, String>);

impl Parameters {
    /// Those that choose traces, and others. Refuses unknown and repeated names.
    pub(crate) fn new(pairs: Vec<(String, String)>, also: &[&str]) -> Result<Self, ApiError> {
        let filters = FILTERS.iter().map(|(name, _)| *name);
        let known = filters.chain(["startDate", "endDate", "search", "filter"]);
        Self::only(pairs, &known.chain(also.iter().copied()).collect::<Vec<&str>>())
    }

    /// Those that are known, and no others. Refuses unknown and repeated names.
    pub(crate) fn only(pairs: Vec<(String, String)>, known: &[&str]) -> Result<Self, ApiError> {
        let mut all = HashMap::new();
        for (name, value) in pairs {
            if !known.contains(&name.as_str()) {
                let reason = match known {
                    [] => "is unknown; this endpoint takes no parameters".to_owned(),
                    _ => format!("is unknown; use one of {}", known.join(", ")),
                };
                return Err(ApiError::parameter(&name, reason));
            }
            if all.contains_key(&name) {
                return Err(ApiError::parameter(&name, "is sent twice; send it once"));
            }
            all.insert(name, value);
        }
        Ok(Self(all))
    }

    /// A parameter; an empty one counts as not sent, as forms send it.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A whole number within bounds.
    pub(crate) fn number(
        &self,
        name: &str,
        default: u64,
        bounds: RangeInclusive<u64>,
    ) -> Result<u64, ApiError> {
        let Some(text) = self.get(name) else { return Ok(default) };
        match text.parse::<u64>() {
            Ok(number) if bounds.contains(&number) => Ok(number),
            _ => {
                let (least, most) = (bounds.start(), bounds.end());
                let reason = format!("is `{text}`; send a whole number from {least} to {most}");
                Err(ApiError::parameter(name, reason))
            }
        }
    }

    /// The time range.
    pub(crate) fn time(&self) -> Result<Option<TimeRange>, ApiError> {
        time_range(self.get("startDate"), self.get("endDate"))
    }

    /// What rows of `traces` must fulfil. Each is checked by itself, so that a refusal speaks of the
    /// parameter, not of a place in what becomes of all of them.
    pub(crate) fn filter(&self) -> Result<Vec<Filter>, ApiError> {
        if let Some(status) = self.get("status") {
            status.parse::<Status>().map_err(|error| ApiError::parameter("status", error))?;
        }
        let mut all = Vec::new();
        for (name, column) in FILTERS {
            if let Some(value) = self.get(name) {
                all.push(checked(name, Filter::condition(*column, Op::Eq, value))?);
            }
        }
        if let Some(words) = self.get("search") {
            all.push(checked("search", Filter::Search(words.to_owned()))?);
        }
        if let Some(json) = self.get("filter") {
            let filter = Filter::from_json(json)?;
            // Its paths are those of the sender's own JSON.
            traces(vec![filter.clone()], None).plan()?;
            all.push(filter);
        }
        Ok(all)
    }
}

fn checked(name: &str, filter: Filter) -> Result<Filter, ApiError> {
    match traces(vec![filter.clone()], None).plan() {
        Ok(_) => Ok(filter),
        Err(error) => Err(ApiError::parameter(name, error.reason)),
    }
}

/// Traces that fulfil all of some conditions.
pub(crate) fn traces(mut filters: Vec<Filter>, time: Option<TimeRange>) -> Query {
    let mut query = Query::new(Table::Traces);
    query.filter = match filters.len() {
        0 | 1 => filters.pop(),
        _ => Some(Filter::And(filters)),
    };
    query.time = time;
    query
}

/// How many traces a query finds.
pub(crate) async fn count(
    archive: &dyn Archive,
    project: &str,
    query: &Query,
) -> Result<i64, ApiError> {
    let count = Query {
        measures: vec![Measure::new(Function::Count)],
        order: Vec::new(),
        limit: None,
        offset: None,
        cursor: None,
        ..query.clone()
    };
    let answer = archive.query(project, &count).await?.table;
    Ok(match answer.rows.first().and_then(|row| row.first()) {
        Some(Cell::Int(count)) => *count,
        _ => 0,
    })
}

#[cfg(test)]
mod tests;
