//! Texts that were stated for traces themselves. A trace with a generation shows that one's.

use std::collections::HashMap;

use tracekeep_archive::Archive;
use tracekeep_model::{Micros, Text};
use tracekeep_query::{Cell, Filter, Literal, Op, Query, Row, Table, TimeRange};

use crate::api::content::{Content, MOST_IN_LIST, MOST_READ};
use crate::api::interaction::{Texts, bytes_of};
use crate::api::parts::Parts;
use crate::error::ApiError;

/// What was found.
pub(super) struct Own {
    /// By trace.
    pub(super) texts: HashMap<Text, Texts>,
    /// How many of the page's traces were looked at, from the first on.
    pub(super) seen: usize,
}

/// The texts of a page's traces, in its order, until they are more than one answer may hold.
pub(super) async fn own(
    archive: &dyn Archive,
    project: &str,
    traces: &[Row],
    content: Content,
) -> Result<Own, ApiError> {
    let mut own = Own { texts: HashMap::new(), seen: traces.len() };
    let is_without = |trace: &&Row| trace.get("generation_span_id").is_none_or(Cell::is_null);
    let Some(query) = query(&traces.iter().filter(is_without).collect::<Vec<_>>()) else {
        return Ok(own);
    };
    let most = if content == Content::Preview { MOST_READ } else { MOST_IN_LIST };
    let mut parts = Parts::new(archive, project, query);
    let mut read = 0;
    while let Some(rows) = parts.next().await? {
        for mut row in rows {
            read += bytes_of(&row);
            let mut take = |name: &str| match row.remove(name) {
                Some(Cell::Text(text)) => Some(text),
                _ => None,
            };
            let Some(id) = take("trace_id") else { continue };
            let texts = Texts::of(content, take("input"), None, take("output"));
            if read > most {
                let is_it =
                    |trace: &Row| trace.get("trace_id").and_then(Cell::as_text) == Some(&*id);
                own.seen = traces.iter().position(is_it).map_or(traces.len(), |at| at + 1);
            }
            own.texts.insert(id, texts);
            if read > most {
                return Ok(own);
            }
        }
    }
    Ok(own)
}

/// Asks for the few of some traces that have texts of their own.
fn query(traces: &[&Row]) -> Option<Query> {
    let starts = || {
        traces.iter().filter_map(|trace| match trace.get("start_time") {
            Some(Cell::Time(start)) => Some(*start),
            _ => None,
        })
    };
    let (from, to): (Micros, Micros) = (starts().min()?, starts().max()?);
    let ids = traces.iter().filter_map(|trace| trace.get("trace_id").and_then(Cell::as_text));
    let mut query = Query::new(Table::Traces);
    query.time = Some(TimeRange { from, to: to.plus(1) });
    query.select = ["trace_id", "input", "output"].map(str::to_owned).to_vec();
    query.filter = Some(Filter::And(vec![
        Filter::any_of("trace_id", Op::In, ids.map(Literal::from).collect()),
        Filter::Or(vec![
            Filter::presence("input", Op::Exists),
            Filter::presence("output", Op::Exists),
        ]),
    ]));
    Some(query)
}
