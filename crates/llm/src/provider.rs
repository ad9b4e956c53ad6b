//! Where models are: providers, what they speak, where they listen, how they are told who asks.

mod endpoint;
mod preset;

use std::fmt;
use std::net::IpAddr;

pub use endpoint::{Endpoint, Operation};
pub use preset::{PRESETS, Preset};

use crate::Protocol;

/// A provider of models as it is configured. `Debug` shows neither its credential nor the values of
/// its headers, which may be secrets too.
#[derive(Clone, PartialEq, Eq)]
pub struct Provider {
    /// Its name here: the part before `/` of `name/model`.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Where it listens, as its own SDKs take it, without a slash at its end.
    pub base_url: String,
    /// How it is told who asks.
    pub credential: Credential,
    /// Models that are asked for here by their plain names. Empty: those that look like its own.
    pub models: Vec<String>,
    /// Headers that each request gets.
    pub headers: Vec<(String, String)>,
    /// Azure's `api-version`; without one its `/openai/v1` address is used.
    pub api_version: Option<String>,
}

/// What a provider is: decides its protocols, addresses and credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// OpenAI.
    Openai,
    /// Anthropic.
    Anthropic,
    /// Google Gemini.
    Gemini,
    /// Azure OpenAI.
    Azure,
    /// Amazon Bedrock.
    Bedrock,
    /// Mistral.
    Mistral,
    /// Cohere.
    Cohere,
    /// Whatever speaks OpenAI's chat completions.
    OpenaiCompatible,
    /// Built in: needs no key and no network.
    Demo,
}

/// How a provider is told who asks. `Debug` shows no secret.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Credential {
    /// It is not.
    #[default]
    None,
    /// A key, in the header that the kind wants.
    Key(String),
    /// Keys that sign each request.
    Aws {
        /// The access key's id.
        access_key_id: String,
        /// Its secret.
        secret_access_key: String,
        /// For temporary keys.
        session_token: Option<String>,
        /// Such as `eu-central-1`.
        region: String,
    },
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Key(_) => f.write_str("Key(…)"),
            Self::Aws { region, .. } => write!(f, "Aws({region})"),
        }
    }
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 9] = [
        Self::Openai,
        Self::Anthropic,
        Self::Gemini,
        Self::Azure,
        Self::Bedrock,
        Self::Mistral,
        Self::Cohere,
        Self::OpenaiCompatible,
        Self::Demo,
    ];

    /// Its name in the configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Openai => "openai",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
            Self::Azure => "azure",
            Self::Bedrock => "bedrock",
            Self::Mistral => "mistral",
            Self::Cohere => "cohere",
            Self::OpenaiCompatible => "openai_compatible",
            Self::Demo => "demo",
        }
    }

    /// The protocol to speak with it, for a client that speaks `wanted`: the same where it can.
    #[must_use]
    pub fn protocol(self, wanted: Protocol) -> Protocol {
        match (self, wanted) {
            (Self::Openai | Self::Azure, Protocol::Responses) => Protocol::Responses,
            (Self::Anthropic, _) => Protocol::Messages,
            (Self::Gemini, _) => Protocol::GenerateContent,
            (Self::Bedrock, _) => Protocol::Converse,
            (Self::Cohere, _) => Protocol::CohereChat,
            (Self::Demo, wanted) => wanted,
            _ => Protocol::ChatCompletions,
        }
    }

    /// Where it listens unless it is said; none where only its user knows.
    #[must_use]
    pub fn base_url(self) -> Option<&'static str> {
        match self {
            Self::Openai => Some("https://api.openai.com/v1"),
            Self::Anthropic => Some("https://api.anthropic.com"),
            Self::Gemini => Some("https://generativelanguage.googleapis.com"),
            Self::Mistral => Some("https://api.mistral.ai/v1"),
            Self::Cohere => Some("https://api.cohere.com"),
            // Bedrock's is made of the region.
            Self::Azure | Self::Bedrock | Self::OpenaiCompatible => None,
            Self::Demo => Some("demo:"),
        }
    }

    /// Whether a model's plain name looks like one of its own.
    #[must_use]
    pub fn names(self, model: &str) -> bool {
        let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| model.starts_with(prefix));
        match self {
            Self::Openai => {
                let is_o = model
                    .strip_prefix('o')
                    .is_some_and(|rest| rest.starts_with(|digit: char| digit.is_ascii_digit()));
                is_o || starts(&[
                    "gpt-",
                    "chatgpt-",
                    "text-embedding-",
                    "dall-e-",
                    "whisper-",
                    "tts-",
                    "codex-",
                    "computer-use-",
                    "omni-moderation-",
                    "sora-",
                    "ft:gpt-",
                ])
            }
            Self::Anthropic => starts(&["claude-"]),
            Self::Gemini => starts(&["gemini-", "gemma-", "imagen-", "models/gemini-"]),
            Self::Mistral => starts(&[
                "mistral-",
                "ministral-",
                "codestral-",
                "magistral-",
                "pixtral-",
                "devstral-",
                "open-mistral-",
                "open-mixtral-",
                "voxtral-",
            ]),
            Self::Cohere => {
                starts(&["command-", "embed-english-", "embed-multilingual-", "embed-v", "c4ai-"])
            }
            Self::Bedrock => {
                let vendor =
                    model.split('.').find(|part| !matches!(*part, "us" | "eu" | "apac" | "global"));
                vendor.is_some_and(|vendor| {
                    model.contains('.')
                        && matches!(
                            vendor,
                            "anthropic" | "amazon" | "meta" | "cohere" | "ai21" | "mistral"
                        )
                })
            }
            Self::Azure | Self::OpenaiCompatible | Self::Demo => false,
        }
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Provider")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .field("base_url", &self.base_url)
            .field("credential", &self.credential)
            .field("models", &self.models)
            .field("headers", &headers)
            .field("api_version", &self.api_version)
            .finish()
    }
}

