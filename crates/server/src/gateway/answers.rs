//! Answers that are given again: to the same request of a virtual model that keeps its answers.
//!
//! The same request is one of the same project, virtual model (as it is defined now) and API, with the same body but for
//! `metadata` and `user`, which say whose call it is. Only answers that are whole and no errors are kept,
//! in memory, the least used going first.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream;
use hashlink::LruCache;
use parking_lot::Mutex;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tracekeep_llm::chat;
use tracekeep_llm::{Framing, Protocol, Watch};
use tracekeep_model::{Micros, Text};

use super::plan::KeepAnswers;
use crate::clock;

/// Bytes of all answers, and of one.
const MOST_BYTES: usize = 64 << 20;
const MOST_OF_ONE: usize = 4 << 20;
/// What an answer takes besides its bytes, about.
const OVERHEAD: usize = 256;
/// Bytes of a request whose answer is kept.
const MOST_OF_REQUEST: usize = 1 << 20;
/// Fields of a body that do not change what is answered.
const ASIDE: [&str; 2] = ["metadata", "user"];
/// Fields that make an answer depend on what was said before, or come later.
const STATEFUL: [&str; 3] = ["conversation", "previous_response_id", "background"];
/// Headers that may change it.
const TELLING: [&str; 3] = ["anthropic-version", "anthropic-beta", "openai-beta"];

/// Names a request.
pub(super) type Key = [u8; 32];

/// Answers that are kept, of all projects. A clone shares them.
#[derive(Clone)]
pub(super) struct Answers(Arc<Mutex<Entries>>);

struct Entries {
    by_key: LruCache<Key, Answer>,
    bytes: usize,
}

/// An answer as the client got it.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    content_type: Option<HeaderValue>,
    body: Bytes,
    /// The call that made it.
    pub(super) trace_id: Text,
    /// Whose answer it is.
    pub(super) provider: Text,
    /// When it was whole.
    pub(super) at: Micros,
    until: Micros,
}

/// How a client's answers are read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    pub(super) protocol: Protocol,
    /// `None`: whole.
    pub(super) framing: Option<Framing>,
}

/// What to do with a call of a virtual model that keeps its answers.
pub(super) struct Keeping {
    pub(super) key: Key,
    pub(super) form: Form,
    keep_for: Duration,
    /// The client takes a kept answer.
    pub(super) takes: bool,
    /// The client lets its answer be kept.
    keeps: bool,
}

impl Default for Answers {
    fn default() -> Self {
        let by_key = LruCache::new_unbounded();
        Self(Arc::new(Mutex::new(Entries { by_key, bytes: 0 })))
    }
}

impl Answers {
    /// The answer to a request, if it is kept.
    pub(super) fn get(&self, key: &Key, now: Micros) -> Option<Answer> {
        let entries = &mut *self.0.lock();
        let answer = entries.by_key.get(key)?;
        if now < answer.until {
            return Some(answer.clone());
        }
        entries.remove(key);
        None
    }

    fn put(&self, key: Key, answer: Answer) {
        if answer.bytes() > MOST_OF_ONE {
            return;
        }
        let entries = &mut *self.0.lock();
        entries.remove(&key);
        entries.bytes += answer.bytes();
        entries.by_key.insert(key, answer);
        while entries.bytes > MOST_BYTES
            && let Some((_, oldest)) = entries.by_key.remove_lru()
        {
            entries.bytes -= oldest.bytes();
        }
    }

    /// The response, whose body is kept once it is whole.
    pub(super) fn keep(
        &self,
        keeping: Keeping,
        provider: &str,
        trace_id: Text,
        response: Response,
    ) -> Response {
        if !keeping.keeps || !response.status().is_success() {
            return response;
        }
        let (head, body) = response.into_parts();
        let content_type = head.headers.get(header::CONTENT_TYPE).cloned();
        let passing = Passing {
            body: body.into_data_stream(),
            so_far: Some(Vec::new()),
            answers: self.clone(),
            keeping,
            content_type,
            trace_id,
            provider: provider.into(),
        };
        let pieces = stream::unfold(passing, |mut passing| async {
            passing.next().await.map(|piece| (piece, passing))
        });
        Response::from_parts(head, Body::from_stream(pieces))
    }
}

