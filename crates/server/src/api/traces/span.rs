//! `GET /api/traces/{traceId}/spans/{spanId}`: one span, whole, however long its texts are.
//! Permission: `traces:read`.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use tracekeep_model::{Text, project_span, project_trace};
use tracekeep_query::span_row;

use super::shown::ShownSpan;
use crate::api::json_stream;
use crate::api::listing::Parameters;
use crate::api::openapi::answers::{ErrorAnswer, SpanRow};
use crate::api::openapi::refusals::QueryRefusals;
use crate::api::pairs::Pairs;
use crate::app::App;
use crate::auth::Reader;
use crate::error::ApiError;

/// Read one span
///
/// Whole, however long its texts are.
///
/// Permission: `traces:read`.
#[utoipa::path(
    get,
    path = "/api/traces/{traceId}/spans/{spanId}",
    operation_id = "getSpan",
    tag = "Read traces",
    params(
        ("traceId" = String, Path, description = "The trace's id.", example = "tour-1"),
        ("spanId" = String, Path, description = "The span's id.", example = "tour-1"),
    ),
    responses(
        (status = 200, description = "The span", body = SpanRow),
        (status = 404, description = "There is no such trace or span", body = ErrorAnswer),
        QueryRefusals,
    ),
    security(("secretKey" = []), ("keyPair" = [])),
)]
pub(crate) async fn span(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path((trace_id, span_id)): Path<(String, String)>,
    Pairs(pairs): Pairs,
) -> Result<Response, ApiError> {
    Parameters::only(pairs, &[])?;
    let unknown = || ApiError::not_found(format!("there is no trace `{trace_id}`"));
    let unit = app.archive.trace(&reader.project_id, &trace_id).await?.ok_or_else(unknown)?;
    let (trace_id, span_id) = (Text::from(trace_id.as_str()), Text::from(span_id));
    let state = unit.spans.get(&span_id).filter(|state| state.deleted_at().is_none());
    let state = state.ok_or_else(|| {
        ApiError::not_found(format!("the trace `{trace_id}` has no span `{span_id}`"))
    })?;
    let inherited = project_trace(&trace_id, &unit.state).inherited;
    let pricing = app.archive.pricing(&reader.project_id);
    let span = project_span(&trace_id, &span_id, state).priced(&*pricing);
    let row = span_row(&span, &inherited);
    Ok(json_stream::response(json_stream::elements([ShownSpan::whole(row)].into_iter())))
}
