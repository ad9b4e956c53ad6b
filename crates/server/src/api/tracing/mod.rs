//! The lifecycle of an interaction: start, update, complete; lists and figures of all of them.

pub(crate) mod batch;
pub(crate) mod complete;
pub(crate) mod list;
pub(crate) mod live;
pub(crate) mod metrics;
pub(crate) mod start;
pub(crate) mod stream;
pub(crate) mod update;

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequest, FromRequestParts as _, Request};
use serde_json::Value;
use tracekeep_decode::FieldError;
use tracekeep_decode::native::{Context, Patched, Scored, Started};
use tracekeep_model::{Micros, RecordKey, State, Text};

use crate::app::App;
use crate::auth::{Origin, Writer};
use crate::clock;
use crate::error::ApiError;
use crate::intake::body::Whole;
use crate::project_prices::Settings;

/// What a decoder made of one message.
pub(crate) trait Decoded {
    /// What to join, and how many times U+0000 was replaced.
    fn into_patches(self) -> (Vec<(RecordKey, State)>, u64);
}

macro_rules! decoded {
    ($($type:ty),+) => {
        $(impl Decoded for $type {
            fn into_patches(self) -> (Vec<(RecordKey, State)>, u64) {
                (self.patches, self.replaced_nulls)
            }
        })+
    };
}

decoded!(Started, Patched, Scored);

/// A message of the native API, received at one moment for one project. As a handler's argument it
/// comes last and means permission `traces:write`.
pub(crate) struct Message {
    app: Arc<App>,
    project_id: Text,
    origin: Origin,
    body: Whole,
    received: Micros,
}

impl FromRequest<Arc<App>> for Message {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        let writer = Writer::from_request_parts(&mut parts, app).await?;
        let Ok(origin) = Origin::from_request_parts(&mut parts, app).await;
        let body = Whole::from_request(Request::from_parts(parts, body), app).await?;
        let project_id = writer.project_id;
        Ok(Self { app: app.clone(), project_id, origin, body, received: clock::now() })
    }
}

impl Message {
    /// Takes it in: decoded, then durable and readable. Gives back what `answer` makes of it.
    pub(crate) async fn take<D: Decoded>(
        self,
        decode: impl FnOnce(&[u8], &mut Context<'_>) -> Result<D, FieldError>,
        answer: impl FnOnce(&D) -> Value,
    ) -> Result<Json<Value>, ApiError> {
        let decoded = self.decode(decode)?;
        let answer = answer(&decoded);
        let (patches, replaced_nulls) = decoded.into_patches();
        self.write(patches, replaced_nulls).await?;
        Ok(Json(answer))
    }

    /// Runs a decoder on its body, with what the request brings besides.
    pub(crate) fn decode<T>(
        &self,
        decode: impl FnOnce(&[u8], &mut Context<'_>) -> Result<T, FieldError>,
    ) -> Result<T, ApiError> {
        let (archive, project_id) = (&self.app.archive, &*self.project_id);
        let full = |trace_id: &str| archive.full(project_id, trace_id).map(|why| why.to_string());
        let mut fresh_ids = crate::api::fresh_id;
        let mut context = Context {
            received: self.received,
            keeps_from: self.app.retention.keeps_from(project_id, self.received),
            full: &full,
            user_agent: self.origin.user_agent.as_deref(),
            ip: self.origin.ip.as_deref(),
            fresh_ids: &mut fresh_ids,
        };
        decode(&self.body.bytes, &mut context).map_err(|error| {
            self.app.metrics.rejected.inc();
            error.into()
        })
    }

    /// What its project has set about prices.
    pub(crate) fn prices(&self) -> Arc<Settings> {
        self.app.prices.get(&self.project_id)
    }

    /// Makes what it said durable and readable.
    pub(crate) async fn write(
        self,
        patches: Vec<(RecordKey, State)>,
        replaced_nulls: u64,
    ) -> Result<(), ApiError> {
        self.app.metrics.replaced_nulls.inc_by(replaced_nulls);
        Ok(self.app.pipeline.write(self.project_id, self.received, patches, 0).await?)
    }
}
