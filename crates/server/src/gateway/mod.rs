//! The gateway: calls of models that trace themselves.
//!
//! A client speaks its own protocol to Tracekeep instead of to the provider ([`surfaces`]). Where the
//! provider speaks the same one, bytes pass through and are only watched; otherwise they are translated
//! (crate `llm`). What is known of a call is written behind it ([`recorder`]): a call never waits for its
//! trace, and never fails for it.

mod answering;
mod answers;
mod attempts;
mod brought;
mod call;
mod caller;
mod generate;
mod kept;
pub(crate) mod limits;
mod live_text;
pub(crate) mod place;
mod plan;
pub(crate) mod playground;
pub(crate) mod provider_settings;
pub(crate) mod providers;
pub(crate) mod recorder;
mod recording;
mod said;
mod served;
mod side;
mod source;
pub(crate) mod surfaces;
pub(crate) mod virtual_model;

use tracekeep_control::ControlError;
use tracekeep_llm::client::{Client, Patience, Proxies};
use tracekeep_llm::demo;
use tracekeep_llm::provider::Kind;

use self::answers::Answers;
use self::brought::Addresses;
use self::recorder::Recorder;
use crate::app::App;

/// What calls share.
pub(crate) struct Gateway {
    recorder: Recorder,
    client: Client,
    addresses: Addresses,
    answers: Answers,
}

impl Gateway {
    /// With the proxies that the environment names, and the addresses for clients that bring their own
    /// key.
    pub(crate) fn new(recorder: Recorder, env: impl Fn(&str) -> Option<String>) -> Self {
        let proxies = Proxies::of_env(&env);
        for problem in proxies.problems() {
            tracing::warn!(problem, "calls of providers that would go through this proxy fail");
        }
        let client = Client::new(Patience::default(), proxies);
        Self { recorder, client, addresses: Addresses::of_env(env), answers: Answers::default() }
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
        let of_project = app.virtual_models.of(project_id).await?;
        let mut virtual_names: Vec<&String> = of_project.keys().collect();
        virtual_names.sort();
        let mut names: Vec<(String, String)> =
            virtual_names.into_iter().map(|name| (name.clone(), "tracekeep".to_owned())).collect();
        for provider in app.providers.all(project_id).await?.iter() {
            let of_demo = if provider.kind == Kind::Demo { demo::MODELS } else { &[] };
            let models = provider.models.iter().map(String::as_str).chain(of_demo.iter().copied());
            names.extend(
                models.map(|model| (format!("{}/{model}", provider.name), provider.name.clone())),
            );
        }
        Ok(names)
    }
}
