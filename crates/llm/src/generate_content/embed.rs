//! `POST /v1beta/models/{model}:embedContent`, `:batchEmbedContents`, and Vertex's `:predict` for
//! models of embeddings.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tracekeep_model::{MOST_TOKENS, Usage};

use super::asked::{Fields, elements, fields, model, said};
use super::field::many;
use super::usage::{self, tokens};
use crate::Asked;
use crate::chat::{Counted, Unreadable};
use crate::chat_completions::top_level;
use crate::embed::{self, Input, Purpose, Request, Response};
use crate::json::set;

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

/// A client's request, whole: of one content or of a batch of them, as its address says. The model is in
/// the address too.
///
/// # Errors
/// The body is not of that endpoint, what is to be embedded is no text, or it has a field that cannot
/// be said to another provider.
pub fn read_request(body: &[u8], shape: Shape) -> Result<Request, Unreadable> {
    let fields = fields(body)?;
    let batch = fields.iter().find(|(name, _)| name == "requests").map(|(_, value)| *value);
    let batch = match (shape, batch) {
        (Shape::One, None) => {
            let mut request = Request::default();
            read_one(fields, "", &mut request)?;
            return Ok(request);
        }
        (Shape::Batch, Some(batch)) => batch,
        (Shape::One, Some(_)) => {
            let reason = "is a batch, and this is embedContent; send it to batchEmbedContents";
            return Err(Unreadable::new("requests", reason));
        }
        (Shape::Batch, None) => {
            let reason = "is missing; a single content goes to embedContent";
            return Err(Unreadable::new("requests", reason));
        }
    };
    let Some(batch) = embed::elements(batch, "requests")?.filter(|batch| !batch.is_empty()) else {
        return Err(Unreadable::new("requests", "must be a list of requests, of one at least"));
    };
    let mut whole: Option<Request> = None;
    for (place, one) in batch.into_iter().enumerate() {
        let at = format!("requests[{place}].");
        let Fields(fields) = serde_json::from_str(one.get())
            .map_err(|_| Unreadable::new(at.trim_end_matches('.'), "must be an object"))?;
        let mut request = Request::default();
        read_one(fields, &at, &mut request)?;
        match &mut whole {
            None => whole = Some(request),
            Some(whole) if is_alike(whole, &request) => whole.inputs.append(&mut request.inputs),
            Some(_) => {
                let reason = "asks for another taskType, title or outputDimensionality than the \
                              first, which cannot be said to this provider at once";
                return Err(Unreadable::new(at.trim_end_matches('.'), reason));
            }
        }
    }
    Ok(whole.unwrap_or_default())
}

fn is_alike(one: &Request, other: &Request) -> bool {
    one.purpose == other.purpose && one.dimensions == other.dimensions && one.title == other.title
}

fn read_one(
    fields: Vec<(String, &RawValue)>,
    at: &str,
    request: &mut Request,
) -> Result<(), Unreadable> {
    for (name, value) in fields {
        let wrong = |reason: &str| Unreadable::new(format!("{at}{name}"), reason);
        let text = || -> Result<String, Unreadable> {
            serde_json::from_str(value.get()).map_err(|_| wrong("must be a string"))
        };
        match name.as_str() {
            "model" => request.model = model(value),
            "content" => {
                let said = text_of(value).ok_or_else(|| {
                    wrong("must be a content whose parts are texts, for this provider")
                })?;
                request.inputs.push(Input::Text(said));
            }
            "taskType" if value.get() == "\"TASK_TYPE_UNSPECIFIED\"" => {}
            "taskType" => request.purpose = Some(Purpose::of(&text()?, &format!("{at}{name}"))?),
            "title" => request.title = Some(text()?),
            "outputDimensionality" => {
                let number = serde_json::from_str::<u32>(value.get()).ok().filter(|n| *n > 0);
                request.dimensions =
                    Some(number.ok_or_else(|| wrong("must be a whole number above 0"))?);
            }
            _ => return Err(wrong("cannot be said to this provider; leave it out")),
        }
    }
    if request.inputs.is_empty() {
        return Err(Unreadable::new(format!("{at}content"), "is missing"));
    }
    Ok(())
}

/// The text of a content that is nothing but texts.
fn text_of(content: &RawValue) -> Option<String> {
    #[derive(Deserialize)]
    struct Content<'a> {
        #[serde(borrow)]
        parts: &'a RawValue,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Piece {
        text: String,
    }
    if let Ok(text) = serde_json::from_str(content.get()) {
        return Some(text);
    }
    let Content { parts } = serde_json::from_str(content.get()).ok()?;
    let pieces: Option<Vec<Piece>> =
        elements(parts).into_iter().map(|part| serde_json::from_str(part.get()).ok()).collect();
    let texts: Vec<String> = pieces?.into_iter().map(|piece| piece.text).collect();
    (!texts.is_empty()).then(|| texts.join("\n"))
}

