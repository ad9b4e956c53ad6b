//! Token counts.
//!
//! The conventions count parts within wholes: `input_tokens` includes what was read from and written
//! to a cache, `output_tokens` includes reasoning. Tracekeep's types are disjoint, so the parts are
//! taken out. Some senders pass on a provider's numbers that never included the parts (Anthropic's
//! cached tokens, Gemini's thoughts); where the parts exceed the whole, the whole stays as it is.

use tracekeep_model::{Field, MOST_TOKENS, UsageType};

use crate::FieldError;
use crate::otlp::json_text::JsonText;
use crate::otlp::value::AnyValue;
use crate::otlp::writer::Writer;

/// Counts as they were sent.
#[derive(Debug, Default)]
pub(in crate::otlp) struct Counts {
    /// The sender's own attributes, without the `gen_ai.usage.` prefix.
    given: Option<JsonText>,
    input: Option<i64>,
    cache_read: Option<i64>,
    cache_write: Option<i64>,
    input_audio: Modality,
    input_image: Modality,
    output: Option<i64>,
    reasoning: Option<i64>,
    output_audio: Modality,
    output_image: Modality,
    total: Option<i64>,
}

/// Tokens of one modality, and how many of them were read from a cache.
#[derive(Debug, Default)]
struct Modality {
    tokens: Option<i64>,
    cached: Option<i64>,
}

impl Counts {
    /// Takes the attribute `gen_ai.usage.<name>`.
    pub(super) fn take(&mut self, name: &str, value: &AnyValue) -> Result<(), FieldError> {
        if value.is_blank() {
            return Ok(());
        }
        let given = self.given.get_or_insert_with(JsonText::object);
        given.key(name);
        given.value(value);
        let current = matches!(name, "input_tokens" | "output_tokens")
            || name.ends_with(".input_tokens")
            || name.ends_with(".output_tokens");
        if let Some(count) = self.count(name) {
            let tokens = tokens(name, value)?;
            // Of two names of one count the current one is believed.
            if current || count.is_none() {
                *count = Some(tokens);
            }
        }
        Ok(())
    }

    /// Whether nothing was counted.
    pub(super) fn is_empty(&self) -> bool {
        self.input.is_none() && self.output.is_none() && self.total.is_none()
    }

    /// States the sender's own object.
    pub(in crate::otlp) fn write_given(&mut self, to: &mut Writer) {
        let given = self.given.take().map(|mut json| {
            json.close(b'}');
            json.finish()
        });
        to.set(Field::UsageGiven, given);
    }

    /// States the disjoint types.
    pub(in crate::otlp) fn write(self, to: &mut Writer) {
        let input = without(self.input, &[self.cache_read, self.cache_write]);
        let (input, audio, image) =
            split(input, self.input_audio.uncached(), self.input_image.uncached());
        to.usage(UsageType::INPUT, input);
        to.usage("input_audio", audio);
        to.usage(UsageType::INPUT_CACHE_READ, self.cache_read);
        to.usage(UsageType::INPUT_CACHE_WRITE, self.cache_write);
        to.usage("input_image", image);
        let output = without(self.output, &[self.reasoning]);
        let (output, audio, image) =
            split(output, self.output_audio.uncached(), self.output_image.uncached());
        to.usage(UsageType::OUTPUT, output);
        to.usage("output_audio", audio);
        to.usage("output_image", image);
        to.usage(UsageType::OUTPUT_REASONING, self.reasoning);
        to.usage(UsageType::TOTAL, self.total);
    }

    /// Where a name is counted; names that are only kept as sent have no place.
    fn count(&mut self, name: &str) -> Option<&mut Option<i64>> {
        Some(match name {
            "input_tokens" | "prompt_tokens" => &mut self.input,
            "output_tokens" | "completion_tokens" => &mut self.output,
            "total_tokens" => &mut self.total,
            "cache_read.input_tokens"
            | "cache_read_input_tokens"
            | "input_tokens.cached"
            | "input_tokens_details.cached_tokens"
            | "prompt_tokens_details.cached_tokens" => &mut self.cache_read,
            "cache_write.input_tokens"
            | "cache_creation.input_tokens"
            | "cache_creation_input_tokens"
            | "cache_write_input_tokens"
            | "input_tokens.cache_write" => &mut self.cache_write,
            "reasoning.output_tokens"
            | "reasoning_output_tokens"
            | "reasoning_tokens"
            | "output_tokens.reasoning"
            | "output_tokens_details.reasoning_tokens"
            | "completion_tokens_details.reasoning_tokens" => &mut self.reasoning,
            "audio.input_tokens" => &mut self.input_audio.tokens,
            "audio.cache_read.input_tokens" => &mut self.input_audio.cached,
            "image.input_tokens" => &mut self.input_image.tokens,
            "image.cache_read.input_tokens" => &mut self.input_image.cached,
            "audio.output_tokens" => &mut self.output_audio.tokens,
            "image.output_tokens" => &mut self.output_image.tokens,
            _ => return None,
        })
    }
}

impl Modality {
    fn uncached(&self) -> Option<i64> {
        without(self.tokens, &[self.cached])
    }
}

/// The whole without its parts; the whole itself where it cannot have included them.
fn without(whole: Option<i64>, parts: &[Option<i64>]) -> Option<i64> {
    let whole = whole?;
    let parts = parts.iter().flatten().fold(0i64, |sum, part| sum.saturating_add(*part));
    Some(if parts > whole { whole } else { whole - parts })
}

/// Takes audio and image tokens out of the others, unless they do not fit in there: then some of
/// them were counted as cached already, and the split is not known.
fn split(
    whole: Option<i64>,
    audio: Option<i64>,
    image: Option<i64>,
) -> (Option<i64>, Option<i64>, Option<i64>) {
    let parts = audio.unwrap_or(0).saturating_add(image.unwrap_or(0));
    match whole {
        Some(whole) if parts > whole => (Some(whole), None, None),
        _ => (whole.map(|whole| whole - parts), audio, image),
    }
}

fn tokens(name: &str, value: &AnyValue) -> Result<i64, FieldError> {
    let reason = match value.as_whole() {
        Some(tokens) if (0..=MOST_TOKENS).contains(&tokens) => return Ok(tokens),
        Some(tokens) if tokens > 0 => format!("is {tokens}; a count is at most {MOST_TOKENS}"),
        Some(tokens) => format!("is {tokens}, but a count cannot be negative"),
        None => {
            let shown: String = value.clone().into_text().chars().take(64).collect();
            format!("is `{shown}`; send a whole number")
        }
    };
    Err(FieldError::new(format!("attributes.gen_ai.usage.{name}"), reason))
}
