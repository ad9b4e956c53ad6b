//! What Google counts.

use serde_json::{Value, json};
use tracekeep_model::{MOST_TOKENS, Usage, UsageType};

use super::field::{Object, get, many, text, whole};
use crate::chat::Counted;

pub(super) const INPUT_AUDIO: &str = "input_audio";
pub(super) const INPUT_IMAGE: &str = "input_image";
pub(super) const INPUT_TOOL_USE_PROMPT: &str = "input_tool_use_prompt";
pub(super) const OUTPUT_AUDIO: &str = "output_audio";
pub(super) const OUTPUT_IMAGE: &str = "output_image";

/// Reads `usageMetadata`. The rule is that of the fields' descriptions in google-genai's
/// `GenerateContentResponseUsageMetadata`:
///
/// - `promptTokenCount` includes `cachedContentTokenCount`, and `promptTokensDetails` splits it by
///   modality, as `cacheTokensDetails` splits what was cached;
/// - `totalTokenCount` is the sum of prompt, candidates, tool use prompt and thoughts: so the last
///   two are in none of the others.
///
/// Cached tokens are `input_cache_read` whatever their modality; video and documents are priced and
/// counted as text. Tokens that details claim beyond what they are details of are not counted.
#[must_use]
pub fn count(usage: &Value) -> Counted {
    let mut counted = Counted { usage: Usage::default(), stated: usage.clone() };
    let Some(stated) = usage.as_object() else { return counted };
    let into = &mut counted.usage;

    let prompt = tokens(get(stated, "promptTokenCount"));
    let cached = tokens(get(stated, "cachedContentTokenCount"));
    // Where only what was cached is said, the prompt was at least that.
    if let Some(prompt) = prompt.or(cached) {
        let cached_read = cached.unwrap_or(0).min(prompt);
        let mut rest = prompt - cached_read;
        let uncached = |modality| {
            of_modality(stated, "promptTokensDetails", modality)
                - of_modality(stated, "cacheTokensDetails", modality)
        };
        let audio = part_of(&mut rest, uncached("AUDIO"));
        let image = part_of(&mut rest, uncached("IMAGE"));
        into.input = Some(rest);
        into.input_cache_read = cached.map(|_| cached_read);
        add(into, INPUT_AUDIO, audio);
        add(into, INPUT_IMAGE, image);
    }
    add(into, INPUT_TOOL_USE_PROMPT, tokens(get(stated, "toolUsePromptTokenCount")).unwrap_or(0));

    // The live API and newer surfaces say `response` for `candidates`.
    let output = get(stated, "candidatesTokenCount").or_else(|| get(stated, "responseTokenCount"));
    if let Some(mut rest) = tokens(output) {
        let of = |modality| {
            of_modality(stated, "candidatesTokensDetails", modality).max(of_modality(
                stated,
                "responseTokensDetails",
                modality,
            ))
        };
        let audio = part_of(&mut rest, of("AUDIO"));
        let image = part_of(&mut rest, of("IMAGE"));
        into.output = Some(rest);
        add(into, OUTPUT_AUDIO, audio);
        add(into, OUTPUT_IMAGE, image);
    }
    into.output_reasoning = tokens(get(stated, "thoughtsTokenCount"));
    into.stated_total = tokens(get(stated, "totalTokenCount"));
    counted
}

/// The `usageMetadata` of what was counted: the provider's own where it is Google's.
pub(super) fn write(counted: &Counted) -> Value {
    let names = ["promptTokenCount", "candidatesTokenCount", "totalTokenCount"];
    if names.iter().any(|name| counted.stated.get(name).is_some()) {
        return counted.stated.clone();
    }
    let usage = &counted.usage;
    let of = |wanted: &str| -> i64 {
        usage.types().filter(|(name, _)| *name == wanted).map(|(_, count)| count).sum()
    };
    let (mut input, mut output) = (0i64, 0i64);
    for (name, count) in usage.types() {
        match name {
            INPUT_TOOL_USE_PROMPT | UsageType::OUTPUT_REASONING => {}
            name if UsageType::is_input(name) => input = input.saturating_add(count),
            name if UsageType::is_output(name) => output = output.saturating_add(count),
            _ => {}
        }
    }
    let (tool_use, thoughts) = (of(INPUT_TOOL_USE_PROMPT), of(UsageType::OUTPUT_REASONING));
    let total = [input, output, tool_use, thoughts].into_iter().fold(0, i64::saturating_add);
    let mut into = Object::new();
    let mut say = |name: &str, count: i64| {
        if count > 0 {
            into.insert(name.to_owned(), count.into());
        }
    };
    say("promptTokenCount", input);
    say("candidatesTokenCount", output);
    say("totalTokenCount", total);
    say("cachedContentTokenCount", of(UsageType::INPUT_CACHE_READ));
    say("thoughtsTokenCount", thoughts);
    say("toolUsePromptTokenCount", tool_use);
    details(&mut into, "promptTokensDetails", [of(INPUT_AUDIO), of(INPUT_IMAGE)]);
    details(&mut into, "candidatesTokensDetails", [of(OUTPUT_AUDIO), of(OUTPUT_IMAGE)]);
    Value::Object(into)
}

fn details(into: &mut Object, name: &str, [audio, image]: [i64; 2]) {
    let counts = [("AUDIO", audio), ("IMAGE", image)];
    let details: Vec<Value> = counts
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(modality, count)| json!({"modality": modality, "tokenCount": count}))
        .collect();
    if !details.is_empty() {
        into.insert(name.to_owned(), details.into());
    }
}

/// A count, which is not negative and not beyond what a span may state.
pub(super) fn tokens(value: Option<&Value>) -> Option<i64> {
    let count = match value? {
        Value::Number(number) => whole(number)?,
        Value::String(text) => text.parse().ok()?,
        _ => return None,
    };
    Some(count.clamp(0, MOST_TOKENS))
}

fn of_modality(stated: &Object, details: &str, modality: &str) -> i64 {
    let details = many(get(stated, details)).iter().filter_map(Value::as_object);
    let of_it = details.filter(|detail| text(detail, "modality") == Some(modality));
    of_it.filter_map(|detail| tokens(get(detail, "tokenCount"))).fold(0, i64::saturating_add)
}

/// Takes so much from the rest, at most all of it.
fn part_of(rest: &mut i64, claimed: i64) -> i64 {
    let part = claimed.clamp(0, *rest);
    *rest -= part;
    part
}

fn add(usage: &mut Usage, name: &'static str, count: i64) {
    if count > 0 {
        usage.set(&name.into(), count);
    }
}

#[cfg(test)]
mod tests;
