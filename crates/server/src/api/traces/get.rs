//! `GET /api/traces/{traceId}`, `GET /api/tracing/{traceId}`: one trace, whole. Permission:
//! `traces:read`.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tracekeep_model::{Money, Span, Text, Totals, totals};
use tracekeep_query::{Filter, Op, Query, Row, Table, span_row, trace_row};

use crate::api::interaction::{Interaction, TableRow, Texts, rows};
use crate::api::listing::{page, traces};
use crate::api::openapi::answers::{ErrorAnswer, WholeTrace};
use crate::api::openapi::refusals::QueryRefusals;
use crate::app::App;
use crate::auth::Reader;
use crate::error::ApiError;

/// Scores and children shown with a trace.
const MOST_RELATED: u64 = 1_000;

#[derive(Serialize)]
struct Whole<'a> {
    trace: Interaction,
    /// In tree order: a span before its children, siblings by start.
    spans: Vec<TableRow<'a>>,
    scores: Vec<TableRow<'a>>,
    totals: Sums<'a>,
    /// Traces that name this one as their parent.
    children: Vec<Interaction>,
}

/// The totals of a trace: latency in milliseconds, costs in USD.
#[derive(Serialize)]
struct Sums<'a> {
    latency_ms: Option<i64>,
    spans: u64,
    errors: u64,
    open_spans: u64,
    input_tokens: Option<i64>,
    output_tokens: Option<i64>,
    total_tokens: Option<i64>,
    usage: &'a std::collections::BTreeMap<Text, i64>,
    input_cost: Option<Money>,
    output_cost: Option<Money>,
    total_cost: Option<Money>,
    cost: &'a std::collections::BTreeMap<Text, Money>,
}

#[utoipa::path(
    get,
    path = "/api/traces/{traceId}",
    operation_id = "getTrace",
    tag = "Read traces",
    summary = "Read one trace",
    description = "Whole: with its spans, scores, totals, and the traces below it.\n\n\
        Permission: `traces:read`.",
    params(("traceId" = String, Path, description = "The trace's id.", example = "tour-1")),
    responses(
        (status = 200, description = "The trace", body = WholeTrace),
        (status = 404, description = "There is no such trace", body = ErrorAnswer),
        QueryRefusals,
    ),
    security(("secretKey" = []), ("keyPair" = [])),
)]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(trace_id): Path<String>,
) -> Result<Response, ApiError> {
    let (archive, project) = (&*app.archive, &*reader.project_id);
    let unknown = || ApiError::not_found(format!("there is no trace `{trace_id}`"));
    let unit = archive.trace(project, &trace_id).await?.ok_or_else(unknown)?;
    let mut scores = Query::new(Table::Scores);
    scores.filter = Some(Filter::condition("trace_id", Op::Eq, trace_id.as_str()));
    scores.limit = Some(MOST_RELATED);
    let mut children =
        traces(vec![Filter::condition("parent_trace_id", Op::Eq, trace_id.as_str())], None);
    children.limit = Some(MOST_RELATED);
    let (scores, (children, _)) = tokio::try_join!(
        async { Ok(archive.query(project, &scores).await?) },
        page(archive, project, &children),
    )?;
    let scores = rows(Table::Scores, scores.table);

    let id = Text::from(trace_id.as_str());
    let (trace, spans) = unit.project(&id);
    let spans = tree_order(spans.into_iter().map(|(_, span)| span).collect());
    let totals = totals(&spans);
    let find = |facts: &Option<tracekeep_model::SpanFacts>| {
        facts.as_ref().and_then(|facts| spans.iter().find(|span| span.span_id == facts.span_id))
    };
    let (root, generation) = (find(&totals.root), find(&totals.generation));
    let texts = texts(&trace, root, generation);
    let row = trace_row(&trace, &totals, root, generation);
    let span_rows: Vec<Row> = spans.iter().map(|span| span_row(span, &trace.inherited)).collect();
    let whole = Whole {
        trace: Interaction::new(row, texts),
        spans: span_rows.iter().map(|row| TableRow { table: Table::Spans, row }).collect(),
        scores: scores.iter().map(|row| TableRow { table: Table::Scores, row }).collect(),
        totals: sums(&totals),
        children,
    };
    Ok(Json(whole).into_response())
}

/// The texts of the span that stands for the trace; without a generation, the trace's own first.
fn texts(trace: &tracekeep_model::Trace, root: Option<&Span>, generation: Option<&Span>) -> Texts {
    let text = |text: &Option<Text>| text.as_ref().map(Text::to_string);
    let of =
        |field: fn(&Span) -> &Option<Text>| generation.or(root).and_then(|span| text(field(span)));
    let (prompt, response) = (of(|span| &span.input), of(|span| &span.output));
    let own = generation.is_none();
    Texts {
        prompt: if own { text(&trace.input).or(prompt) } else { prompt },
        system_prompt: of(|span| &span.system_prompt),
        response: if own { text(&trace.output).or(response) } else { response },
    }
}

fn sums(totals: &Totals) -> Sums<'_> {
    Sums {
        latency_ms: totals.latency().map(|micros| micros / 1_000),
        spans: totals.spans,
        errors: totals.errors,
        open_spans: totals.open,
        input_tokens: totals.input_tokens(),
        output_tokens: totals.output_tokens(),
        total_tokens: totals.total_tokens,
        usage: &totals.usage,
        input_cost: totals.input_cost(),
        output_cost: totals.output_cost(),
        total_cost: totals.total_cost,
        cost: &totals.cost,
    }
}

/// Depth first, siblings by start. A span whose parent is missing, or that is its own ancestor,
/// counts as a root.
fn tree_order(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_by(|a, b| (a.start_time, &a.span_id).cmp(&(b.start_time, &b.span_id)));
    let place: HashMap<Text, usize> =
        spans.iter().enumerate().map(|(n, span)| (span.span_id.clone(), n)).collect();
    let parent = |n: usize| spans[n].parent_span_id.as_ref().and_then(|id| place.get(id)).copied();
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); spans.len()];
    let mut stack = Vec::new();
    for n in (0..spans.len()).rev() {
        match parent(n) {
            Some(parent) => children[parent].push(n),
            None => stack.push(n),
        }
    }
    let mut order = Vec::with_capacity(spans.len());
    let mut seen = vec![false; spans.len()];
    let mut next_unseen = 0;
    while order.len() < spans.len() {
        let Some(n) = stack.pop() else {
            // Only spans within circles are left.
            while seen[next_unseen] {
                next_unseen += 1;
            }
            stack.push(next_unseen);
            continue;
        };
        if !std::mem::replace(&mut seen[n], true) {
            order.push(n);
            stack.extend(&children[n]);
        }
    }
    let mut slots: Vec<Option<Span>> = spans.into_iter().map(Some).collect();
    order.into_iter().filter_map(|n| slots[n].take()).collect()
}

#[cfg(test)]
mod tests;
