//! JSON as text: what may be kept of it as it was sent.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::names::shortened;
use crate::FieldError;
use crate::depth::{MAX_DEPTH, too_deep};
use crate::escapes::clean;

/// What errors about the whole request name.
pub(super) const BODY: &str = "body";

/// The six things that JSON can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Json {
    Null,
    Boolean,
    Number,
    Text,
    Array,
    Object,
}

impl Json {
    /// Of valid JSON without space around it.
    pub(super) fn of(raw: &str) -> Self {
        match raw.as_bytes().first() {
            Some(b'n') => Self::Null,
            Some(b't' | b'f') => Self::Boolean,
            Some(b'"') => Self::Text,
            Some(b'[') => Self::Array,
            Some(b'{') => Self::Object,
            _ => Self::Number,
        }
    }

    /// Continues the sentence `field is …`.
    pub(super) fn described(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "a boolean",
            Self::Number => "a number",
            Self::Text => "text",
            Self::Array => "an array",
            Self::Object => "an object",
        }
    }
}

/// One message's text, fit to be kept in parts: no U+0000, no half surrogate pairs, not too deep.
pub(super) struct Document<'a> {
    /// JSON, valid or not.
    pub(super) text: Cow<'a, str>,
    /// How many times U+0000 was replaced.
    pub(super) replaced_nulls: u64,
}

impl<'a> Document<'a> {
    /// A request's whole body.
    pub(super) fn of_body(body: &'a [u8]) -> Result<Self, FieldError> {
        Self::new(utf8(body)?, BODY)
    }

    /// `name` is what an error speaks of.
    pub(super) fn new(text: &'a str, name: &str) -> Result<Self, FieldError> {
        if too_deep(text) {
            let reason =
                format!("is nested more than {MAX_DEPTH} levels deep; send it flatter, or as text");
            return Err(FieldError::new(name, reason));
        }
        let (text, replaced_nulls) = clean(text);
        Ok(Self { text, replaced_nulls })
    }
}

/// A request's body as text.
pub(super) fn utf8(body: &[u8]) -> Result<&str, FieldError> {
    std::str::from_utf8(body).map_err(|error| {
        let reason =
            format!("is not UTF-8 from byte {} on; send JSON in UTF-8", error.valid_up_to());
        FieldError::new(BODY, reason)
    })
}

/// What serde_json says about text that is no JSON.
pub(super) fn malformed(name: &str, error: &serde_json::Error) -> FieldError {
    let said = error.to_string();
    let reason = said.rsplit_once(" at line ").map_or(&*said, |(reason, _)| reason);
    let (line, column) = (error.line(), error.column());
    FieldError::new(
        name,
        format!("is not valid JSON: {} at line {line}, column {column}", shortened(reason)),
    )
}

/// Why text that should be an object is none.
pub(super) fn not_an_object(text: &str, name: &str) -> FieldError {
    match serde_json::from_str::<&RawValue>(text) {
        Ok(raw) => {
            FieldError::new(name, format!("is {}; send an object", Json::of(raw.get()).described()))
        }
        Err(error) => malformed(name, &error),
    }
}

/// The text that JSON text stands for.
pub(super) fn unquoted(raw: &str) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
        return Some(Cow::Borrowed(inner));
    }
    serde_json::from_str::<String>(raw).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests;
