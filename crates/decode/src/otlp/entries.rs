//! How many entries the lists of one span, resource or scope may hold together.
//!
//! An entry may take two bytes of a body, and takes a hundred and more in memory. So entries are
//! counted while they are read, whatever list they are in and however deep, and what has too many is
//! refused as soon as that shows: what comes after is not read.

use std::cell::Cell;

use crate::FieldError;

/// Of a span: its attributes, events and links, their attributes, and what arrays and maps hold.
///
/// SDKs of OpenTelemetry stop at 33,152 unless they are told otherwise: at 128 attributes, events and
/// links, and 128 attributes of each event and link. Values within arrays come on top of that; 32
/// embeddings of 1,536 numbers are 49,152.
pub(super) const MOST_OF_SPAN: usize = 50_000;

/// Of a resource or a scope. SDKs send dozens, and what they say is kept with each of their spans.
pub(super) const MOST_SHARED: usize = 10_000;

/// Counts what one span, resource or scope holds.
#[derive(Debug)]
pub(super) struct Entries {
    /// What holds them, as errors name it.
    holder: &'static str,
    /// What there may be of them.
    kinds: &'static str,
    most: usize,
    counted: Cell<usize>,
}

impl Entries {
    /// Of a span.
    pub(super) fn of_span() -> Self {
        Self::new("span", "attributes, events, links", MOST_OF_SPAN)
    }

    /// Of a resource.
    pub(super) fn of_resource() -> Self {
        Self::new("resource", "attributes", MOST_SHARED)
    }

    /// Of a scope.
    pub(super) fn of_scope() -> Self {
        Self::new("scope", "attributes", MOST_SHARED)
    }

    fn new(holder: &'static str, kinds: &'static str, most: usize) -> Self {
        Self { holder, kinds, most, counted: Cell::new(0) }
    }

    /// What holds them, as errors name it.
    pub(super) fn holder(&self) -> &'static str {
        self.holder
    }

    /// Counts one more, before it is read.
    pub(super) fn add(&self) -> Result<(), FieldError> {
        self.counted.set(self.counted.get() + 1);
        if self.are_too_many() { Err(self.refusal()) } else { Ok(()) }
    }

    /// Whether one was counted that is too much.
    pub(super) fn are_too_many(&self) -> bool {
        self.counted.get() > self.most
    }

    /// Begins to count anew, as what holds them is read again.
    pub(super) fn restart(&self) {
        self.counted.set(0);
    }

    /// What `read` gives, unless it counted too many: both encodings say that with one error, whatever
    /// field they were at.
    pub(super) fn within<T>(
        self,
        read: impl FnOnce(&Self) -> Result<T, FieldError>,
    ) -> Result<T, FieldError> {
        let result = read(&self);
        if self.are_too_many() { Err(self.refusal()) } else { result }
    }

    #[cold]
    fn refusal(&self) -> FieldError {
        let reason = format!(
            "holds more than {} {} and values within them; send fewer, or a long list as JSON text",
            self.most, self.kinds
        );
        FieldError::new(self.holder, reason)
    }
}
