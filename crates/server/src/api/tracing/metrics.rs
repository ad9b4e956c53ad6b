//! `GET /api/tracing/metrics`: performance figures. Permission: `traces:read`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Map, Value, json};
use tracekeep_query::{Bucket, Cell, Function, Measure, Query, ResultTable};

use crate::api::listing::{Parameters, traces};
use crate::api::openapi::answers::Figures;
use crate::api::openapi::parameters::{Steps, TraceFilters};
use crate::api::openapi::refusals::QueryRefusals;
use crate::api::pairs::Pairs;
use crate::app::App;
use crate::auth::Reader;
use crate::clock;
use crate::error::ApiError;
use tracekeep_model::Micros;
use tracekeep_query::TimeRange;

/// Steps of time in one answer.
const MOST_STEPS: i64 = 9_999;
/// Days looked at where no start is sent.
const DEFAULT_DAYS: i64 = 30;

/// Figures of traces
///
/// Of traces that began in the time range, which is the last 30 days where none is sent. Latencies
/// are milliseconds, rates percent, throughput traces a second, costs US dollars.
///
/// Permission: `traces:read`.
#[utoipa::path(
    get,
    path = "/api/tracing/metrics",
    operation_id = "getMetrics",
    tag = "Read traces",
    params(TraceFilters, Steps),
    responses((status = 200, description = "The figures", body = Figures), QueryRefusals),
    security(("secretKey" = []), ("keyPair" = [])),
)]
pub(crate) async fn metrics(
    State(app): State<Arc<App>>,
    reader: Reader,
    Pairs(pairs): Pairs,
) -> Result<Json<Value>, ApiError> {
    let parameters = Parameters::new(pairs, &["bucket"])?;
    let now = clock::now();
    let default = TimeRange { from: now.plus(-DEFAULT_DAYS * Micros::DAY), to: now };
    let mut time = parameters.time()?.unwrap_or(default);
    if parameters.get("startDate").is_none() {
        time.from = time.to.plus(-DEFAULT_DAYS * Micros::DAY);
    }
    if parameters.get("endDate").is_none() {
        time.to = now;
    }
    if time.from >= time.to {
        let reason = "is not in the past; send an earlier moment, or an endDate behind it";
        return Err(ApiError::parameter("startDate", reason));
    }
    let base = traces(parameters.filter()?, Some(time));
    let bucket = parameters.get("bucket").unwrap_or("day");
    let bucket: Bucket = serde_json::from_value(Value::from(bucket))
        .map_err(|_| ApiError::parameter("bucket", "is none of minute, hour, day, week, month"))?;
    check_steps(bucket, time)?;

    let (archive, project) = (&*app.archive, &*reader.project_id);
    let overall = Query { measures: figures(), ..base.clone() };
    let trend = Query {
        bucket: Some(bucket),
        measures: vec![cost(), Measure::new(Function::Count).named("requests"), tokens()],
        ..base.clone()
    };
    let models = Query { group_by: vec!["model".into()], measures: figures(), ..base };
    let (overall, trend, models) = tokio::try_join!(
        archive.query(project, &overall),
        archive.query(project, &trend),
        archive.query(project, &models),
    )?;
    let mut all = objects(overall.table).into_iter().next().unwrap_or_default();
    let mut take = |name: &str| all.remove(name).unwrap_or(Value::Null);
    Ok(Json(json!({
        "avgLatency": take("avgLatency"),
        "throughput": take("throughput"),
        "errorRate": take("errorRate"),
        "costTrends": objects(trend.table),
        "modelComparison": objects(models.table),
        "totalRequests": take("requests"),
        "p50Latency": take("p50Latency"),
        "p95Latency": take("p95Latency"),
        "p99Latency": take("p99Latency"),
        "p95FirstToken": take("p95FirstToken"),
        "totalCost": take("cost"),
        "totalTokens": take("tokens"),
        "startDate": time.from,
        "endDate": time.to,
    })))
}

fn cost() -> Measure {
    Measure::of(Function::Sum, "total_cost").named("cost")
}

fn tokens() -> Measure {
    Measure::of(Function::Sum, "total_tokens").named("tokens")
}

fn figures() -> Vec<Measure> {
    vec![
        Measure::new(Function::Count).named("requests"),
        Measure::of(Function::Avg, "duration_us").named("avg_latency"),
        Measure::of(Function::P50, "duration_us").named("p50_latency"),
        Measure::of(Function::P95, "duration_us").named("p95_latency"),
        Measure::of(Function::P99, "duration_us").named("p99_latency"),
        Measure::of(Function::P95, "first_token_us").named("p95_first_token"),
        Measure::new(Function::ErrorRate).named("error_rate"),
        Measure::new(Function::Rate).named("throughput"),
        cost(),
        tokens(),
    ]
}

/// Rows as objects in the plan's spelling and units.
fn objects(table: ResultTable) -> Vec<Map<String, Value>> {
    let row = |cells: Vec<Cell>| {
        table.columns.iter().zip(cells).map(|((name, _), cell)| member(name, &cell)).collect()
    };
    table.rows.into_iter().map(row).collect()
}

fn member(name: &str, cell: &Cell) -> (String, Value) {
    let value = |factor: f64| cell.as_float().map_or(Value::Null, |v| json!(v * factor));
    match name {
        "avg_latency" => ("avgLatency".into(), value(0.001)),
        "p50_latency" => ("p50Latency".into(), value(0.001)),
        "p95_latency" => ("p95Latency".into(), value(0.001)),
        "p99_latency" => ("p99Latency".into(), value(0.001)),
        "p95_first_token" => ("p95FirstToken".into(), value(0.001)),
        "error_rate" => ("errorRate".into(), value(100.0)),
        _ => (name.to_owned(), serde_json::to_value(cell).unwrap_or(Value::Null)),
    }
}

/// Refuses steps that are too many for one answer, which would show only the earliest.
fn check_steps(bucket: Bucket, time: TimeRange) -> Result<(), ApiError> {
    let step = match bucket {
        Bucket::Minute => Micros::HOUR / 60,
        Bucket::Hour => Micros::HOUR,
        Bucket::Day | Bucket::Week | Bucket::Month => Micros::DAY,
    };
    let steps = time.to.since(time.from) / step;
    if steps > MOST_STEPS {
        let reason = format!(
            "cuts this time into {steps} steps, and an answer has at most {MOST_STEPS}; take longer \
             steps or a shorter time"
        );
        return Err(ApiError::parameter("bucket", reason));
    }
    Ok(())
}
