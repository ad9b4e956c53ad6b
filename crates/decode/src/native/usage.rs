//! `tokens`, `tokens_used`, `usage`: counts by usage type.

use tracekeep_model::{Field, Register, Text};

use super::amounts::{self, Amounts, TYPES};
use super::fields::Fields;
use super::names::snake;
use super::patch::Patch;
use super::sent::Sent;
use crate::FieldError;

/// Providers' names and the type to send instead. Whether they include each other differs from
/// provider to provider, so that taking them as they are would count tokens twice.
const FOREIGN: &[(&str, &str)] = &[
    ("prompt_tokens", "input"),
    ("input_tokens", "input"),
    ("completion_tokens", "output"),
    ("output_tokens", "output"),
    ("total_tokens", "total"),
    ("cached_tokens", "input_cache_read"),
    ("cache_read_input_tokens", "input_cache_read"),
    ("cache_creation_input_tokens", "input_cache_write"),
    ("reasoning_tokens", "output_reasoning"),
];

/// Reads the field `usage`: disjoint types, and a total that is kept only where it says more than
/// their sum. The sender's object is kept beside them.
pub(super) fn read(fields: &Fields<'_>, span: &mut Patch) -> Result<(), FieldError> {
    let Some(sent) = fields.stated("usage") else { return Ok(()) };
    if sent.is_null() {
        span.clear(Field::UsageGiven);
        for name in TYPES.iter().copied() {
            span.clear(Register::Usage(Text::from_static(name)));
        }
        return Ok(());
    }
    let counts: Amounts<i64> = amounts::read(sent, usage_type, |count| count.count())?;
    if counts.is_empty() {
        return Ok(());
    }
    span.set(Field::UsageGiven, sent.json_text()?);
    let sum = amounts::sum(&counts, i64::saturating_add);
    for (name, count) in counts {
        let says_nothing_new = amounts::is_total(&name) && count.is_some() && count == sum;
        if !says_nothing_new {
            span.set_or_clear(Register::Usage(name), count);
        }
    }
    Ok(())
}

/// The type that a key stands for; a provider's own name is refused.
pub(super) fn usage_type(sent: Sent<'_>) -> Result<Text, FieldError> {
    let key = snake(sent.key());
    if let Some((_, ours)) = FOREIGN.iter().find(|(foreign, _)| *foreign == key) {
        return Err(sent.error(format!(
            "is a provider's name, which may count tokens twice; send `{ours}`, each token in one type"
        )));
    }
    amounts::usage_type(sent, sent.key())
}
