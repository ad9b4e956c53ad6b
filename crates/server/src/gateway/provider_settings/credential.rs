//! How a provider is told who asks.

use std::fmt;

use serde::{Deserialize, Serialize};
use tracekeep_control::Secret;
use tracekeep_llm::provider::{Credential, Kind};

use super::{LONGEST_SECRET, Refused};

/// A credential as it is described. As JSON it is what is sealed: names stay, and what is absent is
/// left out. `Debug` shows no secret.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CredentialSettings {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) api_key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) region: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) access_key_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) secret_access_key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) session_token: Option<String>,
}

impl fmt::Debug for CredentialSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialSettings").field("region", &self.region).finish_non_exhaustive()
    }
}

impl CredentialSettings {
    /// Whether nothing is said.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What may be shown of it: the last characters of the key.
    pub(crate) fn hint(&self) -> String {
        let key = self.api_key.as_ref().or(self.access_key_id.as_ref());
        key.map(|key| Secret::new(key.clone()).hint().to_owned()).unwrap_or_default()
    }

    /// What it makes for a provider of that kind.
    pub(super) fn credential(&self, kind: Kind) -> Result<Credential, Refused> {
        for (field, value) in [
            ("api_key", &self.api_key),
            ("access_key_id", &self.access_key_id),
            ("secret_access_key", &self.secret_access_key),
            ("session_token", &self.session_token),
        ] {
            check_secret(field, value.as_deref())?;
        }
        check_region(kind, self.region.as_deref())?;
        if let Some(key) = &self.api_key {
            return match self.of_amazon() {
                Some(field) => Err(Refused::new(field, "is given beside api_key; give one")),
                None => Ok(Credential::Key(key.clone())),
            };
        }
        let Some(field) = self.of_amazon() else { return Ok(Credential::None) };
        if kind != Kind::Bedrock {
            return Err(Refused::new(field, "is for the kind bedrock only; give api_key"));
        }
        let part = |field, value: &Option<String>| {
            let missing = || Refused::new(field, "is missing beside the other parts; give it too");
            value.clone().ok_or_else(missing)
        };
        Ok(Credential::Aws {
            access_key_id: part("access_key_id", &self.access_key_id)?,
            secret_access_key: part("secret_access_key", &self.secret_access_key)?,
            session_token: self.session_token.clone(),
            region: part("region", &self.region)?,
        })
    }

    /// A field that only Amazon's keys have.
    fn of_amazon(&self) -> Option<&'static str> {
        [
            ("access_key_id", &self.access_key_id),
            ("secret_access_key", &self.secret_access_key),
            ("session_token", &self.session_token),
        ]
        .into_iter()
        .find_map(|(field, value)| value.as_ref().map(|_| field))
    }
}

/// It becomes part of a header.
fn check_secret(field: &'static str, secret: Option<&str>) -> Result<(), Refused> {
    let Some(secret) = secret else { return Ok(()) };
    let reason = if secret.is_empty() {
        "is empty; give it, or leave it out".to_owned()
    } else if secret.len() > LONGEST_SECRET {
        format!("is longer than {LONGEST_SECRET} bytes; give the key alone")
    } else if !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
        "has a space, a line's end or a character outside ASCII; give the key alone".to_owned()
    } else {
        return Ok(());
    };
    Err(Refused::new(field, reason))
}

/// It becomes part of a host's name.
fn check_region(kind: Kind, region: Option<&str>) -> Result<(), Refused> {
    let Some(region) = region else { return Ok(()) };
    if kind != Kind::Bedrock {
        return Err(Refused::new("region", "is for the kind bedrock only; leave it out"));
    }
    let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    if (1..=40).contains(&region.len()) && region.bytes().all(allowed) {
        return Ok(());
    }
    Err(Refused::new("region", "is no region; give one such as eu-central-1"))
}
