//! `POST /v1beta/models/{model}:countTokens`: how many tokens a request would have.

use serde_json::Value;
use tracekeep_model::Usage;

use super::asked::{self, fields};
use super::usage::tokens;
use crate::Asked;
use crate::chat::{Counted, Unreadable};

/// Reads what is to be counted: the contents themselves, or a whole request for an answer in
/// `generateContentRequest`.
///
/// # Errors
/// The body is not a JSON object.
pub fn asked(body: &[u8]) -> Result<Asked<'_>, Unreadable> {
    let whole = fields(body)?.into_iter().find(|(name, _)| name == "generateContentRequest");
    let Some((_, whole)) = whole else { return asked::asked(body) };
    asked::asked(whole.get().as_bytes()).map_err(|mut error| {
        error.field = "generateContentRequest".to_owned();
        error
    })
}

/// What counting used: nothing, so that no cost is put on it. The counts are in `stated`.
#[must_use]
pub fn count(answer: &Value) -> Counted {
    Counted { usage: Usage::default(), stated: answer.clone() }
}

/// How many tokens there would be.
#[must_use]
pub fn total(answer: &Value) -> Option<i64> {
    tokens(answer.get("totalTokens"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn contents_or_a_whole_request_are_counted() {
        let contents = br#"{"contents": [{"parts": [{"text": "hi"}]}]}"#;
        let asked_for = asked(contents).expect("it is an object");
        assert_eq!(asked_for.prompt.as_deref(), Some("hi"));
        let whole = br#"{"generate_content_request": {
            "model": "models/gemini-2.5-flash",
            "systemInstruction": {"parts": [{"text": "be brief"}]},
            "contents": [{"parts": [{"text": "hi"}]}]
        }}"#;
        let asked_for = asked(whole).expect("it is an object");
        assert_eq!(asked_for.model, "gemini-2.5-flash");
        assert_eq!(asked_for.system.as_deref(), Some("be brief"));
        let error = asked(br#"{"generateContentRequest": 1}"#).expect_err("it holds no object");
        assert_eq!(error.field, "generateContentRequest");
    }

    #[test]
    fn counting_uses_nothing() {
        let answer = json!({"totalTokens": 31, "cachedContentTokenCount": 2});
        assert!(count(&answer).usage.is_empty());
        assert_eq!(count(&answer).stated, answer);
        assert_eq!(total(&answer), Some(31));
        assert_eq!(total(&json!([])), None);
    }
}
