//! Vectors of a provider that speaks another API than the client: asked for in the neutral form.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use bytes::Bytes;
use futures::future::try_join_all;
use serde_json::json;
use tracekeep_llm::chat::{self, ApiError, Counted, ErrorKind};
use tracekeep_llm::client::{Answer, Retry};
use tracekeep_llm::embed::{Request, Response, Wire};
use tracekeep_llm::generate_content::embed::{self as gemini, Shape};
use tracekeep_llm::openai::embeddings;
use tracekeep_llm::provider::{Kind, Operation};
use tracekeep_llm::{Protocol, demo};
use tracekeep_model::{MOST_TOKENS, Usage};

use super::asking::{Given, Question};
use super::{Side, heavy};
use crate::app::App;
use crate::gateway::attempts::patiently;
use crate::gateway::call::{Failed, MOST_ANSWER, Target, outgoing, refused};

/// Calls of one provider at one time, where it takes fewer inputs than the client sends.
const AT_ONCE: usize = 4;
/// About how many bytes a number of a vector is written with.
const BYTES_OF_NUMBER: usize = 16;
/// How many tokens Bedrock's models read, which not all say in their answers.
const TOKENS_OF_BEDROCK: &str = "x-amzn-bedrock-input-token-count";

/// Asks a target for what the client wants of another API.
///
/// # Errors
/// The request asks for what the target cannot be told, or the target fails.
pub(super) async fn ask(
    app: &App,
    question: &Question<'_>,
    target: &Target,
) -> Result<Given, Failed> {
    let (side, body, size) = (question.side, question.body.clone(), question.body.len());
    let read = heavy::work(size, move || match side {
        Side::Embeddings => embeddings::read_request(&body),
        Side::EmbedContent => gemini::read_request(&body, Shape::One),
        _ => gemini::read_request(&body, Shape::Batch),
    });
    let mut request = read.await?.map_err(ApiError::from)?;
    request.model.clone_from(&target.model);
    let encoding = request.encoding;
    let response = embedded(app, target, request, size).await?;
    let numbers = response.vectors.iter().map(Vec::len).sum::<usize>();
    let model = question.model.to_owned();
    let write = move || {
        let body = match side {
            Side::Embeddings => embeddings::write_response(&response, encoding, &model),
            Side::EmbedContent => gemini::write_response(&response, Shape::One),
            _ => gemini::write_response(&response, Shape::Batch),
        };
        let Response { model, counted, .. } = response;
        (body, chat::Response { model, counted, ..chat::Response::default() })
    };
    let (body, said) = heavy::work(numbers.saturating_mul(BYTES_OF_NUMBER), write).await?;
    let json = HeaderValue::from_static("application/json");
    let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, json)]);
    Ok(Given::Whole { status: StatusCode::OK, headers, body: body.into(), said: Box::new(said) })
}

/// `size`: bytes of the client's request.
async fn embedded(
    app: &App,
    target: &Target,
    request: Request,
    size: usize,
) -> Result<Response, Failed> {
    let kind = target.provider.kind;
    if kind == Kind::Demo {
        let model = target.model.clone();
        let made = heavy::work(size, move || demo::embed(&model, &request)).await?;
        return made.map_err(Failed::from);
    }
    let wire = Wire::of(kind, &target.model).ok_or_else(|| {
        let message = format!(
            "the provider `{}` makes no vectors of `{}`, or they are not translated; ask another, \
             as in `name/model`",
            target.provider.name, target.model
        );
        ApiError::new(ErrorKind::BadRequest, message)
    })?;
    // All are written before the first is sent: what cannot be said is refused before it costs.
    let calls = heavy::work(size, move || written(wire, request)).await??;
    // One call alone is asked again as every call is. Of several each is asked again by itself: the
    // others are paid for.
    let retry = if calls.len() > 1 { Retry::default() } else { Retry::NONE };
    let mut answers = Vec::with_capacity(calls.len());
    let mut room = MOST_ANSWER;
    for together in calls.chunks(AT_ONCE) {
        let asked = together.iter().map(|(body, inputs)| {
            patiently(retry, move || call(app, target, wire, body.clone(), *inputs), |_, _| {})
        });
        let answered = try_join_all(asked).await;
        let answered = answered.map_err(|failed| Failed {
            is_undone: failed.is_undone && calls.len() == 1,
            ..failed
        })?;
        for (answer, bytes) in answered {
            room = room.checked_sub(bytes).ok_or_else(too_large)?;
            answers.push(answer);
        }
    }
    Ok(Response::join(answers))
}

/// The bodies of the calls that a request becomes, and how many inputs each has.
fn written(wire: Wire, request: Request) -> Result<Vec<(Bytes, usize)>, ApiError> {
    let write = |part: &Request| -> Result<(Bytes, usize), ApiError> {
        let body = wire.write(part)?;
        Ok((Bytes::from(body.to_string()), part.inputs.len()))
    };
    request.parts(wire.most_inputs()).iter().map(write).collect()
}

fn too_large() -> ApiError {
    let message = format!(
        "the provider's answers are larger than {MOST_ANSWER} bytes together; send fewer inputs"
    );
    ApiError::new(ErrorKind::Provider, message)
}

/// The vectors of one call, and the bytes of its answer.
async fn call(
    app: &App,
    target: &Target,
    wire: Wire,
    body: Bytes,
    inputs: usize,
) -> Result<(Response, usize), Failed> {
    let outgoing = outgoing(target, Operation::Embed, None, body)?;
    let answer = app.gateway.client.send(outgoing).await?;
    if !answer.status.is_success() {
        let spoken = target.provider.kind.protocol(Protocol::ChatCompletions);
        return Err(refused(target, spoken, answer, false).await);
    }
    let Answer { headers, body, .. } = answer;
    let body = body.collect(MOST_ANSWER).await.map_err(ApiError::from)?;
    let unreadable = |reason: String| {
        let message = format!("the provider's answer cannot be read: {reason}");
        ApiError::new(ErrorKind::Provider, message)
    };
    let (bytes, size) = (body.clone(), body.len());
    let read = heavy::work(size, move || wire.read(&bytes)).await?;
    let mut response = read.map_err(|error| unreadable(error.to_string()))?;
    if response.vectors.len() != inputs {
        let reason = format!("{} vectors came for {inputs} inputs", response.vectors.len());
        return Err(unreadable(reason).into());
    }
    response.counted = response.counted.or_else(|| counted_beside(&headers));
    Ok((response, body.len()))
}

fn counted_beside(headers: &HeaderMap) -> Option<Counted> {
    let tokens: i64 = headers.get(TOKENS_OF_BEDROCK)?.to_str().ok()?.parse().ok()?;
    let tokens = tokens.clamp(0, MOST_TOKENS);
    let usage = Usage { input: Some(tokens), ..Usage::default() };
    Some(Counted { usage, stated: json!({"inputTokenCount": tokens}) })
}

#[cfg(test)]
mod tests;
