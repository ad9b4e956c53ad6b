//! `POST /v1beta/models/{model}:embedContent`, `:batchEmbedContents`, and Vertex's `:predict` for
//! models of embeddings.

use serde_json::Value;
use tracekeep_model::{MOST_TOKENS, Usage};

use super::asked::{elements, fields, model, said};
use super::field::many;
use super::usage::{self, tokens};
use crate::Asked;
use crate::chat::{Counted, Unreadable};

/// Reads what is to be embedded.
///
/// # Errors
/// The body is not a JSON object.
pub fn asked(body: &[u8]) -> Result<Asked<'_>, Unreadable> {
    let mut asked = Asked::default();
    for (name, value) in fields(body)? {
        match name.as_str() {
            "model" => asked.model = model(value),
            "content" => {
                asked.input = Some(value);
                asked.prompt = said(value);
            }
            "requests" | "instances" => {
                asked.input = Some(value);
                let Some(last) = elements(value).pop() else { continue };
                for (name, value) in fields(last.get().as_bytes()).unwrap_or_default() {
                    match name.as_str() {
                        "model" => asked.model = model(value),
                        "content" => asked.prompt = said(value),
                        // Each request of a batch has the same; the last stands for all.
                        "taskType" | "title" | "outputDimensionality" => {
                            asked.parameters.push((name, value));
                        }
                        _ => {}
                    }
                }
            }
            _ => asked.parameters.push((name, value)),
        }
    }
    Ok(asked)
}

/// What an answer says was used: its `usageMetadata`, or, on Vertex, the sum of what each embedding
/// states in its `statistics`. Google's older models say nothing.
#[must_use]
pub fn count(answer: &Value) -> Counted {
    if let Some(stated) = answer.get("usageMetadata") {
        return usage::count(stated);
    }
    let single = answer.get("embedding");
    let embeddings = many(answer.get("embeddings").or(single)).iter();
    let predictions =
        many(answer.get("predictions")).iter().filter_map(|one| one.get("embeddings"));
    let counts = embeddings.chain(predictions).filter_map(|embedding| {
        let statistics = embedding.get("statistics")?;
        tokens(statistics.get("tokenCount").or_else(|| statistics.get("token_count")))
    });
    let sum = counts.fold(None, |sum: Option<i64>, count| {
        Some(sum.unwrap_or(0).saturating_add(count).min(MOST_TOKENS))
    });
    let stated = answer.get("metadata").cloned().unwrap_or_default();
    Counted { usage: Usage { input: sum, ..Usage::default() }, stated }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn one_content_is_embedded() {
        let body =
            br#"{"content": {"parts": [{"text": "hi"}]}, "task_type": "SEMANTIC_SIMILARITY"}"#;
        let asked_for = asked(body).expect("it is an object");
        assert_eq!(asked_for.prompt.as_deref(), Some("hi"));
        assert_eq!(asked_for.parameters[0].0, "taskType");
        assert_eq!(asked_for.parameters[0].1.get(), "\"SEMANTIC_SIMILARITY\"");
    }

    #[test]
    fn a_batch_is_embedded() {
        let body = br#"{"requests": [
            {"model": "models/gemini-embedding-001", "content": {"parts": [{"text": "a"}]}},
            {"model": "models/gemini-embedding-001", "content": {"parts": {"text": "b"}},
             "outputDimensionality": 256}
        ]}"#;
        let asked_for = asked(body).expect("it is an object");
        assert_eq!(asked_for.model, "gemini-embedding-001");
        assert_eq!(asked_for.prompt.as_deref(), Some("b"));
        assert_eq!(asked_for.parameters[0].1.get(), "256");
        assert!(asked_for.input.is_some_and(|input| input.get().starts_with('[')));
    }

    #[test]
    fn usage_is_read_from_where_it_is() {
        let of = |answer: Value| count(&answer).usage.input;
        assert_eq!(of(json!({"usageMetadata": {"promptTokenCount": 7}})), Some(7));
        assert_eq!(of(json!({"embeddings": [{"values": [0.1]}]})), None);
        let vertex = json!({"embeddings": [
            {"values": [0.1], "statistics": {"tokenCount": 3.0}},
            {"values": [0.1], "statistics": {"tokenCount": 4}},
        ]});
        assert_eq!(of(vertex), Some(7));
        let predicted = json!({"predictions": [
            {"embeddings": {"values": [0.1], "statistics": {"token_count": 5, "truncated": false}}},
        ]});
        assert_eq!(of(predicted), Some(5));
        assert_eq!(of(json!("x")), None);
    }
}
