//! What models do besides answering in words, as OpenAI's API has it: vectors, pictures, speech. And how
//! many tokens a request has, as Anthropic's API tells it. Bytes pass both ways as they are.

use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use serde_json::Value;
use serde_json::value::RawValue;
use tracekeep_decode::call::{Begun, Progress};
use tracekeep_llm::chat::{ApiError, Counted, ErrorKind};
use tracekeep_llm::openai::{audio, embeddings, images};
use tracekeep_llm::provider::{self, Operation};
use tracekeep_llm::{Asked, Protocol, json};
use tracekeep_model::{Kind, Text};

use super::answering::{mark, passed_back, refuse};
use super::attempts::{Reached, Unreached, first_that_answers};
use super::call::{Failed, MOST_ANSWER, Target, outgoing, refused};
use super::caller::Caller;
use super::generate::parameters;
use super::limits::Admitted;
use super::place::Told;
use super::plan::Plan;
use super::recording::Recording;
use super::served;
use crate::app::App;
use crate::auth::Origin;
use crate::clock;
use crate::intake::body::Whole;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Embeddings,
    Images,
    Speech,
    CountTokens,
}

/// A client's request.
pub(super) struct Incoming {
    pub(super) side: Side,
    pub(super) caller: Caller,
    pub(super) headers: HeaderMap,
    pub(super) origin: Origin,
    pub(super) body: Whole,
}

impl Side {
    /// Whose API it is a part of: decides how errors look.
    pub(super) fn protocol(self) -> Protocol {
        match self {
            Self::CountTokens => Protocol::Messages,
            Self::Embeddings | Self::Images | Self::Speech => Protocol::ChatCompletions,
        }
    }

    fn is_spoken_by(self, kind: provider::Kind) -> bool {
        let spoken = kind.protocol(self.protocol());
        kind != provider::Kind::Demo && spoken == self.protocol()
    }

    fn operation(self) -> Operation {
        match self {
            Self::Embeddings => Operation::Embed,
            Self::Images => Operation::Images,
            Self::Speech => Operation::Speech,
            Self::CountTokens => Operation::CountTokens,
        }
    }

    fn asked(self, body: &[u8]) -> Result<Asked<'_>, ApiError> {
        let asked = match self {
            Self::Embeddings => embeddings::asked(body),
            Self::Images => images::asked(body),
            Self::Speech => audio::asked(body),
            Self::CountTokens => Protocol::Messages.asked(body),
        };
        asked.map_err(ApiError::from)
    }

    fn kind(self) -> Kind {
        if self == Self::Embeddings { Kind::Embedding } else { Kind::Generation }
    }

    /// What an answer counted.
    fn counted(self, asked: &Asked<'_>, body: &[u8]) -> Option<Counted> {
        match self {
            Self::Embeddings => embeddings::answered(body).ok()?.counted,
            Self::Images => images::answered(body).ok()?.counted,
            Self::Speech => asked.prompt.as_deref().map(audio::count_speech),
            Self::CountTokens => None,
        }
    }
}

/// Answers a client, errors included.
pub(super) async fn pass(app: Arc<App>, incoming: Incoming) -> Response {
    let protocol = incoming.side.protocol();
    match run(&app, incoming).await {
        Ok(response) => response,
        Err((failed, trace_id)) => refuse(protocol, failed, trace_id.as_ref()),
    }
}

