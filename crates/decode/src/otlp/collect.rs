use tracekeep_model::{RecordKey, State, Text};

use super::raw::{RawScope, RawSpan};
use super::resource::{Origin, Resource};
use super::value::Attribute;
use super::{brief, hex, span};
use crate::{Decoded, FieldError, Receipt, full_trace};

/// Collects what the spans of one request say.
pub(super) struct Collector<'a> {
    receipt: Receipt<'a>,
    decoded: Decoded,
    /// How many spans were seen, rejected ones included.
    spans: usize,
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
        Self { receipt, decoded: Decoded::default(), spans: 0, latest: None }
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
        self.decoded.patches.push((key, patch.state));
        if !patch.trace.is_empty() {
            patch.trace.write(self.trace_state(trace_id), patch.version);
        }
        Ok(())
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
            self.decoded.patches.push((RecordKey::Trace { trace_id }, state));
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
