//! The gateway: calls of models that trace themselves.
//!
//! A client speaks its own protocol to Tracekeep instead of to the provider ([`surfaces`]). Where the
//! provider speaks the same one, bytes pass through and are only watched; otherwise they are translated
//! (crate `llm`). What is known of a call is written behind it ([`recorder`]): a call never waits for its
//! trace, and never fails for it.

mod brought;
mod call;
mod caller;
mod generate;
pub(crate) mod limits;
pub(crate) mod place;
pub(crate) mod playground;
pub(crate) mod provider_settings;
pub(crate) mod providers;
pub(crate) mod recorder;
mod recording;
mod said;
mod side;
mod source;
pub(crate) mod surfaces;
pub(crate) mod virtual_model;

use axum::http::HeaderMap;
use tracekeep_control::ControlError;
use tracekeep_llm::chat::{ApiError, ErrorKind};
use tracekeep_llm::client::{Client, Patience};
use tracekeep_llm::provider::Kind;
use tracekeep_llm::{Protocol, demo};

use self::brought::Addresses;
use self::call::Target;
use self::caller::Caller;
use self::providers::{Resolved, Unresolved};
use self::recorder::Recorder;
use crate::app::App;

/// What calls share.
pub(crate) struct Gateway {
    recorder: Recorder,
    client: Client,
    addresses: Addresses,
}

impl Gateway {
    /// With the addresses that the environment names, for clients that bring their own key.
    pub(crate) fn new(recorder: Recorder, env: impl Fn(&str) -> Option<String>) -> Self {
        let client = Client::new(Patience::default());
        Self { recorder, client, addresses: Addresses::of_env(env) }
    }

    /// Waits until all that is known of calls is written.
    pub(crate) async fn settled(&self) {
        self.recorder.settled().await;
    }

    /// The models that are known by name, as they can be asked for, and whose they are.
    async fn model_names(
        &self,
        app: &App,
        project_id: &str,
    ) -> Result<Vec<(String, String)>, ControlError> {
        let mut names = Vec::new();
        for provider in app.providers.all(project_id).await?.iter() {
            let of_demo = if provider.kind == Kind::Demo { demo::MODELS } else { &[] };
            let models = provider.models.iter().map(String::as_str).chain(of_demo.iter().copied());
            names.extend(
                models.map(|model| (format!("{}/{model}", provider.name), provider.name.clone())),
            );
        }
        Ok(names)
    }

    /// Where a model is asked for, the first choice first; at least one.
    async fn targets(
        &self,
        app: &App,
        caller: &Caller,
        headers: &HeaderMap,
        protocol: Protocol,
        model: &str,
    ) -> Result<Vec<Target>, ApiError> {
        let (providers, project_id) = (&app.providers, &*caller.project_id);
        let target = match &caller.brought {
            Some(brought) => {
                let others = providers.all(project_id).await.map_err(unread)?;
                self.addresses.target(&others, headers, protocol, model, brought)?
            }
            None => {
                let resolved = providers.resolve(project_id, model).await;
                let Resolved { provider, model } = resolved.map_err(unresolved)?;
                Target { provider, model, brought: None }
            }
        };
        Ok(vec![target])
    }
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
        Unresolved::Control(error) => unread(error),
    }
}

fn unread(error: ControlError) -> ApiError {
    tracing::error!(%error, "the providers of a project cannot be read");
    let message = "the providers of models cannot be read now; the server's log says why";
    ApiError::new(ErrorKind::Overloaded, message)
}
