//! A streamed answer of these endpoints as it passes: sound, or events.

use serde::Deserialize;
use serde::de::IgnoredAny;
use tracekeep_model::Micros;

use crate::chat::{ApiError, Choice, Counted, ErrorKind, Part, Response};
use crate::chat_completions::read_error;
use crate::frame::sse::{Event, Parser, TooLong};

/// Bytes of text that are kept. What comes after is not, so that a stream without end takes no memory
/// without end.
const MOST_BYTES: usize = 64 << 20;

/// What a streamed answer said as far as it has passed. It keeps texts and counts, no pictures and no
/// sound.
#[derive(Debug)]
pub struct Streamed {
    parser: Option<Parser>,
    /// Why nothing more is read.
    broken: Option<TooLong>,
    count: fn(&Event) -> Option<Counted>,
    response: Response,
    first: Option<Micros>,
    last: Option<Micros>,
    pieces: u64,
    /// Of text, kept or not.
    bytes: usize,
    is_over: bool,
    failed: Option<ApiError>,
}

impl Streamed {
    /// Of bytes that are the answer themselves, such as sound.
    #[must_use]
    pub fn bytes() -> Self {
        Self {
            parser: None,
            broken: None,
            count: |_| None,
            response: Response::default(),
            first: None,
            last: None,
            pieces: 0,
            bytes: 0,
            is_over: false,
            failed: None,
        }
    }

    /// Of server-sent events; `count` says what one of them counts.
    #[must_use]
    pub fn events(count: fn(&Event) -> Option<Counted>) -> Self {
        Self { parser: Some(Parser::default()), count, ..Self::bytes() }
    }

    /// Counting that much unless the stream says otherwise.
    #[must_use]
    pub fn assuming(mut self, counted: Option<Counted>) -> Self {
        self.response.counted = counted;
        self
    }

    /// Bytes that came at `at`. Once something cannot be read, nothing more is: the bytes pass all the
    /// same.
    pub fn push(&mut self, bytes: &[u8], at: Micros) {
        let Some(parser) = &mut self.parser else {
            return self.note(at, u64::from(!bytes.is_empty()));
        };
        match parser.push(bytes) {
            Ok(events) => {
                self.note(at, events.len() as u64);
                events.iter().for_each(|event| self.take(event));
            }
            Err(error) => {
                self.parser = None;
                self.broken = Some(error);
            }
        }
    }

    /// The answer so far: its text, where it is one.
    #[must_use]
    pub fn response(&self) -> &Response {
        &self.response
    }

    /// When the first piece came, when the last, and how many.
    #[must_use]
    pub fn pace(&self) -> Option<(Micros, Micros, u64)> {
        Some((self.first?, self.last?, self.pieces))
    }

    /// Whether the provider said that nothing more comes, or that it failed.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.is_over || self.failed.is_some()
    }

    /// What went wrong with a stream that has come to its end: what it says itself, or that it could not
    /// be read (`malformed_stream`), or that its last event did not come (`incomplete_stream`). Sound
    /// has no last event.
    #[must_use]
    pub fn failure(&self) -> Option<ApiError> {
        if self.is_over() {
            return self.failed.clone();
        }
        let (code, message) = match (&self.broken, &self.parser) {
            (Some(reason), _) => {
                ("malformed_stream", format!("the provider's stream cannot be read: {reason}"))
            }
            (None, Some(_)) => {
                let message = "the provider's stream ended before its answer did";
                ("incomplete_stream", message.to_owned())
            }
            (None, None) => return None,
        };
        let mut error = ApiError::new(ErrorKind::Provider, message);
        error.code = Some(code.to_owned());
        Some(error)
    }

    fn note(&mut self, at: Micros, pieces: u64) {
        if pieces > 0 {
            self.first.get_or_insert(at);
            self.last = Some(at);
            self.pieces += pieces;
        }
    }

    fn take(&mut self, event: &Event) {
        /// An event without its picture or sound.
        #[derive(Deserialize)]
        struct Said {
            r#type: Option<String>,
            delta: Option<String>,
            text: Option<String>,
            error: Option<IgnoredAny>,
        }
        if event.data == "[DONE]" {
            self.is_over = true;
            return;
        }
        let Ok(said) = serde_json::from_str::<Said>(&event.data) else { return };
        let kind = said.r#type.as_deref().unwrap_or(&event.event);
        if kind == "error" || said.error.is_some() {
            self.failed = Some(read_error(500, event.data.as_bytes()));
            return;
        }
        self.response.counted = (self.count)(event).or(self.response.counted.take());
        match kind {
            "transcript.text.delta" => {
                let more = said.delta.unwrap_or_default();
                self.bytes = self.bytes.saturating_add(more.len());
                if self.bytes <= MOST_BYTES {
                    self.say(|text| text.push_str(&more));
                }
            }
            // What is whole stands for its pieces.
            "transcript.text.done" => {
                if let Some(whole) = said.text.filter(|whole| whole.len() <= MOST_BYTES) {
                    self.bytes = self.bytes.max(whole.len());
                    self.say(|text| *text = whole);
                }
            }
            _ => {}
        }
        self.is_over |= kind.ends_with(".done") || kind.ends_with(".completed");
    }

    /// Changes the text, which is there from the first change on.
    fn say(&mut self, change: impl FnOnce(&mut String)) {
        if self.response.choices.is_empty() {
            let parts = vec![Part::Text(String::new())];
            self.response.choices.push(Choice { parts, finish: None });
        }
        let first = self.response.choices.first_mut().and_then(|choice| choice.parts.first_mut());
        if let Some(Part::Text(text)) = first {
            change(text);
        }
    }
}

#[cfg(test)]
mod tests;
