//! The native lifecycle API.

use std::collections::BTreeMap;
use std::fmt::Debug;

use serde_json::value::RawValue;
use tracekeep_decode::FieldError;
use tracekeep_decode::native::{self, Batch, Context, CostRequest, Patched};
use tracekeep_model::{RecordKey, Text};

use super::{Outcome, RECEIVED, patches};

/// Events of a batch up to which each is also decoded alone.
const MOST_ALONE: usize = 64;

/// Checks the body of `POST /api/tracing/start`.
pub(super) fn start(input: &[u8]) -> Outcome {
    let Some(started) = decoded(input, native::start) else { return Outcome::REFUSED };
    let keys: Vec<&RecordKey> = started.patches.iter().map(|(key, _)| key).collect();
    assert_eq!(keys, [&trace(&started.trace_id), &root(&started.trace_id)]);
    assert!(started.start_time.check(RECEIVED).is_ok(), "{started:?}");
    patches::check(&started.patches);
    Outcome::ACCEPTED
}

/// Checks the body of `POST /api/tracing/update`.
pub(super) fn update(input: &[u8]) -> Outcome {
    patched(decoded(input, native::update))
}

/// Checks the body of `POST /api/models/cost`, and what its traces learn.
pub(super) fn model_cost(input: &[u8]) -> Outcome {
    let calls = match decoded(input, native::model_cost) {
        None => return Outcome::REFUSED,
        Some(CostRequest::One(call)) => vec![*call],
        Some(CostRequest::Many(calls)) => calls,
    };
    for call in calls {
        assert!(call.at.check(RECEIVED).is_ok(), "{call:?}");
        let said = call.patches(None);
        assert!(said.is_empty() || call.trace_id.is_some(), "{call:?}");
        patches::check(&said);
    }
    Outcome::ACCEPTED
}

/// Checks the body of `POST /api/tracing/complete`.
pub(super) fn complete(input: &[u8]) -> Outcome {
    patched(decoded(input, native::complete))
}

fn patched(patched: Option<Patched>) -> Outcome {
    let Some(patched) = patched else { return Outcome::REFUSED };
    let known = [trace(&patched.trace_id), root(&patched.trace_id)];
    assert!(patched.patches.iter().all(|(key, _)| known.contains(key)), "{patched:?}");
    patches::check(&patched.patches);
    Outcome::ACCEPTED
}

/// Checks the body of `POST /api/scores`.
pub(super) fn score(input: &[u8]) -> Outcome {
    let Some(scored) = decoded(input, native::score) else { return Outcome::REFUSED };
    let keys: Vec<&RecordKey> = scored.patches.iter().map(|(key, _)| key).collect();
    assert_eq!(keys, [&RecordKey::Score { score_id: scored.score_id.clone() }]);
    patches::check(&scored.patches);
    Outcome::ACCEPTED
}

/// Checks the body of `POST /api/tracing/batch`.
pub(super) fn batch(input: &[u8]) -> Outcome {
    let Some(batch) = decoded(input, native::batch) else { return Outcome::REFUSED };
    let events = events(input).expect("what was understood is JSON with events");
    assert_eq!(batch.results.len(), events.len());
    for (index, result) in batch.results.iter().enumerate() {
        assert_eq!(result.index, index);
        result.error.iter().for_each(patches::check_refusal);
    }
    patches::check(&batch.patches);
    if events.len() <= MOST_ALONE {
        is_the_same_alone(&events, &batch);
    }
    let refused = batch.results.iter().filter(|result| result.error.is_some()).count();
    Outcome { accepted: events.len() - refused, refused }
}

/// What becomes of an event does not depend on its neighbours.
fn is_the_same_alone(events: &[&RawValue], batch: &Batch) {
    let mut patches = Vec::new();
    let mut replaced_nulls = 0;
    for (event, result) in events.iter().zip(&batch.results) {
        let body = format!(r#"{{"events":[{event}]}}"#);
        let alone = with(|ctx| native::batch(body.as_bytes(), ctx)).expect("one event is a batch");
        let [one] = alone.results.as_slice() else { panic!("one event gave {alone:?}") };
        assert_eq!(one.trace_id, result.trace_id, "{event}");
        assert_eq!(one.error.is_some(), result.error.is_some(), "{event}");
        patches.extend(alone.patches);
        replaced_nulls += alone.replaced_nulls;
    }
    assert_eq!(patches, batch.patches);
    assert_eq!(replaced_nulls, batch.replaced_nulls);
}

fn events(body: &[u8]) -> Option<Vec<&RawValue>> {
    let members: BTreeMap<String, &RawValue> = serde_json::from_slice(body).ok()?;
    let events = members.get("events").copied()?;
    serde_json::from_str(events.get()).ok()
}

/// What a body says, unless it is refused; the same however often it is read.
fn decoded<T: Debug + PartialEq>(
    body: &[u8],
    decode: fn(&[u8], &mut Context<'_>) -> Result<T, FieldError>,
) -> Option<T> {
    let said = with(|ctx| decode(body, ctx));
    assert_eq!(with(|ctx| decode(body, ctx)), said, "read again");
    said.inspect_err(patches::check_refusal).ok()
}

/// Fresh ids are always the same, so that what is read twice can be compared.
fn with<T>(decode: impl FnOnce(&mut Context<'_>) -> T) -> T {
    let mut fresh_ids = || Text::from_static("0123456789abcdef0123456789abcdef");
    let mut ctx = Context {
        received: RECEIVED,
        keeps_from: tracekeep_model::Micros::EARLIEST,
        full: &|_| None,
        user_agent: Some("browser/1"),
        ip: Some("192.0.2.1"),
        fresh_ids: &mut fresh_ids,
    };
    decode(&mut ctx)
}

fn trace(id: &Text) -> RecordKey {
    RecordKey::Trace { trace_id: id.clone() }
}

/// The root span of a lifecycle trace.
fn root(id: &Text) -> RecordKey {
    RecordKey::Span { trace_id: id.clone(), span_id: id.clone() }
}
