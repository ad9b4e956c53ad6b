use super::{cell, value};
use crate::functions::{tags_contain, text_contains_ci};
use crate::plan::{Check, Predicate};
use crate::{Cell, Column, ColumnType, Related, Row, Table};

/// Whether a row passes.
pub(super) fn holds(predicate: &Predicate, table: Table, row: &Row, related: &Related<'_>) -> bool {
    let inner = |inner: &Predicate| holds(inner, table, row, related);
    match predicate {
        Predicate::All(list) => list.iter().all(inner),
        Predicate::Any(list) => list.iter().any(inner),
        Predicate::Not(negated) => !inner(negated),
        Predicate::Test(test) => {
            passes(&value(&test.expr, row), test.expr.column_type(), &test.check)
        }
        Predicate::Search(words) => {
            found(table, row, words)
                || table.searches_spans()
                    && of_trace(row, related.spans).any(|span| found(Table::Spans, span, words))
        }
        Predicate::Score(name, check) => of_trace(row, related.scores).any(|score| {
            cell(score, "name").as_text() == Some(name.as_str())
                && passes(&cell(score, "value"), ColumnType::Float, check)
        }),
        Predicate::Shown(column, check) => {
            passes(&shown(column, row, related), column.column_type, check)
        }
    }
}

/// What is shown of a trace's texts: those of its generation; without one those that were stated for the
/// trace itself, else those of its root span.
fn shown(column: &Column, row: &Row, related: &Related<'_>) -> Cell {
    let generation = cell(row, "generation_span_id");
    let own_first = generation.is_null();
    let speaker = if own_first { cell(row, "root_span_id") } else { generation };
    let span = of_trace(row, related.spans).find(|span| cell(span, "span_id") == speaker);
    let said = |name: &str| span.map_or(Cell::Null, |span| cell(span, name));
    let either = |name: &str| {
        let (own, said) = (cell(row, name), said(name));
        let (first, second) = if own_first { (own, said) } else { (said, own) };
        if first.is_null() { second } else { first }
    };
    match column.name {
        "prompt_content" => match either("input") {
            Cell::Null => Cell::from(""),
            text => text,
        },
        "response_content" => either("output"),
        _ => said("system_prompt"),
    }
}

/// Rows of the same trace.
fn of_trace<'a>(row: &Row, others: &'a [Row]) -> impl Iterator<Item = &'a Row> + use<'a> {
    let trace = cell(row, "trace_id");
    others.iter().filter(move |other| !trace.is_null() && cell(other, "trace_id") == trace)
}

fn found(table: Table, row: &Row, words: &str) -> bool {
    table.searched().iter().any(|column| {
        cell(row, column.name).as_text().is_some_and(|text| text_contains_ci(text, words))
    })
}

/// Whether a value passes; a missing one never does.
pub(crate) fn passes(value: &Cell, column_type: ColumnType, check: &Check) -> bool {
    if value.is_null() {
        return false;
    }
    let text = value.as_text().unwrap_or_default();
    match check {
        Check::Equal(other) => value == other,
        Check::Less(other) => value < other,
        Check::LessOrEqual(other) => value <= other,
        Check::Greater(other) => value > other,
        Check::GreaterOrEqual(other) => value >= other,
        Check::In(others) => others.contains(value),
        Check::Contains(tag) if column_type == ColumnType::TextList => tags_contain(text, tag),
        Check::Contains(needle) => text.contains(needle),
        Check::StartsWith(prefix) => text.starts_with(prefix),
        Check::EndsWith(suffix) => text.ends_with(suffix),
        Check::ContainsAny(tags) => tags.iter().any(|tag| tags_contain(text, tag)),
        Check::ContainsAll(tags) => tags.iter().all(|tag| tags_contain(text, tag)),
        Check::Exists => match column_type {
            ColumnType::TextList => text != "[]",
            ColumnType::Json => text != "{}",
            _ => true,
        },
    }
}
