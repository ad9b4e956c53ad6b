//! Whom a call is sent to, and whom after that.
//!
//! A model that a provider serves is one target. A virtual model is several: its routes, the first drawn
//! by weight and the others behind it in an order that is drawn so too, then its fallbacks. What it names
//! may be virtual itself, and stands there with all its targets.

use std::time::Duration;

use axum::http::HeaderMap;
use rand::{Rng, RngExt as _};
use tracekeep_control::{ControlError, Micros};
use tracekeep_llm::Protocol;
use tracekeep_llm::chat::{ApiError, ErrorKind};
use tracekeep_llm::client::Retry;

use super::Gateway;
use super::call::{Begins, Target};
use super::caller::Caller;
use super::providers::{Listed, Resolved, Unresolved, resolve};
use super::virtual_model::{Definition, Definitions};
use crate::app::App;

/// Virtual models within virtual models. The API lets no circle in, but two changes at once may make one.
const DEEPEST: usize = 8;
/// Targets of one call.
const MOST_TARGETS: usize = 50;

/// Whom a call is sent to, in order.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// The virtual model that was asked for.
    pub(super) virtual_model: Option<String>,
    /// At least one.
    pub(super) stops: Vec<Stop>,
    /// How answers are given again.
    pub(super) keep_answers: Option<KeepAnswers>,
}

/// How the answers of a virtual model are given again to the same request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KeepAnswers {
    pub(super) keep_for: Duration,
    /// When the virtual model was stored: what it answered before that is not given.
    pub(super) since: Micros,
}

/// One target on the way.
#[derive(Clone, Debug)]
pub(super) struct Stop {
    /// As the plan names it: `provider/model`.
    pub(super) name: String,
    /// Whom to ask, or why nobody can be.
    pub(super) target: Result<Target, Box<ApiError>>,
    /// How often, and how soon, it is asked again.
    pub(super) retry: Retry,
    /// Until an answer has begun.
    pub(super) timeout: Option<Duration>,
}

impl Plan {
    /// The first that can be asked.
    pub(super) fn first(&self) -> Option<&Target> {
        self.stops.iter().find_map(|stop| stop.target.as_ref().ok())
    }

    /// When an answer has begun: where another may be asked, or time runs, not before its first piece.
    pub(super) fn begins(&self) -> Begins {
        let is_watched =
            self.stops.len() > 1 || self.stops.iter().any(|stop| stop.timeout.is_some());
        if is_watched { Begins::WithFirstPiece } else { Begins::WithHead }
    }

    fn of_one(target: Target) -> Self {
        let name = format!("{}/{}", target.provider.name, target.model);
        let stop = Stop { name, target: Ok(target), retry: Retry::default(), timeout: None };
        Self { virtual_model: None, stops: vec![stop], keep_answers: None }
    }
}

impl Gateway {
    /// Whom a call of a model is sent to.
    ///
    /// # Errors
    /// Nobody serves the model, or none of those who would can be called.
    pub(super) async fn plan(
        &self,
        app: &App,
        caller: &Caller,
        headers: &HeaderMap,
        protocol: Protocol,
        model: &str,
    ) -> Result<Plan, ApiError> {
        if model.trim().is_empty() {
            let mut missing = ApiError::new(
                ErrorKind::BadRequest,
                "model is missing; name one, as `provider/model`; GET /v1/models lists those that \
                 are known",
            );
            missing.param = Some("model".to_owned());
            return Err(missing);
        }
        let (providers, project_id) = (&app.providers, &*caller.project_id);
        if let Some(brought) = &caller.brought {
            let others = providers.all(project_id).await.map_err(unread)?;
            let target = self.addresses.target(&others, headers, protocol, model, brought)?;
            return Ok(Plan::of_one(target));
        }
        let registry = providers.registry(project_id).await.map_err(unread)?;
        let definitions = app.virtual_models.of(project_id).await.map_err(unread)?;
        made(&registry, &definitions, model, &mut rand::rng())
    }
}

fn made(
    registry: &[Listed],
    definitions: &Definitions,
    model: &str,
    rng: &mut impl Rng,
) -> Result<Plan, ApiError> {
    let Some(stored) = definitions.get(model) else {
        return resolve(registry, model).map(of_resolved).map(Plan::of_one).map_err(unresolved);
    };
    let definition = stored.definition.as_ref().ok_or_else(|| damaged(model))?;
    let mut expansion = Expansion { registry, definitions, stops: Vec::new(), rng };
    expansion.add_all(definition, &Manner::default(), 1);
    let stops = expansion.stops;
    if stops.iter().all(|stop| stop.target.is_err()) {
        let reasons: Vec<String> = stops
            .iter()
            .filter_map(|stop| {
                Some(format!("{}: {}", stop.name, stop.target.as_ref().err()?.message))
            })
            .collect();
        let message = format!("the virtual model `{model}` leads nowhere: {}", reasons.join("; "));
        return Err(ApiError::new(ErrorKind::Overloaded, message));
    }
    let keep_answers = definition.cache_seconds.map(|seconds| KeepAnswers {
        keep_for: Duration::from_secs(seconds),
        since: stored.updated_at,
    });
    Ok(Plan { virtual_model: Some(model.to_owned()), stops, keep_answers })
}

