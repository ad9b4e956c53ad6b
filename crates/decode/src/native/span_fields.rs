//! The fields of a span, as every event that speaks of one names them.

use tracekeep_model::{Field, Kind, Level, Micros, Status, Value};

use super::fields::Fields;
use super::patch::Patch;
use super::sent::Sent;
use super::{cost, problem, usage};
use crate::FieldError;

/// How a field is read.
#[derive(Clone, Copy)]
enum Shape {
    Text,
    Id,
    Code,
    Flag,
    Time,
    Object,
    Array,
    Content,
    Ip,
    Kind,
    Level,
    Status,
}

/// The fields that are read under the name of their column.
const SHAPES: &[(Field, Shape)] = &[
    (Field::ParentSpanId, Shape::Id),
    (Field::Kind, Shape::Kind),
    (Field::Name, Shape::Text),
    (Field::Status, Shape::Status),
    (Field::Level, Shape::Level),
    (Field::StatusMessage, Shape::Text),
    (Field::ErrorType, Shape::Text),
    (Field::ErrorCode, Shape::Code),
    (Field::ErrorMessage, Shape::Text),
    (Field::ErrorStack, Shape::Text),
    (Field::StartTime, Shape::Time),
    (Field::EndTime, Shape::Time),
    (Field::FirstTokenTime, Shape::Time),
    (Field::Model, Shape::Id),
    (Field::ResponseModel, Shape::Text),
    (Field::Provider, Shape::Text),
    (Field::Parameters, Shape::Object),
    (Field::Streaming, Shape::Flag),
    (Field::SystemPrompt, Shape::Text),
    (Field::Input, Shape::Content),
    (Field::Output, Shape::Content),
    (Field::ToolCalls, Shape::Array),
    (Field::PromptId, Shape::Id),
    (Field::PromptName, Shape::Text),
    (Field::PromptVersion, Shape::Code),
    (Field::ServiceName, Shape::Text),
    (Field::ScopeName, Shape::Text),
    (Field::ScopeVersion, Shape::Text),
    (Field::SdkName, Shape::Text),
    (Field::SdkVersion, Shape::Text),
    (Field::UserAgent, Shape::Text),
    (Field::Ip, Shape::Ip),
    (Field::LangfuseTraceId, Shape::Id),
    (Field::LangfuseObservationId, Shape::Id),
];

impl Shape {
    fn read(self, sent: Sent<'_>, received: Micros) -> Result<Value, FieldError> {
        Ok(match self {
            Self::Text => sent.text()?.into(),
            Self::Id => sent.id()?.into(),
            Self::Code => sent.code()?.into(),
            Self::Flag => sent.flag()?.into(),
            Self::Time => sent.time(received)?.into(),
            Self::Object => sent.object_text()?.into(),
            Self::Array => sent.array_text()?.into(),
            Self::Content => sent.content()?.into(),
            Self::Ip => sent.ip()?.into(),
            Self::Kind => sent.named::<Kind>()?.into(),
            Self::Level => sent.named::<Level>()?.into(),
            Self::Status => sent.named::<Status>()?.into(),
        })
    }
}

/// Reads whatever `fields` says of a span. Which of them an event may carry is the event's to check.
///
/// What has a terminal status has ended: at the event's time, unless an end is stated.
pub(super) fn read(fields: &Fields<'_>, span: &mut Patch) -> Result<(), FieldError> {
    let moment = span.moment();
    for (field, shape) in SHAPES.iter().copied() {
        span.put(field, fields.stated(field.as_str()), |sent| shape.read(sent, moment.received))?;
    }
    span.put(Field::FirstTokenLatency, fields.stated("first_token_latency_ms"), Sent::millis)?;
    problem::read(fields, span)?;
    usage::read(fields, span)?;
    cost::read(fields, span)?;
    if has_ended(span) {
        span.assume(Field::EndTime, moment.time());
    }
    Ok(())
}

fn has_ended(span: &Patch) -> bool {
    matches!(span.state().get(Field::Status), Some(Value::Status(status)) if status.is_terminal())
}