impl Entries {
    fn remove(&mut self, key: &Key) {
        if let Some(old) = self.by_key.remove(key) {
            self.bytes -= old.bytes();
        }
    }
}

impl Answer {
    fn bytes(&self) -> usize {
        self.body.len() + OVERHEAD
    }

    /// What it says.
    pub(super) fn said(&self, form: Form) -> Option<chat::Response> {
        read(form, &self.body)
    }
}

impl From<Answer> for Response {
    fn from(answer: Answer) -> Self {
        let mut response = Body::from(answer.body).into_response();
        if let Some(content_type) = answer.content_type {
            response.headers_mut().insert(header::CONTENT_TYPE, content_type);
        }
        response
    }
}

impl Keeping {
    /// Of a request of the project's virtual model. `None`: its body is large or no JSON object, or its
    /// answer depends on more than the body.
    pub(super) fn of(
        project_id: &str,
        virtual_model: &str,
        form: Form,
        keep: KeepAnswers,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Option<Self> {
        if body.len() > MOST_OF_REQUEST {
            return None;
        }
        let Ok(Value::Object(mut body)) = serde_json::from_slice(body) else { return None };
        if STATEFUL.iter().any(|name| body.get(*name).is_some_and(|value| !value.is_null())) {
            return None;
        }
        ASIDE.iter().for_each(|name| drop(body.remove(*name)));
        let mut hash = Sha256::new();
        let mut add = |part: &[u8]| {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        };
        add(project_id.as_bytes());
        add(virtual_model.as_bytes());
        add(&keep.since.to_le_bytes());
        add(format!("{form:?}").as_bytes());
        for name in TELLING {
            add(headers.get(name).map_or(&[], |value| value.as_bytes()));
        }
        add(Value::Object(body).to_string().as_bytes());
        let said = headers.get(header::CACHE_CONTROL).and_then(|value| value.to_str().ok());
        let says = |directive: &str| {
            let mut said = said.into_iter().flat_map(|said| said.split(','));
            said.any(|one| one.trim().eq_ignore_ascii_case(directive))
        };
        Some(Self {
            key: hash.finalize().into(),
            form,
            keep_for: keep.keep_for,
            takes: !says("no-cache") && !says("no-store"),
            keeps: !says("no-store"),
        })
    }
}

/// A body on its way to the client.
struct Passing {
    body: BodyDataStream,
    /// `None`: it is not kept.
    so_far: Option<Vec<u8>>,
    answers: Answers,
    keeping: Keeping,
    content_type: Option<HeaderValue>,
    trace_id: Text,
    provider: Text,
}

impl Passing {
    async fn next(&mut self) -> Option<Result<Bytes, axum::Error>> {
        let piece = self.body.next().await;
        match (&piece, &mut self.so_far) {
            (Some(Ok(bytes)), Some(so_far)) if so_far.len() + bytes.len() <= MOST_OF_ONE => {
                so_far.extend_from_slice(bytes);
            }
            (Some(_), _) => self.so_far = None,
            (None, _) => self.finish(),
        }
        piece
    }

    fn finish(&mut self) {
        let Some(body) = self.so_far.take() else { return };
        if read(self.keeping.form, &body).is_none() {
            return;
        }
        let at = clock::now();
        let kept = i64::try_from(self.keeping.keep_for.as_micros()).unwrap_or(i64::MAX);
        let answer = Answer {
            content_type: self.content_type.take(),
            body: body.into(),
            trace_id: self.trace_id.clone(),
            provider: self.provider.clone(),
            at,
            until: Micros(at.0.saturating_add(kept)),
        };
        self.answers.put(self.keeping.key, answer);
    }
}

/// A whole answer that is no error.
fn read(form: Form, body: &[u8]) -> Option<chat::Response> {
    let Some(framing) = form.framing else {
        let is_finished = |response: &chat::Response| {
            response.choices.iter().any(|choice| choice.finish.is_some())
        };
        return form.protocol.read_response(body).ok().filter(is_finished);
    };
    let mut watch = Watch::bytes(form.protocol, framing);
    watch.push(body, Micros(0));
    let watched = watch.finish();
    watched.failed.is_none().then_some(watched.response)
}

#[cfg(test)]
mod tests;
