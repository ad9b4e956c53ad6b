#![allow(clippy::unwrap_used)]

use super::*;

/// The types that were counted, in order of name.
fn types(usage: &Value) -> Vec<(String, i64)> {
    let counted = count(usage);
    assert_eq!(&counted.stated, usage);
    let mut types: Vec<_> =
        counted.usage.types().map(|(name, count)| (name.to_owned(), count)).collect();
    types.sort();
    types
}

fn expected(types: &[(&str, i64)]) -> Vec<(String, i64)> {
    types.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}

#[test]
fn every_token_is_in_one_type_and_they_sum_to_the_stated_total() {
    let usage = json!({
        "promptTokenCount": 1000,
        "cachedContentTokenCount": 600,
        "candidatesTokenCount": 80,
        "thoughtsTokenCount": 300,
        "toolUsePromptTokenCount": 20,
        "totalTokenCount": 1400,
        "promptTokensDetails": [
            {"modality": "TEXT", "tokenCount": 500},
            {"modality": "AUDIO", "tokenCount": 200},
            {"modality": "IMAGE", "tokenCount": 258},
            {"modality": "VIDEO", "tokenCount": 42},
        ],
        "cacheTokensDetails": [
            {"modality": "TEXT", "tokenCount": 450},
            {"modality": "AUDIO", "tokenCount": 150},
        ],
        "candidatesTokensDetails": [
            {"modality": "TEXT", "tokenCount": 30},
            {"modality": "AUDIO", "tokenCount": 50},
        ],
    });
    let of = [
        ("input", 92),
        ("input_audio", 50),
        ("input_cache_read", 600),
        ("input_image", 258),
        ("input_tool_use_prompt", 20),
        ("output", 30),
        ("output_audio", 50),
        ("output_reasoning", 300),
    ];
    assert_eq!(types(&usage), expected(&of));
    let counted = count(&usage);
    assert_eq!(counted.usage.total(), Some(1400));
    assert_eq!(counted.usage.stated_total, Some(1400));
}

#[test]
fn details_never_make_a_count_negative() {
    let usage = json!({
        "promptTokenCount": 10,
        "cachedContentTokenCount": 40,
        "promptTokensDetails": [{"modality": "AUDIO", "tokenCount": 99}],
        "candidatesTokenCount": 5,
        "candidatesTokensDetails": [
            {"modality": "IMAGE", "tokenCount": 1290},
            {"modality": "AUDIO", "tokenCount": -3},
        ],
    });
    let of = [("input", 0), ("input_cache_read", 10), ("output", 0), ("output_image", 5)];
    assert_eq!(types(&usage), expected(&of));
}

#[test]
fn counts_may_be_texts_and_are_bounded() {
    let usage = json!({"promptTokenCount": "12", "candidatesTokenCount": 9e300});
    assert_eq!(types(&usage), expected(&[("input", 12)]));
    let usage = json!({"promptTokenCount": i64::MAX, "thoughtsTokenCount": -5});
    assert_eq!(types(&usage), expected(&[("input", MOST_TOKENS), ("output_reasoning", 0)]));
}

#[test]
fn the_names_of_the_live_api_are_read() {
    let usage = json!({
        "promptTokenCount": 3,
        "responseTokenCount": 40,
        "responseTokensDetails": [{"modality": "AUDIO", "tokenCount": 35}],
    });
    assert_eq!(types(&usage), expected(&[("input", 3), ("output", 5), ("output_audio", 35)]));
}

#[test]
fn anything_else_counts_nothing() {
    for usage in [json!(null), json!([]), json!("x"), json!({}), json!({"promptTokenCount": {}})] {
        assert_eq!(types(&usage), expected(&[]));
    }
}

#[test]
fn what_another_provider_counted_is_said_in_googles_words() {
    let mut usage = Usage {
        input: Some(10),
        input_cache_read: Some(4),
        input_cache_write: Some(6),
        output: Some(7),
        output_reasoning: Some(3),
        ..Usage::default()
    };
    usage.set(&INPUT_AUDIO.into(), 5);
    let written = write(&Counted { usage, stated: json!({"prompt_tokens": 25}) });
    let expected = json!({
        "promptTokenCount": 25,
        "candidatesTokenCount": 7,
        "totalTokenCount": 35,
        "cachedContentTokenCount": 4,
        "thoughtsTokenCount": 3,
        "promptTokensDetails": [{"modality": "AUDIO", "tokenCount": 5}],
    });
    assert_eq!(written, expected);
    assert_eq!(count(&written).usage.total(), Some(35));
}

#[test]
fn what_google_counted_is_passed_on() {
    let usage = json!({"promptTokenCount": 1, "totalTokenCount": 1, "trafficType": "ON_DEMAND"});
    assert_eq!(write(&count(&usage)), usage);
}
