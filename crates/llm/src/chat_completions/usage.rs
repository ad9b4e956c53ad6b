//! What was counted: `usage` of an answer, or of the last chunk of a stream.

use serde_json::{Value, json};
use tracekeep_model::{MOST_TOKENS, Text, Usage};

use crate::chat::Counted;

const INPUT_AUDIO: &str = "input_audio";
const INPUT_IMAGE: &str = "input_image";
const OUTPUT_AUDIO: &str = "output_audio";
const OUTPUT_IMAGE: &str = "output_image";

/// What a `usage` object says.
///
/// OpenAI (SDK `completion_usage.py`): `prompt_tokens` holds `prompt_tokens_details`'
/// `cached_tokens`, `cache_write_tokens`, `audio_tokens`, `image_tokens`; `completion_tokens` holds
/// `completion_tokens_details`' `reasoning_tokens` and `audio_tokens`. Tokens of a prediction that
/// did not appear "are still counted in the total completion tokens for purposes of billing", so they
/// stay in `output`. A cached token may be one of audio too; each is counted where it is met first,
/// so that the sum stays that of `prompt_tokens`.
///
/// Others differ in this:
/// - xAI's `completion_tokens` is without `reasoning_tokens`, which are only in `total_tokens`
///   ("counted separately", docs.x.ai, Consumption and Rate Limits). The total tells.
/// - Google's compatible endpoint names no reasoning tokens, and counts them in the total alone.
/// - DeepSeek has `prompt_cache_hit_tokens`, Moonshot `cached_tokens` at the top level.
/// - Mistral has `prompt_audio_seconds`, OpenRouter and Perplexity count searches.
#[must_use]
pub fn count(usage: &Value) -> Counted {
    let top = |name: &str| whole(usage.get(name));
    let prompt_part = |name: &str| whole(usage.get("prompt_tokens_details")?.get(name));
    let completion_part = |name: &str| whole(usage.get("completion_tokens_details")?.get(name));
    let prompt = top("prompt_tokens").or_else(|| top("input_tokens"));
    let completion = top("completion_tokens").or_else(|| top("output_tokens"));

    let mut counted = Usage::default();
    if let Some(mut left) = prompt {
        let cached = prompt_part("cached_tokens")
            .or_else(|| top("prompt_cache_hit_tokens"))
            .or_else(|| top("cached_tokens"));
        counted.input_cache_read = take(&mut left, cached);
        counted.input_cache_write = take(&mut left, prompt_part("cache_write_tokens"));
        add(&mut counted, INPUT_AUDIO, take(&mut left, prompt_part("audio_tokens")));
        add(&mut counted, INPUT_IMAGE, take(&mut left, prompt_part("image_tokens")));
        counted.input = Some(left);
    }
    if let Some(completion) = completion {
        let mut reasoning = completion_part("reasoning_tokens");
        let mut left = completion;
        // What the total has beyond prompt and completion.
        let beside = top("total_tokens").map_or(0, |total| {
            total.saturating_sub(prompt.unwrap_or(0)).saturating_sub(completion)
        });
        match reasoning {
            Some(tokens) if tokens > 0 && beside >= tokens => left += tokens,
            None if prompt.is_some() && beside > 0 => {
                reasoning = Some(beside);
                left += beside;
            }
            _ => {}
        }
        counted.output_reasoning = take(&mut left, reasoning);
        add(&mut counted, OUTPUT_AUDIO, take(&mut left, completion_part("audio_tokens")));
        add(&mut counted, OUTPUT_IMAGE, take(&mut left, completion_part("image_tokens")));
        counted.output = Some(left);
    }
    if prompt.is_none() && completion.is_none() {
        counted.stated_total = top("total_tokens");
    }
    add(&mut counted, "audio_seconds", top("prompt_audio_seconds"));
    let searches = usage
        .get("server_tool_use")
        .and_then(|tools| whole(tools.get("web_search_requests")))
        .or_else(|| top("num_search_queries"));
    add(&mut counted, "web_searches", searches);
    Counted { usage: counted, stated: usage.clone() }
}

/// A count as `usage` says it.
pub(super) fn write(counted: &Counted) -> Value {
    let usage = &counted.usage;
    let other = |name: &str| {
        usage.types().find(|(known, _)| *known == name).map_or(0, |(_, tokens)| tokens)
    };
    let prompt = usage.input_total().unwrap_or(0);
    let completion = usage.output_total().unwrap_or(0);
    let mut prompt_details = json!({
        "cached_tokens": usage.input_cache_read.unwrap_or(0),
        "audio_tokens": other(INPUT_AUDIO),
    });
    let write = usage.input_cache_write.unwrap_or(0).saturating_add(other("input_cache_write_1h"));
    if write > 0 {
        prompt_details["cache_write_tokens"] = write.into();
    }
    if other(INPUT_IMAGE) > 0 {
        prompt_details["image_tokens"] = other(INPUT_IMAGE).into();
    }
    let mut completion_details = json!({
        "reasoning_tokens": usage.output_reasoning.unwrap_or(0),
        "audio_tokens": other(OUTPUT_AUDIO),
    });
    if other(OUTPUT_IMAGE) > 0 {
        completion_details["image_tokens"] = other(OUTPUT_IMAGE).into();
    }
    json!({
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt.saturating_add(completion),
        "prompt_tokens_details": prompt_details,
        "completion_tokens_details": completion_details,
    })
}

/// A number that counts something: never negative, within what a span may state. `None` for anything
/// that is no number.
pub(crate) fn whole(value: Option<&Value>) -> Option<i64> {
    let value = value?;
    let number = match value.as_i64() {
        Some(number) => number,
        // Casting saturates; some providers write whole numbers as floats.
        None => value.as_f64()?.round() as i64,
    };
    Some(number.clamp(0, MOST_TOKENS))
}

/// A stated part, taken out of what is left of its total: never more than that.
pub(crate) fn take(left: &mut i64, part: Option<i64>) -> Option<i64> {
    let part = part?.min(*left);
    *left -= part;
    Some(part)
}

/// Counts a type that there is something of.
pub(crate) fn add(usage: &mut Usage, name: &'static str, count: Option<i64>) {
    if let Some(count) = count.filter(|count| *count > 0) {
        usage.set(&Text::from_static(name), count);
    }
}

#[cfg(test)]
mod tests;
