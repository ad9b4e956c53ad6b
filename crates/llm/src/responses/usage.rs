//! What OpenAI counts of an answer.

use serde_json::{Value, json};
use tracekeep_model::{MOST_TOKENS, Text, Usage};

use crate::chat::Counted;

/// Tokens written to the cache for twelve hours.
const CACHE_WRITE_12H: &str = "input_cache_write_12h";
/// Searches of the web that are billed, each by itself.
const WEB_SEARCHES: &str = "web_searches";

/// The counts of a `usage` object.
///
/// `input_tokens_details` is "a detailed breakdown of the input tokens", and
/// `output_tokens_details` of the output tokens (`ResponseUsage` of OpenAI's Python SDK 3.54.0): so
/// what is cached and what is written to the cache is part of `input_tokens`, and what is thought
/// part of `output_tokens`. Parts that are larger than their whole are cut to it.
#[must_use]
pub fn count(usage: &Value) -> Counted {
    let (input, output) = (&usage["input_tokens_details"], &usage["output_tokens_details"]);
    let mut rest = tokens(&usage["input_tokens"]);
    let input_cache_read = part(&mut rest, &input["cached_tokens"]);
    let mut write = part(&mut rest, &input["cache_write_tokens"]);
    let write_12h = part(&mut write, &input["cache_write_tokens_details"]["ttl_12h_tokens"]);
    let write_12h = write_12h.filter(|tokens| *tokens > 0);
    let mut rest_of_output = tokens(&usage["output_tokens"]);
    let output_reasoning = part(&mut rest_of_output, &output["reasoning_tokens"]);
    let counts = Usage {
        input: rest,
        input_cache_read,
        input_cache_write: write,
        output: rest_of_output,
        output_reasoning,
        other: write_12h.map(|tokens| (Text::from(CACHE_WRITE_12H), tokens)).into_iter().collect(),
        stated_total: tokens(&usage["total_tokens"]),
    };
    Counted { usage: counts, stated: usage.clone() }
}

/// What was counted of a response: its `usage`, and of `tool_usage` the searches, which are billed
/// beside it ("usage reported by hosted tools, separate from base model `usage`").
pub(super) fn of_response(response: &Value) -> Option<Counted> {
    let usage = &response["usage"];
    let searches = tokens(&response["tool_usage"]["web_search"]["num_requests"]);
    let searches = searches.filter(|searches| *searches > 0);
    if !usage.is_object() && searches.is_none() {
        return None;
    }
    let mut counted = count(usage);
    counted.usage.other.extend(searches.map(|searches| (Text::from(WEB_SEARCHES), searches)));
    Some(counted)
}

/// The `usage` object that says these counts.
pub(super) fn write(usage: &Usage) -> Value {
    let other = |name: &str| {
        let found = usage.other.iter().find(|(known, _)| &**known == name);
        found.map_or(0, |(_, tokens)| *tokens)
    };
    let written = [
        usage.input_cache_write.unwrap_or_default(),
        other("input_cache_write_1h"),
        other(CACHE_WRITE_12H),
    ];
    let written = written.into_iter().fold(0i64, i64::saturating_add);
    let input = usage.input_total().unwrap_or_default();
    let output = usage.output_total().unwrap_or_default();
    json!({
        "input_tokens": input,
        "input_tokens_details": {
            "cached_tokens": usage.input_cache_read.unwrap_or_default(),
            "cache_write_tokens": written,
        },
        "output_tokens": output,
        "output_tokens_details": {
            "reasoning_tokens": usage.output_reasoning.unwrap_or_default(),
        },
        "total_tokens": input.saturating_add(output),
    })
}

/// Takes a part out of its whole, where the whole is known.
fn part(whole: &mut Option<i64>, value: &Value) -> Option<i64> {
    let tokens = tokens(value)?;
    let Some(whole) = whole else { return Some(tokens) };
    let tokens = tokens.min(*whole);
    *whole -= tokens;
    Some(tokens)
}

fn tokens(value: &Value) -> Option<i64> {
    value.as_i64().filter(|tokens| (0..=MOST_TOKENS).contains(tokens))
}

#[cfg(test)]
mod tests;
