//! One run of the playground: one model, one trace, one stream of events.

use std::collections::VecDeque;
use std::sync::Arc;

use axum::http::HeaderMap;
use futures::stream::{self, Stream};
use serde_json::{Value, json};
use tracekeep_decode::call::{About, Begun, Place};
use tracekeep_llm::chat::{ApiError as CallError, Delta, Finish};
use tracekeep_llm::{Protocol, Watch, Watched};
use tracekeep_model::{Kind, Micros, Text, Usage};

use super::of;
use super::question::Question;
use crate::app::App;
use crate::auth::Origin;
use crate::clock;
use crate::error::ApiError;
use crate::gateway::attempts::first_that_answers;
use crate::gateway::call::{Opened, ask};
use crate::gateway::caller::Caller;
use crate::gateway::limits::Admitted;
use crate::gateway::plan::Plan;
use crate::gateway::recording::{Recording, stopping};
use crate::gateway::served;
use crate::gateway::source::Source;
use crate::intake::body::Whole;

type Named = (&'static str, Value);

/// A question, and whom it is sent to.
pub(super) struct Addressed {
    question: Question,
    plan: Plan,
}

impl Addressed {
    /// Finds who answers. Nothing is written or counted of it yet.
    ///
    /// # Errors
    /// Nobody serves the model.
    pub(super) async fn resolve(
        app: &App,
        caller: &Caller,
        question: Question,
    ) -> Result<Self, ApiError> {
        let headers = HeaderMap::new();
        let protocol = Protocol::ChatCompletions;
        let plan = app.gateway.plan(app, caller, &headers, protocol, &question.model);
        let plan = plan.await.map_err(ApiError::of_call)?;
        Ok(Self { question, plan })
    }
}

/// One run, which began.
pub(super) struct Run {
    app: Arc<App>,
    index: Option<usize>,
    model: String,
    began: Micros,
    state: State,
    watch: Option<Watch>,
    recording: Option<Recording>,
    /// Its share of the memory for bodies is given back when the run ends.
    _body: Arc<Whole>,
    /// Events that are to be sent before anything else happens.
    ready: VecDeque<Named>,
}

enum State {
    /// The model is not asked yet.
    Asking(Box<(Plan, Question)>),
    Streaming(Source),
    Over,
}

impl Run {
    /// Begins a run: its trace is on its way when this returns.
    pub(super) fn begin(
        app: Arc<App>,
        caller: &Caller,
        origin: &Origin,
        addressed: Addressed,
        admitted: Admitted,
        index: Option<usize>,
        body: Arc<Whole>,
    ) -> Self {
        let began = clock::now();
        let Addressed { question, plan } = addressed;
        let recording = record(&app, caller, origin, &question, &plan, admitted, began);
        let model = question.model.clone();
        let trace = json!({ "traceId": &**recording.trace_id(), "model": model });
        Self {
            ready: VecDeque::from([("trace", of(index, &model, trace))]),
            app,
            index,
            model,
            began,
            state: State::Asking(Box::new((plan, question))),
            watch: Some(Watch::deltas()),
            recording: Some(recording),
            _body: body,
        }
    }

    /// Its events, to the last.
    pub(super) fn events(self) -> impl Stream<Item = Named> + Send + 'static {
        stream::unfold(self, |mut run| async { run.next().await.map(|event| (event, run)) })
    }

    async fn next(&mut self) -> Option<Named> {
        loop {
            if let Some((name, data)) = self.ready.pop_front() {
                return Some((name, of(self.index, &self.model, data)));
            }
            match std::mem::replace(&mut self.state, State::Over) {
                State::Asking(asked) => {
                    let (plan, question) = *asked;
                    self.ask(&plan, &question).await;
                }
                State::Streaming(mut source) => {
                    let cut = self.app.gateway.recorder.cut();
                    let (deltas, failed) = tokio::select! {
                        deltas = source.next() => (deltas, None),
                        () = cut.cancelled() => (None, Some(stopping())),
                    };
                    match deltas {
                        Some(deltas) => {
                            self.state = State::Streaming(source);
                            self.take(&deltas);
                        }
                        None => self.finish(failed),
                    }
                }
                State::Over => return None,
            }
        }
    }

    async fn ask(&mut self, plan: &Plan, question: &Question) {
        let client = &self.app.gateway.client;
        let Some(recording) = &mut self.recording else { return };
        recording.add(served::asked(plan));
        let attempts = recording.attempts();
        let asked = first_that_answers(plan, &attempts, |target| {
            let mut request = question.request.clone();
            request.model.clone_from(&target.model);
            ask(client, target, request)
        });
        let cut = recording.cut();
        let reached = tokio::select! {
            reached = asked => reached,
            () = cut.cancelled() => return self.finish(Some(stopping())),
        };
        match reached {
            Ok((target, answer)) => {
                recording.served_by(target);
                match answer {
                    Opened::Pieces(source, first) => {
                        self.state = State::Streaming(source);
                        self.take(&first);
                    }
                    // A question of the playground is always streamed.
                    Opened::Passing { .. } | Opened::Given(_) | Opened::Whole(_) => {
                        self.finish(None);
                    }
                }
            }
            Err(failed) => self.finish(Some(*failed.error)),
        }
    }

    fn take(&mut self, deltas: &[Delta]) {
        let at = clock::now();
        if let (Some(watch), Some(recording)) = (&mut self.watch, &mut self.recording) {
            deltas.iter().for_each(|delta| watch.take(delta, at));
            recording.progress(at, watch.response(), watch.first());
        }
        self.ready.extend(deltas.iter().filter_map(event));
    }

    fn finish(&mut self, failed: Option<CallError>) {
        let (Some(watch), Some(recording)) = (self.watch.take(), self.recording.take()) else {
            return;
        };
        let watched = watch.finish();
        let watched = Watched { failed: failed.or(watched.failed), ..watched };
        if let Some(error) = &watched.failed {
            self.ready.push_back(("error", shown_error(error)));
        }
        self.ready.push_back(("done", self.done(&watched, recording.trace_id())));
        recording.end_stream(&watched);
    }

    fn done(&self, watched: &Watched, trace_id: &Text) -> Value {
        let millis = |from: Micros, to: Micros| (to.0 - from.0) as f64 / 1_000.0;
        let finish = watched.response.choices.first().and_then(|choice| choice.finish.as_ref());
        json!({
            "traceId": &**trace_id,
            "status": if watched.failed.is_some() { "error" } else { "success" },
            "finishReason": finish.map(finish_reason),
            "durationMs": millis(self.began, clock::now()),
            "firstTokenLatencyMs": watched.timing.map(|timing| millis(self.began, timing.first)),
        })
    }
}

