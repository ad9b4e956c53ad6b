//! Sensitive data out, before anything is written anywhere.
//!
//! One pass over the free text of patches: prompts, inputs, outputs, system prompts, status and error
//! texts, values of metadata. Ids, users, sessions, names, tags and metadata's keys are never touched:
//! they are how records are found. Keys of objects within metadata are values here. A masked value is replaced by the name of what it was, such as `[EMAIL]`.
//!
//! There is one rule so far: e-mail addresses.
//!
//! A text that is still being written is masked piece by piece: [`Redactor::settled`] says up to where.

mod email;
mod escapes;

use std::borrow::Cow;

use tracekeep_model::{Field, RecordKey, Register, State, Text, Value};

/// Whether sensitive data is masked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Masking {
    /// All default rules.
    #[default]
    On,
    /// None.
    Off,
}

/// Masks patches.
#[derive(Clone, Debug)]
pub struct Redactor {
    masking: Masking,
}

impl Redactor {
    /// With the default rules, or none.
    #[must_use]
    pub fn new(masking: Masking) -> Self {
        Self { masking }
    }

    /// A free text, masked as in a patch.
    #[must_use]
    pub fn mask<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.masking == Masking::Off {
            return Cow::Borrowed(text);
        }
        email::mask(text).map_or(Cow::Borrowed(text), |(clean, _)| Cow::Owned(clean))
    }

    /// How much of the beginning of a text, in bytes, is masked alike whatever comes behind it: up to there
    /// and from there on the text can be masked apart, and together that is the whole text masked. What is
    /// behind it may be the beginning of what is to be masked.
    ///
    /// Every rule must keep to it.
    #[must_use]
    pub fn settled(&self, text: &str) -> usize {
        match self.masking {
            Masking::On => email::settled(text),
            Masking::Off => text.len(),
        }
    }

    /// Masks the free text of patches; says how many values were masked.
    pub fn redact(&self, patches: &mut [(RecordKey, State)]) -> u64 {
        if self.masking == Masking::Off {
            return 0;
        }
        let mut masked = 0;
        for (_, state) in patches {
            state.for_each_value(|register, value| {
                if let Value::Text(text) = value
                    && is_free_text(register)
                    && let Some((clean, count)) = email::mask(text)
                {
                    *text = Text::from(clean);
                    masked += count;
                }
            });
        }
        masked
    }
}

/// Free text, in which people write whatever they like.
fn is_free_text(register: &Register) -> bool {
    match register {
        Register::Metadata(_) => true,
        Register::Field(field) => matches!(
            field,
            Field::StatusMessage
                | Field::ErrorMessage
                | Field::ErrorStack
                | Field::SystemPrompt
                | Field::Input
                | Field::Output
                | Field::ToolCalls
                | Field::Events
                | Field::Parameters
                | Field::Comment
                | Field::ScoreText
        ),
        Register::Usage(_) | Register::Cost(_) | Register::Tag(_) => false,
    }
}

#[cfg(test)]
mod tests;
