//! `GET /api/tracing/list`: traces, newest first. Permission: `traces:read`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;

use crate::api::content::Content;
use crate::api::json_stream;
use crate::api::listing::{Parameters, count, page, traces};
use crate::api::openapi::answers::InteractionRow;
use crate::api::openapi::parameters::{Page, Texts, TraceFilters};
use crate::api::openapi::refusals::QueryRefusals;
use crate::api::pairs::{Pairs, encoded};
use crate::app::App;
use crate::auth::Reader;
use crate::error::ApiError;

const MAX_LIMIT: u64 = 1_000;
const MAX_OFFSET: u64 = 1_000_000;

/// Bytes of the header `Link`: proxies and clients refuse answers with long ones.
const LONGEST_LINK: usize = 8 << 10;

#[utoipa::path(
    get,
    path = "/api/tracing/list",
    operation_id = "listTraces",
    tag = "Read traces",
    summary = "List traces",
    description = "The newest first; of the same moment, the greater id first. Texts are those of \
        the generation that stands for the trace.\n\nAn answer holds at most 32 MiB of content and one \
        row: where rows have long texts or much metadata, it has fewer than `limit`, and `Link` and \
        `X-Next-Cursor` go on behind the last of them.\n\nPermission: `traces:read`.",
    params(TraceFilters, Page, Texts),
    responses(
        (
            status = 200,
            description = "One page",
            body = [InteractionRow],
            headers(
                ("X-Total-Count" = i64, description = "How many traces there are in all, exactly."),
                ("Link" = String, description = "The next page, as `rel=\"next\"`, if there is one and \
                    this is no longer than 8 KiB."),
                ("X-Next-Cursor" = String, description = "The `cursor` of the next page, if there is \
                    one."),
            ),
        ),
        QueryRefusals,
    ),
    security(("secretKey" = []), ("keyPair" = [])),
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    reader: Reader,
    Pairs(pairs): Pairs,
) -> Result<Response, ApiError> {
    let parameters = Parameters::new(pairs.clone(), &["limit", "offset", "cursor", Content::NAME])?;
    let content = Content::read(&parameters, Content::Full)?;
    let mut query = traces(parameters.filter()?, parameters.time()?);
    query.limit = Some(parameters.number("limit", 50, 1..=MAX_LIMIT)?);
    query.offset = Some(parameters.number("offset", 0, 0..=MAX_OFFSET)?);
    query.cursor = parameters.get("cursor").map(str::to_owned);
    let (archive, project) = (&*app.archive, &*reader.project_id);
    let ((rows, next), total) =
        tokio::try_join!(page(archive, project, &query, content), count(archive, project, &query))?;
    let mut response = json_stream::array(rows);
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static("x-total-count"), HeaderValue::from(total));
    if let Some(cursor) = next {
        if let Some(link) = next_link(&pairs, &cursor) {
            headers.insert(header::LINK, link);
        }
        if let Ok(cursor) = HeaderValue::try_from(cursor) {
            headers.insert(HeaderName::from_static("x-next-cursor"), cursor);
        }
    }
    Ok(response)
}

/// The same request with the cursor in the place of cursor and offset, where a header holds it.
fn next_link(pairs: &[(String, String)], cursor: &str) -> Option<HeaderValue> {
    let mut link = "</api/tracing/list?".to_owned();
    for (name, value) in pairs {
        if name != "cursor" && name != "offset" {
            link.extend([&*encoded(name), "=", &*encoded(value), "&"]);
        }
    }
    link.extend(["cursor=", &*encoded(cursor), ">; rel=\"next\""]);
    HeaderValue::try_from(link).ok().filter(|link| link.len() <= LONGEST_LINK)
}

#[cfg(test)]
mod tests;
