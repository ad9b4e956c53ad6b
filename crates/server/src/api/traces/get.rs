//! `GET /api/traces/{traceId}`, `GET /api/tracing/{traceId}`: one trace, whole. Permission:
//! `traces:read`.
//!
//! The texts of its spans are bounded together: a span whose texts no longer fit is shown without
//! them and says `content_omitted`; [`span`](super::span) has them. `content=preview` shows the
//! beginning of each text, `content=none` no texts; neither shows long JSON.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use serde::Serialize;
use tracekeep_archive::Archive;
use tracekeep_model::{Money, Span, Text, Totals, Trace, totals};
use tracekeep_query::{Cell, Filter, Op, Query, Row, Table, span_row, trace_row};

use super::shown::ShownSpan;
use super::tree::tree_order;
use crate::api::content::{Content, MOST_IN_TRACE};
use crate::api::interaction::{
    Interaction, TOKENS_ESTIMATED, TableRow, Texts, bytes_of, without_long_json,
};
use crate::api::json_stream::{self, Piece};
use crate::api::listing::{Parameters, page, traces};
use crate::api::openapi::answers::{ErrorAnswer, WholeTrace};
use crate::api::openapi::parameters::Texts as TextsAskedFor;
use crate::api::openapi::refusals::QueryRefusals;
use crate::api::pairs::Pairs;
use crate::api::parts::Parts;
use crate::app::App;
use crate::auth::Reader;
use crate::error::ApiError;

/// Scores and children shown with a trace.
const MOST_RELATED: u64 = 1_000;

/// Bytes of the scores shown with a trace, but for the first.
const MOST_IN_SCORES: u64 = 16 << 20;