impl Provider {
    /// One of that kind where it listens by itself, without a credential.
    #[must_use]
    pub fn new(name: impl Into<String>, kind: Kind) -> Self {
        Self {
            name: name.into(),
            kind,
            base_url: kind.base_url().unwrap_or_default().to_owned(),
            credential: Credential::None,
            models: Vec::new(),
            headers: Vec::new(),
            api_version: None,
        }
    }

    /// The name by which prices know it, whatever it is called here. What speaks OpenAI's API at an
    /// address that nobody knows is `custom` on a network of one's own; else only its name here tells.
    #[must_use]
    pub fn priced_as(&self) -> Option<&'static str> {
        Some(match self.kind {
            Kind::Gemini => "google",
            Kind::Bedrock => "aws",
            Kind::OpenaiCompatible => {
                let known = |preset: &&Preset| {
                    host(preset.base_url).is_some_and(|known| host(&self.base_url) == Some(known))
                };
                match PRESETS.iter().find(known) {
                    Some(preset) => preset.name,
                    None if is_own_network(host(&self.base_url).unwrap_or_default()) => "custom",
                    None => return None,
                }
            }
            kind => kind.as_str(),
        })
    }

    /// Whether a model asked for by its plain name is asked for here.
    #[must_use]
    pub fn serves(&self, model: &str) -> bool {
        if self.models.is_empty() {
            return self.kind.names(model);
        }
        self.models.iter().any(|served| served == model)
    }
}

/// The host of an address, with its port where one is given.
fn host(base_url: &str) -> Option<&str> {
    let (_, rest) = base_url.split_once("://")?;
    rest.split('/').next().filter(|host| !host.is_empty())
}

/// Whether a host, maybe with a port, is no public one.
fn is_own_network(host: &str) -> bool {
    let host = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => ip.is_private() || ip.is_loopback() || ip.is_link_local(),
        Ok(IpAddr::V6(ip)) => {
            ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local()
        }
        Err(_) => !host.contains('.') || host.ends_with(".local") || host.ends_with(".internal"),
    }
}

#[cfg(test)]
mod tests;
