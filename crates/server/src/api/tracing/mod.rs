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

use tracekeep_decode::FieldError;
use tracekeep_decode::native::Context;
use tracekeep_model::{Micros, RecordKey, State, Text};

use crate::app::App;
use crate::auth::{Origin, Writer};
use crate::clock;
use crate::error::ApiError;

/// A message of the native API, decoded at one moment for one project.
pub(crate) struct Message<'a> {
    app: &'a Arc<App>,
    project_id: Text,
    pub(crate) received: Micros,
}

impl<'a> Message<'a> {
    pub(crate) fn new(app: &'a Arc<App>, writer: Writer) -> Self {
        Self { app, project_id: writer.project_id, received: clock::now() }
    }

    /// Runs a decoder with what the request brings besides its body.
    pub(crate) fn decode<T>(
        &self,
        origin: &Origin,
        decode: impl FnOnce(&mut Context<'_>) -> Result<T, FieldError>,
    ) -> Result<T, ApiError> {
        let mut fresh_ids = || Text::from(uuid::Uuid::now_v7().simple().to_string());
        let mut context = Context {
            received: self.received,
            user_agent: origin.user_agent.as_deref(),
            ip: origin.ip.as_deref(),
            fresh_ids: &mut fresh_ids,
        };
        decode(&mut context).map_err(|error| {
            self.app.metrics.rejected.inc();
            error.into()
        })
    }

    /// Makes what it said durable and readable.
    pub(crate) async fn write(
        self,
        patches: Vec<(RecordKey, State)>,
        replaced_nulls: u64,
    ) -> Result<(), ApiError> {
        self.app.metrics.replaced_nulls.inc_by(replaced_nulls);
        Ok(self.app.pipeline.write(self.project_id, self.received, patches).await?)
    }
}
