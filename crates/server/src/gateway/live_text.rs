//! Shows the text of an answer, as it comes, to those who watch its project.
//!
//! What is shown is masked as what is written is, and goes only as far as the rest of the answer cannot
//! change it: an address that has half come is not shown. Each piece is masked once, so that it costs the
//! same however long the answer is. What came since the last time is shown with the next piece; the end of
//! the answer comes with its trace's.

use std::sync::Arc;

use tracekeep_decode::call::Place;
use tracekeep_llm::chat::{Part, Response};
use tracekeep_model::{Micros, Text};
use tracekeep_redact::Redactor;

use crate::live::{Hub, MOST_OUTPUT, Telling};

/// How often it is looked for something new to show, in microseconds.
const PAUSE: i64 = Micros::SECOND / 5;

/// What is shown of one call's answer. Nothing more is once it is dropped.
pub(super) struct LiveText {
    hub: Arc<Hub>,
    redactor: Redactor,
    next: Micros,
    /// `None`: nobody watched, the last time.
    shown: Option<Shown>,
}

struct Shown {
    telling: Telling,
    /// Bytes of the answer's text that were told.
    told: usize,
}

impl LiveText {
    pub(super) fn new(hub: Arc<Hub>, redactor: Redactor) -> Self {
        Self { hub, redactor, next: Micros(0), shown: None }
    }

    /// Shows what an answer has new at `at`, if it is time and somebody watches.
    pub(super) fn show(
        &mut self,
        project_id: &Text,
        place: &Place,
        at: Micros,
        response: &Response,
    ) {
        if at < self.next {
            return;
        }
        self.next = at.plus(PAUSE);
        // What is told to nobody any more ends here; who comes then hears it from its beginning on.
        let before = self.shown.take();
        let Some(audience) = self.hub.audience(project_id) else { return };
        let known = before.filter(|shown| shown.telling.is_to(&audience));
        let begun = known.or_else(|| {
            let telling = audience.begin(&place.trace_id, &place.span_id)?;
            Some(Shown { telling, told: 0 })
        });
        let Some(mut shown) = begun else { return };
        let new = text_behind(response, shown.told);
        let settled = self.redactor.settled(&new);
        shown.telling.add(&self.redactor.mask(&new[..settled]));
        shown.told += settled;
        self.shown = Some(shown);
    }

    /// The call has ended: nothing more is shown of it.
    pub(super) fn end(&mut self) {
        self.shown = None;
    }
}

/// The text of the first choice behind so many bytes of it, or as much of that as is shown at all.
fn text_behind(response: &Response, told: usize) -> String {
    let mut behind = String::new();
    let mut told = told;
    for part in response.choices.iter().take(1).flat_map(|choice| &choice.parts) {
        let Part::Text(text) = part else { continue };
        let Some(new) = text.get(told..) else {
            told = told.saturating_sub(text.len());
            continue;
        };
        told = 0;
        let room = MOST_OUTPUT - behind.len();
        behind.push_str(&new[..new.floor_char_boundary(room)]);
        if new.len() >= room {
            break;
        }
    }
    behind
}

#[cfg(test)]
mod tests;
