//! Watches a streamed answer as it passes: puts it together, and notes when what came.

use tracekeep_model::Micros;

use crate::chat::{ApiError, Assembly, Delta, ErrorKind, Response};
use crate::{Framing, Protocol, StreamReader};

/// Pauses between pieces that are kept for the percentiles; of a longer stream the first.
const MOST_PAUSES: usize = 16_384;

/// A streamed answer as far as it has passed.
pub struct Watch {
    reader: Option<StreamReader>,
    assembly: Assembly,
    pace: Pace,
    broken: Option<String>,
}

/// When the pieces of an answer came.
#[derive(Debug, Default)]
struct Pace {
    first: Option<Micros>,
    last: Option<Micros>,
    pieces: u64,
    /// In µs.
    pauses: Vec<u32>,
}

/// When the pieces of an answer came. Pieces are what the provider sends at once: most often a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// The first piece with content: thoughts, text, a tool's call.
    pub first: Micros,
    /// The last one.
    pub last: Micros,
    /// How many there were.
    pub pieces: u64,
    /// The median pause between two, in µs; 0 for fewer than two.
    pub pause_p50: u32,
    /// The pause that 95 of 100 do not exceed, in µs.
    pub pause_p95: u32,
    /// The longest pause, in µs.
    pub pause_max: u32,
}

/// What a stream came to.
#[derive(Debug)]
pub struct Watched {
    /// The answer, as far as it came.
    pub response: Response,
    /// When its pieces came; `None` where none did.
    pub timing: Option<Timing>,
    /// Why it is not whole.
    pub failed: Option<ApiError>,
}

impl Watch {
    /// Of a provider's bytes.
    #[must_use]
    pub fn bytes(protocol: Protocol, framing: Framing) -> Self {
        Self { reader: Some(StreamReader::new(protocol, framing)), ..Self::deltas() }
    }

    /// Of pieces that are read already.
    #[must_use]
    pub fn deltas() -> Self {
        let (assembly, pace) = (Assembly::default(), Pace::default());
        Self { reader: None, assembly, pace, broken: None }
    }

    /// Bytes that came at `at`; gives the pieces that they complete. Once something could not be read,
    /// nothing more is: the bytes pass all the same.
    pub fn push(&mut self, bytes: &[u8], at: Micros) -> Vec<Delta> {
        let mut deltas = Vec::new();
        if let Some(reader) = &mut self.reader
            && let Err(error) = reader.push(bytes, &mut deltas)
        {
            self.broken = Some(error.to_string());
            self.reader = None;
        }
        deltas.iter().for_each(|delta| self.take(delta, at));
        deltas
    }

    /// A piece that came at `at`.
    pub fn take(&mut self, delta: &Delta, at: Micros) {
        if has_content(delta) {
            self.pace.note(at);
        }
        self.assembly.add(delta);
    }

    /// The answer so far.
    #[must_use]
    pub fn response(&self) -> &Response {
        self.assembly.response()
    }

    /// When the first content came.
    #[must_use]
    pub fn first(&self) -> Option<Micros> {
        self.pace.first
    }

    /// Whether the provider said that nothing more comes, or that it failed.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.assembly.has_ended() || self.assembly.failed().is_some()
    }

    /// What it came to, now that the stream is over.
    #[must_use]
    pub fn finish(self) -> Watched {
        let has_ended = self.assembly.has_ended();
        let timing = self.pace.timing();
        let (response, failed) = self.assembly.finish();
        let failed = failed.or_else(|| {
            let malformed = |reason: String| {
                let mut error = ApiError::new(ErrorKind::Provider, reason);
                error.code = Some("malformed_stream".to_owned());
                error
            };
            if let Some(reason) = self.broken {
                return Some(malformed(format!("the provider's stream cannot be read: {reason}")));
            }
            let is_whole = has_ended || response.choices.iter().any(|c| c.finish.is_some());
            (!is_whole).then(|| {
                let mut error =
                    malformed("the provider's stream ended before its answer did".into());
                error.code = Some("incomplete_stream".to_owned());
                error
            })
        });
        Watched { response, timing, failed }
    }
}

impl Pace {
    fn note(&mut self, at: Micros) {
        self.first.get_or_insert(at);
        if let Some(last) = self.last
            && self.pauses.len() < MOST_PAUSES
        {
            self.pauses.push(u32::try_from((at.0 - last.0).max(0)).unwrap_or(u32::MAX));
        }
        self.last = Some(at);
        self.pieces += 1;
    }

    fn timing(mut self) -> Option<Timing> {
        let (first, last) = (self.first?, self.last?);
        self.pauses.sort_unstable();
        // The nearest rank.
        let at = |share: usize| {
            let rank = (self.pauses.len() * share).div_ceil(100);
            self.pauses.get(rank.saturating_sub(1)).copied().unwrap_or(0)
        };
        Some(Timing {
            first,
            last,
            pieces: self.pieces,
            pause_p50: at(50),
            pause_p95: at(95),
            pause_max: at(100),
        })
    }
}

fn has_content(delta: &Delta) -> bool {
    match delta {
        Delta::Text { text, .. } | Delta::Refusal { text, .. } | Delta::Arguments { text, .. } => {
            !text.is_empty()
        }
        Delta::Reasoning { text, sealed, .. } => !text.is_empty() || sealed.is_some(),
        Delta::ToolCall { .. } => true,
        Delta::Start { .. }
        | Delta::Finish { .. }
        | Delta::Counted(_)
        | Delta::Failed(_)
        | Delta::End => false,
    }
}

#[cfg(test)]
mod tests;
