//! Amazon's event streams (`application/vnd.amazon.eventstream`): length, headers, payload and two
//! checksums a message. Amazon's own crate takes messages apart; this cuts a stream into them.

use aws_smithy_eventstream::frame::read_message_from;
use aws_smithy_types::event_stream::Message as Raw;
use bytes::Bytes;

/// Bytes of one message. Amazon's SDKs refuse payloads of more than 24 MiB.
const MOST_BYTES: usize = 24 << 20;
/// Total length, length of the headers, checksum of both.
const PRELUDE: usize = 12;

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What it is.
    pub kind: Kind,
    /// Its content, most often JSON.
    pub payload: Bytes,
}

/// What a message is, from its headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An event of this type, such as `contentBlockDelta`.
    Event(String),
    /// A failure that the service describes, such as `throttlingException`; the payload says more.
    Exception(String),
    /// A failure that it does not describe.
    Error {
        /// Its code.
        code: String,
        /// For people.
        message: String,
    },
}

/// Bytes that are no event stream. Nothing more can be read of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A message says a length that none has.
    #[error(
        "a message of the event stream says that it has {0} bytes: 16 bytes to 24 MiB are possible"
    )]
    Length(usize),
    /// A checksum or a header is wrong.
    #[error("a message of the event stream is damaged: {0}")]
    Damaged(String),
}

/// Reads a stream that comes in pieces, cut anywhere.
#[derive(Debug, Default)]
pub struct Parser {
    /// A message that is not complete yet.
    held: Vec<u8>,
}

impl Parser {
    /// The messages that these bytes complete.
    ///
    /// # Errors
    /// [`Broken`]: these bytes are no event stream.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<Message>, Broken> {
        self.held.extend_from_slice(bytes);
        let mut messages = Vec::new();
        let mut start = 0;
        while let Some(length) = length(&self.held[start..])? {
            let Some(whole) = self.held.get(start..start + length) else { break };
            let raw = read_message_from(Bytes::copy_from_slice(whole));
            let raw = raw.map_err(|error| Broken::Damaged(error.to_string()))?;
            messages.push(message(&raw)?);
            start += length;
        }
        self.held.drain(..start);
        Ok(messages)
    }

    /// Whether bytes of an unfinished message are left: a stream that ends so was cut off.
    #[must_use]
    pub fn is_amid(&self) -> bool {
        !self.held.is_empty()
    }
}

/// The length that the next message says, once so much of it is here.
fn length(bytes: &[u8]) -> Result<Option<usize>, Broken> {
    let Some((first, _)) = bytes.split_first_chunk::<4>() else { return Ok(None) };
    let length = usize::try_from(u32::from_be_bytes(*first)).unwrap_or(usize::MAX);
    if (PRELUDE + 4..=MOST_BYTES).contains(&length) {
        Ok(Some(length))
    } else {
        Err(Broken::Length(length))
    }
}

fn message(raw: &Raw) -> Result<Message, Broken> {
    let header = |name: &str| {
        let found = raw.headers().iter().find(|header| header.name().as_str() == name)?;
        found.value().as_string().ok().map(|value| value.as_str().to_owned())
    };
    let required = |name: &str| {
        header(name).ok_or_else(|| Broken::Damaged(format!("it has no header {name}")))
    };
    let kind = match required(":message-type")?.as_str() {
        "event" => Kind::Event(required(":event-type")?),
        "exception" => Kind::Exception(required(":exception-type")?),
        "error" => Kind::Error {
            code: header(":error-code").unwrap_or_default(),
            message: header(":error-message").unwrap_or_default(),
        },
        other => return Err(Broken::Damaged(format!("its type {other:?} is none that is known"))),
    };
    Ok(Message { kind, payload: raw.payload().clone() })
}

#[cfg(test)]
mod tests;
