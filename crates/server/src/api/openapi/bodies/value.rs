//! Values that several bodies hold.

use tracekeep_model::{Kind, MAX_ID_BYTES};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// Any JSON object: the derive macro knows it by its name.
pub(crate) struct Object;

/// A moment, from 1990 to a day after it is received. What is finer than microseconds is dropped.
#[derive(ToSchema)]
#[serde(untagged)]
#[schema(examples("2026-01-31T12:00:00Z"))]
pub(crate) enum Time {
    /// RFC 3339, with any offset.
    #[schema(format = DateTime)]
    Text(String),
    /// Milliseconds since 1970, of the years 2000 to 2100.
    Millis(f64),
}

/// A code: text, or a number, which is kept as it was written.
#[derive(ToSchema)]
#[serde(untagged)]
pub(crate) enum Code {
    /// Text.
    Text(String),
    /// A number.
    Number(f64),
}

/// What went wrong.
#[derive(ToSchema)]
#[serde(untagged)]
pub(crate) enum Failure {
    /// The message.
    Message(String),
    /// The message and what else is known.
    Parts(FailureParts),
}

/// The message of an error and what else is known of it.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FailureParts {
    /// What went wrong.
    message: Option<String>,
    /// Its code.
    code: Option<Code>,
    /// Its type.
    r#type: Option<String>,
    /// Its stack trace.
    stack: Option<String>,
}

/// Gives each name the schema beside it, with its documentation as the description.
macro_rules! described {
    ($($(#[doc = $about:literal])+ $name:ident = $schema:expr;)+) => {$(
        $(#[doc = $about])+
        pub(crate) struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                $schema.description(Some(concat!($($about),+).trim())).into()
            }
        }

        impl ToSchema for $name {}
    )+};
}

described! {
    /// An id, or what is as short as one: 1 to 800 bytes of UTF-8 without control characters.
    Id = text().min_length(Some(1)).max_length(Some(MAX_ID_BYTES)).examples(["tour-1"]);

    /// Where an interaction comes from, such as `api`, `playground` or `test`.
    Source = text().pattern(Some("^[a-z0-9_-]{1,50}$")).examples(["api"]);

    /// One IPv4 or IPv6 address.
    IpAddress = text().examples(["192.0.2.1"]);

    /// How an interaction stands.
    Status = one_of(tracekeep_model::Status::ALL.iter().map(|status| status.as_str()));

    /// How much a span asks to be looked at.
    Level = one_of(tracekeep_model::Level::ALL.iter().map(|level| level.as_str()));

    /// What a span did.
    SpanKind = one_of(Kind::ALL.iter().map(|kind| kind.as_str()));
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

/// One of a closed set of names.
fn one_of(names: impl IntoIterator<Item = &'static str>) -> ObjectBuilder {
    text().enum_values(Some(names))
}
