use tracekeep_model::{RecordKey, State, Text, Version};

use super::raw::{RawScope, RawSpan};
use super::resource::{Origin, Resource};
use super::trace::TraceAttributes;
use super::value::Attribute;
use super::{brief, hex, span};
use crate::{Decoded, FieldError, Receipt, full_trace};

/// Collects what the spans of one request say.
pub(super) struct Collector<'a> {
    receipt: Receipt<'a>,
    decoded: Decoded,
    /// How many spans were seen, rejected ones included.
    spans: usize,
    /// Bytes that the patches take in memory, about. A span may take twenty times what it took of the
    /// body: each has its registers, and what its resource says of it.
    memory: usize,
    /// Whether a span was refused as the patches would have taken too much memory.
    is_full: bool,
    /// The trace of the latest span: spans of one trace mostly come together.
    latest: Option<LatestTrace>,
}

struct LatestTrace {
    bytes: [u8; 16],
    id: Text,
    /// Why it takes no more spans.
    full: Option<String>,
    /// Where its patch is, if it has one: what its next spans say of it joins that one.
    patch: Option<usize>,
}

impl<'a> Collector<'a> {
    /// For one request.
    pub(super) fn new(receipt: Receipt<'a>) -> Self {
        let decoded = Decoded::default();
        Self { receipt, decoded, spans: 0, memory: 0, is_full: false, latest: None }
    }

    /// Takes in a resource. An unreadable one rejects its spans, one by one.
    pub(super) fn resource(
        &mut self,
        read: impl FnOnce(&mut u64) -> Result<Vec<Attribute>, FieldError>,
    ) -> Result<Resource, FieldError> {
        let mut nulls = 0;
        let resource = read(&mut nulls).and_then(Resource::new).map_err(brief::error)?;
        self.decoded.replaced_nulls += nulls;
        Ok(resource)
    }

    /// Takes in a scope within a resource. An unreadable one rejects its spans, one by one.
    pub(super) fn origin(
        &mut self,
        resource: &Result<Resource, FieldError>,
        read: impl FnOnce(&mut u64) -> Result<RawScope, FieldError>,
    ) -> Result<Origin, FieldError> {
        let resource = resource.as_ref().map_err(FieldError::clone)?;
        let mut nulls = 0;
        let scope = read(&mut nulls).map_err(brief::error)?;
        let origin = Origin::new(resource.clone(), scope);
        self.decoded.replaced_nulls += nulls;
        Ok(origin)
    }

    /// Takes in one span, or rejects it by itself.
    pub(super) fn span(
        &mut self,
        origin: &Result<Origin, FieldError>,
        read: impl FnOnce(&mut u64) -> Result<RawSpan, FieldError>,
    ) {
        let index = self.spans;
        self.spans += 1;
        let mut nulls = 0;
        let result = match origin {
            // Unread: of many spans, most would be read in vain.
            _ if self.is_full => Err(self.full_request()),
            Ok(origin) => read(&mut nulls).and_then(|raw| self.patch(raw, origin)),
            Err(error) => Err(error.clone()),
        };
        match result {
            Ok(()) => self.decoded.replaced_nulls += nulls,
            Err(error) => self.decoded.reject(index, brief::error(error)),
        }
    }

    /// What the request says.
    pub(super) fn finish(self) -> Decoded {
        self.decoded
    }

    fn patch(&mut self, raw: RawSpan, origin: &Origin) -> Result<(), FieldError> {
        let patch = span::read(raw, origin, self.receipt)?;
        let trace_id = self.trace_id(patch.trace_id)?;
        let key = RecordKey::Span { trace_id: trace_id.clone(), span_id: patch.span_id };
        let own = key.memory() + patch.state.memory();
        self.check_memory(own + patch.trace.memory())?;
        self.memory += own;
        self.decoded.patches.push((key, patch.state));
        if !patch.trace.is_empty() {
            self.write_trace(trace_id, patch.trace, patch.version);
        }
        Ok(())
    }

    /// Refuses a span that would take so many bytes more, if that is too much.
    fn check_memory(&mut self, more: usize) -> Result<(), FieldError> {
        if self.memory.saturating_add(more) <= self.receipt.most_memory {
            return Ok(());
        }
        self.is_full = true;
        Err(self.full_request())
    }

    #[cold]
    fn full_request(&self) -> FieldError {
        let reason = format!(
            "is full: with this span or one before it, what it says would take more than {} bytes of \
             memory; send this span and those after it in smaller requests",
            self.receipt.most_memory
        );
        FieldError::new("request", reason)
    }

    /// States what a span says of its trace, and counts it. A register that was there takes no room
    /// again, but its text may be another, so that is counted each time.
    fn write_trace(&mut self, trace_id: Text, said: TraceAttributes, version: Version) {
        let content = said.size();
        let state = self.trace_state(trace_id);
        let before = state.frame();
        said.write(state, version);
        let grown = state.frame() - before;
        self.memory += content + grown;
    }

    /// The id of a trace that takes more spans.
    fn trace_id(&mut self, bytes: [u8; 16]) -> Result<Text, FieldError> {
        if let Some(latest) = &self.latest
            && latest.bytes == bytes
        {
            return latest.open_id();
        }
        let id = Text::from(hex::encode(&bytes));
        let full = (self.receipt.full)(&id);
        let latest = LatestTrace { bytes, id, full, patch: None };
        let id = latest.open_id();
        self.latest = Some(latest);
        id
    }

    /// The patch of the latest trace.
    fn trace_state(&mut self, trace_id: Text) -> &mut State {
        let known = self.latest.as_ref().and_then(|latest| latest.patch);
        let at = known.unwrap_or(self.decoded.patches.len());
        if known.is_none() {
            let state = State::with_capacity(self.receipt.at, 8);
            let key = RecordKey::Trace { trace_id };
            self.memory += key.memory() + state.frame();
            self.decoded.patches.push((key, state));
            if let Some(latest) = &mut self.latest {
                latest.patch = Some(at);
            }
        }
        &mut self.decoded.patches[at].1
    }
}

impl LatestTrace {
    /// Its id, unless it takes no more spans.
    fn open_id(&self) -> Result<Text, FieldError> {
        match &self.full {
            None => Ok(self.id.clone()),
            Some(why) => Err(FieldError::new("trace_id", full_trace(&self.id, why))),
        }
    }
}
