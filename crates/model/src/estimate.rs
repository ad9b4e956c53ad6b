//! Tokens that Tracekeep counted itself, of a span whose sender counted none.

use crate::{Field, Register, State, Text, UsageType, Version};

/// What Tracekeep counted of one span.
///
/// It is stated as any usage is, at [`Rank::Inferred`](crate::Rank::Inferred): what a sender counts,
/// however late and whatever types it names, replaces all of it where people look. `usage_given` then
/// says who counted, and by that an estimate is known ([`Span::tokens_estimated`]).
///
/// [`Span::tokens_estimated`]: crate::Span::tokens_estimated
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// The vocabulary that it was counted by: lower-case letters, digits and `_`.
    pub by: &'static str,
    /// Whether it is the model's own vocabulary, and all that is known of the call was counted.
    pub is_exact: bool,
    /// Tokens of what went in; `None`: nothing was counted.
    pub input: Option<i64>,
    /// Tokens of what came out; `None`: nothing was counted.
    pub output: Option<i64>,
}

/// How `usage_given` of an estimate begins.
const BEGINNING: &str = r#"{"estimated_by":"#;

impl Estimate {
    /// States it of a span.
    pub fn set(&self, span: &mut State, version: Version) {
        span.set(Field::UsageGiven, version, self.given());
        for (name, count) in self.counts() {
            span.set(Register::Usage(Text::from_static(name)), version, count);
        }
    }

    /// Whether this is the `usage_given` of an estimate.
    #[must_use]
    pub fn is_given(usage_given: &str) -> bool {
        usage_given.starts_with(BEGINNING)
    }

    fn counts(&self) -> impl Iterator<Item = (&'static str, i64)> {
        [(UsageType::INPUT, self.input), (UsageType::OUTPUT, self.output)]
            .into_iter()
            .filter_map(|(name, count)| Some((name, count?)))
    }

    fn given(&self) -> String {
        let mut json = format!(r#"{BEGINNING}"{}","exact":{}"#, self.by, self.is_exact);
        for (name, count) in self.counts() {
            json.push_str(&format!(r#","{name}":{count}"#));
        }
        json.push('}');
        json
    }
}

#[cfg(test)]
mod tests;
