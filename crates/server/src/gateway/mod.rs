//! The gateway: calls of models that trace themselves.
//!
//! A client speaks its own protocol to Tracekeep instead of to the provider ([`surfaces`]). Where the
//! provider speaks the same one, bytes pass through and are only watched; otherwise they are translated
//! (crate `llm`). What is known of a call is written behind it ([`recorder`]): a call never waits for its
//! trace, and never fails for it.

mod call;
mod caller;
mod generate;
pub(crate) mod place;
pub(crate) mod playground;
mod providers;
pub(crate) mod recorder;
mod recording;
mod said;
mod source;
pub(crate) mod surfaces;

use axum::http::HeaderMap;
use tracekeep_llm::chat::ApiError;
use tracekeep_llm::client::{Client, Patience};
use tracekeep_llm::provider::Kind;
use tracekeep_llm::{Protocol, demo};

use self::call::Target;
use self::caller::Caller;
use self::providers::Providers;
use self::recorder::Recorder;
use crate::app::App;

/// What calls share.
pub(crate) struct Gateway {
    recorder: Recorder,
    client: Client,
    providers: Providers,
}

impl Gateway {
    /// With the providers that the environment names.
    pub(crate) fn new(recorder: Recorder, env: impl Fn(&str) -> Option<String>) -> Self {
        let client = Client::new(Patience::default());
        Self { recorder, client, providers: Providers::from_env(env) }
    }

    /// Waits until all that is known of calls is written.
    pub(crate) async fn settled(&self) {
        self.recorder.settled().await;
    }

    /// The models that are known by name, as they can be asked for, and whose they are.
    fn model_names(&self) -> Vec<(String, String)> {
        let mut names = Vec::new();
        for provider in self.providers.all() {
            let of_demo = if provider.kind == Kind::Demo { demo::MODELS } else { &[] };
            let models = provider.models.iter().map(String::as_str).chain(of_demo.iter().copied());
            names.extend(
                models.map(|model| (format!("{}/{model}", provider.name), provider.name.clone())),
            );
        }
        names
    }

    /// Where a model is asked for, the first choice first; at least one.
    async fn targets(
        &self,
        _app: &App,
        caller: &Caller,
        headers: &HeaderMap,
        protocol: Protocol,
        model: &str,
    ) -> Result<Vec<Target>, ApiError> {
        let target = match &caller.brought {
            Some(brought) => self.providers.brought(headers, protocol, model, brought)?,
            None => self.providers.resolve(model)?,
        };
        Ok(vec![target])
    }
}
