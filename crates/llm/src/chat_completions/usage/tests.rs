#![allow(clippy::unwrap_used)]

use super::super::fixtures;
use super::*;

fn types(usage: &Value) -> Vec<(String, i64)> {
    let counted = count(usage);
    assert_eq!(&counted.stated, usage);
    counted.usage.types().map(|(name, tokens)| (name.to_owned(), tokens)).collect()
}

fn of(recording: &str) -> Vec<(String, i64)> {
    types(&fixtures::json(recording)["usage"])
}

fn expected(types: &[(&str, i64)]) -> Vec<(String, i64)> {
    types.iter().map(|(name, tokens)| ((*name).to_owned(), *tokens)).collect()
}

#[test]
fn parts_are_taken_out_of_their_totals() {
    let found = of("responses/plain.json");
    let parts = [
        ("input", 32),
        ("input_cache_read", 64),
        ("input_cache_write", 16),
        ("output", 26),
        ("output_reasoning", 20),
        ("input_audio", 8),
        ("output_audio", 4),
    ];
    assert_eq!(found, expected(&parts));
    assert_eq!(found.iter().map(|(_, tokens)| tokens).sum::<i64>(), 170);
}

#[test]
fn reasoning_that_is_beside_the_completion_is_not_taken_out_of_it() {
    let parts = [("input", 26), ("input_cache_read", 6), ("output", 9), ("output_reasoning", 94)];
    assert_eq!(of("responses/xai.json"), expected(&parts));
}

#[test]
fn reasoning_that_only_the_total_knows_is_counted() {
    let google = json!({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 40});
    let parts = [("input", 10), ("output", 5), ("output_reasoning", 25)];
    assert_eq!(types(&google), expected(&parts));
    // Without a prompt the total tells nothing.
    let half = json!({"completion_tokens": 5, "total_tokens": 40});
    assert_eq!(types(&half), expected(&[("output", 5)]));
}

#[test]
fn each_provider_has_a_name_of_its_own_for_the_same() {
    let parts = [("input", 40), ("input_cache_read", 60), ("output", 10), ("output_reasoning", 30)];
    assert_eq!(of("responses/deepseek.json"), expected(&parts));
    let parts = [("input", 20), ("output", 12), ("audio_seconds", 7)];
    assert_eq!(of("responses/mistral.json"), expected(&parts));
    let parts = [("input", 9), ("output", 5), ("web_searches", 2)];
    assert_eq!(of("responses/openrouter.json"), expected(&parts));
    let moonshot = json!({"prompt_tokens": 10, "completion_tokens": 1, "cached_tokens": 4});
    let parts = [("input", 6), ("input_cache_read", 4), ("output", 1)];
    assert_eq!(types(&moonshot), expected(&parts));
}

#[test]
fn nothing_is_negative_and_no_part_is_more_than_its_total() {
    let overlapping = json!({
        "prompt_tokens": 5,
        "completion_tokens": 3,
        "total_tokens": 8,
        "prompt_tokens_details": {"cached_tokens": 4, "audio_tokens": 4, "image_tokens": 4},
        "completion_tokens_details": {"reasoning_tokens": 9, "audio_tokens": 1},
    });
    let parts = [
        ("input", 0),
        ("input_cache_read", 4),
        ("output", 0),
        ("output_reasoning", 3),
        ("input_audio", 1),
    ];
    assert_eq!(types(&overlapping), expected(&parts));
    let wild = json!({"prompt_tokens": -7, "completion_tokens": 1e300, "total_tokens": null});
    assert_eq!(types(&wild), expected(&[("input", 0), ("output", MOST_TOKENS)]));
    let wrong = json!({"prompt_tokens": "7", "prompt_tokens_details": 3, "completion_tokens": {}});
    assert!(types(&wrong).is_empty());
}

#[test]
fn a_total_alone_is_kept() {
    let counted = count(&json!({"total_tokens": 8}));
    assert_eq!(counted.usage, Usage { stated_total: Some(8), ..Usage::default() });
}

#[test]
fn what_is_written_counts_the_same() {
    for recording in ["plain", "deepseek", "xai", "tools"] {
        let before = count(&fixtures::json(&format!("responses/{recording}.json"))["usage"]).usage;
        let after = count(&write(&Counted { usage: before.clone(), stated: Value::Null })).usage;
        assert_eq!(after.input, before.input, "{recording}");
        assert_eq!(after.output, before.output, "{recording}");
        assert_eq!(after.other, before.other, "{recording}");
        assert_eq!(after.total(), before.total(), "{recording}");
    }
}
