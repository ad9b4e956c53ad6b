//! `POST /api/models/recompute`: costs of stored spans by today's prices. Permission: `prices:apply`,
//! which every secret key has.
//!
//! A release brings newer prices, and a project sets its own. Spans show the costs that were computed when
//! they were sealed, until they are compacted or this is asked for: a report of last month must not change
//! unasked.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use tracekeep_archive::{Archive, ArchiveError, ModelCosts};
use tracekeep_decode::FieldError;
use tracekeep_model::{Money, Text};

use crate::api::openapi::answers::RecomputedCosts;
use crate::api::openapi::bodies::RecomputeCosts;
use crate::api::openapi::refusals::DeletionRefusals;
use crate::app::App;
use crate::auth::Reader;
use crate::error::ApiError;
use crate::intake::body::Whole;

/// How long one request goes on to begin with further segments.
const LONGEST: Duration = Duration::from_secs(10);

/// One request at a time, of all projects: it reads, and perhaps writes, all spans of one.
static TURN: Semaphore = Semaphore::const_new(1);

/// What is to be done.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[serde(default)]
    apply: bool,
}

/// What changes, or has changed.
#[derive(Debug, Serialize)]
pub(crate) struct Recomputed {
    /// By model.
    models: Vec<OfModel>,
    /// Of all models.
    before: Money,
    after: Money,
    /// Whether it was written.
    applied: bool,
    /// Whether to send the same again for the rest.
    more: bool,
}

/// Spans of one model without a stated cost.
#[derive(Debug, Serialize)]
struct OfModel {
    model: Option<Text>,
    spans: u64,
    changed: u64,
    before: Money,
    after: Money,
}

/// Recompute costs
///
/// Of stored spans whose cost nobody stated and whose prices are others today: after an update of the
/// price book, or a change of the project's own prices. Without `apply` nothing is written: the answer
/// says how many spans of which model cost what, and what they would. With it, they do from now on.
/// `more` says whether to send the same again for the rest. What is written or changed later has
/// today's prices in any case.
///
/// Permission: `prices:apply`.
#[utoipa::path(
    post,
    path = "/api/models/recompute",
    operation_id = "recomputeCosts",
    tag = "Models",
    request_body = RecomputeCosts,
    responses(
        (status = 200, description = "What it changes", body = RecomputedCosts),
        DeletionRefusals,
    ),
    security(("secretKey" = []), ("keyPair" = [])),
)]
pub(crate) async fn recompute(
    State(app): State<Arc<App>>,
    reader: Reader,
    body: Whole,
) -> Result<Json<Recomputed>, ApiError> {
    let asked: Asked = serde_json::from_slice(&body.bytes).map_err(|error| {
        FieldError::new(
            "body",
            format!("cannot be read: {error}; send {{}} or {{\"apply\": true}}"),
        )
    })?;
    let turn = TURN.try_acquire().map_err(|_| {
        ApiError::busy("costs are being recomputed already; try again when that has ended")
    })?;
    let (archive, pipeline) = (app.archive.clone(), app.pipeline.clone());
    let work = move || {
        // Held until it is done, also if nobody waits for it any more.
        let _turn = turn;
        let seen = archive.stale_costs(&reader.project_id)?;
        let more = match asked.apply {
            true => apply(&*archive, &reader.project_id, &seen)?,
            false => false,
        };
        // Memory may have been sealed for it.
        pipeline.sealed();
        pipeline.checkpoint(archive.checkpoint());
        pipeline.rotate_if_idle();
        Ok::<_, ArchiveError>(recomputed(seen, asked.apply, more))
    };
    let done = tokio::task::spawn_blocking(work).await;
    let done = done.map_err(|_| ApiError::busy("recomputing costs broke off; try again"))?;
    Ok(Json(done?))
}

/// Says whether there is more to do.
fn apply(archive: &dyn Archive, project: &str, seen: &[ModelCosts]) -> Result<bool, ArchiveError> {
    let changed: u64 = seen.iter().map(|of| of.changed).sum();
    let (before, after): (Money, Money) =
        (seen.iter().map(|of| of.before).sum(), seen.iter().map(|of| of.after).sum());
    let prices = archive.pricing(project).version();
    tracing::info!(project, %prices, changed, %before, %after, "costs are recomputed");
    let began = Instant::now();
    while archive.recompute_costs(project)? {
        if began.elapsed() > LONGEST {
            tracing::info!(project, "costs are recomputed in part");
            return Ok(true);
        }
    }
    tracing::info!(project, "all costs are recomputed");
    Ok(false)
}

fn recomputed(seen: Vec<ModelCosts>, applied: bool, more: bool) -> Recomputed {
    let before = seen.iter().map(|of| of.before).sum();
    let after = seen.iter().map(|of| of.after).sum();
    let of_model = |of: ModelCosts| OfModel {
        model: of.model,
        spans: of.spans,
        changed: of.changed,
        before: of.before,
        after: of.after,
    };
    Recomputed { models: seen.into_iter().map(of_model).collect(), before, after, applied, more }
}
