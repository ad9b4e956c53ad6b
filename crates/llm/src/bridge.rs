//! One door to all protocols: reads and writes by [`Protocol`].

mod failures;
mod frames;
mod streams;

use serde_json::Value;

pub use frames::Framing;
pub use streams::{StreamReader, StreamWriter};

use crate::chat::{ApiError, ErrorKind, Fresh, Request, Response, Unreadable};
use crate::chat_completions::{self, Dialect};
use crate::provider::Kind;
use crate::{Asked, Protocol, cohere_chat, converse, generate_content, messages, responses};

impl Protocol {
    /// What a client's request asks, without taking it apart.
    ///
    /// # Errors
    /// The body is not of this protocol, or nobody speaks it to Tracekeep.
    pub fn asked(self, body: &[u8]) -> Result<Asked<'_>, Unreadable> {
        match self {
            Self::ChatCompletions => chat_completions::asked(body),
            Self::Responses => responses::asked(body),
            Self::Messages => messages::asked(body),
            Self::GenerateContent => generate_content::asked(body),
            Self::Converse | Self::CohereChat => Err(self.is_for_providers()),
        }
    }

    /// A client's request, whole.
    ///
    /// # Errors
    /// As [`Protocol::asked`].
    pub fn read_request(self, body: &[u8]) -> Result<Request, Unreadable> {
        match self {
            Self::ChatCompletions => chat_completions::read_request(body),
            Self::Responses => responses::read_request(body),
            Self::Messages => messages::read_request(body),
            Self::GenerateContent => generate_content::read_request(body),
            Self::Converse | Self::CohereChat => Err(self.is_for_providers()),
        }
    }

    /// A provider's whole answer.
    ///
    /// # Errors
    /// The body is not of this protocol.
    pub fn read_response(self, body: &[u8]) -> Result<Response, Unreadable> {
        match self {
            Self::ChatCompletions => chat_completions::read_response(body),
            Self::Responses => responses::read_response(body),
            Self::Messages => messages::read_response(body),
            Self::GenerateContent => generate_content::read_response(body),
            Self::Converse => converse::read_response(body),
            Self::CohereChat => cohere_chat::read_response(body),
        }
    }

    /// An answer for a client; as in chat completions where nobody speaks the protocol to Tracekeep.
    #[must_use]
    pub fn write_response(self, response: &Response, fresh: &Fresh) -> Value {
        match self {
            Self::Responses => responses::write_response(response, fresh),
            Self::Messages => messages::write_response(response, fresh),
            Self::GenerateContent => generate_content::write_response(response, fresh),
            Self::ChatCompletions | Self::Converse | Self::CohereChat => {
                chat_completions::write_response(response, fresh)
            }
        }
    }

    /// A provider's error.
    #[must_use]
    pub fn read_error(self, status: u16, body: &[u8]) -> ApiError {
        match self {
            Self::ChatCompletions => chat_completions::read_error(status, body),
            Self::Responses => responses::read_error(status, body),
            Self::Messages => messages::read_error(status, body),
            Self::GenerateContent => generate_content::read_error(status, body),
            Self::Converse => converse::read_error(status, body),
            Self::CohereChat => cohere_chat::read_error(status, body),
        }
    }

    /// An error for a client, in the protocol's own shape.
    #[must_use]
    pub fn write_error(self, error: &ApiError) -> Value {
        match self {
            Self::Responses => responses::write_error(error),
            Self::Messages => messages::write_error(error),
            Self::GenerateContent => generate_content::write_error(error),
            Self::ChatCompletions | Self::Converse | Self::CohereChat => {
                chat_completions::write_error(error)
            }
        }
    }

    fn is_for_providers(self) -> Unreadable {
        Unreadable::new("body", format!("{} is spoken to providers only", self.as_str()))
    }
}

/// A request as a provider of this kind is sent it, read as `from`. Its model and whether it streams are
/// those of `request`.
///
/// # Errors
/// It asks for something that the other protocol cannot say and that would change the answer.
pub fn write_request(
    from: Protocol,
    to: Protocol,
    kind: Kind,
    mut request: Request,
) -> Result<Value, Unreadable> {
    if from != to {
        match from {
            Protocol::ChatCompletions => chat_completions::release(&request)?,
            Protocol::Responses => responses::release(&request)?,
            Protocol::Messages => messages::release(&request)?,
            _ => {}
        }
        match to {
            Protocol::ChatCompletions => chat_completions::adopt(&mut request, dialect(kind))?,
            Protocol::Responses => responses::adopt(&mut request)?,
            _ => request.extra.clear(),
        }
    }
    Ok(match to {
        Protocol::ChatCompletions => {
            request.stream_usage |= request.stream;
            chat_completions::write_request_in(&request, dialect(kind))
        }
        Protocol::Responses => responses::write_request(&request),
        Protocol::Messages => {
            messages::check(&request)?;
            messages::write_request(&request)
        }
        Protocol::GenerateContent => generate_content::write_request(&request)?,
        Protocol::Converse => {
            converse::check(&request)?;
            converse::write_request(&request)
        }
        Protocol::CohereChat => cohere_chat::write_request(&request)?,
    })
}

/// What a client is told of a request that cannot be read.
impl From<Unreadable> for ApiError {
    fn from(error: Unreadable) -> Self {
        let mut told = Self::new(ErrorKind::BadRequest, error.to_string());
        told.r#type = Some("invalid_request_error".to_owned());
        told.param = Some(error.field);
        told
    }
}

fn dialect(kind: Kind) -> Dialect {
    match kind {
        Kind::Openai | Kind::Azure => Dialect::OpenAi,
        Kind::Mistral => Dialect::Mistral,
        _ => Dialect::Open,
    }
}
