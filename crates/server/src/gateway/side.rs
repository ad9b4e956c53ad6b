//! What models do besides answering in words, as OpenAI's and Gemini's APIs have it: vectors, pictures,
//! speech and its text. And how many tokens a request has, as Anthropic's and Gemini's tell it. Bytes pass
//! both ways as they are; only vectors are translated between APIs ([`vectors`]).

mod asking;
mod heavy;
mod passing;
mod vectors;

use std::sync::Arc;

use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::value::RawValue;
use tracekeep_decode::call::Begun;
use tracekeep_llm::chat::{self, ApiError, Choice, Part};
use tracekeep_llm::openai::form::{self, Field, Form};
use tracekeep_llm::openai::{Answered, audio, embeddings, images};
use tracekeep_llm::provider::{self, Operation};
use tracekeep_llm::{Asked, Protocol, generate_content};
use tracekeep_model::{Kind, Text};

use self::asking::{Given, Question, ask};
use super::answering::{Refused, mark, passed_back};
use super::attempts::first_that_answers;
use super::call::Failed;
use super::caller::Caller;
use super::generate::parameters;
use super::limits::Admitted;
use super::place::Told;
use super::plan::Plan;
use super::recording::{Recording, stopping};
use super::served;
use crate::app::App;
use crate::auth::Origin;
use crate::clock;
use crate::intake::body::Whole;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// OpenAI's.
    Embeddings,
    /// Gemini's, of one content.
    EmbedContent,
    /// Gemini's, of several.
    BatchEmbedContents,
    Images,
    EditImages,
    VaryImages,
    Speech,
    Transcriptions,
    Translations,
    /// Anthropic's.
    CountTokens,
    /// Gemini's.
    CountContents,
}

/// A client's request.
pub(super) struct Incoming {
    pub(super) side: Side,
    /// The model, where the address says it.
    pub(super) addressed: Option<String>,
    pub(super) caller: Caller,
    pub(super) headers: HeaderMap,
    pub(super) query: Option<String>,
    pub(super) origin: Origin,
    pub(super) body: Whole,
}

impl Side {
    /// Whose API it is a part of: decides how errors look.
    pub(super) fn protocol(self) -> Protocol {
        match self {
            Self::CountTokens => Protocol::Messages,
            Self::EmbedContent | Self::BatchEmbedContents | Self::CountContents => {
                Protocol::GenerateContent
            }
            _ => Protocol::ChatCompletions,
        }
    }

    fn is_spoken_by(self, kind: provider::Kind) -> bool {
        let spoken = kind.protocol(self.protocol());
        kind != provider::Kind::Demo && spoken == self.protocol()
    }

    /// Counting is no call of a model: it is not limited either.
    fn is_traced(self) -> bool {
        !matches!(self, Self::CountTokens | Self::CountContents)
    }

    fn operation(self) -> Operation {
        match self {
            Self::Embeddings | Self::BatchEmbedContents => Operation::Embed,
            Self::EmbedContent => Operation::EmbedOne,
            Self::Images => Operation::Images,
            Self::EditImages => Operation::EditImages,
            Self::VaryImages => Operation::VaryImages,
            Self::Speech => Operation::Speech,
            Self::Transcriptions => Operation::Transcribe,
            Self::Translations => Operation::TranslateSpeech,
            Self::CountTokens | Self::CountContents => Operation::CountTokens,
        }
    }

    /// What its requests are if they are no JSON.
    fn form(self) -> Option<Form> {
        match self {
            Self::EditImages | Self::VaryImages => Some(images::FORM),
            Self::Transcriptions | Self::Translations => Some(audio::FORM),
            _ => None,
        }
    }

    fn asked(self, body: &[u8]) -> Result<Asked<'_>, ApiError> {
        let asked = match self {
            Self::Embeddings => embeddings::asked(body),
            Self::EmbedContent | Self::BatchEmbedContents => generate_content::embed::asked(body),
            Self::Images | Self::EditImages | Self::VaryImages => images::asked(body),
            Self::Speech | Self::Transcriptions | Self::Translations => audio::asked(body),
            Self::CountTokens => Protocol::Messages.asked(body),
            Self::CountContents => generate_content::count_tokens::asked(body),
        };
        asked.map_err(ApiError::from)
    }

    fn kind(self) -> Kind {
        match self {
            Self::Embeddings | Self::EmbedContent | Self::BatchEmbedContents => Kind::Embedding,
            _ => Kind::Generation,
        }
    }

    /// What a trace shows of a whole answer in this API.
    fn said(self, body: &[u8]) -> chat::Response {
        let Answered { model, counted, text } = match self {
            Self::Embeddings => embeddings::answered(body).unwrap_or_default(),
            Self::EmbedContent | Self::BatchEmbedContents => {
                let read = generate_content::embed::read_response(body).unwrap_or_default();
                Answered { counted: read.counted, ..Answered::default() }
            }
            Self::Images | Self::EditImages | Self::VaryImages => {
                images::answered(body).unwrap_or_default()
            }
            Self::Transcriptions | Self::Translations => audio::answered(body),
            Self::Speech | Self::CountTokens | Self::CountContents => Answered::default(),
        };
        let choice = |text| Choice { parts: vec![Part::Text(text)], finish: None };
        let choices = text.map(choice).into_iter().collect();
        chat::Response { model, counted, choices, ..chat::Response::default() }
    }
}

