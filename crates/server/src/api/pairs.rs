//! The query string as names and values.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::app::App;
use crate::error::ApiError;

/// Names and values in the order they were sent, decoded. What is no UTF-8 is refused by name rather
/// than read as something else.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Pairs(pub(crate) Vec<(String, String)>);

impl FromRequestParts<Arc<App>> for Pairs {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, ApiError> {
        Self::read(parts.uri.query().unwrap_or_default())
    }
}

impl Pairs {
    fn read(query: &str) -> Result<Self, ApiError> {
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        Ok(Self(pairs.map(pair).collect::<Result<_, _>>()?))
    }
}

/// The value of the first parameter of that name, decoded. The others are not looked at.
///
/// # Errors
/// It is no UTF-8.
pub(crate) fn value(query: &str, name: &str) -> Result<Option<String>, ApiError> {
    let is_named = |text: &&str| text.split_once('=').is_some_and(|(sent, _)| sent == name);
    let found = query.split('&').find(is_named).map(pair).transpose()?;
    Ok(found.map(|(_, value)| value))
}

fn pair(text: &str) -> Result<(String, String), ApiError> {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    decoded(name).zip(decoded(value)).ok_or_else(|| {
        let reason = "is not percent-encoded UTF-8; write a percent sign as %25";
        ApiError::parameter(name, reason)
    })
}

/// As forms encode it: a blank may be a plus sign.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => (digit(rest.next()?)? << 4) | digit(rest.next()?)?,
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

fn digit(byte: u8) -> Option<u8> {
    u8::try_from(char::from(byte).to_digit(16)?).ok()
}

/// A name or value as it may stand in any query string.
pub(crate) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests;
