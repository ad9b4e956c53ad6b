//! `POST /v1/embeddings`.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tracekeep_model::Usage;

use super::Answered;
use crate::Asked;
use crate::chat::{Counted, Unreadable};
use crate::chat_completions::top_level;
use crate::chat_completions::usage::whole;
use crate::embed::{Encoding, Input, MOST_INPUTS, Purpose, Request, Response, elements};
use crate::json::{remove, set};

/// What Mistral calls the length of vectors, and OpenAI `dimensions`.
pub(crate) const MISTRALS_DIMENSIONS: &str = "output_dimension";

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
        text: None,
    })
}

/// What a `usage` object says (SDK `create_embedding_response.py`): `prompt_tokens` is all there is,
/// and the same as `total_tokens`.
#[must_use]
pub fn count(usage: &Value) -> Counted {
    let tokens = whole(usage.get("prompt_tokens")).or_else(|| whole(usage.get("total_tokens")));
    Counted { usage: Usage { input: tokens, ..Usage::default() }, stated: usage.clone() }
}

/// A client's request, whole. `input_type`, which OpenAI does not have, says what the vectors are for.
///
/// # Errors
/// The body is not of this endpoint, or has a field that cannot be said to another provider.
pub fn read_request(body: &[u8]) -> Result<Request, Unreadable> {
    let mut request = Request::default();
    for (name, value) in top_level(body)? {
        if value.get() == "null" {
            continue;
        }
        match name.as_str() {
            "model" => request.model = text(&name, value)?,
            "input" => request.inputs = inputs(value)?,
            "dimensions" => request.dimensions = Some(dimensions(value)?),
            "encoding_format" => request.encoding = encoding(value)?,
            "input_type" => request.purpose = Some(Purpose::of(&text(&name, value)?, &name)?),
            "user" | "safety_identifier" => request.user = Some(text(&name, value)?),
            "metadata" => {}
            _ => {
                let reason = "cannot be said to this provider; leave it out";
                return Err(Unreadable::new(name, reason));
            }
        }
    }
    if request.inputs.is_empty() {
        let reason = format!("is missing or empty; give a text, or 1 to {MOST_INPUTS} of them");
        return Err(Unreadable::new("input", reason));
    }
    Ok(request)
}

fn text(name: &str, value: &RawValue) -> Result<String, Unreadable> {
    serde_json::from_str(value.get()).map_err(|_| Unreadable::new(name, "must be a string"))
}

fn dimensions(value: &RawValue) -> Result<u32, Unreadable> {
    let number = serde_json::from_str::<u32>(value.get()).ok().filter(|number| *number > 0);
    number.ok_or_else(|| Unreadable::new("dimensions", "must be a whole number above 0"))
}

fn encoding(value: &RawValue) -> Result<Encoding, Unreadable> {
    match value.get() {
        "\"float\"" => Ok(Encoding::Float),
        "\"base64\"" => Ok(Encoding::Base64),
        _ => Err(Unreadable::new("encoding_format", "must be `float` or `base64`")),
    }
}

/// A text, a list of texts, the tokens of one text, or a list of such.
fn inputs(value: &RawValue) -> Result<Vec<Input>, Unreadable> {
    if let Ok(text) = serde_json::from_str(value.get()) {
        return Ok(vec![Input::Text(text)]);
    }
    // Read as numbers first: as a list of anything, many tokens would take much memory.
    if let Ok(ids) = serde_json::from_str::<Vec<u32>>(value.get()) {
        return Ok(if ids.is_empty() { Vec::new() } else { vec![Input::Tokens(ids)] });
    }
    let Some(all) = elements(value, "input")? else {
        return Err(Unreadable::new("input", WRONG_INPUT));
    };
    let one = |(place, value): (usize, &RawValue)| {
        let text = serde_json::from_str(value.get()).map(Input::Text);
        text.or_else(|_| serde_json::from_str(value.get()).map(Input::Tokens))
            .map_err(|_| Unreadable::new(format!("input[{place}]"), WRONG_INPUT))
    };
    all.into_iter().enumerate().map(one).collect()
}

const WRONG_INPUT: &str = "must be a text, or a list of texts or of token ids";

/// A request as a provider is sent it; `dimensions`: what it calls the length of vectors.
pub(crate) fn write_request(request: &Request, dimensions: &str) -> Value {
    let inputs = request.inputs.iter().map(|input| match input {
        Input::Text(text) => json!(text),
        Input::Tokens(ids) => json!(ids),
    });
    let mut body = json!({"model": request.model, "input": inputs.collect::<Vec<_>>()});
    if let Some(number) = request.dimensions {
        body[dimensions] = number.into();
    }
    body
}

