#![allow(clippy::unwrap_used)]

use super::*;

fn types(usage: &Value) -> Vec<(String, i64)> {
    count(usage).usage.types().map(|(name, tokens)| (name.to_owned(), tokens)).collect()
}

fn expected(types: &[(&str, i64)]) -> Vec<(String, i64)> {
    types.iter().map(|(name, tokens)| ((*name).to_owned(), *tokens)).collect()
}

#[test]
fn parts_are_taken_out_of_their_whole() {
    let usage = json!({
        "input_tokens": 500,
        "input_tokens_details": {
            "cached_tokens": 100,
            "cache_write_tokens": 300,
            "cache_write_tokens_details": {"ttl_30m_tokens": 100, "ttl_12h_tokens": 200},
        },
        "output_tokens": 60,
        "output_tokens_details": {"reasoning_tokens": 32},
        "total_tokens": 560,
    });
    let counted = count(&usage);
    let types = expected(&[
        ("input", 100),
        ("input_cache_read", 100),
        ("input_cache_write", 100),
        ("output", 28),
        ("output_reasoning", 32),
        ("input_cache_write_12h", 200),
    ]);
    assert_eq!(self::types(&usage), types);
    assert_eq!(counted.usage.total(), Some(560));
    assert_eq!(counted.usage.stated_total, Some(560));
    assert_eq!(counted.stated, usage);
}

#[test]
fn parts_are_never_more_than_their_whole() {
    let usage = json!({
        "input_tokens": 10,
        "input_tokens_details": {"cached_tokens": 7, "cache_write_tokens": 9},
        "output_tokens": 3,
        "output_tokens_details": {"reasoning_tokens": 5},
    });
    let types = expected(&[
        ("input", 0),
        ("input_cache_read", 7),
        ("input_cache_write", 3),
        ("output", 0),
        ("output_reasoning", 3),
    ]);
    assert_eq!(self::types(&usage), types);
}

#[test]
fn what_is_not_said_is_not_counted() {
    assert_eq!(types(&json!({"input_tokens": 5})), expected(&[("input", 5)]));
    assert_eq!(
        types(&json!({"input_tokens_details": {"cached_tokens": 5}})),
        expected(&[("input_cache_read", 5)])
    );
    assert_eq!(count(&json!({"total_tokens": 9})).usage.total(), Some(9));
}

#[test]
fn what_is_no_count_is_not_counted() {
    for usage in [
        json!(null),
        json!(7),
        json!([]),
        json!({"input_tokens": -5, "output_tokens": "7"}),
        json!({"input_tokens": 1.5, "input_tokens_details": 3}),
        json!({"input_tokens": u64::MAX, "output_tokens": MOST_TOKENS + 1}),
    ] {
        assert!(count(&usage).usage.is_empty(), "{usage}");
    }
}

#[test]
fn searches_are_counted_beside_the_tokens() {
    let searches = |number: i64| json!({"web_search": {"num_requests": number}});
    let counted = of_response(&json!({"usage": null, "tool_usage": searches(2)})).unwrap();
    assert_eq!(counted.usage.other, [(Text::from("web_searches"), 2)]);
    assert_eq!(of_response(&json!({"usage": null, "tool_usage": searches(0)})), None);
    assert_eq!(of_response(&json!({})), None);
}

#[test]
fn every_type_is_written_on_its_side() {
    let usage = Usage {
        input: Some(1),
        input_cache_read: Some(2),
        input_cache_write: Some(4),
        output: Some(8),
        output_reasoning: Some(16),
        other: vec![
            ("input_cache_write_1h".into(), 32),
            ("input_audio".into(), 64),
            ("output_image".into(), 128),
            ("web_searches".into(), 1000),
        ],
        stated_total: None,
    };
    let expected = json!({
        "input_tokens": 103,
        "input_tokens_details": {"cached_tokens": 2, "cache_write_tokens": 36},
        "output_tokens": 152,
        "output_tokens_details": {"reasoning_tokens": 16},
        "total_tokens": 255,
    });
    assert_eq!(write(&usage), expected);
}