/// How targets are asked: what the nearest virtual model says that says something.
#[derive(Clone, Copy, Default)]
struct Manner {
    retries: Option<u32>,
    timeout: Option<Duration>,
}

/// Gathers the targets of a virtual model.
struct Expansion<'e, R> {
    registry: &'e [Listed],
    definitions: &'e Definitions,
    stops: Vec<Stop>,
    rng: &'e mut R,
}

impl<R: Rng> Expansion<'_, R> {
    fn add_all(&mut self, definition: &Definition, outer: &Manner, depth: usize) {
        let retries = definition.retries.and_then(|retries| u32::try_from(retries).ok());
        let timeout = definition.timeout_ms.map(Duration::from_millis);
        let manner =
            Manner { retries: retries.or(outer.retries), timeout: timeout.or(outer.timeout) };
        for model in drawn(definition, self.rng).into_iter().chain(definition.fallbacks.iter()) {
            self.add(model, manner, depth);
        }
    }

    fn add(&mut self, model: &str, manner: Manner, depth: usize) {
        let inner = self.definitions.get(model).map(|stored| &stored.definition);
        if let Some(Some(definition)) = inner
            && depth < DEEPEST
        {
            return self.add_all(definition, &manner, depth + 1);
        }
        let target = match inner {
            Some(Some(_)) => Err(too_deep(model)),
            Some(None) => Err(damaged(model)),
            None => resolve(self.registry, model).map(of_resolved).map_err(unresolved),
        };
        let is_there = self.stops.iter().any(|stop| match (&stop.target, &target) {
            (Ok(known), Ok(new)) => {
                known.provider.name == new.provider.name && known.model == new.model
            }
            _ => stop.name == model,
        });
        if !is_there && self.stops.len() < MOST_TARGETS {
            let Manner { retries, timeout } = manner;
            let target = target.map_err(Box::new);
            let usual = Retry::default();
            let retry = Retry { most: retries.unwrap_or(usual.most), ..usual };
            self.stops.push(Stop { name: model.to_owned(), target, retry, timeout });
        }
    }
}

/// The routes' models, in an order drawn by weight: each place goes to one of those that are left, with
/// the chance that its weight has among theirs (the exponential clocks of Efraimidis and Spirakis, 2006).
fn drawn<'d>(definition: &'d Definition, rng: &mut impl Rng) -> Vec<&'d String> {
    let mut clocks: Vec<(f64, &String)> = definition
        .routes
        .iter()
        .map(|route| {
            // From above 0 to 1, so that the logarithm is a number.
            let chance = 1.0 - rng.random::<f64>();
            (-chance.ln() / route.weight, &route.model)
        })
        .collect();
    clocks.sort_by(|a, b| a.0.total_cmp(&b.0));
    clocks.into_iter().map(|(_, model)| model).collect()
}

fn of_resolved(resolved: Resolved) -> Target {
    let Resolved { provider, model } = resolved;
    Target { provider, model, brought: None }
}

fn too_deep(model: &str) -> ApiError {
    let message = format!(
        "the virtual model `{model}` stands more than {DEEPEST} virtual models deep; name the model as \
         provider/model"
    );
    ApiError::new(ErrorKind::Overloaded, message)
}

fn damaged(model: &str) -> ApiError {
    let message = format!(
        "the definition of the virtual model `{model}` cannot be read; store it again with PUT \
         /api/virtual-models/{model}"
    );
    ApiError::new(ErrorKind::Overloaded, message)
}

fn unresolved(error: Unresolved) -> ApiError {
    match error {
        Unresolved::Unknown { .. } => {
            let mut answer = ApiError::new(ErrorKind::NotFound, error.to_string());
            answer.code = Some("model_not_found".to_owned());
            answer.param = Some("model".to_owned());
            answer
        }
        Unresolved::Unusable { .. } => ApiError::new(ErrorKind::Overloaded, error.to_string()),
    }
}

fn unread(error: ControlError) -> ApiError {
    tracing::error!(%error, "the models of a project cannot be read");
    let message = "the models of this project cannot be read now; the server's log says why";
    ApiError::new(ErrorKind::Overloaded, message)
}

#[cfg(test)]
mod tests;
