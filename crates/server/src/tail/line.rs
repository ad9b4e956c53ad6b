//! Events as lines of text.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Map, Value};
use tracekeep_model::Micros;

use tracekeep_llm::frame::sse::Event;

/// Open spans that are remembered; beyond, all are forgotten, which costs names and durations.
const MOST_OPEN: usize = 10_000;

/// Characters of an id, of names, of an error and of an output that fit a line.
const MOST_ID: usize = 8;
const MOST_NAME: usize = 40;
const MOST_ERROR: usize = 160;
const MOST_OUTPUT: usize = 60;

/// What a line looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    Plain,
    Coloured,
    Json,
}

/// Writes lines, and remembers what ends will need: they come without name, model and start.
#[derive(Debug)]
pub(super) struct Lines {
    look: Look,
    /// By trace and span.
    open: HashMap<(String, String), Known>,
}

#[derive(Debug, Default)]
struct Known {
    name: Option<String>,
    model: Option<String>,
    start: Option<Micros>,
}

/// The data of an event.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Told {
    trace_id: String,
    span_id: Option<String>,
    name: Option<String>,
    model: Option<String>,
    status: Option<String>,
    start_time: Option<String>,
    end_time: Option<String>,
    received_at: Option<String>,
    error: Option<String>,
    output: Option<String>,
}

impl Lines {
    pub(super) fn new(look: Look) -> Self {
        Self { look, open: HashMap::new() }
    }

    /// The line of an event; `None` where it is of a kind that is not known here, or a piece of a text,
    /// which comes whole too.
    pub(super) fn line(&mut self, message: &Event) -> Option<String> {
        if message.event == "text" {
            return None;
        }
        if self.look == Look::Json {
            return json(message);
        }
        match message.event.as_str() {
            "trace" | "span" | "update" | "finish" => {
                let told: Told = serde_json::from_str(&message.data).ok()?;
                Some(self.told(&message.event, told))
            }
            "deleted" => {
                let told: Told = serde_json::from_str(&message.data).ok()?;
                Some(self.deleted(&told))
            }
            "lagged" => Some(self.lagged(&message.data)),
            _ => None,
        }
    }

    fn told(&mut self, event: &str, told: Told) -> String {
        let is_end = event == "finish";
        let span_id = told.span_id.unwrap_or_else(|| told.trace_id.clone());
        let key = (told.trace_id, span_id);
        let known = self.open.remove(&key).unwrap_or_default();
        let known = Known {
            name: told.name.or(known.name),
            model: told.model.or(known.model),
            start: told.start_time.as_deref().and_then(moment).or(known.start),
        };
        let end = told.end_time.as_deref().and_then(moment);
        let sign = match (is_end, told.status.as_deref()) {
            (true, Some("error")) => self.paint("31", "✗"),
            (true, _) => self.paint("32", "✓"),
            (false, _) if event == "update" => self.paint("2", "…"),
            (false, _) => self.paint("33", "▶"),
        };
        let mut parts = vec![
            self.paint("2", &time_of_day(told.received_at.as_deref())),
            sign,
            self.paint("36", &shown(&key.0, MOST_ID)),
        ];
        parts.extend(known.name.as_deref().map(|name| shown(name, MOST_NAME)));
        parts.extend(known.model.as_deref().map(|model| self.paint("2", &shown(model, MOST_NAME))));
        if let (true, Some(start), Some(end)) = (is_end, known.start, end) {
            parts.push(duration(end.since(start)));
        }
        if let Some(error) = &told.error {
            parts.push(self.paint("31", &shown(error, MOST_ERROR)));
        } else if let Some(output) = &told.output {
            parts.push(self.paint("2", &ending(output, MOST_OUTPUT)));
        }
        if !is_end {
            if self.open.len() >= MOST_OPEN {
                self.open.clear();
            }
            self.open.insert(key, known);
        }
        parts.join("  ")
    }

    /// Of a trace, or of one of its spans.
    fn deleted(&mut self, told: &Told) -> String {
        let span_id = told.span_id.as_deref();
        self.open.retain(|(trace, span), _| {
            *trace != told.trace_id || span_id.is_some_and(|gone| *span != *gone)
        });
        let what = if span_id.is_none() { "trace deleted" } else { "span deleted" };
        [
            self.paint("2", &time_of_day(told.received_at.as_deref())),
            self.paint("2", "⌫"),
            self.paint("36", &shown(&told.trace_id, MOST_ID)),
            what.to_owned(),
        ]
        .join("  ")
    }

    fn lagged(&self, data: &str) -> String {
        let data: Value = serde_json::from_str(data).unwrap_or_default();
        let many = data["missed"].as_u64().map_or("some".to_owned(), |missed| missed.to_string());
        self.paint("33", &format!("{many} events were missed; the list of traces has them all"))
    }

    /// In a colour, by its ANSI number, where there are colours.
    fn paint(&self, colour: &str, text: &str) -> String {
        match self.look {
            Look::Coloured => format!("\u{1b}[{colour}m{text}\u{1b}[0m"),
            Look::Plain | Look::Json => text.to_owned(),
        }
    }
}

/// The event as one JSON object, its name first.
fn json(message: &Event) -> Option<String> {
    let data: Map<String, Value> = serde_json::from_str(&message.data).ok()?;
    let mut all = Map::new();
    all.insert("event".to_owned(), Value::from(message.event.as_str()));
    all.extend(data);
    Some(Value::Object(all).to_string())
}

fn moment(text: &str) -> Option<Micros> {
    Micros::parse(text).ok()
}

/// `12:00:00.000Z` of `2026-03-01T12:00:00.000Z`.
fn time_of_day(text: Option<&str>) -> String {
    let time = text.and_then(moment).unwrap_or_default();
    let millis = Micros(time.0.div_euclid(1_000) * 1_000).to_string();
    millis.split_once('T').map_or(millis.clone(), |(_, time)| time.to_owned())
}

fn duration(micros: i64) -> String {
    let millis = micros / 1_000;
    let seconds = millis / 1_000;
    match seconds {
        0 => format!("{millis} ms"),
        1..60 => format!("{seconds}.{:02} s", millis % 1_000 / 10),
        _ => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

/// The beginning of a text, on one line.
fn shown(text: &str, most: usize) -> String {
    let mut shown: String = text.chars().take(most).map(harmless).collect();
    if text.chars().nth(most).is_some() {
        shown.push('…');
    }
    shown
}

/// The end of a text, on one line: what an answer that grows has new.
fn ending(text: &str, most: usize) -> String {
    let skipped = text.chars().count().saturating_sub(most);
    let ending: String = text.chars().skip(skipped).map(harmless).collect();
    if skipped > 0 { format!("…{ending}") } else { ending }
}

/// Senders choose these texts: they must not move the cursor, recolour the terminal or turn the
/// direction of writing.
fn harmless(character: char) -> char {
    match character {
        '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => ' ',
        _ if character.is_control() => ' ',
        _ => character,
    }
}

#[cfg(test)]
mod tests;