/// Vectors for a client: of `:embedContent` the only one, of `:batchEmbedContents` all.
#[must_use]
pub fn write_response(response: &Response, shape: Shape) -> String {
    #[derive(Serialize)]
    struct One<'a> {
        values: &'a [f64],
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Answer<'a> {
        #[serde(skip_serializing_if = "Option::is_none")]
        embedding: Option<One<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        embeddings: Option<Vec<One<'a>>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        usage_metadata: Option<Value>,
    }
    let mut all = response.vectors.iter().map(|values| One { values });
    let (embedding, embeddings) = match shape {
        Shape::One => (all.next(), None),
        Shape::Batch => (None, Some(all.collect())),
    };
    let tokens = response.counted.as_ref().and_then(|counted| counted.usage.input_total());
    let usage_metadata =
        tokens.map(|tokens| json!({"promptTokenCount": tokens, "totalTokenCount": tokens}));
    let answer = Answer { embedding, embeddings, usage_metadata };
    serde_json::to_string(&answer).expect("numbers can be written")
}

/// Which of the two is asked and answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `:embedContent`.
    One,
    /// `:batchEmbedContents`.
    Batch,
}

/// A request of at most 100 texts, for `:batchEmbedContents`.
///
/// # Errors
/// An input is not a text.
pub(crate) fn write_request(request: &Request) -> Result<Value, Unreadable> {
    let name = request.model.strip_prefix("models/").unwrap_or(&request.model);
    let name = format!("models/{name}");
    let purpose = request.purpose.map(|purpose| match purpose {
        Purpose::Document => "RETRIEVAL_DOCUMENT",
        Purpose::Query => "RETRIEVAL_QUERY",
        Purpose::Classification => "CLASSIFICATION",
        Purpose::Clustering => "CLUSTERING",
        Purpose::Similarity => "SEMANTIC_SIMILARITY",
    });
    let one = |text: &str| {
        let mut one = json!({"model": name, "content": {"parts": [{"text": text}]}});
        if let Some(purpose) = purpose {
            one["taskType"] = purpose.into();
        }
        if let Some(title) = &request.title {
            one["title"] = title.as_str().into();
        }
        if let Some(dimensions) = request.dimensions {
            one["outputDimensionality"] = dimensions.into();
        }
        one
    };
    let requests: Vec<Value> = request.texts()?.into_iter().map(one).collect();
    Ok(json!({"requests": requests}))
}

/// The vectors of an answer to one content or to a batch.
///
/// # Errors
/// The body is no such answer.
pub fn read_response(body: &[u8]) -> Result<Response, Unreadable> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Answer {
        embedding: Option<One>,
        embeddings: Option<Vec<One>>,
        usage_metadata: Option<Value>,
    }
    #[derive(Deserialize)]
    struct One {
        #[serde(default)]
        values: Vec<f64>,
        statistics: Option<Value>,
    }
    let answer: Answer = serde_json::from_slice(body).map_err(|error| {
        Unreadable::new("body", format!("is not Google's list of embeddings: {error}"))
    })?;
    let all = answer.embeddings.or(answer.embedding.map(|one| vec![one]));
    let all = all.ok_or_else(|| Unreadable::new("embeddings", "is missing"))?;
    let mut vectors = Vec::with_capacity(all.len());
    let mut statistics = Vec::with_capacity(all.len());
    for One { values, statistics: stated } in all {
        vectors.push(values);
        statistics.push(json!({"statistics": stated}));
    }
    let counted = match answer.usage_metadata {
        Some(usage) => usage::count(&usage),
        None => count(&json!({"embeddings": statistics})),
    };
    let counted = Some(counted).filter(|counted| !counted.usage.is_empty());
    Ok(Response { vectors, counted, model: None })
}

/// The text of a request whose model is another than the one in its address: with that one, wherever the
/// body names it. Also of `:countTokens`.
///
/// # Errors
/// The body is not a JSON object.
pub fn rename(body: &str, model: &str) -> Result<String, Unreadable> {
    let name = Value::from(format!("models/{model}")).to_string();
    let mut text = body.to_owned();
    for (field, value) in top_level(body.as_bytes())? {
        match super::field::camel(&field).as_str() {
            "model" => text = set(&text, &field, &name)?,
            "generateContentRequest" => {
                text = set(&text, &field, &rename_in(value.get(), &name)?)?;
            }
            "requests" => {
                let renamed = elements(value).into_iter().map(|one| rename_in(one.get(), &name));
                let renamed = renamed.collect::<Result<Vec<_>, _>>()?;
                text = set(&text, &field, &format!("[{}]", renamed.join(",")))?;
            }
            _ => {}
        }
    }
    Ok(text)
}

