//! `GET /api/tracing/list`: traces, newest first. Permission: `traces:read`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query as Pairs, RawQuery, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};

use crate::api::listing::{Parameters, count, page, traces};
use crate::api::openapi::answers::InteractionRow;
use crate::api::openapi::parameters::{Page, TraceFilters};
use crate::api::openapi::refusals::QueryRefusals;
use crate::app::App;
use crate::auth::Reader;
use crate::error::ApiError;

const MAX_LIMIT: u64 = 1_000;
const MAX_OFFSET: u64 = 1_000_000;

/// Rows of `ai_interaction_traces`; `X-Total-Count` says how many there are in all, `Link` names the
/// next page.
#[utoipa::path(
    get,
    path = "/api/tracing/list",
    operation_id = "listTraces",
    tag = "Read traces",
    summary = "List traces",
    description = "The newest first; of the same moment, the greater id first. Texts are those of \
        the generation that stands for the trace.\n\nPermission: `traces:read`.",
    params(TraceFilters, Page),
    responses(
        (
            status = 200,
            description = "One page",
            body = [InteractionRow],
            headers(
                ("X-Total-Count" = i64, description = "How many traces there are in all, exactly."),
                ("Link" = String, description = "The next page, as `rel=\"next\"`, if there is one."),
            ),
        ),
        QueryRefusals,
    ),
    security(("secretKey" = []), ("keyPair" = [])),
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    reader: Reader,
    RawQuery(raw): RawQuery,
    Pairs(pairs): Pairs<Vec<(String, String)>>,
) -> Result<Response, ApiError> {
    let parameters = Parameters::new(pairs, &["limit", "offset", "cursor"])?;
    let mut query = traces(parameters.filter()?, parameters.time()?);
    query.limit = Some(parameters.number("limit", 50, MAX_LIMIT)?.max(1));
    query.offset = Some(parameters.number("offset", 0, MAX_OFFSET)?);
    query.cursor = parameters.get("cursor").map(str::to_owned);
    let (archive, project) = (&*app.archive, &*reader.project_id);
    let ((rows, next), total) =
        tokio::try_join!(page(archive, project, &query), count(archive, project, &query))?;
    let mut response = Json(rows).into_response();
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static("x-total-count"), HeaderValue::from(total));
    if let Some(link) = next.and_then(|cursor| next_link(raw.as_deref().unwrap_or(""), &cursor)) {
        headers.insert(header::LINK, link);
    }
    Ok(response)
}

/// The same request with the cursor in the place of cursor and offset.
fn next_link(raw: &str, cursor: &str) -> Option<HeaderValue> {
    let is_place = |pair: &str| pair.starts_with("cursor=") || pair.starts_with("offset=");
    let mut pairs: Vec<String> = raw
        .split('&')
        .filter(|pair| !pair.is_empty() && !is_place(pair))
        .map(str::to_owned)
        .collect();
    pairs.push(format!("cursor={cursor}"));
    HeaderValue::try_from(format!("</api/tracing/list?{}>; rel=\"next\"", pairs.join("&"))).ok()
}
