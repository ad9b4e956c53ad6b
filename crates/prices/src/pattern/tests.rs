#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::*;

fn pattern(json: Value) -> Pattern {
    Pattern::read(&json).unwrap()
}

#[test]
fn each_kind_matches_what_it_says() {
    for (json, yes, no) in [
        (json!("=GPT-4o"), "gpt-4o", "gpt-4o-mini"),
        (json!("^gpt-4o"), "gpt-4o-mini", "my-gpt-4o"),
        (json!("$-latest"), "gpt-4o-latest", "gpt-4o-latest-2"),
        (json!("~sonnet"), "claude-sonnet-4", "claude-opus-4"),
        (json!("/^o[134]"), "o3-mini", "gpt-o3"),
        (json!("/GPT-4O$"), "gpt-4o", "gpt-4o-mini"),
        (json!("!~tts"), "gemini-flash", "gemini-flash-tts"),
        (json!(["=a", "=b"]), "b", "c"),
        (json!({"all": ["^a", "!$b"]}), "ac", "ab"),
    ] {
        assert!(pattern(json.clone()).matches(yes), "{json} {yes}");
        assert!(!pattern(json.clone()).matches(no), "{json} {no}");
    }
}

#[test]
fn what_is_written_is_read_again() {
    let json = json!({"all": ["^gemini-", ["=a", "/^b|c"], "!~tts"]});
    let read = pattern(json.clone());
    assert_eq!(serde_json::to_value(&read).unwrap(), json);
    assert_eq!(serde_json::from_value::<Pattern>(json).unwrap(), read);
}

#[test]
fn refuses_what_is_no_pattern() {
    let refused = |json: Value| Pattern::read(&json).unwrap_err();
    assert_eq!(refused(json!("gpt-4o")), PatternError::Kind("gpt-4o".into()));
    assert_eq!(refused(json!("")), PatternError::Kind(String::new()));
    assert_eq!(refused(json!("!!=a")), PatternError::Kind("!!=a".into()));
    assert_eq!(refused(json!("=")), PatternError::Empty("=".into()));
    assert_eq!(refused(json!([])), PatternError::Empty("[]".into()));
    assert!(matches!(refused(json!("/(")), PatternError::Regex(..)));
    assert!(matches!(refused(json!("/(?!a)b")), PatternError::Regex(..)));
    assert!(matches!(refused(json!("/(((a{100}){100}){100})")), PatternError::Regex(..)));
    assert!(matches!(refused(json!({"any": ["=a"]})), PatternError::Shape(_)));
    assert!(matches!(refused(json!(3)), PatternError::Shape(_)));
    assert_eq!(refused(json!("=".repeat(501))), PatternError::TooLarge);
    assert_eq!(refused(json!(vec!["=a"; 201])), PatternError::TooLarge);
    assert_eq!(refused(json!([[[[[["=a"]]]]]])), PatternError::TooLarge);
    assert_eq!(refused(json!([vec!["/a"; 100], "!/b"])), PatternError::TooLarge);
    assert!(Pattern::read(&json!(vec!["/a"; 100])).is_ok());
}

#[test]
fn all_lists_together_are_bounded() {
    let of = |lists: usize, rest: usize| {
        let mut lists = vec![vec!["=a"; 200]; lists];
        lists.push(vec!["=a"; rest]);
        Pattern::read(&json!(lists))
    };
    assert!(of(4, 200).is_ok());
    assert_eq!(of(5, 1).unwrap_err(), PatternError::TooLarge);
}

#[test]
fn what_an_expression_says_of_a_long_name_is_not_known() {
    for (json, matches) in [
        (json!("/a"), false),
        (json!("!/b"), false),
        (json!("^aa"), true),
        (json!("!^b"), true),
        (json!(["/a", "=b"]), false),
        (json!(["/a", "^a"]), true),
        (json!({"all": ["!/b", "^a"]}), false),
        (json!({"all": ["^a", ["!/b", "$a"]]}), true),
    ] {
        assert_eq!(pattern(json.clone()).matches_within("aaaa", 3), matches, "{json}");
        assert!(pattern(json.clone()).matches_within("aaaa", 4), "{json}");
        assert!(pattern(json.clone()).matches("aaaa"), "{json}");
    }
}
