use super::*;
use crate::histogram::bucket_of;

#[test]
fn a_member_is_read_as_text() {
    let json =
        r#"{"a": "x", "n": 1.50, "o": {"b": [1, 2]}, "z": null, "t": true, "e": "say \"hi\"\n"}"#;
    for (key, wanted) in [
        ("a", Some("x")),
        ("n", Some("1.50")),
        ("o", Some(r#"{"b": [1, 2]}"#)),
        ("z", None),
        ("t", Some("true")),
        ("e", Some("say \"hi\"\n")),
        ("b", None),
        ("", None),
    ] {
        assert_eq!(json_get_text(json, key).as_deref(), wanted, "{key}");
    }
}

#[test]
fn a_key_may_hold_anything() {
    let json = r#"{"http.status": 200, "it's": "y", "\u00e4": 1, "": "empty"}"#;
    assert_eq!(json_get_text(json, "http.status").as_deref(), Some("200"));
    assert_eq!(json_get_text(json, "it's").as_deref(), Some("y"));
    assert_eq!(json_get_text(json, "ä").as_deref(), Some("1"));
    assert_eq!(json_get_text(json, "").as_deref(), Some("empty"));
}

#[test]
fn the_last_of_equal_members_counts() {
    assert_eq!(json_get_text(r#"{"a":1,"a":2}"#, "a").as_deref(), Some("2"));
}

#[test]
fn what_is_no_object_has_no_members() {
    for json in ["", "[1]", "7", "null", "{", r#"{"a":"#, r#"{"a":1} x"#, "not json"] {
        assert_eq!(json_get_text(json, "a"), None, "{json}");
        assert_eq!(json_get_number(json, "a"), None, "{json}");
    }
}

#[test]
fn half_a_surrogate_pair_stays_as_written() {
    assert_eq!(json_get_text(r#"{"a":"\ud800"}"#, "a").as_deref(), Some(r"\ud800"));
}

#[test]
fn an_escaped_null_is_no_text() {
    assert_eq!(
        json_get_text(r#"{"a":"\u0000b\u0000"}"#, "a").as_deref(),
        Some("\u{FFFD}b\u{FFFD}")
    );
}

#[test]
fn only_numbers_are_numbers() {
    let json = r#"{"i": 5, "f": -1.5e3, "s": "5", "t": true, "big": 1e999, "zero": -0.0}"#;
    assert_eq!(json_get_number(json, "i"), Some(5.0));
    assert_eq!(json_get_number(json, "f"), Some(-1500.0));
    for key in ["s", "t", "big", "missing"] {
        assert_eq!(json_get_number(json, key), None, "{key}");
    }
    assert!(json_get_number(json, "zero").is_some_and(f64::is_sign_positive));
}

#[test]
fn tags_are_compared_whole() {
    let tags = r#"["a","b c","d\"e"]"#;
    for (tag, wanted) in
        [("a", true), ("b c", true), ("d\"e", true), ("b", false), ("", false), ("A", false)]
    {
        assert_eq!(tags_contain(tags, tag), wanted, "{tag}");
    }
    assert!(!tags_contain("[]", "a"));
    assert!(!tags_contain("a", "a"));
}

#[test]
fn case_does_not_matter() {
    for (text, needle, wanted) in [
        ("Hello World", "o w", true),
        ("Hello World", "WORLD", true),
        ("Hello", "hello!", false),
        ("", "a", false),
        ("a", "", true),
        ("STRASSE ÄÖ", "äö", true),
        ("ascii", "ä", false),
        ("\u{212A}elvin", "kelvin", true),
        ("100%_", "0%_", true),
    ] {
        assert_eq!(text_contains_ci(text, needle), wanted, "{text} {needle}");
    }
}

#[test]
fn percentiles_are_nearest_ranks() {
    let counts = |values: &[i64]| {
        let mut counts = BTreeMap::new();
        for value in values {
            *counts.entry(bucket_of(*value)).or_default() += 1u64;
        }
        counts
    };
    let twenty: Vec<i64> = (1..=20).collect();
    for (fraction, wanted) in [(0.5, 10), (0.75, 15), (0.9, 18), (0.95, 19), (0.99, 20)] {
        assert_eq!(bucket_percentile(&counts(&twenty), fraction), Some(wanted), "{fraction}");
    }
    assert_eq!(bucket_percentile(&counts(&[7]), 0.5), Some(7));
    assert_eq!(bucket_percentile(&counts(&[1, 2]), 0.5), Some(1));
    assert_eq!(bucket_percentile(&BTreeMap::new(), 0.5), None);
}
