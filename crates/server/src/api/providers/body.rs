//! What a body says of a provider.

use std::collections::BTreeMap;

use serde_json::Value;
use tracekeep_control::{ProviderCredential, ProviderHeaders, Secret};
use tracekeep_decode::FieldError;

use crate::api::members::Known;
use crate::error::ApiError;
use crate::gateway::provider_settings::{CredentialSettings, ProviderSettings, Refused};

const CREATE: [&str; 11] = [
    "name",
    "kind",
    "baseUrl",
    "apiKey",
    "apiVersion",
    "region",
    "accessKeyId",
    "secretAccessKey",
    "sessionToken",
    "models",
    "headers",
];
/// A provider's name and kind stay.
const CHANGE: [&str; 9] = [
    "baseUrl",
    "apiKey",
    "apiVersion",
    "region",
    "accessKeyId",
    "secretAccessKey",
    "sessionToken",
    "models",
    "headers",
];

/// What was sent of a provider. `None`: nothing; an inner `None`: null.
pub(super) struct Sent {
    name: Option<String>,
    kind: Option<String>,
    pub(super) base_url: Option<Option<String>>,
    pub(super) api_version: Option<Option<String>>,
    credential: Vec<(CredentialField, Option<String>)>,
    pub(super) models: Option<Vec<String>>,
    headers: Option<Vec<(String, String)>>,
}

type CredentialField = fn(&mut CredentialSettings) -> &mut Option<String>;

const CREDENTIAL: [(&str, CredentialField); 5] = [
    ("apiKey", |credential| &mut credential.api_key),
    ("region", |credential| &mut credential.region),
    ("accessKeyId", |credential| &mut credential.access_key_id),
    ("secretAccessKey", |credential| &mut credential.secret_access_key),
    ("sessionToken", |credential| &mut credential.session_token),
];

impl Sent {
    /// Of a request that makes a provider.
    pub(super) fn to_create(body: &[u8]) -> Result<Self, ApiError> {
        Self::read(Known::of_body(body, &CREATE)?)
    }

    /// Of a request that changes one.
    pub(super) fn to_change(body: &[u8]) -> Result<Self, ApiError> {
        Self::read(Known::of_body(body, &CHANGE)?)
    }

    fn read(mut known: Known) -> Result<Self, ApiError> {
        let mut credential = Vec::new();
        for (name, field) in CREDENTIAL {
            credential.extend(known.text(name)?.map(|value| (field, value)));
        }
        Ok(Self {
            name: known.text("name")?.flatten(),
            kind: known.text("kind")?.flatten(),
            base_url: known.text("baseUrl")?,
            api_version: known.text("apiVersion")?,
            credential,
            models: known.texts("models")?,
            headers: headers(&mut known)?,
        })
    }

    /// Whether something of the credential was sent, if only null.
    pub(super) fn has_credential(&self) -> bool {
        !self.credential.is_empty()
    }

    /// Whether headers were sent.
    pub(super) fn has_headers(&self) -> bool {
        self.headers.is_some()
    }

    /// Lays what was sent over what there is.
    pub(super) fn lay_over(&self, settings: &mut ProviderSettings) {
        if let Some(name) = &self.name {
            settings.name.clone_from(name);
        }
        if let Some(kind) = &self.kind {
            settings.kind.clone_from(kind);
        }
        if let Some(base_url) = &self.base_url {
            settings.base_url.clone_from(base_url);
        }
        if let Some(api_version) = &self.api_version {
            settings.api_version.clone_from(api_version);
        }
        for (field, value) in &self.credential {
            field(&mut settings.credential).clone_from(value);
        }
        if let Some(models) = &self.models {
            settings.models.clone_from(models);
        }
        if let Some(headers) = &self.headers {
            settings.headers.clone_from(headers);
        }
    }
}

/// Headers; null takes all away.
fn headers(known: &mut Known) -> Result<Option<Vec<(String, String)>>, FieldError> {
    let pair = |(name, value): (String, Value)| match value {
        Value::String(value) => Some((name, value)),
        _ => None,
    };
    let headers = match known.take("headers") {
        None => return Ok(None),
        Some(Value::Null) => Some(Vec::new()),
        Some(Value::Object(members)) => members.into_iter().map(pair).collect(),
        Some(_) => None,
    };
    let reason = "is no object of texts; send such as {\"x-team\": \"search\"}";
    headers.map(Some).ok_or_else(|| FieldError::new(known.path("headers"), reason))
}

/// The refusal with the field's name as bodies have it.
pub(super) fn refused(Refused { field, reason }: Refused) -> ApiError {
    let name = match field {
        "base_url" => "baseUrl",
        "api_key" => "apiKey",
        "api_version" => "apiVersion",
        "access_key_id" => "accessKeyId",
        "secret_access_key" => "secretAccessKey",
        "session_token" => "sessionToken",
        other => other,
    };
    FieldError::new(name, reason).into()
}

/// A credential as it is sealed; none where there is nothing in it.
pub(super) fn sealed_credential(credential: &CredentialSettings) -> Option<ProviderCredential> {
    if credential.is_empty() {
        return None;
    }
    let json = serde_json::to_string(credential).expect("texts become JSON");
    Some(ProviderCredential { secret: Secret::new(json), hint: credential.hint() })
}

/// Headers as they are sealed; none where there are none.
pub(super) fn sealed_headers(headers: &[(String, String)]) -> Option<ProviderHeaders> {
    if headers.is_empty() {
        return None;
    }
    let by_name: BTreeMap<&str, &str> =
        headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let names: Vec<&&str> = by_name.keys().collect();
    let names = serde_json::to_string(&names).expect("texts become JSON");
    let json = serde_json::to_string(&by_name).expect("texts become JSON");
    Some(ProviderHeaders { names, secret: Secret::new(json) })
}

/// Models as they are stored.
pub(super) fn stored_models(models: &[String]) -> String {
    serde_json::to_string(models).expect("texts become JSON")
}
