//! Streams of any protocol: bytes to pieces of an answer, and back.

use super::Framing;
use crate::chat::{Delta, Fresh, Unreadable};
use crate::chat_completions::StreamUsage;
use crate::frame::{array, aws, sse};
use crate::{
    Protocol, chat_completions, cohere_chat, converse, generate_content, messages, responses,
};

/// Reads a provider's stream, which comes in pieces that are cut anywhere.
pub struct StreamReader {
    frames: Frames,
    events: Events,
}

enum Frames {
    Events(sse::Parser),
    Array(array::Parser),
    Amazon(aws::Parser),
}

enum Events {
    ChatCompletions(chat_completions::Reader),
    Responses(responses::Reader),
    Messages(messages::Reader),
    GenerateContent(generate_content::Reader),
    Converse(converse::Reader),
    CohereChat(cohere_chat::Reader),
}

impl StreamReader {
    /// Of a protocol, framed so.
    #[must_use]
    pub fn new(protocol: Protocol, framing: Framing) -> Self {
        let frames = match framing {
            Framing::Events => Frames::Events(sse::Parser::default()),
            Framing::Array => Frames::Array(array::Parser::default()),
            Framing::Amazon => Frames::Amazon(aws::Parser::default()),
        };
        let events = match protocol {
            Protocol::ChatCompletions => Events::ChatCompletions(Default::default()),
            Protocol::Responses => Events::Responses(Default::default()),
            Protocol::Messages => Events::Messages(Default::default()),
            Protocol::GenerateContent => Events::GenerateContent(Default::default()),
            Protocol::Converse => Events::Converse(Default::default()),
            Protocol::CohereChat => Events::CohereChat(Default::default()),
        };
        Self { frames, events }
    }

    /// The pieces of the answer that these bytes complete, those before an error included.
    pub fn push(&mut self, bytes: &[u8], deltas: &mut Vec<Delta>) -> Result<(), Unreadable> {
        let events = match &mut self.frames {
            Frames::Events(parser) => parser.push(bytes).map_err(unframed)?,
            Frames::Array(parser) => parser.push(bytes).map_err(unframed)?,
            Frames::Amazon(parser) => {
                let Events::Converse(reader) = &mut self.events else { return Ok(()) };
                for message in parser.push(bytes).map_err(unframed)? {
                    deltas.extend(reader.read(&message)?);
                }
                return Ok(());
            }
        };
        for event in &events {
            deltas.extend(self.events.read(event)?);
        }
        Ok(())
    }
}

impl Events {
    fn read(&mut self, event: &sse::Event) -> Result<Vec<Delta>, Unreadable> {
        match self {
            Self::ChatCompletions(reader) => reader.read(event),
            Self::Responses(reader) => reader.read(event),
            Self::Messages(reader) => reader.read(event),
            Self::GenerateContent(reader) => reader.read(event),
            Self::CohereChat(reader) => reader.read(event),
            // Its frames are no server-sent events.
            Self::Converse(_) => Ok(Vec::new()),
        }
    }
}

fn unframed(error: impl std::error::Error) -> Unreadable {
    Unreadable::new("stream", error.to_string())
}

/// Writes a stream for a client.
pub struct StreamWriter {
    events: Written,
    array: Option<array::Writer>,
}

enum Written {
    ChatCompletions(chat_completions::Writer),
    Responses(responses::Writer),
    Messages(messages::Writer),
    GenerateContent(generate_content::Writer),
}

impl StreamWriter {
    /// For a client that speaks this protocol (chat completions where no client speaks it) and wants its
    /// events framed so.
    #[must_use]
    pub fn new(protocol: Protocol, framing: Framing, fresh: Fresh, usage: StreamUsage) -> Self {
        let events = match protocol {
            Protocol::Responses => Written::Responses(responses::Writer::new(fresh)),
            Protocol::Messages => Written::Messages(messages::Writer::new(fresh)),
            Protocol::GenerateContent => {
                Written::GenerateContent(generate_content::Writer::new(fresh))
            }
            Protocol::ChatCompletions | Protocol::Converse | Protocol::CohereChat => {
                Written::ChatCompletions(chat_completions::Writer::new(fresh, usage))
            }
        };
        let array = (framing == Framing::Array).then(array::Writer::default);
        Self { events, array }
    }

    /// Appends the bytes of a piece.
    pub fn write(&mut self, delta: &Delta, to: &mut Vec<u8>) {
        let events = match &mut self.events {
            Written::ChatCompletions(writer) => writer.write(delta),
            Written::Responses(writer) => writer.write(delta),
            Written::Messages(writer) => writer.write(delta),
            Written::GenerateContent(writer) => writer.write(delta),
        };
        for event in &events {
            match &mut self.array {
                Some(array) => array.write(event, to),
                None => event.write(to),
            }
        }
    }

    /// Appends what closes the stream.
    pub fn end(self, to: &mut Vec<u8>) {
        if let Some(array) = self.array {
            array.end(to);
        }
    }
}
