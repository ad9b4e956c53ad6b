//! Errors: the [exception](https://opentelemetry.io/docs/specs/semconv/exceptions/exceptions-spans/)
//! event and the [`error.*`](https://opentelemetry.io/docs/specs/semconv/registry/attributes/error/)
//! attributes.

use tracekeep_model::{Field, Text};

use super::raw::RawEvent;
use super::slot::Slot;
use super::value::{AnyValue, Attribute, Metadata};
use super::writer::Writer;

/// The name of the event that reports an exception.
pub(super) const EVENT: &str = "exception";

/// What a span says of its failure.
#[derive(Debug, Default)]
pub(super) struct Errors {
    exception: Exception,
    class: Slot,
    code: Slot,
    message: Slot,
    http_status: Option<Text>,
}

/// What an exception event says.
#[derive(Debug, Default)]
struct Exception {
    class: Slot,
    message: Slot,
    stack: Slot,
}

impl Errors {
    /// Takes a span's attribute, or gives it back.
    pub(super) fn take(&mut self, key: Text, value: AnyValue) -> Option<Attribute> {
        match &*key {
            "error.type" => self.class.offer(1, key, value),
            "error.code" => self.code.offer(1, key, value),
            "error.message" => self.message.offer(1, key, value),
            "http.response.status_code" | "http.status_code" => {
                // Also an ordinary fact about the call, so it stays metadata as well.
                self.http_status = Some(value.clone().into_text());
                Some((key, value))
            }
            _ => Some((key, value)),
        }
    }

    /// Takes an exception event; what it says beyond the convention comes back.
    pub(super) fn exception(&mut self, mut event: RawEvent) -> Option<RawEvent> {
        for (key, value) in std::mem::take(&mut event.attributes) {
            let left = match &*key {
                "exception.type" => self.exception.class.offer(1, key, value),
                "exception.message" => self.exception.message.offer(1, key, value),
                "exception.stacktrace" => self.exception.stack.offer(1, key, value),
                // Deprecated; SDKs send it with every exception and it says nothing.
                "exception.escaped" => None,
                _ => Some((key, value)),
            };
            event.attributes.extend(left);
        }
        (!event.attributes.is_empty()).then_some(event)
    }

    /// States the error fields. `failed`: the span's own status is an error.
    pub(super) fn write(
        self,
        to: &mut Writer,
        failed: bool,
        status_message: Option<Text>,
        metadata: &mut Metadata,
    ) {
        to.set(Field::ErrorType, either(self.exception.class, self.class, metadata));
        let http_status = self.http_status.filter(|_| failed);
        to.set(Field::ErrorCode, self.code.into_text().or(http_status));
        let message = either(self.exception.message, self.message, metadata);
        to.set(Field::ErrorMessage, message.or(status_message.filter(|_| failed)));
        to.set(Field::ErrorStack, self.exception.stack.into_text());
    }
}

/// What the exception says, else the attribute; an attribute that loses stays metadata.
fn either(exception: Slot, attribute: Slot, metadata: &mut Metadata) -> Option<Text> {
    let Some(text) = exception.into_text() else { return attribute.into_text() };
    if let Some((key, value)) = attribute.into_attribute() {
        metadata.push((key, value.into_json()));
    }
    Some(text)
}
