//! Asks one target, and takes its answer.

use axum::http::{HeaderMap, StatusCode, header};
use bytes::Bytes;
use serde_json::Value;
use tracekeep_llm::chat::{self, ApiError, ErrorKind};
use tracekeep_llm::client::Answer;
use tracekeep_llm::openai::embeddings;
use tracekeep_llm::openai::form::{self, Field};
use tracekeep_llm::provider::Kind;
use tracekeep_llm::{Asked, Framing, generate_content, json};

use super::{Side, heavy, vectors};
use crate::app::App;
use crate::gateway::call::{Failed, MOST_ANSWER, Target, add_query, outgoing, refused};

/// What a client asks, as every attempt needs it.
pub(super) struct Question<'q> {
    pub(super) side: Side,
    pub(super) body: &'q Bytes,
    pub(super) headers: &'q HeaderMap,
    pub(super) query: Option<&'q str>,
    pub(super) asked: &'q Asked<'q>,
    /// Of a form.
    pub(super) fields: Option<&'q [Field]>,
    /// The model, as the client names it.
    pub(super) model: &'q str,
    /// Whether the address names it.
    pub(super) is_addressed: bool,
}

/// A target took the call.
pub(super) enum Given {
    /// With a whole answer, of which a trace shows `said`.
    Whole { status: StatusCode, headers: HeaderMap, body: Bytes, said: Box<chat::Response> },
    /// With one that is passed on as it comes.
    Passing(Box<Answer>),
}

/// Asks a target: as the client does where it speaks the same API.
///
/// # Errors
/// It cannot be called so, does not answer, or answers with an error.
pub(super) async fn ask(
    app: &App,
    question: &Question<'_>,
    target: &Target,
) -> Result<Given, Failed> {
    if question.side.is_spoken_by(target.provider.kind) {
        return pass(app, question, target).await;
    }
    match question.side {
        Side::Embeddings | Side::EmbedContent | Side::BatchEmbedContents => {
            vectors::ask(app, question, target).await
        }
        _ => {
            let message = format!(
                "the provider `{}` does not speak this API, and it is not translated; ask another, \
                 as in `name/model`",
                target.provider.name
            );
            Err(ApiError::new(ErrorKind::BadRequest, message).into())
        }
    }
}

async fn pass(app: &App, question: &Question<'_>, target: &Target) -> Result<Given, Failed> {
    let side = question.side;
    let body = renamed(question, target).await?;
    let mut outgoing = outgoing(target, side.operation(), Some(question.headers), body)?;
    add_query(&mut outgoing.url, question.query);
    let answer = app.gateway.client.send(outgoing).await?;
    if !answer.status.is_success() {
        return Err(refused(target, side.protocol(), answer, true).await);
    }
    // Sound is heard while it is still being made.
    if side == Side::Speech || is_events(&answer.headers) {
        return Ok(Given::Passing(Box::new(answer)));
    }
    let Answer { status, headers, body } = answer;
    let body = body.collect(MOST_ANSWER).await.map_err(ApiError::from)?;
    let read = body.clone();
    let said = heavy::work(body.len(), move || side.said(&read)).await?;
    Ok(Given::Whole { status, headers, body, said: Box::new(said) })
}

/// The client's bytes, with the model as it is called there, and the length of vectors.
async fn renamed(question: &Question<'_>, target: &Target) -> Result<Bytes, ApiError> {
    let renames = question.model != target.model;
    if let Some(fields) = question.fields.filter(|_| renames) {
        return Ok(form::with_model(question.body, fields, &target.model).into());
    }
    let is_vectors = question.side == Side::Embeddings;
    let is_mistrals = is_vectors && target.provider.kind == Kind::Mistral;
    if !renames && !is_mistrals {
        return Ok(question.body.clone());
    }
    let model = renames.then(|| target.model.clone());
    let (body, is_addressed) = (question.body.clone(), question.is_addressed);
    let renamed = move || -> Result<Bytes, ApiError> {
        let not_text = |_| ApiError::new(ErrorKind::BadRequest, "the body is not UTF-8 text");
        let mut text = std::str::from_utf8(&body).map_err(not_text)?.to_owned();
        if let Some(model) = model {
            text = match is_addressed {
                true => generate_content::embed::rename(&text, &model)?,
                false => json::set(&text, "model", &Value::from(model).to_string())?,
            };
        }
        if is_mistrals {
            text = embeddings::for_mistral(&text)?;
        }
        Ok(text.into())
    };
    heavy::work(question.body.len(), renamed).await?
}

/// Whether an answer is a stream of events.
pub(super) fn is_events(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case(Framing::Events.content_type())
}

#[cfg(test)]
mod tests;
