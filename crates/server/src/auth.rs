//! Whom a request speaks for. A handler names its permission by the extractor it takes.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use tracekeep_control::{Access, Credential, Presented};
use tracekeep_model::Text;

use crate::app::App;
use crate::clock;
use crate::error::ApiError;

/// Permission `traces:write`: sends traces and scores to one project.
#[derive(Clone, Debug)]
pub(crate) struct Writer {
    pub(crate) project_id: Text,
}

/// Permission `traces:read`: reads one project.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    pub(crate) project_id: Text,
    /// The key that was used.
    pub(crate) key_id: Arc<str>,
}

impl FromRequestParts<Arc<App>> for Writer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let credential = credential(&parts.headers, app).await?;
        Ok(Self { project_id: (&*credential.project_id).into() })
    }
}

impl FromRequestParts<Arc<App>> for Reader {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let credential = credential(&parts.headers, app).await?;
        match credential.access {
            Access::Full => {
                let project_id = (&*credential.project_id).into();
                Ok(Self { project_id, key_id: credential.key_id })
            }
            Access::WriteOnly => Err(ApiError::forbidden(
                "this key may only write; read with `Authorization: Bearer <secret key>`",
            )),
        }
    }
}

pub(crate) async fn credential(headers: &HeaderMap, app: &App) -> Result<Credential, ApiError> {
    let sent = headers.get(AUTHORIZATION).ok_or_else(|| {
        ApiError::unauthorized("no credentials; send `Authorization: Bearer <secret key>`")
    })?;
    let wrong = || {
        ApiError::unauthorized(
            "the credentials are not valid; send `Authorization: Bearer <secret key>` or \
             `Authorization: Basic <base64 of public:secret>`",
        )
    };
    let sent = sent.to_str().map_err(|_| wrong())?;
    let (scheme, value) = sent.split_once(' ').ok_or_else(wrong)?;
    let value = value.trim();
    let found = if scheme.eq_ignore_ascii_case("bearer") {
        let found = app.control.authenticate(Presented::Secret(value), clock::now_micros()).await?;
        match found {
            Some(found) => Some(found),
            None => app.control.authenticate(Presented::Public(value), clock::now_micros()).await?,
        }
    } else if scheme.eq_ignore_ascii_case("basic") {
        let pair = basic(value).ok_or_else(wrong)?;
        let (public, secret) = pair.split_once(':').ok_or_else(wrong)?;
        let presented = if secret.is_empty() {
            Presented::Public(public)
        } else {
            Presented::Pair { public, secret }
        };
        app.control.authenticate(presented, clock::now_micros()).await?
    } else {
        None
    };
    found.ok_or_else(wrong)
}

/// Whether the credentials of an earlier request may still read its project. Where they cannot be
/// looked up now, they may.
pub(crate) async fn still_reads(headers: &HeaderMap, app: &App, project_id: &str) -> bool {
    match credential(headers, app).await {
        Ok(found) => found.access == Access::Full && *found.project_id == *project_id,
        Err(error) => error.status != StatusCode::UNAUTHORIZED,
    }
}

fn basic(value: &str) -> Option<String> {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(value).ok()?;
    String::from_utf8(bytes).ok()
}

/// Where a request came from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origin {
    pub(crate) user_agent: Option<String>,
    pub(crate) ip: Option<String>,
}

impl FromRequestParts<Arc<App>> for Origin {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Self::Rejection> {
        let agent = parts.headers.get(axum::http::header::USER_AGENT);
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Self {
            user_agent: agent.and_then(|value| value.to_str().ok()).map(str::to_owned),
            ip: peer.map(|ConnectInfo(address)| address.ip().to_string()),
        })
    }
}
