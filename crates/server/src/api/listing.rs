//! Lists of traces: parameters in, rows of `ai_interaction_traces` out.

use std::collections::BTreeMap;
use std::collections::HashMap;

use tracekeep_archive::Archive;
use tracekeep_model::{Micros, Status};
use tracekeep_query::{Cell, Filter, Function, Literal, Measure, Op, Query, Row, Table, TimeRange};

use crate::api::interaction::{Interaction, Texts, rows};
use crate::api::time_range::time_range;
use crate::error::ApiError;

/// Traces whose texts are looked up together: at most as many spans as one answer may hold.
const AT_ONCE: usize = 100;

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
    /// Refuses unknown and repeated names.
    pub(crate) fn new(pairs: Vec<(String, String)>, also: &[&str]) -> Result<Self, ApiError> {
        let known = || {
            let filters = FILTERS.iter().map(|(name, _)| *name);
            filters.chain(["startDate", "endDate", "search", "filter"]).chain(also.iter().copied())
        };
        let mut all = HashMap::new();
        for (name, value) in pairs {
            if !known().any(|k| k == name) {
                let names: Vec<&str> = known().collect();
                let reason = format!("is unknown; use one of {}", names.join(", "));
                return Err(ApiError::parameter(&name, reason));
            }
            if all.insert(name.clone(), value).is_some() {
                return Err(ApiError::parameter(&name, "is sent twice; send it once"));
            }
        }
        Ok(Self(all))
    }

    /// A parameter; an empty one counts as not sent, as forms send it.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A whole number within bounds.
    pub(crate) fn number(&self, name: &str, default: u64, max: u64) -> Result<u64, ApiError> {
        let Some(text) = self.get(name) else { return Ok(default) };
        match text.parse::<u64>() {
            Ok(number) if number <= max => Ok(number),
            _ => Err(ApiError::parameter(
                name,
                format!("is `{text}`; send a whole number up to {max}"),
            )),
        }
    }

    /// The time range.
    pub(crate) fn time(&self) -> Result<Option<TimeRange>, ApiError> {
        time_range(self.get("startDate"), self.get("endDate"))
    }

    /// What rows of `traces` must fulfil.
    pub(crate) fn filter(&self) -> Result<Vec<Filter>, ApiError> {
        if let Some(status) = self.get("status") {
            status.parse::<Status>().map_err(|error| ApiError::parameter("status", error))?;
        }
        let mut all = Vec::new();
        for (name, column) in FILTERS {
            if let Some(value) = self.get(name) {
                all.push(Filter::condition(*column, Op::Eq, value));
            }
        }
        if let Some(words) = self.get("search") {
            all.push(Filter::Search(words.to_owned()));
        }
        if let Some(json) = self.get("filter") {
            all.push(Filter::from_json(json)?);
        }
        Ok(all)
    }
}

/// Traces that fulfil all of some conditions.
pub(crate) fn traces(filters: Vec<Filter>, time: Option<TimeRange>) -> Query {
    let mut query = Query::new(Table::Traces);
    query.filter = (!filters.is_empty()).then_some(Filter::And(filters));
    query.time = time;
    query
}

/// One page of traces, with their texts.
pub(crate) async fn page(
    archive: &dyn Archive,
    project: &str,
    query: &Query,
) -> Result<(Vec<Interaction>, Option<String>), ApiError> {
    let page = archive.query(project, query).await?;
    let traces = rows(Table::Traces, page.table);
    let mut texts = texts(archive, project, &traces).await?;
    let interaction = |row: Row| {
        let texts = row.get("trace_id").and_then(Cell::as_text).and_then(|id| texts.remove(id));
        Interaction::new(row, texts.unwrap_or_default())
    };
    Ok((traces.into_iter().map(interaction).collect(), page.next))
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

/// The texts of the spans that stand for some traces, by trace.
async fn texts(
    archive: &dyn Archive,
    project: &str,
    traces: &[Row],
) -> Result<BTreeMap<String, Texts>, ApiError> {
    let mut found = BTreeMap::new();
    for some in traces.chunks(AT_ONCE) {
        let wanted: HashMap<&str, &str> = some.iter().filter_map(speaker).collect();
        let Some(query) = texts_query(some, &wanted) else { continue };
        for mut span in rows(Table::Spans, archive.query(project, &query).await?.table) {
            let mut take = |name: &str| match span.remove(name) {
                Some(Cell::Text(text)) => Some(text.to_string()),
                _ => None,
            };
            let (Some(id), Some(span_id)) = (take("trace_id"), take("span_id")) else { continue };
            // The query asks for any of the spans in any of the traces.
            if wanted.get(id.as_str()).is_some_and(|wanted| *wanted == span_id) {
                let texts = Texts {
                    prompt: take("input"),
                    system_prompt: take("system_prompt"),
                    response: take("output"),
                };
                found.insert(id, texts);
            }
        }
    }
    // A trace without a generation shows its own texts, where it has any.
    for trace in traces {
        let text = |name: &str| trace.get(name).and_then(Cell::as_text).map(str::to_owned);
        let has_generation = trace.get("generation_span_id").is_some_and(|cell| !cell.is_null());
        if let Some(id) = text("trace_id") {
            let texts: &mut Texts = found.entry(id).or_default();
            if !has_generation {
                texts.prompt = text("input").or(texts.prompt.take());
                texts.response = text("output").or(texts.response.take());
            }
        }
    }
    Ok(found)
}

/// A trace and the span that stands for it.
fn speaker(trace: &Row) -> Option<(&str, &str)> {
    let text = |name: &str| trace.get(name).and_then(Cell::as_text);
    Some((text("trace_id")?, text("generation_span_id").or(text("root_span_id"))?))
}

fn texts_query(traces: &[Row], wanted: &HashMap<&str, &str>) -> Option<Query> {
    if wanted.is_empty() {
        return None;
    }
    let (mut from, mut to) = (Micros(i64::MAX / 2), Micros(i64::MIN / 2));
    for trace in traces {
        if let Some(Cell::Time(start)) = trace.get("start_time") {
            from = from.min(*start);
            // A span of a running trace may begin at any later time.
            let is_open = matches!(trace.get("open_spans"), Some(Cell::Int(open)) if *open > 0);
            to = to.max(match trace.get("end_time") {
                Some(Cell::Time(end)) if !is_open => end.plus(1),
                _ => Micros(i64::MAX / 2),
            });
        }
    }
    let mut query = Query::new(Table::Spans);
    query.limit = Some((AT_ONCE * AT_ONCE) as u64);
    query.time = Some(TimeRange { from, to: to.max(from.plus(1)) });
    query.select =
        ["trace_id", "span_id", "input", "system_prompt", "output"].map(str::to_owned).to_vec();
    let among = |column: &str, ids: Vec<Literal>| Filter::any_of(column, Op::In, ids);
    query.filter = Some(Filter::And(vec![
        among("trace_id", wanted.keys().map(|id| Literal::from(*id)).collect()),
        among("span_id", wanted.values().map(|id| Literal::from(*id)).collect()),
    ]));
    Some(query)
}