/// A form as it came: its fields, and what they ask.
struct Sent {
    fields: Vec<Field>,
    described: String,
}

impl Sent {
    fn read(form: Form, headers: &HeaderMap, body: &[u8]) -> Result<Self, ApiError> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let fields = form::read(kind.unwrap_or_default(), body)?;
        let described = form.describe(&fields, body)?;
        Ok(Self { fields, described })
    }
}

/// Answers a client, errors included.
pub(super) async fn pass(app: Arc<App>, incoming: Incoming) -> Response {
    let protocol = incoming.side.protocol();
    run(&app, incoming).await.unwrap_or_else(|refused| refused.response(protocol))
}

async fn run(app: &Arc<App>, incoming: Incoming) -> Result<Response, Refused> {
    let Incoming { side, addressed, caller, headers, query, origin, body: held } = incoming;
    let body = held.bytes.clone();
    let untraced = |error: ApiError| Refused::from(Failed::from(error));
    let sent = side.form().map(|form| Sent::read(form, &headers, &body));
    let sent = sent.transpose().map_err(untraced)?;
    let asked = match &sent {
        Some(sent) => form::asked(&sent.described).map_err(ApiError::from),
        None => side.asked(&body),
    };
    let asked = asked.map_err(untraced)?;
    let model = addressed.as_deref().unwrap_or(&asked.model);
    let admitted = match side.is_traced() {
        true => Some(app.limits.admit(&caller.key_id, clock::now()).await),
        false => None,
    };
    let admitted = admitted.transpose();
    let admitted = admitted.map_err(|reason| Refused::from(reason.into_failed(side.protocol())))?;
    let limits = admitted.as_ref().map(Admitted::headers).unwrap_or_default();
    let planned = app.gateway.plan(app, &caller, &headers, side.protocol(), model).await;
    let question = Question {
        side,
        body: &body,
        headers: &headers,
        query: query.as_deref(),
        asked: &asked,
        fields: sent.as_ref().map(|sent| sent.fields.as_slice()),
        model,
        is_addressed: addressed.is_some(),
    };
    let recording = admitted
        .map(|admitted| record(app, &caller, &question, planned.as_ref().ok(), origin, admitted));
    let trace_id = recording.as_ref().map(|recording| recording.trace_id().clone());
    let answered = match planned {
        Ok(plan) => answered(app, &plan, &question, recording).await,
        Err(error) => {
            if let Some(recording) = recording {
                recording.end_failed(&error);
            }
            Err(error.into())
        }
    };
    match answered {
        Ok(mut response) => {
            if let Some(trace_id) = &trace_id {
                mark(response.headers_mut(), trace_id);
            }
            response.headers_mut().extend(limits);
            Ok(response)
        }
        Err(failed) => Err(Refused { failed, trace_id, limits }),
    }
}

/// Asks whom the plan names.
async fn answered(
    app: &App,
    plan: &Plan,
    question: &Question<'_>,
    mut recording: Option<Recording>,
) -> Result<Response, Failed> {
    let cut = recording.as_ref().map(Recording::cut).unwrap_or_default();
    let attempts = recording.as_ref().map(Recording::attempts).unwrap_or_default();
    if let Some(recording) = &mut recording {
        recording.add(served::asked(plan));
    }
    let reached = tokio::select! {
        reached = first_that_answers(plan, &attempts, |target| ask(app, question, target)) => reached,
        () = cut.cancelled() => Err(stopping().into()),
    };
    match reached {
        Ok((target, answer)) => {
            if let Some(recording) = &mut recording {
                recording.served_by(target);
            }
            Ok(respond(question, answer, recording))
        }
        Err(failed) => {
            if let Some(recording) = recording {
                recording.end_failed(&failed.error);
            }
            Err(failed)
        }
    }
}

fn respond(question: &Question<'_>, given: Given, recording: Option<Recording>) -> Response {
    match given {
        Given::Whole { status, headers, body, said } => {
            if let Some(recording) = recording {
                recording.end_answer(&said);
            }
            (status, passed_back(&headers), body).into_response()
        }
        Given::Passing(answer) => passing::pass_on(question, *answer, recording),
    }
}

fn record(
    app: &App,
    caller: &Caller,
    question: &Question<'_>,
    plan: Option<&Plan>,
    origin: Origin,
    admitted: Admitted,
) -> Recording {
    let Question { side, headers, asked, model, .. } = *question;
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
        model: model.into(),
        provider: plan.and_then(Plan::first).map(|target| target.provider.name.as_str().into()),
        parameters: parameters(asked),
        streaming: asked.stream,
        system_prompt: asked.system.as_deref().map(Into::into),
        input: asked.input.map(plain),
        prompt_id: told.prompt_id.clone(),
        prompt_name: told.prompt_name.clone(),
        prompt_version: told.prompt_version.clone(),
        user_agent: origin.user_agent.map(Into::into),
        ip: origin.ip.map(Into::into),
    };
    let place = told.place(crate::api::fresh_id);
    let recorder = app.gateway.recorder.clone();
    Recording::begin(recorder, caller.project_id.clone(), place, &told.about, begun, admitted)
}
