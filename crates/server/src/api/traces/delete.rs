//! `DELETE /api/traces/{traceId}`, `DELETE /api/traces`: takes traces away for good. Permission:
//! `traces:delete`, which every secret key has.
//!
//! Gone for readers at once, with their spans and scores; late patches and retries do not bring them
//! back. Their bytes leave the disk when their segments are next compacted.

mod chosen;

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};
use tracekeep_decode::FieldError;
use tracekeep_model::{Micros, RecordKey, State as Record, Text, check_id};
use tracekeep_query::{Cell, Filter, Literal, Op, Query, Table};

use self::chosen::Chosen;
use crate::api::openapi::answers::{Deleted, DeletedMany};
use crate::api::openapi::bodies::DeleteTraces;
use crate::api::openapi::refusals::{DeletionRefusals, QueryRefusals};
use crate::app::App;
use crate::auth::Reader;
use crate::clock;
use crate::error::ApiError;
use crate::intake::body::Whole;

/// Traces that one request names or that are deleted in one write.
const AT_ONCE: usize = 1_000;
/// Writes of one request.
const ROUNDS: usize = 100;

/// Delete one trace
///
/// With its spans and scores, for good. Readers miss it at once; its bytes leave the disk when
/// their segment is next compacted. The id is closed: what is sent to it later is acknowledged and
/// not shown. So is an id that no trace has yet, for which `deleted` is 0.
///
/// Permission: `traces:delete`.
#[utoipa::path(
    delete,
    path = "/api/traces/{traceId}",
    operation_id = "deleteTrace",
    tag = "Delete traces",
    params(("traceId" = String, Path, description = "The trace's id.", example = "tour-1")),
    responses((status = 200, description = "It is gone", body = Deleted), QueryRefusals),
    security(("secretKey" = []), ("keyPair" = [])),
)]
pub(crate) async fn one(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(trace_id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    check_id(&trace_id).map_err(|error| FieldError::new("traceId", error))?;
    let deleted = delete(&app, &reader.project_id, vec![trace_id]).await?;
    Ok(Json(json!({ "deleted": deleted })))
}

/// Delete many traces
///
/// Those with some ids (1,000 at most), of a user, or of a session. `deleted` says how many there
/// were, `more` whether to send the same again for the rest. Ids that are named are closed, also
/// those that no trace has yet.
///
/// Permission: `traces:delete`.
#[utoipa::path(
    delete,
    path = "/api/traces",
    operation_id = "deleteTraces",
    tag = "Delete traces",
    request_body = DeleteTraces,
    responses((status = 200, description = "They are gone", body = DeletedMany), DeletionRefusals),
    security(("secretKey" = []), ("keyPair" = [])),
)]
pub(crate) async fn many(
    State(app): State<Arc<App>>,
    reader: Reader,
    body: Whole,
) -> Result<Json<Value>, ApiError> {
    let chosen = Chosen::read(&body.bytes)?;
    let (column, value) = match chosen {
        Chosen::Ids(ids) => {
            let deleted = delete(&app, &reader.project_id, ids).await?;
            return Ok(Json(json!({ "deleted": deleted, "more": false })));
        }
        Chosen::Where(column, value) => (column, value),
    };
    let mut deleted = 0;
    for _ in 0..ROUNDS {
        let mut query = Query::new(Table::Traces);
        query.filter = Some(Filter::condition(column, Op::Eq, value.as_str()));
        query.select = vec!["trace_id".into()];
        query.limit = Some(AT_ONCE as u64);
        let found = ids(&app, &reader.project_id, &query).await?;
        if found.is_empty() {
            return Ok(Json(json!({ "deleted": deleted, "more": false })));
        }
        deleted += delete(&app, &reader.project_id, found).await?;
    }
    Ok(Json(json!({ "deleted": deleted, "more": true })))
}

async fn ids(app: &App, project: &str, query: &Query) -> Result<Vec<String>, ApiError> {
    let answer = app.archive.query(project, query).await?.table;
    let first = |row: &Vec<Cell>| row.first().and_then(Cell::as_text).map(str::to_owned);
    Ok(answer.rows.iter().filter_map(first).collect())
}

/// Deletes traces and their scores in one durable write; says how many of the traces there were.
async fn delete(app: &App, project: &Text, traces: Vec<String>) -> Result<u64, ApiError> {
    let among = |column: &str, table, traces: &[String]| {
        let mut query = Query::new(table);
        let values = traces.iter().map(|id| Literal::from(id.as_str())).collect();
        query.filter = Some(Filter::any_of(column, Op::In, values));
        query.limit = Some(10_000);
        query
    };
    let mut known = among("trace_id", Table::Traces, &traces);
    known.select = vec!["trace_id".into()];
    let mut scored = among("trace_id", Table::Scores, &traces);
    scored.select = vec!["score_id".into()];
    let (known, scores) = tokio::try_join!(ids(app, project, &known), ids(app, project, &scored))?;
    let now: Micros = clock::now();
    let traces: BTreeSet<String> = traces.into_iter().collect();
    let of_trace = |id: String| RecordKey::Trace { trace_id: id.into() };
    let of_score = |id: String| RecordKey::Score { score_id: id.into() };
    let keys = traces.into_iter().map(of_trace).chain(scores.into_iter().map(of_score));
    let patches = keys.map(|key| (key, Record::deleted(now))).collect();
    app.pipeline.write(project.clone(), now, patches, 0).await?;
    Ok(known.len() as u64)
}
