//! `POST /v1/embeddings`.

use serde::Deserialize;
use serde_json::Value;
use tracekeep_model::Usage;

use super::Answered;
use crate::Asked;
use crate::chat::{Counted, Unreadable};
use crate::chat_completions::usage::whole;

/// What a request asks. `prompt` is its input where that is one text.
///
/// # Errors
/// The body is not a JSON object, or `model` is not a string.
pub fn asked(body: &[u8]) -> Result<Asked<'_>, Unreadable> {
    super::asked(body, "input")
}

/// What an answer says, without its vectors.
///
/// # Errors
/// The body is not a JSON object.
pub fn answered(body: &[u8]) -> Result<Answered, Unreadable> {
    #[derive(Deserialize)]
    struct Answer {
        model: Option<Value>,
        usage: Option<Value>,
    }
    let answer: Answer = serde_json::from_slice(body).map_err(|error| {
        Unreadable::new("body", format!("is not a list of embeddings: {error}"))
    })?;
    Ok(Answered {
        model: answer.model.as_ref().and_then(Value::as_str).map(str::to_owned),
        counted: answer.usage.filter(Value::is_object).map(|usage| count(&usage)),
    })
}

/// What a `usage` object says (SDK `create_embedding_response.py`): `prompt_tokens` is all there is,
/// and the same as `total_tokens`.
#[must_use]
pub fn count(usage: &Value) -> Counted {
    let tokens = whole(usage.get("prompt_tokens")).or_else(|| whole(usage.get("total_tokens")));
    Counted { usage: Usage { input: tokens, ..Usage::default() }, stated: usage.clone() }
}
