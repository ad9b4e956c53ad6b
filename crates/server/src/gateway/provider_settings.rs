//! What somebody says of a provider, in a file, a variable or a request, and what it makes.

mod address;
mod credential;

use http::{HeaderName, HeaderValue};
use tracekeep_control::ControlError;
use tracekeep_llm::provider::{Kind, PRESETS, Preset, Provider};

pub(crate) use self::credential::CredentialSettings;

/// Models that one provider may list.
pub(crate) const MOST_MODELS: usize = 1_000;
/// Characters of a model's name.
pub(crate) const LONGEST_MODEL: usize = 200;
/// Headers that one provider may have.
pub(crate) const MOST_HEADERS: usize = 50;
/// Bytes of a header's value, and of each part of a credential.
pub(crate) const LONGEST_SECRET: usize = 8_192;

/// Headers that are made for each request by itself.
const OF_THE_REQUEST: [&str; 6] =
    ["host", "content-length", "transfer-encoding", "connection", "te", "upgrade"];

/// A provider as it is described, not yet checked.
#[derive(Clone, Default)]
pub(crate) struct ProviderSettings {
    pub(crate) name: String,
    /// A kind's name, or a preset's.
    pub(crate) kind: String,
    pub(crate) base_url: Option<String>,
    pub(crate) api_version: Option<String>,
    pub(crate) credential: CredentialSettings,
    pub(crate) models: Vec<String>,
    pub(crate) headers: Vec<(String, String)>,
}

/// Why a description makes no provider. It repeats no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    /// The field, in snake case.
    pub(crate) field: &'static str,
    /// What is wrong with it and what to give instead; goes on after the field's name.
    pub(crate) reason: String,
}

impl Refused {
    pub(crate) fn new(field: &'static str, reason: impl Into<String>) -> Self {
        Self { field, reason: reason.into() }
    }
}

/// A kind of provider by its name or a preset's.
#[derive(Clone, Copy)]
pub(crate) struct Chosen {
    pub(crate) kind: Kind,
    pub(crate) preset: Option<&'static Preset>,
}

impl Chosen {
    /// The one of that name.
    pub(crate) fn of(name: &str) -> Result<Self, Refused> {
        let preset = Preset::of(name);
        let kind = Kind::ALL.into_iter().find(|kind| kind.as_str() == name);
        match preset.map(|preset| preset.kind).or(kind) {
            Some(kind) if kind != Kind::Demo => Ok(Self { kind, preset }),
            _ if name.is_empty() => {
                Err(Refused::new("kind", format!("is missing; give one of {}", kinds())))
            }
            _ => {
                let shown: String = name.chars().take(64).collect();
                Err(Refused::new("kind", format!("is `{shown}`; give one of {}", kinds())))
            }
        }
    }

    /// Where it listens unless it is said.
    fn base_url(self) -> Option<&'static str> {
        let of_preset = self.preset.map(|preset| preset.base_url).filter(|url| !url.is_empty());
        of_preset.or(self.kind.base_url())
    }
}

/// All names of kinds and presets, as a list in a sentence.
pub(crate) fn kinds() -> String {
    let presets = PRESETS.iter().map(|preset| preset.name);
    let kinds = Kind::ALL.into_iter().filter(|kind| *kind != Kind::Demo).map(Kind::as_str);
    let others = kinds.filter(|kind| Preset::of(kind).is_none());
    presets.chain(others).collect::<Vec<_>>().join(", ")
}

impl ProviderSettings {
    /// The provider that it describes.
    pub(crate) fn provider(&self) -> Result<Provider, Refused> {
        tracekeep_control::check_provider_name("name", &self.name).map_err(|error| {
            let reason = match error {
                ControlError::Invalid { problem, .. } => problem,
                other => other.to_string(),
            };
            Refused::new("name", reason)
        })?;
        let chosen = Chosen::of(&self.kind)?;
        check_api_version(chosen.kind, self.api_version.as_deref())?;
        check_models(&self.models)?;
        let credential = self.credential.credential(chosen.kind)?;
        let base_url = match (&self.base_url, &self.credential.region) {
            (Some(url), _) => address::checked(url)?,
            (None, Some(region)) if chosen.kind == Kind::Bedrock => address::of_bedrock(region),
            (None, _) => match chosen.base_url() {
                Some(url) => url.to_owned(),
                None => return Err(address::missing(chosen.kind)),
            },
        };
        Ok(Provider {
            name: self.name.clone(),
            kind: chosen.kind,
            base_url,
            credential,
            models: self.models.clone(),
            headers: checked_headers(&self.headers)?,
            api_version: self.api_version.clone(),
        })
    }
}

fn check_api_version(kind: Kind, version: Option<&str>) -> Result<(), Refused> {
    let Some(version) = version else { return Ok(()) };
    if kind != Kind::Azure {
        let reason = "is for the kind azure only; leave it out";
        return Err(Refused::new("api_version", reason));
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    if (1..=50).contains(&version.len()) && version.bytes().all(allowed) {
        return Ok(());
    }
    Err(Refused::new("api_version", "is no version; give one such as 2024-10-21"))
}

fn check_models(models: &[String]) -> Result<(), Refused> {
    if models.len() > MOST_MODELS {
        let reason = format!("are {}; give at most {MOST_MODELS}", models.len());
        return Err(Refused::new("models", reason));
    }
    let is_name = |name: &String| {
        (1..=LONGEST_MODEL).contains(&name.chars().count())
            && !name.chars().any(|c| c.is_control() || c.is_whitespace())
    };
    match models.iter().position(|name| !is_name(name)) {
        None => Ok(()),
        Some(at) => Err(Refused::new(
            "models",
            format!(
                "has no model's name in place {at}; give 1 to {LONGEST_MODEL} characters without \
                 spaces"
            ),
        )),
    }
}

/// Names in lower case, as requests have them.
fn checked_headers(headers: &[(String, String)]) -> Result<Vec<(String, String)>, Refused> {
    if headers.len() > MOST_HEADERS {
        let reason = format!("are {}; give at most {MOST_HEADERS}", headers.len());
        return Err(Refused::new("headers", reason));
    }
    let mut checked: Vec<(String, String)> = Vec::with_capacity(headers.len());
    for (name, value) in headers {
        let shown: String = name.chars().take(64).collect();
        let wrong = |reason: &str| Refused::new("headers", format!("has `{shown}`, {reason}"));
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| wrong("which is no header's name; give one such as x-team"))?;
        if OF_THE_REQUEST.contains(&name.as_str()) {
            return Err(wrong("which each request has of its own; leave it out"));
        }
        if checked.iter().any(|(other, _)| other == name.as_str()) {
            return Err(wrong("which it has already; give each header once"));
        }
        let is_value = HeaderValue::from_str(value).is_ok() && value.is_ascii();
        if !is_value || value.len() > LONGEST_SECRET {
            let reason = format!(
                "whose value cannot be sent; give up to {LONGEST_SECRET} visible ASCII characters"
            );
            return Err(wrong(&reason));
        }
        checked.push((name.as_str().to_owned(), value.clone()));
    }
    Ok(checked)
}

#[cfg(test)]
mod tests;
