//! Cohere's `POST /v2/embed`.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::usage;
use crate::Asked;
use crate::chat::{Counted, Unreadable};

/// The fields of a request. Those that say how to embed are `parameters` of what is asked.
#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(default)]
    model: Option<String>,
    #[serde(borrow)]
    texts: Option<&'a RawValue>,
    #[serde(borrow)]
    images: Option<&'a RawValue>,
    #[serde(borrow)]
    inputs: Option<&'a RawValue>,
    #[serde(borrow)]
    input_type: Option<&'a RawValue>,
    #[serde(borrow)]
    max_tokens: Option<&'a RawValue>,
    #[serde(borrow)]
    output_dimension: Option<&'a RawValue>,
    #[serde(borrow)]
    embedding_types: Option<&'a RawValue>,
    #[serde(borrow)]
    truncate: Option<&'a RawValue>,
    #[serde(borrow)]
    priority: Option<&'a RawValue>,
}

/// Reads what is to be embedded: texts, images or both in `inputs`.
///
/// # Errors
/// The body is not a JSON object with the fields of a request.
pub fn asked(body: &[u8]) -> Result<Asked<'_>, Unreadable> {
    let fields: Fields<'_> = serde_json::from_slice(body)
        .map_err(|error| Unreadable::new("body", format!("is not a request to embed: {error}")))?;
    let parameters = [
        ("input_type", fields.input_type),
        ("max_tokens", fields.max_tokens),
        ("output_dimension", fields.output_dimension),
        ("embedding_types", fields.embedding_types),
        ("truncate", fields.truncate),
        ("priority", fields.priority),
    ];
    let parameters = parameters.into_iter();
    Ok(Asked {
        model: fields.model.unwrap_or_default(),
        input: fields.texts.or(fields.inputs).or(fields.images),
        prompt: fields.texts.and_then(last_text),
        parameters: parameters
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect(),
        ..Asked::default()
    })
}

fn last_text(texts: &RawValue) -> Option<String> {
    let texts: Vec<&RawValue> = serde_json::from_str(texts.get()).ok()?;
    serde_json::from_str(texts.last()?.get()).ok()
}

/// What an answer says was used: its `meta`.
#[must_use]
pub fn count(answer: &Value) -> Counted {
    usage::count(answer.get("meta").unwrap_or(&Value::Null))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::fixtures;
    use super::*;

    #[test]
    fn texts_are_embedded() {
        let body = fixtures::request("embed").to_string();
        let asked = asked(body.as_bytes()).unwrap();
        assert_eq!(asked.model, "embed-v4.0");
        assert_eq!(asked.input.unwrap().get(), "[\"a\",\"b\"]");
        assert_eq!(asked.prompt.as_deref(), Some("b"));
        let parameters: Vec<(&str, &str)> =
            asked.parameters.iter().map(|(name, value)| (name.as_str(), value.get())).collect();
        let expected = [
            ("input_type", "\"search_query\""),
            ("output_dimension", "256"),
            ("embedding_types", "[\"float\"]"),
        ];
        assert_eq!(parameters, expected);
        assert_eq!(asked_error("[1]"), "body");
        assert_eq!(asked_error("{\"model\": 5}"), "body");
    }

    fn asked_error(body: &str) -> String {
        asked(body.as_bytes()).unwrap_err().field
    }

    #[test]
    fn what_was_billed_is_counted() {
        let answer: Value =
            serde_json::from_str(&fixtures::text("responses/embeddings.json")).unwrap();
        let counted = count(&answer);
        assert_eq!(counted.usage.input, Some(2));
        assert_eq!(counted.stated["billed_units"]["input_tokens"], 2);
        assert!(count(&Value::Null).usage.is_empty());
    }
}
