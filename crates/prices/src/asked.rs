//! What a span tells of its call, as far as a price depends on it.

use serde::Deserialize;
use tracekeep_model::{Micros, Span, Text};

use crate::book::Call;

/// Bytes of a name of a model or of a provider. Nothing in the book has one that is longer.
pub const LONGEST_NAME: usize = 500;
/// Bytes of the name of a service tier, a region, or a kind of provider.
const LONGEST_WORD: usize = 50;
/// Keys of metadata that name the tier in which a call was served.
const ANSWERED_TIERS: [&str; 3] =
    ["service_tier", "openai.response.service_tier", "gen_ai.openai.response.service_tier"];
/// Keys of metadata that name the tier that was asked for.
const ASKED_TIERS: [&str; 2] =
    ["openai.request.service_tier", "gen_ai.openai.request.service_tier"];
/// The key of metadata that says whose prices count, whatever the span's provider is called.
const KIND: [&str; 1] = ["provider_kind"];
/// The key of metadata that names the provider's region.
const REGION: [&str; 1] = ["provider_region"];
/// The kind of a provider of which nothing is known.
const CUSTOM: &str = "custom";

/// A span's call.
pub(crate) struct Asked<'s> {
    /// The model that answered, else the one that was asked for.
    pub(crate) model: &'s str,
    /// The provider as the sender calls it.
    pub(crate) name: Option<&'s str>,
    kind: Option<String>,
    tier: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) at: Micros,
}

impl<'s> Asked<'s> {
    /// `None`: it names no model, or by a name that is too long to be one.
    pub(crate) fn of(span: &'s Span) -> Option<Self> {
        let model = span.response_model.as_deref().or(span.model.as_deref())?;
        let name = span.provider.as_deref();
        if model.len() > LONGEST_NAME || name.is_some_and(|name| name.len() > LONGEST_NAME) {
            return None;
        }
        let tier = || {
            in_metadata(span, &ANSWERED_TIERS)
                .or_else(|| span.parameters.as_deref().and_then(in_parameters))
                .or_else(|| in_metadata(span, &ASKED_TIERS))
        };
        Some(Self {
            model,
            name,
            kind: in_metadata(span, &KIND).and_then(word),
            tier: tier().and_then(word),
            region: in_metadata(span, &REGION).and_then(word),
            at: span.start_time,
        })
    }

    /// The kind of provider that the span names.
    pub(crate) fn kind(&self) -> Option<&str> {
        self.kind.as_deref()
    }

    /// Whose prices count: the kind where there is one, of which `custom` says that nobody is known.
    pub(crate) fn provider(&self) -> Option<&str> {
        match self.kind() {
            Some(CUSTOM) => None,
            Some(kind) => Some(kind),
            None => self.name,
        }
    }

    /// The call as the book is asked for it.
    pub(crate) fn call(&self) -> Call<'_> {
        Call {
            provider: self.provider(),
            model: self.model,
            at: self.at,
            tier: self.tier.as_deref(),
            region: self.region.as_deref(),
        }
    }
}

/// The text, unless it is too long to mean anything.
fn word(text: String) -> Option<String> {
    (1..=LONGEST_WORD).contains(&text.len()).then_some(text)
}

/// The text that the first of these keys in the metadata has.
fn in_metadata(span: &Span, keys: &[&str]) -> Option<String> {
    let named = |(key, _): &&(Text, Text)| keys.contains(&&**key);
    let (_, json) = span.metadata.iter().find(named)?;
    serde_json::from_str::<String>(json).ok()
}

fn in_parameters(json: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Parameters {
        #[serde(alias = "serviceTier")]
        service_tier: Option<String>,
    }
    // Most name none, and reading them all would cost more than the rest.
    if !json.contains("service_tier") && !json.contains("serviceTier") {
        return None;
    }
    serde_json::from_str::<Parameters>(json).ok()?.service_tier
}
