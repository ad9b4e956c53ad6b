//! What goes wrong with calls of models.

use super::call::{Asked, Call, Message};
use super::cast::{self, Service};
use super::dice::Dice;
use super::models::{self, Model, Usage};
use super::talks;
use super::talks::Facts;

/// An error as the application saw it.
#[derive(Clone, Copy)]
pub(super) struct Failure {
    pub(super) code: &'static str,
    /// The type of the exception.
    pub(super) class: &'static str,
    pub(super) message: &'static str,
    pub(super) stack: &'static str,
}

/// A way to fail.
struct Kind {
    service: &'static Service,
    model: &'static Model,
    failure: Failure,
    /// How much of the answer came before, in percent.
    answered: i64,
    /// Without an answer: how long it took, in ms.
    took: i64,
}

/// What the provider never answered.
pub(super) const TIMEOUT: Failure = Failure {
    code: "timeout",
    class: "APITimeoutError",
    message: "Request timed out.",
    stack: r#"Traceback (most recent call last):
  File "/app/assistant/answer.py", line 88, in answer
    response = await client.chat.completions.create(model=model, messages=messages, timeout=12)
  File "/usr/local/lib/python3.13/site-packages/openai/_base_client.py", line 1794, in post
    return await self.request(cast_to, opts, stream=stream, stream_cls=stream_cls)
  File "/usr/local/lib/python3.13/site-packages/openai/_base_client.py", line 1529, in request
    raise APITimeoutError(request=request) from err
openai.APITimeoutError: Request timed out."#,
};

const RATE_LIMIT: Failure = Failure {
    code: "rate_limit_exceeded",
    class: "RateLimitError",
    message: "429 Rate limit reached for gpt-5.2 on tokens per min (TPM): Limit 450000, Used \
        448213, Requested 3120. Please try again in 177ms.",
    stack: "RateLimitError: 429 Rate limit reached for gpt-5.2 on tokens per min (TPM)
    at APIError.generate (/app/node_modules/openai/src/core/error.ts:104:14)
    at OpenAI.makeRequest (/app/node_modules/openai/src/client.ts:738:18)
    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)
    at async answer (/app/src/support/answer.ts:88:20)
    at async POST (/app/src/routes/chat.ts:41:18)",
};

const OVERLOADED: Failure = Failure {
    code: "529",
    class: "OverloadedError",
    message: "Error code: 529 - {'type': 'error', 'error': {'type': 'overloaded_error', \
        'message': 'Overloaded'}}",
    stack: r#"Traceback (most recent call last):
  File "/app/support/answer.py", line 131, in answer_with_claude
    with client.messages.stream(model=model, max_tokens=2048, messages=messages) as stream:
  File "/usr/local/lib/python3.13/site-packages/anthropic/lib/streaming/_messages.py", line 187, in __enter__
    raw_stream = self.__api_request()
  File "/usr/local/lib/python3.13/site-packages/anthropic/_base_client.py", line 1068, in request
    raise self._make_status_error_from_response(err.response) from None
anthropic._exceptions.OverloadedError: Error code: 529"#,
};

const CONTENT_FILTER: Failure = Failure {
    code: "content_filter",
    class: "ContentFilterFinishReasonError",
    message: "The answer was stopped by the provider's content filter (category: violence, \
        severity: medium).",
    stack: r#"Traceback (most recent call last):
  File "/app/support/answer.py", line 124, in answer
    for event in stream:
  File "/app/support/stream.py", line 58, in __iter__
    raise ContentFilterFinishReasonError(choice.content_filter_results)
support.stream.ContentFilterFinishReasonError: finish_reason=content_filter"#,
};

const CANCELLED: Failure = Failure {
    code: "cancelled",
    class: "AbortError",
    message: "The client closed the connection before the answer was complete.",
    stack: "AbortError: This operation was aborted
    at new DOMException (node:internal/per_context/domexception:76:18)
    at AbortController.abort (node:internal/abort_controller:505:18)
    at IncomingMessage.onClose (/app/src/routes/chat.ts:29:16)
    at IncomingMessage.emit (node:events:519:28)",
};

static KINDS: &[(i64, Kind)] = &[
    (34, kind(&cast::SUPPORT, &models::GPT, RATE_LIMIT, (0, 240))),
    (16, kind(&cast::SUPPORT_WORKER, &models::GPT_MINI, TIMEOUT, (0, 12_000))),
    (14, kind(&cast::SUPPORT_WORKER, &models::SONNET, OVERLOADED, (0, 900))),
    (14, kind(&cast::SUPPORT_WORKER, &models::GPT_MINI, CONTENT_FILTER, (30, 0))),
    (22, kind(&cast::SUPPORT, &models::SONNET, CANCELLED, (45, 0))),
];

const fn kind(
    service: &'static Service,
    model: &'static Model,
    failure: Failure,
    (answered, took): (i64, i64),
) -> Kind {
    Kind { service, model, failure, answered, took }
}

/// A question to support that begins at `start` and gets no whole answer.
pub(super) fn call(dice: &mut Dice, start: i64) -> Call {
    let kind = dice.weighted(KINDS);
    let user = cast::someone(dice);
    let talk = talks::one(dice, user.language);
    let facts = Facts::draw(dice);
    let mut ids = dice.ids(start);
    let (question, answer) = talk.turns[0].draw(dice);
    let asked = Asked {
        name: talk.name,
        source: "api",
        service: kind.service,
        user,
        session: format!("support-{}", ids.short()),
        model: kind.model,
        system: "You are the support assistant of Nordlicht. Answer in the customer's language.",
        messages: vec![Message { role: "user", content: facts.fill(question) }],
        answer: facts.fill(answer),
        streaming: true,
        temperature: 0.3,
        tags: &["support", "chat"],
    };
    let mut call = asked.call(dice, &mut ids, start);
    call.failure = Some(kind.failure);
    if kind.answered > 0 {
        stop_early(&mut call, kind.answered);
    } else {
        call.asked.answer.clear();
        call.usage = Usage::default();
        call.duration = dice.around(kind.took, 0.1) * 1_000;
    }
    call
}

/// Leaves that many percent of the answer.
fn stop_early(call: &mut Call, percent: i64) {
    let answer = &call.asked.answer;
    let characters = answer.chars().count() * percent.unsigned_abs() as usize / 100;
    let partial: String = answer.chars().take(characters).collect();
    call.usage.output = models::tokens(&partial);
    call.duration = call.first_token + (call.duration - call.first_token) * percent / 100;
    call.asked.answer = partial;
}
