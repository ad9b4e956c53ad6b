//! Vectors of a provider that speaks another API than the client: asked for in the neutral form.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use bytes::Bytes;
use futures::future::try_join_all;
use serde_json::json;
use tracekeep_llm::chat::{self, ApiError, Counted, ErrorKind};
use tracekeep_llm::client::Answer;
use tracekeep_llm::embed::{Request, Response, Wire};
use tracekeep_llm::generate_content::embed::{self as gemini, Shape};
use tracekeep_llm::openai::embeddings;
use tracekeep_llm::provider::{Kind, Operation};
use tracekeep_llm::{Protocol, demo};
use tracekeep_model::{MOST_TOKENS, Usage};

use super::Side;
use super::asking::{Given, Question};
use crate::app::App;
use crate::gateway::call::{Failed, MOST_ANSWER, Target, outgoing, refused};

/// Calls of one provider at one time, where it takes fewer inputs than the client sends.
const AT_ONCE: usize = 4;
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
    let read = match question.side {
        Side::Embeddings => embeddings::read_request(question.body),
        _ => gemini::read_request(question.body),
    };
    let mut request = read.map_err(ApiError::from)?;
    request.model.clone_from(&target.model);
    let encoding = request.encoding;
    let response = embedded(app, target, request).await?;
    let body = match question.side {
        Side::Embeddings => embeddings::write_response(&response, encoding, question.model),
        Side::EmbedContent => gemini::write_response(&response, Shape::One),
        _ => gemini::write_response(&response, Shape::Batch),
    };
    let json = HeaderValue::from_static("application/json");
    let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, json)]);
    let Response { model, counted, .. } = response;
    let said = Box::new(chat::Response { model, counted, ..chat::Response::default() });
    Ok(Given::Whole { status: StatusCode::OK, headers, body: body.into(), said })
}

async fn embedded(app: &App, target: &Target, request: Request) -> Result<Response, Failed> {
    let kind = target.provider.kind;
    if kind == Kind::Demo {
        return demo::embed(&target.model, &request).map_err(Failed::from);
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
    let write = |part: &Request| -> Result<(Bytes, usize), ApiError> {
        let body = wire.write(part)?;
        Ok((Bytes::from(body.to_string()), part.inputs.len()))
    };
    let parts = request.parts(wire.most_inputs());
    let calls: Vec<(Bytes, usize)> = parts.iter().map(write).collect::<Result<_, _>>()?;
    drop(parts);
    let mut answers = Vec::with_capacity(calls.len());
    let mut room = MOST_ANSWER;
    for calls in calls.chunks(AT_ONCE) {
        let together =
            calls.iter().map(|(body, inputs)| call(app, target, wire, body.clone(), *inputs));
        for (answer, bytes) in try_join_all(together).await? {
            room = room.checked_sub(bytes).ok_or_else(too_large)?;
            answers.push(answer);
        }
    }
    Ok(Response::join(answers))
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
    let mut response = wire.read(&body).map_err(|error| unreadable(error.to_string()))?;
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
