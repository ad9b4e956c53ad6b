//! Amazon's Titan models of embeddings in Bedrock's `InvokeModel`: one text a call. Only as what a
//! provider speaks (Bedrock's user guide, "Amazon Titan Embeddings").

use serde::Deserialize;
use serde_json::{Value, json};

use crate::chat::Unreadable;
use crate::embed::{Request, Response, counted_input};

/// A request of one input. The model is in the address.
///
/// # Errors
/// There is not one input, or it is not a text.
pub(crate) fn write_request(request: &Request) -> Result<Value, Unreadable> {
    let texts = request.texts()?;
    let [text] = texts.as_slice() else {
        return Err(Unreadable::new("input", "must be one text for a call of Titan"));
    };
    let mut body = json!({"inputText": text});
    if let Some(dimensions) = request.dimensions {
        // The model of texts and pictures has a name of its own for it.
        if request.model.contains("titan-embed-image") {
            body["embeddingConfig"] = json!({"outputEmbeddingLength": dimensions});
        } else {
            body["dimensions"] = dimensions.into();
        }
    }
    Ok(body)
}

/// The vector and the tokens of its text.
///
/// # Errors
/// The body is no such answer.
pub(crate) fn read_response(body: &[u8]) -> Result<Response, Unreadable> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Answer {
        embedding: Vec<f64>,
        input_text_token_count: Option<Value>,
    }
    let answer: Answer = serde_json::from_slice(body)
        .map_err(|error| Unreadable::new("body", format!("is not Titan's embedding: {error}")))?;
    let stated = json!({"inputTextTokenCount": answer.input_text_token_count});
    let counted = counted_input(answer.input_text_token_count.as_ref(), stated);
    Ok(Response { vectors: vec![answer.embedding], counted, model: None })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::embed::Input;

    fn asked(model: &str, dimensions: Option<u32>) -> Value {
        let inputs = vec![Input::Text("Grüße".to_owned())];
        let request = Request { model: model.to_owned(), inputs, dimensions, ..Request::default() };
        write_request(&request).unwrap()
    }

    #[test]
    fn one_text_is_asked_for() {
        let text = "amazon.titan-embed-text-v2:0";
        assert_eq!(asked(text, None), json!({"inputText": "Grüße"}));
        assert_eq!(asked(text, Some(256)), json!({"inputText": "Grüße", "dimensions": 256}));
        assert_eq!(
            asked("amazon.titan-embed-image-v1", Some(256)),
            json!({"inputText": "Grüße", "embeddingConfig": {"outputEmbeddingLength": 256}})
        );
    }

    #[test]
    fn several_are_refused() {
        let input = || Input::Text("a".to_owned());
        let request = Request { inputs: vec![input(), input()], ..Request::default() };
        assert_eq!(write_request(&request).unwrap_err().field, "input");
    }

    #[test]
    fn the_answer_is_one_vector_and_its_tokens() {
        let body = br#"{"embedding": [0.25, -0.5, 1], "inputTextTokenCount": 3,
                        "embeddingsByType": {"float": [0.25, -0.5, 1]}}"#;
        let answer = read_response(body).unwrap();
        assert_eq!(answer.vectors, [[0.25, -0.5, 1.0]]);
        let counted = answer.counted.unwrap();
        assert_eq!(counted.usage.input, Some(3));
        assert_eq!(counted.stated, json!({"inputTextTokenCount": 3}));
        assert_eq!(read_response(br#"{"embedding": [1]}"#).unwrap().counted, None);
        assert_eq!(read_response(b"{}").unwrap_err().field, "body");
    }
}