/// What stands behind the spans.
#[derive(Serialize)]
struct Rest<'a> {
    scores: Vec<TableRow<'a>>,
    totals: Sums<'a>,
    /// Traces that name this one as their parent; of their texts the beginnings.
    children: Vec<Interaction>,
    /// There are scores, or children, that are not shown.
    more_scores: bool,
    more_children: bool,
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
    /// Some of them were counted by Tracekeep, as nobody else did.
    tokens_estimated: bool,
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
        Its spans show at most 64 MiB of content together. One whose texts no longer fit says \
        `content_omitted`; by itself it is shown with them. `trace` shows the texts of the span that \
        stands for it once more, so that an answer may take twice as much.\n\n\
        Permission: `traces:read`.",
    params(
        ("traceId" = String, Path, description = "The trace's id.", example = "tour-1"),
        TextsAskedFor,
    ),
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
    Pairs(pairs): Pairs,
) -> Result<Response, ApiError> {
    let content = Content::read(&Parameters::only(pairs, &[Content::NAME])?, Content::Full)?;
    let (archive, project) = (&*app.archive, &*reader.project_id);
    let unknown = || ApiError::not_found(format!("there is no trace `{trace_id}`"));
    let unit = archive.trace(project, &trace_id).await?.ok_or_else(unknown)?;
    let mut children =
        traces(vec![Filter::condition("parent_trace_id", Op::Eq, trace_id.as_str())], None);
    children.limit = Some(MOST_RELATED);
    // Most traces have neither.
    let may_have = archive.relations(project, &trace_id).await?;
    let scores = async {
        match may_have.scores {
            true => scores(archive, project, &trace_id).await,
            false => Ok((Vec::new(), false)),
        }
    };
    let children = async {
        match may_have.children {
            true => page(archive, project, &children, content.in_passing()).await,
            false => Ok((Vec::new(), None)),
        }
    };
    let ((scores, more_scores), (children, next_child)) = tokio::try_join!(scores, children)?;

    let (trace, spans) = unit.project(&Text::from(trace_id.as_str()), &*archive.pricing(project));
    let spans = tree_order(spans.into_iter().map(|(_, span)| span).collect());
    let totals = totals(&spans);
    let head = head(&trace, &spans, &totals, content);
    let rest = Rest {
        scores: scores.iter().map(|row| TableRow { table: Table::Scores, row }).collect(),
        totals: sums(&totals, &spans),
        children,
        more_scores,
        more_children: next_child.is_some(),
    };
    let (head, rest) = (joined(r#"{"trace":"#, &head, r#","spans":["#), following("]", &rest));
    // The span's texts are shared with the unit, whose other half is no longer needed.
    drop(unit);
    let mut left = MOST_IN_TRACE;
    let spans = spans
        .into_iter()
        .map(move |span| ShownSpan::fitting(span_row(&span, &trace.inherited), content, &mut left));
    let pieces = [head].into_iter().chain(json_stream::elements(spans)).chain([rest]);
    Ok(json_stream::response(pieces))
}

/// The trace's own row. Texts that are too long for any answer are cut.
fn head(trace: &Trace, spans: &[Span], totals: &Totals, content: Content) -> Interaction {
    let find = |facts: &Option<tracekeep_model::SpanFacts>| {
        facts.as_ref().and_then(|facts| spans.iter().find(|span| span.span_id == facts.span_id))
    };
    let (root, generation) = (find(&totals.root), find(&totals.generation));
    let whole = texts(trace, root, generation, content);
    let fits = whole.bytes() <= MOST_IN_TRACE;
    let shown = if fits { whole } else { texts(trace, root, generation, Content::Preview) };
    let mut row = trace_row(trace, totals, root, generation);
    if let Some(span) = generation.or(root) {
        row.insert(TOKENS_ESTIMATED, Cell::from(span.tokens_estimated()));
    }
    let shortened = without_long_json(&mut row, content);
    Interaction::new(row, shown.or(shortened))
}

/// The texts of the span that stands for the trace; without a generation, the trace's own first.
fn texts(trace: &Trace, root: Option<&Span>, generation: Option<&Span>, content: Content) -> Texts {
    let span = generation.or(root);
    let of = |field: fn(&Span) -> &Option<Text>| span.and_then(|span| field(span).clone());
    let of_span = Texts::of(
        content,
        of(|span| &span.input),
        of(|span| &span.system_prompt),
        of(|span| &span.output),
    );
    if generation.is_some() {
        return of_span;
    }
    Texts::of(content, trace.input.clone(), None, trace.output.clone()).or(of_span)
}

/// The scores of a trace, the newest first, and whether there are more.
async fn scores(
    archive: &dyn Archive,
    project: &str,
    trace_id: &str,
) -> Result<(Vec<Row>, bool), ApiError> {
    let mut query = Query::new(Table::Scores);
    query.filter = Some(Filter::condition("trace_id", Op::Eq, trace_id));
    let mut parts = Parts::new(archive, project, query);
    let (mut shown, mut bytes) = (Vec::new(), 0);
    while let Some(rows) = parts.next().await? {
        for row in rows {
            bytes += bytes_of(&row);
            let is_full = shown.len() as u64 >= MOST_RELATED || bytes > MOST_IN_SCORES;
            if is_full && !shown.is_empty() {
                return Ok((shown, true));
            }
            shown.push(row);
        }
    }
    Ok((shown, false))
}

fn sums<'a>(totals: &'a Totals, spans: &[Span]) -> Sums<'a> {
    Sums {
        latency_ms: totals.latency().map(|micros| micros / 1_000),
        spans: totals.spans,
        errors: totals.errors,
        open_spans: totals.open,
        input_tokens: totals.input_tokens(),
        output_tokens: totals.output_tokens(),
        total_tokens: totals.total_tokens,
        tokens_estimated: spans.iter().any(Span::tokens_estimated),
        usage: &totals.usage,
        input_cost: totals.input_cost(),
        output_cost: totals.output_cost(),
        total_cost: totals.total_cost,
        cost: &totals.cost,
    }
}

/// A value between two texts.
fn joined(before: &str, value: &impl Serialize, after: &str) -> Piece {
    let mut piece = before.as_bytes().to_vec();
    serde_json::to_writer(&mut piece, value)?;
    piece.extend_from_slice(after.as_bytes());
    Ok(piece)
}

/// The members of an object behind a text: the end of the object that was begun before.
fn following(before: &str, object: &impl Serialize) -> Piece {
    let mut piece = joined(before, object, "")?;
    // Its opening brace is a comma here.
    if let Some(brace) = piece.get_mut(before.len()) {
        *brace = b',';
    }
    Ok(piece)
}