/// The person went away.
impl Drop for Run {
    fn drop(&mut self) {
        Recording::drop_stream(self.recording.take(), self.watch.take());
    }
}

fn record(
    app: &App,
    caller: &Caller,
    origin: &Origin,
    question: &Question,
    plan: &Plan,
    admitted: Admitted,
    at: Micros,
) -> Recording {
    let trace_id = question.trace_id.clone().unwrap_or_else(crate::api::fresh_id);
    let place = Place { span_id: trace_id.clone(), trace_id, parent_span_id: None };
    let about = About {
        name: question.name.clone(),
        user_id: question.user_id.clone(),
        session_id: question.session_id.clone(),
        source: Text::from_static("playground"),
        is_source_stated: true,
        tags: question.tags.clone(),
        metadata: question.metadata.clone(),
        ..About::default()
    };
    let begun = Begun {
        at,
        kind: Some(Kind::Generation),
        model: question.model.as_str().into(),
        provider: plan.first().map(|target| target.provider.name.as_str().into()),
        parameters: question.parameters.clone(),
        streaming: true,
        system_prompt: question.system_prompt.clone(),
        input: Some(question.input.clone()),
        prompt_id: question.prompt_id.clone(),
        user_agent: origin.user_agent.as_deref().map(Into::into),
        ip: origin.ip.as_deref().map(Into::into),
        ..Begun::default()
    };
    let recorder = app.gateway.recorder.clone();
    Recording::begin(recorder, caller.project_id.clone(), place, &about, begun, admitted)
}

/// What a piece of an answer is to the playground. Of several answers the first is shown.
fn event(delta: &Delta) -> Option<Named> {
    match delta {
        Delta::Text { choice: 0, text } | Delta::Refusal { choice: 0, text } => {
            Some(("delta", json!({ "text": text })))
        }
        Delta::Reasoning { choice: 0, text, .. } if !text.is_empty() => {
            Some(("delta", json!({ "reasoning": text })))
        }
        Delta::ToolCall { choice: 0, call, begin } => {
            let call = json!({
                "index": call, "id": begin.id, "name": begin.name, "arguments": begin.arguments,
            });
            Some(("delta", json!({ "toolCall": call })))
        }
        Delta::Arguments { choice: 0, call, text } => {
            Some(("delta", json!({ "toolCall": { "index": call, "arguments": text } })))
        }
        Delta::Counted(counted) => Some(("usage", shown_usage(&counted.usage))),
        _ => None,
    }
}

/// As `tokens_used` of a trace.
fn shown_usage(usage: &Usage) -> Value {
    let details: serde_json::Map<String, Value> =
        usage.types().map(|(name, count)| (name.to_owned(), count.into())).collect();
    json!({
        "input": usage.input_total(),
        "output": usage.output_total(),
        "total": usage.total(),
        "details": details,
    })
}

fn shown_error(error: &CallError) -> Value {
    json!({ "code": error.code, "message": error.message, "status": error.status })
}

fn finish_reason(finish: &Finish) -> &str {
    match finish {
        Finish::Stop => "stop",
        Finish::Length => "length",
        Finish::ToolCalls => "tool_calls",
        Finish::ContentFilter => "content_filter",
        Finish::Other(reason) => reason,
    }
}
