//! How requests are refused, once for all endpoints that refuse them so.

use std::collections::BTreeMap;

use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Content, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, ToSchema};

use super::answers::{ErrorAnswer, RpcStatus};

/// Of endpoints that take the native API's bodies.
pub(crate) struct WriteRefusals;

/// Of endpoints that read.
pub(crate) struct ReadRefusals;

/// Of endpoints that ask the query engine.
pub(crate) struct QueryRefusals;

/// Of the endpoint that reads a body and asks the query engine.
pub(crate) struct DeletionRefusals;

/// Of endpoints that read a body and need a secret key.
pub(crate) struct ChangeRefusals;

/// Of OTLP, in its own shape.
pub(crate) struct OtlpRefusals;

/// One way to be refused.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Refusal {
    Malformed,
    NoCredentials,
    MayOnlyWrite,
    TooLarge,
    UnknownEncoding,
    OverBudget,
    Unavailable,
}

const WRITE: &[Refusal] = &[
    Refusal::Malformed,
    Refusal::NoCredentials,
    Refusal::TooLarge,
    Refusal::UnknownEncoding,
    Refusal::Unavailable,
];
const READ: &[Refusal] =
    &[Refusal::Malformed, Refusal::NoCredentials, Refusal::MayOnlyWrite, Refusal::Unavailable];

impl IntoResponses for WriteRefusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        native(WRITE.iter().copied())
    }
}

impl IntoResponses for ReadRefusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        native(READ.iter().copied())
    }
}

impl IntoResponses for QueryRefusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        native(READ.iter().copied().chain([Refusal::OverBudget]))
    }
}

impl IntoResponses for DeletionRefusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        native(READ.iter().chain(WRITE).copied().chain([Refusal::OverBudget]))
    }
}

impl IntoResponses for ChangeRefusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        native(READ.iter().chain(WRITE).copied())
    }
}

impl IntoResponses for OtlpRefusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let status = || Content::new(Some(Ref::from_schema_name(RpcStatus::name())));
        let response = |refusal: &Refusal| {
            let response = refusal
                .response()
                .content("application/json", status())
                .content("application/x-protobuf", Content::default());
            (refusal.status().to_owned(), response.into())
        };
        WRITE.iter().map(response).collect()
    }
}

/// With the native API's error as the body.
fn native(refusals: impl Iterator<Item = Refusal>) -> BTreeMap<String, RefOr<Response>> {
    let error = || Content::new(Some(Ref::from_schema_name(ErrorAnswer::name())));
    let response = |refusal: Refusal| {
        let response = refusal.response().content("application/json", error());
        (refusal.status().to_owned(), response.into())
    };
    refusals.map(response).collect()
}

impl Refusal {
    fn status(self) -> &'static str {
        match self {
            Self::Malformed => "400",
            Self::NoCredentials => "401",
            Self::MayOnlyWrite => "403",
            Self::TooLarge => "413",
            Self::UnknownEncoding => "415",
            Self::OverBudget => "422",
            Self::Unavailable => "503",
        }
    }

    fn about(self) -> &'static str {
        match self {
            Self::Malformed => {
                "Something in the request is unknown, missing or of the wrong form; the message \
                 names it and says what to send instead"
            }
            Self::NoCredentials => "No credentials, or none that are valid",
            Self::MayOnlyWrite => "A public key alone may only write",
            Self::TooLarge => "The body is larger than the server's limit, after decompression",
            Self::UnknownEncoding => {
                "A content encoding other than gzip, zstd and br; of OTLP also a content type \
                 other than its two"
            }
            Self::OverBudget => {
                "The question takes more time or memory than a question may; ask for less"
            }
            Self::Unavailable => {
                "Nothing was acknowledged or read: too much at once, or the disk fails. The same \
                 request may work later"
            }
        }
    }

    /// The response, still without a body.
    fn response(self) -> ResponseBuilder {
        let response = ResponseBuilder::new().description(self.about());
        match self {
            Self::NoCredentials => response.header("WWW-Authenticate", text("`Bearer`.")),
            Self::UnknownEncoding => {
                response.header("Accept-Encoding", text("The encodings that are known."))
            }
            Self::Unavailable => response.header("Retry-After", retry_after()),
            _ => response,
        }
    }
}

fn text(about: &str) -> Header {
    let schema = ObjectBuilder::new().schema_type(Type::String);
    HeaderBuilder::new().schema(Some(schema)).description(Some(about)).build()
}

fn retry_after() -> Header {
    let schema = ObjectBuilder::new().schema_type(Type::Integer);
    let about = "Seconds after which the same request may work.";
    HeaderBuilder::new().schema(Some(schema)).description(Some(about)).build()
}
