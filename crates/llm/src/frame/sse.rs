//! Server-sent events, as the HTML standard parses them (section 9.2.6).

mod split;

pub use split::Splitter;

/// Bytes of one event, or of one line. A longer one is an error.
const MOST_BYTES: usize = 64 << 20;

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// What it is called; `message` where its sender gave no name.
    pub event: String,
    /// Its lines of data, joined by line feeds.
    pub data: String,
}

/// An event is longer than 64 MiB. Nothing more can be read of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event of the stream is longer than 64 MiB")]
pub struct TooLong;

/// Reads a stream that comes in pieces, cut anywhere.
#[derive(Debug, Default)]
pub struct Parser {
    /// A line that is not complete yet.
    line: Vec<u8>,
    /// The last byte was a carriage return: a line feed now belongs to it.
    is_after_return: bool,
    is_after_first_line: bool,
    event: String,
    data: String,
    /// The id that the next blank line makes the last one.
    id: String,
    last_id: String,
}

impl Event {
    /// An event without a name.
    #[must_use]
    pub fn message(data: impl Into<String>) -> Self {
        Self { event: "message".to_owned(), data: data.into() }
    }

    /// An event with a name.
    #[must_use]
    pub fn named(event: &str, data: impl Into<String>) -> Self {
        Self { event: event.to_owned(), data: data.into() }
    }

    /// Appends its bytes to a stream. An event called `message` gets no line for its name.
    pub fn write(&self, to: &mut Vec<u8>) {
        if self.event != "message" {
            to.extend_from_slice(b"event: ");
            to.extend_from_slice(self.event.as_bytes());
            to.push(b'\n');
        }
        for line in self.data.split('\n') {
            to.extend_from_slice(b"data: ");
            to.extend_from_slice(line.as_bytes());
            to.push(b'\n');
        }
        to.push(b'\n');
    }
}

impl Parser {
    /// The events that these bytes complete.
    ///
    /// # Errors
    /// [`TooLong`]: an event has no end.
    pub fn push(&mut self, mut bytes: &[u8]) -> Result<Vec<Event>, TooLong> {
        let mut events = Vec::new();
        if self.is_after_return && !bytes.is_empty() {
            self.is_after_return = false;
            bytes = bytes.strip_prefix(b"\n").unwrap_or(bytes);
        }
        while let Some(end) = bytes.iter().position(|byte| matches!(byte, b'\r' | b'\n')) {
            let (line, rest) = bytes.split_at(end);
            let ended_by_return = rest[0] == b'\r';
            bytes = &rest[1..];
            if ended_by_return {
                self.is_after_return = bytes.is_empty();
                bytes = bytes.strip_prefix(b"\n").unwrap_or(bytes);
            }
            if self.line.is_empty() {
                events.extend(self.end_line(line));
            } else {
                let mut whole = std::mem::take(&mut self.line);
                whole.extend_from_slice(line);
                events.extend(self.end_line(&whole));
                whole.clear();
                self.line = whole;
            }
            if self.data.len() > MOST_BYTES {
                return Err(TooLong);
            }
        }
        self.line.extend_from_slice(bytes);
        if self.line.len() > MOST_BYTES { Err(TooLong) } else { Ok(events) }
    }

    /// The id of the last event, also of one without data.
    #[must_use]
    pub fn last_id(&self) -> Option<&str> {
        Some(self.last_id.as_str()).filter(|id| !id.is_empty())
    }

    fn end_line(&mut self, bytes: &[u8]) -> Option<Event> {
        let line = String::from_utf8_lossy(bytes);
        let mut line = &*line;
        if !std::mem::replace(&mut self.is_after_first_line, true) {
            line = line.strip_prefix('\u{feff}').unwrap_or(line);
        }
        if line.is_empty() {
            return self.end_event();
        }
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "event" => value.clone_into(&mut self.event),
            "data" => {
                self.data.push_str(value);
                self.data.push('\n');
            }
            "id" if !value.contains('\0') => value.clone_into(&mut self.id),
            // Comments have no name; `retry` is for browsers.
            _ => {}
        }
        None
    }

    fn end_event(&mut self) -> Option<Event> {
        self.last_id.clone_from(&self.id);
        let event = std::mem::take(&mut self.event);
        let mut data = std::mem::take(&mut self.data);
        // Every line of data brought a line feed; the last one does not belong to it.
        data.pop()?;
        let event = if event.is_empty() { "message".to_owned() } else { event };
        Some(Event { event, data })
    }
}

#[cfg(test)]
mod tests;
