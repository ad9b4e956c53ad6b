//! `GET /api/tracing/live`: what runs now. Permission: `traces:read`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use tracekeep_model::Micros;
use tracekeep_query::{Cell, Filter, Function, Measure, Op, TimeRange};

use crate::api::content::Content;
use crate::api::interaction::Interaction;
use crate::api::listing::{Parameters, count, page, traces};
use crate::api::openapi::answers::LiveTraces;
use crate::api::openapi::parameters::{Glances, Newest, TraceFilters};
use crate::api::openapi::refusals::QueryRefusals;
use crate::api::pairs::Pairs;
use crate::app::App;
use crate::auth::Reader;
use crate::clock;
use crate::error::ApiError;

/// How far a sender's clock may be ahead.
const SKEW: i64 = 60 * Micros::SECOND;
/// The window of everything but `active`.
const WINDOW: i64 = 5 * 60 * Micros::SECOND;

#[derive(Debug, Serialize)]
pub(crate) struct Live {
    /// Traces that are pending, whenever they began.
    active: i64,
    /// Milliseconds, of traces that began in the last five minutes and have ended.
    #[serde(rename = "avgLatency")]
    avg_latency: f64,
    /// Percent of the traces that began in the last five minutes.
    #[serde(rename = "errorRate")]
    error_rate: f64,
    /// Traces a second, over the last five minutes.
    throughput: f64,
    /// The newest of them.
    traces: Vec<Interaction>,
    /// There are more of them than these.
    more: bool,
}

#[utoipa::path(
    get,
    path = "/api/tracing/live",
    operation_id = "getLiveTraces",
    tag = "Read traces",
    summary = "See what runs now",
    description = "The newest traces of the last five minutes, averages of them, and how many \
        traces still run. `startDate` and `endDate` change nothing here. An answer holds at most 32 MiB \
        of content and one trace: where it has fewer than there are, it says `more`.\n\nPermission: `traces:read`.",
    params(TraceFilters, Newest, Glances),
    responses((status = 200, description = "What runs now", body = LiveTraces), QueryRefusals),
    security(("secretKey" = []), ("keyPair" = [])),
)]
pub(crate) async fn live(
    State(app): State<Arc<App>>,
    reader: Reader,
    Pairs(pairs): Pairs,
) -> Result<Json<Live>, ApiError> {
    let parameters = Parameters::new(pairs, &["limit", Content::NAME])?;
    let content = Content::read(&parameters, Content::Preview)?;
    let filters = parameters.filter()?;
    let now = clock::now();
    let window = TimeRange { from: now.plus(-WINDOW), to: now.plus(SKEW) };
    let (archive, project) = (&*app.archive, &*reader.project_id);

    let mut pending = filters.clone();
    pending.push(Filter::condition("status", Op::Eq, "pending"));
    let pending = traces(pending, None);
    let mut newest = traces(filters.clone(), Some(window));
    newest.limit = Some(parameters.number("limit", 50, 1..=1_000)?);
    let mut figures = traces(filters, Some(window));
    figures.measures = vec![
        Measure::new(Function::Count),
        Measure::of(Function::Avg, "duration_us"),
        Measure::new(Function::ErrorRate),
    ];
    let ((traces, next), active, figures) = tokio::try_join!(
        page(archive, project, &newest, content),
        count(archive, project, &pending),
        async { Ok(archive.query(project, &figures).await?) },
    )?;
    let figure = |n: usize| {
        let cell = figures.table.rows.first().and_then(|row| row.get(n));
        cell.and_then(Cell::as_float).unwrap_or(0.0)
    };
    Ok(Json(Live {
        active,
        avg_latency: rounded(figure(1) / 1_000.0),
        error_rate: rounded(figure(2) * 100.0),
        throughput: rounded(figure(0) / (WINDOW / Micros::SECOND) as f64),
        traces,
        more: next.is_some(),
    }))
}

/// To three decimals: what a person reads.
fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}
