//! One call of a model through the gateway, from the client's request to the last byte of its answer.

mod passing;
mod writing;

use std::sync::Arc;

use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;
use serde_json::value::RawValue;
use tracekeep_decode::call::Begun;
use tracekeep_llm::chat::{ApiError, Fresh};
use tracekeep_llm::chat_completions::StreamUsage;
use tracekeep_llm::{Asked, Framing, Protocol, StreamWriter};
use tracekeep_model::{Kind, Micros, Text};

use self::passing::{give, pass_on};
use self::writing::{collect, write_stream};
use super::answering::{Refused, mark};
use super::answers::{Answer, Form, Keeping};
use super::attempts::first_that_answers;
use super::call::{Begins, Failed, Opened, Question, open};
use super::caller::Caller;
use super::place::Told;
use super::plan::Plan;
use super::recording::{Recording, stopping};
use super::served;
use crate::app::App;
use crate::auth::Origin;
use crate::clock;
use crate::intake::body::Whole;

/// A client's request.
pub(super) struct Incoming {
    pub(super) protocol: Protocol,
    /// How the client wants a stream.
    pub(super) framing: Framing,
    /// The model and whether to stream, where the address says them.
    pub(super) addressed: Option<(String, bool)>,
    pub(super) caller: Caller,
    pub(super) headers: HeaderMap,
    pub(super) query: Option<String>,
    pub(super) origin: Origin,
    /// Held until the call is answered: with its share of the memory for bodies.
    pub(super) body: Whole,
}

/// Answers a client in its protocol, errors included.
pub(super) async fn generate(app: Arc<App>, incoming: Incoming) -> Response {
    let protocol = incoming.protocol;
    run(&app, incoming).await.unwrap_or_else(|refused| refused.response(protocol))
}

async fn run(app: &Arc<App>, incoming: Incoming) -> Result<Response, Refused> {
    let received = clock::now();
    let Incoming { protocol, framing, addressed, caller, headers, query, origin, body: held } =
        incoming;
    let body = held.bytes.clone();
    let asked = protocol.asked(&body);
    let asked = asked.map_err(|error| Refused::from(Failed::from(ApiError::from(error))))?;
    let (model, stream) = addressed.unwrap_or_else(|| (asked.model.clone(), asked.stream));
    let admitted = app.limits.admit(&caller.key_id, received).await;
    let admitted = admitted.map_err(|reason| Refused::from(reason.into_failed(protocol)))?;
    let limits = admitted.headers();
    let planned = app.gateway.plan(app, &caller, &headers, protocol, &model).await;
    let is_full = |trace_id: &str| app.archive.full(&caller.project_id, trace_id).is_some();
    let told = Told::read(&headers, asked.metadata, asked.user.as_deref(), "api").unless(is_full);
    let recording = Recording::begin(
        app.gateway.recorder.clone(),
        caller.project_id.clone(),
        told.place(crate::api::fresh_id),
        &told.about,
        begun(&asked, &told, &model, stream, planned.as_ref().ok(), origin, received),
        admitted,
    );
    let question = Question {
        protocol,
        body: &body,
        headers: &headers,
        framing,
        query: query.as_deref(),
        model: &asked.model,
        stream,
        stream_usage: asked.stream_usage,
        begins: planned.as_ref().map_or(Begins::WithHead, Plan::begins),
    };
    let trace_id = recording.trace_id().clone();
    let fresh = Fresh { id: trace_id.to_string(), created: received.0 / Micros::SECOND, model };
    let answered = match planned {
        Ok(plan) => answered(app, &caller, &plan, &question, fresh, recording).await,
        Err(error) => {
            recording.end_failed(&error);
            Err(error.into())
        }
    };
    match answered {
        Ok(mut response) => {
            mark(response.headers_mut(), &trace_id);
            // In place of the provider's, which are those of the key there.
            response.headers_mut().extend(limits);
            Ok(response)
        }
        Err(failed) => Err(Refused { failed, trace_id: Some(trace_id), limits }),
    }
}

