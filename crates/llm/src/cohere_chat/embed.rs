//! Cohere's `POST /v2/embed`.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::usage;
use crate::Asked;
use crate::chat::{Counted, Unreadable};
use crate::embed::{Purpose, Request, Response};

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

/// A request of at most 96 texts.
///
/// # Errors
/// An input is not a text, or the vectors are for what Cohere does not know.
pub(crate) fn write_request(request: &Request) -> Result<Value, Unreadable> {
    let mut body = write_invoke_request(request)?;
    body["model"] = request.model.as_str().into();
    Ok(body)
}

/// The same in Amazon Bedrock's `InvokeModel`, where the model is in the address.
///
/// # Errors
/// As [`write_request`].
pub(crate) fn write_invoke_request(request: &Request) -> Result<Value, Unreadable> {
    // Cohere must be told. Who does not say it most often stores what is to be found later.
    let input_type = match request.purpose.unwrap_or(Purpose::Document) {
        Purpose::Document => "search_document",
        Purpose::Query => "search_query",
        Purpose::Classification => "classification",
        Purpose::Clustering => "clustering",
        Purpose::Similarity => {
            let reason = "is semantic_similarity, which Cohere does not know; say clustering, or \
                          search_document and search_query";
            return Err(Unreadable::new("input_type", reason));
        }
    };
    let texts = request.texts()?;
    let mut body = json!({"texts": texts, "input_type": input_type, "embedding_types": ["float"]});
    if let Some(dimensions) = request.dimensions {
        body["output_dimension"] = dimensions.into();
    }
    Ok(body)
}

/// The vectors of an answer, by type or, as Bedrock's older models have it, without one.
///
/// # Errors
/// The body is no such answer.
pub(crate) fn read_response(body: &[u8]) -> Result<Response, Unreadable> {
    #[derive(Deserialize)]
    struct Answer {
        embeddings: Embeddings,
        meta: Option<Value>,
    }
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Embeddings {
        ByType { float: Vec<Vec<f64>> },
        Plain(Vec<Vec<f64>>),
    }
    let answer: Answer = serde_json::from_slice(body).map_err(|error| {
        Unreadable::new("body", format!("is not Cohere's list of embeddings: {error}"))
    })?;
    let vectors = match answer.embeddings {
        Embeddings::ByType { float } => float,
        Embeddings::Plain(vectors) => vectors,
    };
    let counted = answer.meta.map(|meta| usage::count(&meta));
    let counted = counted.filter(|counted| !counted.usage.is_empty());
    Ok(Response { vectors, counted, model: None })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::fixtures;
    use super::*;
    use crate::embed::Input;

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

    fn asked_for(purpose: Option<Purpose>) -> Request {
        let texts = ["a", "b"].map(|text| Input::Text(text.to_owned()));
        let (model, dimensions) = ("embed-v4.0".to_owned(), Some(256));
        Request { model, inputs: texts.into(), dimensions, purpose, ..Request::default() }
    }

    #[test]
    fn a_request_is_what_the_sdk_sends() {
        let written = write_request(&asked_for(Some(Purpose::Query))).unwrap();
        assert_eq!(written, fixtures::request("embed"));
        let invoked = write_invoke_request(&asked_for(None)).unwrap();
        assert_eq!(invoked["input_type"], "search_document");
        assert_eq!(invoked.get("model"), None);
        let error = write_request(&asked_for(Some(Purpose::Similarity))).unwrap_err();
        assert_eq!(error.field, "input_type");
        let mut tokens = asked_for(None);
        tokens.inputs[1] = Input::Tokens(vec![1, 2]);
        assert_eq!(write_request(&tokens).unwrap_err().field, "input[1]");
    }

    #[test]
    fn vectors_are_read_with_and_without_their_type() {
        let typed = read_response(fixtures::text("responses/embeddings.json").as_bytes()).unwrap();
        assert_eq!(typed.vectors, [[0.25, -0.5], [0.125, 1.0]]);
        assert_eq!(typed.counted.unwrap().usage.input, Some(2));
        let plain = read_response(br#"{"embeddings": [[1, 2.5]], "id": "e"}"#).unwrap();
        assert_eq!((plain.vectors, plain.counted), (vec![vec![1.0, 2.5]], None));
        assert_eq!(read_response(br#"{"embeddings": {"int8": [[1]]}}"#).unwrap_err().field, "body");
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
