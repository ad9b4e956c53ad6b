//! An archive's answer beside the oracle's.

use tracekeep_model::{State, TraceUnit};
use tracekeep_query::{Cell, Page, Query, Related, ResultTable, Row, evaluate_plan};

use crate::Archive;

/// What is shown of one value.
const SHOWN: usize = 160;

/// Asks the archive and the oracle the same. `rows` are all of the table.
///
/// Where they differ, says how.
pub(super) async fn compare(
    archive: &dyn Archive,
    project: &str,
    query: &Query,
    rows: &[Row],
    related: &Related<'_>,
) -> Result<ResultTable, String> {
    let wanted = oracle(query, rows, related)?;
    let found = match archive.query(project, query).await {
        Ok(page) => page,
        Err(error) => return Err(format!("{error}\n{}", shown_query(query))),
    };
    if let Some(difference) = difference(&found.table, &wanted.table) {
        return Err(format!("{difference}\n{}", shown_query(query)));
    }
    if found.next.is_some() != wanted.next.is_some() {
        let (found, wanted) = (found.next, wanted.next);
        return Err(format!("next is {found:?}, not {wanted:?}\n{}", shown_query(query)));
    }
    Ok(found.table)
}

/// As [`compare`], in pages: all of them together must be the whole answer. For rows only.
pub(super) async fn compare_pages(
    archive: &dyn Archive,
    project: &str,
    query: &Query,
    rows: &[Row],
    related: &Related<'_>,
) -> Result<(), String> {
    let most = Some(tracekeep_query::bounds::MAX_LIMIT);
    let whole = Query { limit: most, offset: None, ..query.clone() };
    let wanted = oracle(&whole, rows, related)?.table;
    let size = (wanted.rows.len() as u64 / 3).max(1);
    let mut page = Query { limit: Some(size), offset: None, ..query.clone() };
    let mut found = ResultTable { columns: wanted.columns.clone(), rows: Vec::new() };
    // Each page has a row at least, where there are any.
    for _ in 0..wanted.rows.len().max(1) {
        let answer = match archive.query(project, &page).await {
            Ok(answer) => answer,
            Err(error) => return Err(format!("{error}\n{}", shown_query(&page))),
        };
        found.rows.extend(answer.table.rows);
        page.cursor = answer.next;
        if page.cursor.is_none() {
            return match difference(&found, &wanted) {
                Some(difference) => {
                    Err(format!("in pages of {size}: {difference}\n{}", shown_query(query)))
                }
                None => Ok(()),
            };
        }
    }
    Err(format!("pages of {size} do not end\n{}", shown_query(query)))
}

fn oracle(query: &Query, rows: &[Row], related: &Related<'_>) -> Result<Page, String> {
    match query.plan() {
        Ok(plan) => Ok(plan.finish(evaluate_plan(&plan, rows, related))),
        Err(error) => Err(format!("the query is not valid: {error}\n{}", shown_query(query))),
    }
}

fn shown_query(query: &Query) -> String {
    format!("query: {}", serde_json::to_string(query).unwrap())
}

/// Where two answers differ first.
pub(super) fn difference(found: &ResultTable, wanted: &ResultTable) -> Option<String> {
    if found.columns != wanted.columns {
        return Some(format!("columns are {:?}, not {:?}", found.columns, wanted.columns));
    }
    for (number, (row, other)) in found.rows.iter().zip(&wanted.rows).enumerate() {
        if let Some(difference) = row_difference(row, other, wanted) {
            let (row, other) = (shown(row), shown(other));
            return Some(format!(
                "row {number}: {difference}\n  archive: {row}\n  oracle:  {other}"
            ));
        }
    }
    let (count, wanted_count) = (found.rows.len(), wanted.rows.len());
    if count == wanted_count {
        return None;
    }
    let more = found.rows.get(wanted_count).or_else(|| wanted.rows.get(count));
    let more = more.map(|row| shown(row)).unwrap_or_default();
    Some(format!("{count} rows, not {wanted_count}; the first without another: {more}"))
}

fn row_difference(row: &[Cell], wanted: &[Cell], of: &ResultTable) -> Option<String> {
    if row.len() != wanted.len() {
        return Some(format!("{} cells, not {}", row.len(), wanted.len()));
    }
    for (at, (cell, other)) in row.iter().zip(wanted).enumerate() {
        if !alike(cell, other) {
            let name = of.columns.get(at).map_or("?", |(name, _)| name.as_str());
            return Some(format!("`{name}` is {}, not {}", shown_cell(cell), shown_cell(other)));
        }
    }
    None
}

/// Equal; floats but for their last digits. What is no number is like nothing.
pub(super) fn alike(found: &Cell, wanted: &Cell) -> bool {
    match (found, wanted) {
        (Cell::Float(a), Cell::Float(b)) => {
            let most = 1e-9 * a.abs().max(b.abs());
            a.is_finite() && b.is_finite() && (a - b).abs() <= most
        }
        _ => found == wanted,
    }
}

fn shown(row: &[Cell]) -> String {
    row.iter().map(shown_cell).collect::<Vec<_>>().join(", ")
}

fn shown_cell(cell: &Cell) -> String {
    short(&format!("{cell:?}"))
}

fn short(text: &str) -> String {
    let mut short: String = text.chars().take(SHOWN).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// How a trace differs from what it must be; continues the sentence `trace …`.
pub(super) fn trace_difference(
    found: Option<&TraceUnit>,
    wanted: Option<&TraceUnit>,
) -> Option<String> {
    let (found, wanted) = match (found, wanted) {
        (None, None) => return None,
        (Some(_), None) => return Some("is there, but is unknown or deleted".to_owned()),
        (None, Some(_)) => return Some("is missing".to_owned()),
        (Some(found), Some(wanted)) => (found, wanted),
    };
    if found == wanted {
        return None;
    }
    if let Some(difference) = state_difference(&found.state, &wanted.state) {
        return Some(difference);
    }
    for id in wanted.spans.keys().chain(found.spans.keys()) {
        match (found.spans.get(id), wanted.spans.get(id)) {
            (Some(span), Some(other)) => {
                if let Some(difference) = state_difference(span, other) {
                    return Some(format!("has a span `{id}` that {difference}"));
                }
            }
            (Some(_), None) => return Some(format!("has a span `{id}` too many")),
            (None, _) => return Some(format!("has no span `{id}`")),
        }
    }
    Some("differs".to_owned())
}

fn state_difference(found: &State, wanted: &State) -> Option<String> {
    if found == wanted {
        return None;
    }
    let times = |state: &State| (state.received(), state.updated(), state.deleted_at());
    if times(found) != times(wanted) {
        let (times, other) = (times(found), times(wanted));
        return Some(format!("was received, updated, deleted {times:?}, not {other:?}"));
    }
    let (entries, others) = (found.entries(), wanted.entries());
    let at = entries.iter().zip(others).take_while(|(entry, other)| entry == other).count();
    let entry = short(&format!("{:?}", entries.get(at)));
    let other = short(&format!("{:?}", others.get(at)));
    Some(format!("states {entry} instead of {other}"))
}
