#![allow(clippy::unwrap_used)]

use super::*;

fn expression(text: &str) -> Expression {
    Expression::new(text).unwrap()
}

#[test]
fn case_means_nothing() {
    let upper = expression("^GPT-4O$");
    assert!(upper.is_match("gpt-4o"));
    assert!(!upper.is_match("gpt-4o-mini"));
    assert_eq!(upper.as_str(), "^GPT-4O$");
}

#[test]
fn ordinary_expressions_are_small() {
    let dated = expression(r"^gpt-4o(-\d{4}-\d{2}-\d{2})?$");
    assert!(dated.is_match("gpt-4o") && dated.is_match("gpt-4o-2024-08-06"));
    assert!(!dated.is_match("gpt-4o-2024-08"));
    assert_eq!(dated.bytes(), SIZES[0]);
    assert_eq!(expression(r"^house-\w+-\d{8}$").bytes(), SIZES[0]);
    let many = expression("^(?:claude|gpt|gemini|llama|mistral|qwen)-[a-z0-9.-]{1,40}$");
    assert!(many.is_match("qwen-3.5-max"));
    assert!(many.bytes() > SIZES[0], "{}", many.bytes());
}

#[test]
fn large_ones_are_refused() {
    for text in ["[ab]{600}", "a{1000}", "(((a{100}){100}){100})"] {
        let refused = Expression::new(text).unwrap_err();
        let PatternError::Regex(named, reason) = &refused else { panic!("{refused}") };
        assert_eq!(named, text);
        assert!(reason.contains("size limit of 16384"), "{reason}");
    }
}

#[test]
fn other_scripts_can_be_meant() {
    assert!(expression("caf[éè]$").is_match("café"));
    assert!(expression("^MODÈLE-").is_match("modèle-1"));
    assert!(expression(r"^\p{Greek}$").is_match("α"));
    assert!(!expression("caf[éè]$").is_match("cafe"));
    assert!(!expression(r"^\d$").is_match("٣"));
}