async fn run(app: &Arc<App>, incoming: Incoming) -> Result<Response, (Failed, Option<Text>)> {
    let Incoming { side, caller, headers, origin, body: held } = incoming;
    let body = held.bytes.clone();
    let untraced = |error: ApiError| (Failed::from(error), None);
    let asked = side.asked(&body).map_err(untraced)?;
    let protocol = side.protocol();
    // Counting is no call of a model.
    let admitted = match side {
        Side::CountTokens => None,
        _ => Some(app.limits.admit(&caller.key_id, clock::now()).await),
    };
    let admitted = admitted.transpose().map_err(|reason| (reason.into_failed(protocol), None))?;
    let limits = admitted.as_ref().map(Admitted::headers);
    let plan = app.gateway.plan(app, &caller, &headers, protocol, &asked.model).await;
    let plan = plan.map_err(untraced)?;
    let mut recording = admitted
        .map(|admitted| record(app, side, &caller, &headers, origin, &asked, &plan, admitted));
    let trace_id = recording.as_ref().map(|recording| recording.trace_id().clone());
    let ask = |target| answer(app, side, target, &headers, &asked, &body);
    match first_that_answers(&plan, ask).await {
        Ok(Reached { target, answer: (status, headers, answered), attempts }) => {
            if let Some(recording) = &mut recording {
                recording.served_by(target);
                recording.add(served::facts(&plan, target, &attempts));
            }
            if let Some(recording) = recording {
                recording.end_with(said(side, &asked, &answered), None);
            }
            let mut response = (status, passed_back(&headers), answered).into_response();
            if let Some(trace_id) = &trace_id {
                mark(response.headers_mut(), trace_id);
            }
            response.headers_mut().extend(limits.into_iter().flatten());
            Ok(response)
        }
        Err(Unreached { failed, attempts }) => {
            if let Some(mut recording) = recording {
                recording.add(served::nobody(&plan, &attempts));
                recording.end_failed(&failed.error);
            }
            Err((failed, trace_id))
        }
    }
}

fn record(
    app: &App,
    side: Side,
    caller: &Caller,
    headers: &HeaderMap,
    origin: Origin,
    asked: &Asked<'_>,
    plan: &Plan,
    admitted: Admitted,
) -> Recording {
    let is_full = |trace_id: &str| app.archive.full(&caller.project_id, trace_id).is_some();
    let told = Told::read(headers, asked.metadata, asked.user.as_deref(), "api").unless(is_full);
    let plain = |raw: &RawValue| {
        let text: Option<String> = serde_json::from_str(raw.get()).ok();
        text.map_or_else(|| Text::from(raw.get()), Text::from)
    };
    let begun = Begun {
        at: clock::now(),
        kind: Some(side.kind()),
        name: told.name.clone(),
        model: asked.model.as_str().into(),
        provider: plan.first().map(|target| target.provider.name.as_str().into()),
        parameters: parameters(asked),
        input: asked.input.map(plain),
        user_agent: origin.user_agent.map(Into::into),
        ip: origin.ip.map(Into::into),
        ..Begun::default()
    };
    let place = told.place(crate::api::fresh_id);
    let recorder = app.gateway.recorder.clone();
    Recording::begin(recorder, caller.project_id.clone(), place, &told.about, begun, admitted)
}

async fn answer(
    app: &App,
    side: Side,
    target: &Target,
    headers: &HeaderMap,
    asked: &Asked<'_>,
    body: &Bytes,
) -> Result<(StatusCode, HeaderMap, Bytes), Failed> {
    if !side.is_spoken_by(target.provider.kind) {
        let message = format!(
            "the provider `{}` does not speak this API, and it is not translated; ask another, as in \
             `name/model`",
            target.provider.name
        );
        return Err(ApiError::new(ErrorKind::BadRequest, message).into());
    }
    let mut body = body.clone();
    if target.model != asked.model {
        let not_text = |_| ApiError::new(ErrorKind::BadRequest, "the body is not UTF-8 text");
        let text = std::str::from_utf8(&body).map_err(not_text)?;
        let model = Value::from(target.model.as_str()).to_string();
        body = json::set(text, "model", &model).map_err(ApiError::from)?.into();
    }
    let outgoing = outgoing(target, side.operation(), Some(headers), body)?;
    let answer = app.gateway.client.send(outgoing).await?;
    if !answer.status.is_success() {
        return Err(refused(target, side.protocol(), answer, true).await);
    }
    let body = answer.body.collect(MOST_ANSWER).await.map_err(ApiError::from)?;
    Ok((answer.status, answer.headers, body))
}

fn said(side: Side, asked: &Asked<'_>, answered: &[u8]) -> Progress {
    let counted = side.counted(asked, answered);
    Progress {
        at: clock::now(),
        usage_given: counted.as_ref().map(|counted| counted.stated.to_string().into()),
        usage: counted.map(|counted| counted.usage),
        ..Progress::default()
    }
}