/// A provider's answer with its vectors.
///
/// # Errors
/// The body is not a list of embeddings.
pub(crate) fn read_response(body: &[u8]) -> Result<Response, Unreadable> {
    #[derive(Deserialize)]
    struct Answer {
        data: Vec<Item>,
        model: Option<String>,
        usage: Option<Value>,
    }
    let answer: Answer = serde_json::from_slice(body).map_err(|error| {
        Unreadable::new("body", format!("is not a list of embeddings: {error}"))
    })?;
    Ok(Response {
        vectors: in_order(answer.data)?,
        counted: answer.usage.filter(Value::is_object).map(|usage| count(&usage)),
        model: answer.model,
    })
}

/// A vector of an answer.
#[derive(Deserialize)]
struct Item {
    /// Which input it is of.
    index: Option<usize>,
    embedding: Vec<f64>,
}

/// The vectors in the order of the inputs, which need not be that of the answer. Where none says which
/// input it is of, they are taken as they come.
fn in_order(items: Vec<Item>) -> Result<Vec<Vec<f64>>, Unreadable> {
    if items.iter().all(|item| item.index.is_none()) {
        return Ok(items.into_iter().map(|item| item.embedding).collect());
    }
    let mut vectors: Vec<Option<Vec<f64>>> = vec![None; items.len()];
    for (place, item) in items.into_iter().enumerate() {
        let wrong = |reason: &str| Unreadable::new(format!("data[{place}].index"), reason);
        let index = item.index.ok_or_else(|| wrong("is missing, where others have one"))?;
        let vector = vectors.get_mut(index).ok_or_else(|| wrong("is beyond the list's end"))?;
        if vector.replace(item.embedding).is_some() {
            return Err(wrong("was there before"));
        }
    }
    // As many places as vectors, and none was taken twice: all are taken.
    Ok(vectors.into_iter().flatten().collect())
}

/// The text of a request with `dimensions` as Mistral calls it. Unchanged where it is not there, or where
/// the client says it in Mistral's way itself.
///
/// # Errors
/// The body is not a JSON object.
pub fn for_mistral(body: &str) -> Result<String, Unreadable> {
    let fields = top_level(body.as_bytes())?;
    let dimensions = fields.iter().rev().find(|(name, _)| name == "dimensions");
    match dimensions {
        Some((_, number)) if fields.iter().all(|(name, _)| name != MISTRALS_DIMENSIONS) => {
            set(&remove(body, "dimensions")?, MISTRALS_DIMENSIONS, number.get())
        }
        _ => Ok(body.to_owned()),
    }
}

/// An answer for a client, with the name of the model that it asked for. Where nothing was counted, its
/// `usage`, which OpenAI's always has, says 0.
#[must_use]
pub fn write_response(response: &Response, encoding: Encoding, model: &str) -> String {
    #[derive(Serialize)]
    struct Item<'a> {
        object: &'a str,
        index: usize,
        embedding: Vector<'a>,
    }
    #[derive(Serialize)]
    #[serde(untagged)]
    enum Vector<'a> {
        Numbers(&'a [f64]),
        Base64(String),
    }
    #[derive(Serialize)]
    struct Answer<'a> {
        object: &'a str,
        data: Vec<Item<'a>>,
        model: &'a str,
        usage: Value,
    }
    let data = response.vectors.iter().enumerate().map(|(index, vector)| Item {
        object: "embedding",
        index,
        embedding: match encoding {
            Encoding::Float => Vector::Numbers(vector),
            Encoding::Base64 => Vector::Base64(base64(vector)),
        },
    });
    let tokens = response.counted.as_ref().and_then(|counted| counted.usage.input_total());
    let tokens = tokens.unwrap_or(0);
    let answer = Answer {
        object: "list",
        data: data.collect(),
        model,
        usage: json!({"prompt_tokens": tokens, "total_tokens": tokens}),
    };
    serde_json::to_string(&answer).expect("numbers and texts can be written")
}

/// Little-endian `f32`s, as OpenAI sends them.
fn base64(vector: &[f64]) -> String {
    let bytes: Vec<u8> = vector.iter().flat_map(|number| (*number as f32).to_le_bytes()).collect();
    BASE64_STANDARD.encode(bytes)
}
