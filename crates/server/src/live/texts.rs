//! The texts of answers that are on their way, as far as they can be shown.
//!
//! They are no events of the ring: what is kept is each text as it is, and of each listener how much of it
//! was heard. So a listener hears every text from its beginning on, whenever it comes; who is slow hears
//! more at once instead of later; and nobody hears of a text that is over.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

/// Texts that grow at the same time, in one project. Further ones are not shown until others end.
pub(super) const MOST_TEXTS: usize = 256;

/// The next piece of a text, for one listener.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Spoken {
    pub(crate) trace_id: Box<str>,
    span_id: Box<str>,
    /// Characters (Unicode scalar values) of the text that come before it: what the listener has heard.
    offset: usize,
    text: Box<str>,
}

/// Invariant: `by_growth` leads to each text of `growing` that has grown, by the last time it did.
#[derive(Debug)]
pub(super) struct Texts {
    /// Bytes of a text that are kept.
    most_bytes: usize,
    /// By their numbers.
    growing: HashMap<u64, Growing>,
    by_growth: BTreeMap<u64, u64>,
    /// The last number that was given, of a text or of a time that one grew.
    last: u64,
}

#[derive(Debug)]
struct Growing {
    trace_id: Box<str>,
    span_id: Box<str>,
    text: String,
    characters: usize,
    /// When it grew last; 0: it did not.
    grown: u64,
    /// It takes nothing more: there was no room, or what it is of was deleted.
    is_closed: bool,
}

/// What one listener has heard.
#[derive(Debug, Default)]
pub(super) struct Hearing {
    /// It has heard of each text at least what there was when it grew at this time.
    until: u64,
    /// By the numbers of texts; some may be over.
    heard: HashMap<u64, Reached>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Reached {
    bytes: usize,
    characters: usize,
}

impl Texts {
    pub(super) fn new(most_bytes: usize) -> Self {
        Self { most_bytes, growing: HashMap::new(), by_growth: BTreeMap::new(), last: 0 }
    }

    /// The number of a new text; `None` where there are too many.
    pub(super) fn begin(&mut self, trace_id: &str, span_id: &str) -> Option<u64> {
        if self.growing.len() >= MOST_TEXTS {
            return None;
        }
        self.last += 1;
        let growing = Growing {
            trace_id: trace_id.into(),
            span_id: span_id.into(),
            text: String::new(),
            characters: 0,
            grown: 0,
            is_closed: false,
        };
        self.growing.insert(self.last, growing);
        Some(self.last)
    }

    /// Adds to a text; says whether it grew.
    pub(super) fn add(&mut self, number: u64, more: &str) -> bool {
        let Some(growing) = self.growing.get_mut(&number).filter(|growing| !growing.is_closed)
        else {
            return false;
        };
        let room = self.most_bytes - growing.text.len();
        let fits = &more[..more.floor_char_boundary(room)];
        // What follows a gap is not shown.
        growing.is_closed = fits.len() < more.len();
        if fits.is_empty() {
            return false;
        }
        growing.text.push_str(fits);
        growing.characters += fits.chars().count();
        self.by_growth.remove(&growing.grown);
        self.last += 1;
        growing.grown = self.last;
        self.by_growth.insert(growing.grown, number);
        true
    }

    /// A text is over: nobody hears more of it.
    pub(super) fn end(&mut self, number: u64) {
        if let Some(growing) = self.growing.remove(&number) {
            self.by_growth.remove(&growing.grown);
        }
    }

    /// Some texts go, by trace and span: nobody hears more of them, whatever is added.
    pub(super) fn forget(&mut self, is_gone: impl Fn(&str, &str) -> bool) {
        for growing in self.growing.values_mut() {
            if is_gone(&growing.trace_id, &growing.span_id) {
                growing.is_closed = true;
                growing.text = String::new();
                self.by_growth.remove(&growing.grown);
            }
        }
    }

    /// What a listener hears next; `None` where it has heard all.
    pub(super) fn next(&self, hearing: &mut Hearing) -> Option<Spoken> {
        let (grown, number) = self.by_growth.range(hearing.until + 1..).next()?;
        let growing = self.growing.get(number)?;
        hearing.until = *grown;
        if hearing.heard.len() >= 2 * MOST_TEXTS {
            hearing.heard.retain(|number, _| self.growing.contains_key(number));
        }
        let heard = hearing.heard.entry(*number).or_default();
        let spoken = Spoken {
            trace_id: growing.trace_id.clone(),
            span_id: growing.span_id.clone(),
            offset: heard.characters,
            text: growing.text[heard.bytes..].into(),
        };
        *heard = Reached { bytes: growing.text.len(), characters: growing.characters };
        Some(spoken)
    }
}

#[cfg(test)]
mod tests;