/// Asks whom the plan names, unless the answer is kept.
async fn answered(
    app: &App,
    caller: &Caller,
    plan: &Plan,
    question: &Question<'_>,
    fresh: Fresh,
    mut recording: Recording,
) -> Result<Response, Failed> {
    recording.add(served::asked(plan));
    let answers = &app.gateway.answers;
    let keeping = keeping(caller, plan, question);
    if let Some(keeping) = keeping.as_ref().filter(|keeping| keeping.takes)
        && let Some(answer) = answers.get(&keeping.key, clock::now())
    {
        return Ok(again(answer, keeping.form, recording));
    }
    let (cut, attempts) = (recording.cut(), recording.attempts());
    let client = &app.gateway.client;
    let ask = |target| open(client, target, question);
    let reached = tokio::select! {
        reached = first_that_answers(plan, &attempts, ask) => reached,
        () = cut.cancelled() => Err(stopping().into()),
    };
    let (target, opened) = match reached {
        Ok(reached) => reached,
        Err(failed) => {
            recording.end_failed(&failed.error);
            return Err(failed);
        }
    };
    recording.served_by(target);
    let trace_id = recording.trace_id().clone();
    let response = tokio::select! {
        response = respond(opened, question, fresh, recording) => response?,
        () = cut.cancelled() => return Err(stopping().into()),
    };
    Ok(match keeping {
        Some(keeping) => answers.keep(keeping, &target.provider.name, trace_id, response),
        None => response,
    })
}

fn keeping(caller: &Caller, plan: &Plan, question: &Question<'_>) -> Option<Keeping> {
    let (keep, virtual_model) = (plan.keep_answers?, plan.virtual_model.as_deref()?);
    let framing = question.stream.then_some(question.framing);
    let form = Form { protocol: question.protocol, framing };
    let Question { headers, body, .. } = question;
    Keeping::of(&caller.project_id, virtual_model, form, keep, headers, body)
}

/// Gives a kept answer again, which costs nothing.
fn again(answer: Answer, form: Form, mut recording: Recording) -> Response {
    let age = (clock::now().0 - answer.at.0) / 1_000;
    let cache = json!({ "hit": true, "age_ms": age, "trace_id": &*answer.trace_id });
    recording.add(served::again(&cache));
    recording.provided_by(&answer.provider);
    recording.end_free(&answer.said(form).unwrap_or_default());
    answer.into()
}

/// What a target opened, as the client wants it.
async fn respond(
    opened: Opened,
    question: &Question<'_>,
    fresh: Fresh,
    recording: Recording,
) -> Result<Response, Failed> {
    let &Question { protocol, framing, stream, stream_usage, .. } = question;
    let usage = if stream_usage { StreamUsage::Asked } else { StreamUsage::NotAsked };
    let response = match opened {
        Opened::Passing { answer, framing, hides_usage } => {
            pass_on(protocol, framing, *answer, hides_usage, recording)
        }
        Opened::Given(said) => give(protocol, *said, recording),
        Opened::Whole(response) => {
            let body = protocol.write_response(&response, &fresh);
            recording.end_answer(&response);
            axum::Json(body).into_response()
        }
        Opened::Pieces(source, first) if stream => {
            let writer = StreamWriter::new(protocol, framing, fresh, usage);
            write_stream(source, first, writer, framing, recording)
        }
        Opened::Pieces(source, first) => {
            collect(protocol, source, first, &fresh, recording).await?
        }
    };
    Ok(response)
}

fn begun(
    asked: &Asked<'_>,
    told: &Told,
    model: &str,
    streaming: bool,
    plan: Option<&Plan>,
    origin: Origin,
    at: Micros,
) -> Begun {
    // A prompt that is a string is shown as plain text.
    let text = |raw: &RawValue| match serde_json::from_str::<String>(raw.get()) {
        Ok(plain) => Text::from(plain),
        Err(_) => Text::from(raw.get()),
    };
    Begun {
        at,
        kind: Some(Kind::Generation),
        name: told.name.clone(),
        model: model.into(),
        provider: plan.and_then(Plan::first).map(|target| target.provider.name.as_str().into()),
        parameters: parameters(asked),
        streaming,
        system_prompt: asked.system.as_deref().map(Into::into),
        input: asked.input.map(text),
        prompt_id: told.prompt_id.clone(),
        prompt_name: told.prompt_name.clone(),
        prompt_version: told.prompt_version.clone(),
        user_agent: origin.user_agent.map(Into::into),
        ip: origin.ip.map(Into::into),
    }
}

/// The parameters and tools as one JSON object, in the client's own text.
pub(super) fn parameters(asked: &Asked<'_>) -> Option<Text> {
    let tools = asked.tools.map(|tools| ("tools", tools));
    let all = asked.parameters.iter().map(|(name, value)| (name.as_str(), *value)).chain(tools);
    let mut json = String::new();
    for (name, value) in all {
        json.push(if json.is_empty() { '{' } else { ',' });
        json.push_str(&serde_json::Value::from(name).to_string());
        json.push(':');
        json.push_str(value.get());
    }
    (!json.is_empty()).then(|| (json + "}").into())
}
