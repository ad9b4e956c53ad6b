use tracekeep_model::{RecordKey, State, Text};

use super::fields::Fields;
use super::json::{self, Document, Json};
use super::{Context, complete, score, span, start, update};
use crate::FieldError;

/// The most events that one batch may hold.
pub const MAX_EVENTS: usize = 10_000;

/// What a batch says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// One of each event, in the order they were sent.
    pub results: Vec<BatchItem>,
    /// What to join, of the events that were accepted.
    pub patches: Vec<(RecordKey, State)>,
    /// How many times U+0000 was replaced by U+FFFD.
    pub replaced_nulls: u64,
}

/// What became of one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchItem {
    /// Its place in the batch, from 0.
    pub index: usize,
    /// The trace it speaks of, as far as it could be read.
    pub trace_id: Option<Text>,
    /// Why it was refused. Field paths begin at the event.
    pub error: Option<FieldError>,
}

/// Decodes `POST /api/tracing/batch`. A bad event is refused by itself; its neighbours are kept.
///
/// # Errors
/// A body that is no JSON object `{events: […]}`, or holds more than [`MAX_EVENTS`].
pub fn batch(body: &[u8], ctx: &mut Context<'_>) -> Result<Batch, FieldError> {
    let mut fields = Fields::of(json::utf8(body)?, json::BODY)?;
    fields.only(&["events"])?;
    fields.rename(&[])?;
    let sent = fields.required("events", "an array of events")?;
    let events = sent.elements(MAX_EVENTS)?;
    if events.count > MAX_EVENTS {
        let reason =
            format!("holds {} events; send at most {MAX_EVENTS} in one request", events.count);
        return Err(sent.error(reason));
    }
    let mut batch = Batch { results: Vec::with_capacity(events.count), ..Batch::default() };
    for (index, raw) in events.first.into_iter().enumerate() {
        let (trace_id, error) = match batch.accept(index, raw, ctx) {
            Ok(trace_id) => (trace_id, None),
            Err((trace_id, error)) => (trace_id, Some(error)),
        };
        batch.results.push(BatchItem { index, trace_id, error });
    }
    Ok(batch)
}

/// Why an event was refused, and its trace where that could be read.
type Refused = (Option<Text>, FieldError);

impl Batch {
    fn accept(
        &mut self,
        index: usize,
        raw: &str,
        ctx: &mut Context<'_>,
    ) -> Result<Option<Text>, Refused> {
        let name = format!("events[{index}]");
        let unreadable = |error| (None, error);
        if Json::of(raw) != Json::Object {
            return Err(unreadable(json::not_an_object(raw, &name)));
        }
        let document = Document::new(raw, &name).map_err(unreadable)?;
        let mut fields = Fields::of(&document.text, &name).map_err(unreadable)?;
        match apply(&mut fields, ctx) {
            Ok((trace_id, patches)) => {
                self.patches.extend(patches);
                self.replaced_nulls += document.replaced_nulls;
                Ok(trace_id)
            }
            Err(error) => Err((fields.get("trace_id").and_then(|sent| sent.id().ok()), error)),
        }
    }
}

/// The trace that an event speaks of, and what it says.
type Said = (Option<Text>, Vec<(RecordKey, State)>);

fn apply(fields: &mut Fields<'_>, ctx: &mut Context<'_>) -> Result<Said, FieldError> {
    let event = fields
        .required("type", "one of start, update, complete, span, score")?
        .one_of(&["start", "update", "complete", "span", "score"])?;
    fields.forget("type");
    Ok(match event {
        "start" => {
            let started = start::apply(fields, ctx)?;
            (Some(started.trace_id), started.patches)
        }
        "score" => {
            let scored = score::apply(fields, ctx)?;
            (scored.trace_id, scored.patches)
        }
        _ => {
            let patched = match event {
                "update" => update::apply(fields, ctx)?,
                "complete" => complete::apply(fields, ctx)?,
                _ => span::apply(fields, ctx)?,
            };
            (Some(patched.trace_id), patched.patches)
        }
    })
}

#[cfg(test)]
mod tests;
