//! How much of the texts of traces an answer holds.

use crate::api::listing::Parameters;
use crate::error::ApiError;

/// Characters of a text that a preview shows.
pub(crate) const PREVIEW: usize = 1_000;

/// Bytes of content in one list, but for its first row, which is always shown.
pub(crate) const MOST_IN_LIST: u64 = 32 << 20;

/// Bytes of content in the spans of one trace.
pub(crate) const MOST_IN_TRACE: u64 = 64 << 20;

/// Bytes of texts that are read for the previews of one list.
pub(crate) const MOST_READ: u64 = 256 << 20;

/// The parameter `content`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// Whole texts.
    Full,
    /// The beginning of each text.
    Preview,
    /// No texts.
    None,
}

impl Content {
    /// The parameter's name.
    pub(crate) const NAME: &'static str = "content";

    /// What is asked for, or where nothing is, `default`.
    pub(crate) fn read(parameters: &Parameters, default: Self) -> Result<Self, ApiError> {
        match parameters.get(Self::NAME) {
            None => Ok(default),
            Some("full") => Ok(Self::Full),
            Some("preview") => Ok(Self::Preview),
            Some("none") => Ok(Self::None),
            Some(other) => {
                let reason = format!("is `{other}`; send full, preview or none");
                Err(ApiError::parameter(Self::NAME, reason))
            }
        }
    }

    /// As much, but previews at most: of what only stands beside what was asked for.
    pub(crate) fn in_passing(self) -> Self {
        if self == Self::None { Self::None } else { Self::Preview }
    }
}

/// The beginning of a text that is longer than a preview; `None` of any other.
pub(crate) fn beginning(text: &str) -> Option<&str> {
    if text.len() <= PREVIEW {
        return None;
    }
    text.char_indices().nth(PREVIEW).map(|(end, _)| &text[..end])
}

#[cfg(test)]
mod tests;
