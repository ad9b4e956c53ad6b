use super::*;

const KNOWN: &[&str] = &["model", "prompt", "prompt_id", "session_id", "tokens_used", "user_id"];

#[test]
fn finds_what_was_meant() {
    for (given, meant) in [
        ("modle", "model"),
        ("promt", "prompt"),
        ("sesion_id", "session_id"),
        ("tokens", "tokens_used"),
        ("model_name", "model"),
        ("userid", "user_id"),
    ] {
        assert_eq!(nearest(given, KNOWN), Some(meant), "{given}");
    }
}

#[test]
fn does_not_guess() {
    for given in ["", "x", "temperature", "latency"] {
        assert_eq!(nearest(given, KNOWN), None, "{given}");
    }
    assert_eq!(nearest(&"m".repeat(65), KNOWN), None);
}

#[test]
fn distances() {
    for (from, to, edits) in
        [("", "", 0), ("", "abc", 3), ("abc", "", 3), ("kitten", "sitting", 3), ("ü", "u", 1)]
    {
        assert_eq!(distance(from, to), edits, "{from} {to}");
    }
}
