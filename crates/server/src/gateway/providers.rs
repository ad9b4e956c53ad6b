//! The providers that a project can call: the built-in one, its own, the server's.
//!
//! A project's own come from the control store.

mod stored;

use std::fmt;
use std::sync::Arc;

use tracekeep_control::{Control, ControlError, Micros, Vault};
use tracekeep_llm::provider::{Kind, Provider};

pub(crate) use self::stored::{listed, settings};
use super::kept::Kept;
use crate::clock;

/// Where a provider comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// It is built in.
    BuiltIn,
    /// The project has stored it.
    Project,
    /// The server's file or environment has it, for all projects.
    Server,
}

impl Source {
    /// Its name in answers.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::BuiltIn => "built_in",
            Self::Project => "project",
            Self::Server => "server",
        }
    }
}

/// A provider in a project's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    /// Where there is a problem, without its secrets.
    pub(crate) provider: Provider,
    pub(crate) source: Source,
    /// Why it cannot be called.
    pub(crate) problem: Option<String>,
    /// Of one that the project has stored.
    pub(crate) facts: Option<Facts>,
}

/// What the store knows of a provider besides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    /// A kind's name or a preset's, as it was given.
    pub(crate) kind: String,
    pub(crate) has_credential: bool,
    /// The last characters of the credential, or nothing.
    pub(crate) hint: String,
    /// The names of its headers.
    pub(crate) headers: Vec<String>,
    pub(crate) created_at: Micros,
    pub(crate) updated_at: Micros,
}

/// All providers of a project, in the order in which they are asked for a model.
pub(crate) type Registry = Arc<[Listed]>;

/// The providers of all projects.
pub(crate) struct Providers {
    control: Arc<Control>,
    vault: Vault,
    /// For all projects, from the server's file and environment.
    configured: Vec<Provider>,
    kept: Kept<Registry>,
}

/// A model, and who is asked for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Resolved {
    /// Who.
    pub(crate) provider: Provider,
    /// The model's name there.
    pub(crate) model: String,
}

/// Why nobody can be asked for a model.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unresolved {
    /// No provider has it.
    #[error(
        "no provider here serves the model `{model}`; ask for it as `name/model` with the name of a provider ({providers}), or add one with POST /api/providers, in tracekeep.toml or by its environment variable"
    )]
    Unknown {
        /// What was asked for, shortened.
        model: String,
        /// The names of all providers.
        providers: String,
    },
    /// Who would be asked cannot be called.
    #[error("the provider `{provider}` cannot be called: {reason}")]
    Unusable {
        /// Its name.
        provider: String,
        /// Why, and what to do.
        reason: String,
    },
}

impl Providers {
    /// Those of the store, opened with `vault`, and these for all projects.
    pub(crate) fn new(control: Arc<Control>, vault: Vault, configured: Vec<Provider>) -> Self {
        Self { control, vault, configured, kept: Kept::default() }
    }

    /// What opens and seals credentials.
    pub(crate) fn vault(&self) -> &Vault {
        &self.vault
    }

    /// All providers of a project that can be called, in the order in which they are asked.
    ///
    /// # Errors
    /// The control store failed.
    pub(crate) async fn all(&self, project_id: &str) -> Result<Arc<[Provider]>, ControlError> {
        let registry = self.registry(project_id).await?;
        let usable = registry.iter().filter(|listed| listed.problem.is_none());
        Ok(usable.map(|listed| listed.provider.clone()).collect())
    }

    /// All providers of a project, with those that cannot be called.
    ///
    /// # Errors
    /// The control store failed.
    pub(crate) async fn registry(&self, project_id: &str) -> Result<Registry, ControlError> {
        self.registry_at(project_id, clock::now_micros()).await
    }

    async fn registry_at(&self, project_id: &str, now: Micros) -> Result<Registry, ControlError> {
        let read = async {
            let stored = self.control.providers(project_id).await?;
            let stored = stored.iter().map(|stored| listed(stored, &self.vault));
            Ok(registry(stored, &self.configured))
        };
        self.kept.get(project_id, now, read).await
    }

    /// Forgets what was read of a project: it has changed.
    pub(crate) fn forget(&self, project_id: &str) {
        self.kept.forget(project_id);
    }
}

impl fmt::Debug for Providers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Providers").field("configured", &self.configured).finish_non_exhaustive()
    }
}

/// The built-in one, the project's, then those of the server whose names are still free.
fn registry(stored: impl Iterator<Item = Listed>, configured: &[Provider]) -> Registry {
    let demo = Provider::new("demo", Kind::Demo);
    let source = Source::BuiltIn;
    let mut all = vec![Listed { provider: demo, source, problem: None, facts: None }];
    all.extend(stored);
    for provider in configured {
        if all.iter().all(|listed| listed.provider.name != provider.name) {
            let provider = provider.clone();
            all.push(Listed { provider, source: Source::Server, problem: None, facts: None });
        }
    }
    all.into()
}

/// Who is asked for a model: `name/model` with the name of a provider is that one's, any other name the
/// first's that serves it.
///
/// # Errors
/// [`Unresolved`].
pub(super) fn resolve(registry: &[Listed], asked: &str) -> Result<Resolved, Unresolved> {
    let named = asked.split_once('/').filter(|(_, model)| !model.is_empty());
    let named = named.and_then(|(name, model)| {
        let listed = registry.iter().find(|listed| listed.provider.name == name)?;
        Some((listed, model))
    });
    let serves = || {
        let listed = registry.iter().find(|listed| listed.provider.serves(asked))?;
        Some((listed, asked))
    };
    let Some((listed, model)) = named.or_else(serves) else {
        let names = registry.iter().map(|listed| listed.provider.name.as_str());
        return Err(Unresolved::Unknown {
            model: asked.chars().take(100).collect(),
            providers: names.collect::<Vec<_>>().join(", "),
        });
    };
    let provider = listed.provider.clone();
    match &listed.problem {
        None => Ok(Resolved { provider, model: model.to_owned() }),
        Some(reason) => {
            Err(Unresolved::Unusable { provider: provider.name, reason: reason.clone() })
        }
    }
}

#[cfg(test)]
mod tests;