fn rename_in(object: &str, name: &str) -> Result<String, Unreadable> {
    let has_model = top_level(object.as_bytes())?.iter().any(|(field, _)| field == "model");
    if has_model { set(object, "model", name) } else { Ok(object.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures;
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

    fn texts(request: &Request) -> Vec<&str> {
        request.texts().expect("they are texts")
    }

    #[test]
    fn a_batch_of_the_sdk_is_read_and_written_again() {
        let request = read_request(fixtures::request("embed").as_bytes(), Shape::Batch);
        let request = request.expect("it is one");
        assert_eq!(texts(&request), ["a", "b"]);
        assert_eq!(request.model, "gemini-embedding-001");
        assert_eq!((request.purpose, request.dimensions), (Some(Purpose::Query), Some(2)));
        let mut sent = fixtures::json("requests/embed.json")["body"].clone();
        for one in sent["requests"].as_array_mut().expect("a list") {
            one["content"].as_object_mut().expect("an object").remove("role");
        }
        assert_eq!(write_request(&request).expect("they are texts"), sent);
    }

    #[test]
    fn one_content_is_read() {
        let body = br#"{"model": "models/x", "content": {"parts": [{"text": "a"}, {"text": "b"}]},
                        "task_type": "TASK_TYPE_UNSPECIFIED", "title": "T"}"#;
        let request = read_request(body, Shape::One).expect("it is one");
        assert_eq!(texts(&request), ["a\nb"]);
        assert_eq!((request.purpose, request.title.as_deref()), (None, Some("T")));
    }

    #[test]
    fn what_cannot_be_said_elsewhere_is_refused_by_its_name() {
        let field = |body: &str| {
            let is_batch = body.contains("requests");
            let shape = if is_batch { Shape::Batch } else { Shape::One };
            read_request(body.as_bytes(), shape).expect_err("it is refused").field
        };
        let picture = r#"{"content": {"parts": [{"inlineData": {}}]}}"#;
        assert_eq!(field(picture), "content");
        assert_eq!(field(r#"{"content": "a", "autoTruncate": true}"#), "autoTruncate");
        assert_eq!(field(r#"{"content": "a", "taskType": "FACT_VERIFICATION"}"#), "taskType");
        assert_eq!(field(r#"{"content": "a", "outputDimensionality": 0}"#), "outputDimensionality");
        assert_eq!(field("{}"), "content");
        assert_eq!(field(r#"{"requests": []}"#), "requests");
        assert_eq!(field(r#"{"requests": [{"content": "a"}, 1]}"#), "requests[1]");
        assert_eq!(
            field(r#"{"requests": [{"content": "a"}, {"content": "b", "title": "T"}]}"#),
            "requests[1]"
        );
        assert_eq!(field("[]"), "body");
    }

    #[test]
    fn the_body_of_the_other_endpoint_is_refused() {
        let refused = |body: &[u8], shape| read_request(body, shape).expect_err("it is refused");
        let batch = refused(br#"{"requests": [{"content": "a"}]}"#, Shape::One);
        assert_eq!(batch.field, "requests");
        assert!(batch.reason.contains("batchEmbedContents"), "{batch}");
        let one = refused(br#"{"content": "a"}"#, Shape::Batch);
        assert_eq!(one.field, "requests");
        assert!(one.reason.contains("is missing"), "{one}");
    }

    #[test]
    fn vectors_are_read_and_written() {
        let batch = read_response(fixtures::text("responses/embeddings.json").as_bytes());
        let batch = batch.expect("it is an answer");
        assert_eq!(batch.vectors, [[0.25, -0.5], [0.125, 1.0]]);
        assert_eq!(batch.counted.as_ref().and_then(|counted| counted.usage.input), Some(2));
        let recorded = fixtures::json("responses/embeddings.json");
        let written = |shape| -> Value {
            serde_json::from_str(&write_response(&batch, shape)).expect("it is JSON")
        };
        assert_eq!(written(Shape::Batch), recorded);
        assert_eq!(written(Shape::One)["embedding"], recorded["embeddings"][0]);
        assert_eq!(written(Shape::One).get("embeddings"), None);

        let one = read_response(br#"{"embedding": {"values": [1]}}"#).expect("it is an answer");
        assert_eq!((one.vectors, one.counted), (vec![vec![1.0]], None));
        assert_eq!(read_response(b"{}").expect_err("it says nothing").field, "embeddings");
    }

    #[test]
    fn a_model_is_renamed_wherever_it_stands() {
        let renamed = |body| rename(body, "m").expect("it is an object");
        let batch = r#"{"requests": [{"model":"models/g/m", "x": 1.0}, {"y": 2}], "z": 1e2}"#;
        assert_eq!(
            renamed(batch),
            r#"{"requests": [{"model":"models/m", "x": 1.0},{"y": 2}], "z": 1e2}"#
        );
        let whole = r#"{"generate_content_request": {"model" : "models/g/m"}, "model": "g/m"}"#;
        assert_eq!(
            renamed(whole),
            r#"{"generate_content_request": {"model" : "models/m"}, "model": "models/m"}"#
        );
        assert_eq!(renamed(r#"{"contents": []}"#), r#"{"contents": []}"#);
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
