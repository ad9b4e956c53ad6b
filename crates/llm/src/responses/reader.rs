//! Reads a streamed answer.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{error, output, response::seconds, usage};
use crate::{
    chat::{ApiError, Delta, ErrorKind, Part, Unreadable},
    frame::sse,
};

/// Items of an answer that are followed; what is said of further ones is left out.
const MOST_ITEMS: usize = 4096;

/// A provider's stream as far as it has come.
#[derive(Debug, Default)]
pub struct Reader {
    is_started: bool,
    is_over: bool,
    service_tier: Option<String>,
    /// By their index in the output.
    items: BTreeMap<u64, Item>,
    /// How many of them are calls.
    calls: u32,
}

/// What came of an item.
#[derive(Debug, Default)]
struct Item {
    /// Which call it is, if it is one.
    call: Option<u32>,
    /// The last of its parts of which something came; 0 for a call's arguments.
    heard: Option<u64>,
    /// Where its thoughts are from. A provider that sends both is heard once.
    thoughts: Option<Thoughts>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Thoughts {
    Summary,
    Content,
}

impl Reader {
    /// What an event says. Events that are not known say nothing, and neither does anything after
    /// the end.
    ///
    /// # Errors
    /// The event's data is not JSON.
    pub fn read(&mut self, event: &sse::Event) -> Result<Vec<Delta>, Unreadable> {
        let mut deltas = Vec::new();
        let text = event.data.trim();
        // Some servers of this protocol end as chat completions does.
        if self.is_over || text.is_empty() || text == "[DONE]" {
            return Ok(deltas);
        }
        let data: Value = serde_json::from_str(text).map_err(|error| {
            Unreadable::new("data", format!("of an event of the stream is not JSON: {error}"))
        })?;
        let kind = data["type"].as_str().unwrap_or(&event.event);
        let index = data["output_index"].as_u64().unwrap_or_default();
        match kind {
            "response.created" | "response.queued" | "response.in_progress" => {
                self.start(&data["response"], &mut deltas);
            }
            "response.output_item.added" => self.added(index, &data["item"], &mut deltas),
            "response.output_item.done" => self.done(index, &data["item"], &mut deltas),
            "response.output_text.delta" => deltas.extend(self.text(index, &data, false)),
            "response.output_text.done" => deltas.extend(self.text(index, &data, true)),
            "response.refusal.delta" => deltas.extend(self.refusal(index, &data, false)),
            "response.refusal.done" => deltas.extend(self.refusal(index, &data, true)),
            "response.reasoning_summary_text.delta" => {
                deltas.extend(self.thought(index, Thoughts::Summary, &data));
            }
            "response.reasoning_text.delta" => {
                deltas.extend(self.thought(index, Thoughts::Content, &data));
            }
            "response.function_call_arguments.delta" | "response.custom_tool_call_input.delta" => {
                deltas.extend(self.arguments(index, data["delta"].as_str()));
            }
            "response.completed" | "response.incomplete" | "response.failed" => {
                self.end(kind, &data["response"], &mut deltas);
            }
            // The documented event has its fields at the top; OpenAI sends them in an object.
            "error" if data["error"].is_object() => self.fail(&data["error"], &mut deltas),
            "error" => self.fail(&data, &mut deltas),
            _ => {}
        }
        Ok(deltas)
    }

    fn item(&mut self, index: u64) -> Option<&mut Item> {
        if self.items.len() >= MOST_ITEMS && !self.items.contains_key(&index) {
            return None;
        }
        Some(self.items.entry(index).or_default())
    }

    fn start(&mut self, response: &Value, deltas: &mut Vec<Delta>) {
        if std::mem::replace(&mut self.is_started, true) {
            return;
        }
        let text = |name: &str| response[name].as_str().map(str::to_owned);
        self.service_tier = text("service_tier");
        deltas.push(Delta::Start {
            id: text("id"),
            model: text("model"),
            created: seconds(&response["created_at"]),
            service_tier: self.service_tier.clone(),
        });
    }

    fn added(&mut self, index: u64, item: &Value, deltas: &mut Vec<Delta>) {
        let Some(begin) = output::call(item) else { return };
        let next = self.calls;
        let Some(known) = self.item(index).filter(|known| known.call.is_none()) else { return };
        known.call = Some(next);
        if !begin.arguments.is_empty() {
            known.heard = Some(0);
        }
        self.calls += 1;
        deltas.push(Delta::ToolCall { choice: 0, call: next, begin });
    }

    /// A piece of text, or a part's whole text where no piece came.
    fn heard(&mut self, index: u64, data: &Value, name: &str, is_whole: bool) -> Option<String> {
        let part = data["content_index"].as_u64().unwrap_or_default();
        let name = if is_whole { name } else { "delta" };
        let text = data[name].as_str().filter(|text| !text.is_empty())?;
        let item = self.item(index)?;
        if is_whole && item.heard.is_some_and(|heard| heard >= part) {
            return None;
        }
        item.heard = Some(part);
        Some(text.to_owned())
    }

    fn text(&mut self, index: u64, data: &Value, is_whole: bool) -> Option<Delta> {
        let text = self.heard(index, data, "text", is_whole)?;
        Some(Delta::Text { choice: 0, text })
    }

    fn refusal(&mut self, index: u64, data: &Value, is_whole: bool) -> Option<Delta> {
        let text = self.heard(index, data, "refusal", is_whole)?;
        Some(Delta::Refusal { choice: 0, text })
    }

    fn thought(&mut self, index: u64, from: Thoughts, data: &Value) -> Option<Delta> {
        let name = if from == Thoughts::Summary { "summary_index" } else { "content_index" };
        let part = data[name].as_u64().unwrap_or_default();
        let text = data["delta"].as_str().filter(|text| !text.is_empty())?;
        let item = self.item(index)?;
        if *item.thoughts.get_or_insert(from) != from {
            return None;
        }
        let is_further = item.heard.replace(part).is_some_and(|heard| heard != part);
        let text = if is_further { format!("\n\n{text}") } else { text.to_owned() };
        Some(Delta::Reasoning { choice: 0, text, sealed: None })
    }

    fn arguments(&mut self, index: u64, text: Option<&str>) -> Option<Delta> {
        let text = text.filter(|text| !text.is_empty())?.to_owned();
        let item = self.items.get_mut(&index)?;
        let call = item.call?;
        item.heard = Some(0);
        Some(Delta::Arguments { choice: 0, call, text })
    }

    /// An item is whole: what did not come in pieces comes now.
    fn done(&mut self, index: u64, whole: &Value, deltas: &mut Vec<Delta>) {
        let Some(item) = self.item(index) else { return };
        let (is_new, is_begun_call) = (item.heard.is_none(), item.call.is_some());
        match whole["type"].as_str() {
            Some("message") if is_new => deltas.extend(output::said(whole).filter_map(delta)),
            Some("reasoning") => {
                let Some((text, sealed)) = output::thoughts(whole) else { return };
                let text = if is_new { text } else { String::new() };
                if !text.is_empty() || sealed.is_some() {
                    deltas.push(Delta::Reasoning { choice: 0, text, sealed });
                }
            }
            Some("function_call" | "custom_tool_call") if !is_begun_call => {
                self.added(index, whole, deltas);
            }
            Some("function_call" | "custom_tool_call") if is_new => {
                let arguments = output::call(whole).map(|call| call.arguments);
                deltas.extend(self.arguments(index, arguments.as_deref()));
            }
            _ => {}
        }
        if let Some(item) = self.item(index) {
            item.heard.get_or_insert(0);
        }
    }

    fn end(&mut self, kind: &str, response: &Value, deltas: &mut Vec<Delta>) {
        self.start(response, deltas);
        let tier = response["service_tier"].as_str();
        if tier.is_some() && tier != self.service_tier.as_deref() {
            // Which class was given is known at the end; before, it is the one that was asked.
            let service_tier = tier.map(str::to_owned);
            deltas.push(Delta::Start { id: None, model: None, created: None, service_tier });
        }
        if self.items.is_empty() {
            // A server that sends the answer at its end only.
            let items = response["output"].as_array().map_or(&[][..], Vec::as_slice);
            for (index, item) in (0..).zip(items) {
                self.done(index, item, deltas);
            }
        }
        deltas.extend(usage::of_response(response).map(Delta::Counted));
        if kind == "response.failed" {
            return self.fail(&response["error"], deltas);
        }
        if let Some(reason) = output::finish(response, self.calls > 0) {
            deltas.push(Delta::Finish { choice: 0, reason });
        }
        self.is_over = true;
        deltas.push(Delta::End);
    }

    fn fail(&mut self, error: &Value, deltas: &mut Vec<Delta>) {
        let failure = if error.is_object() {
            error::midway(error)
        } else {
            ApiError::new(ErrorKind::Provider, "the provider failed midway without a reason")
        };
        self.is_over = true;
        deltas.extend([Delta::Failed(failure), Delta::End]);
    }
}

fn delta(part: Part) -> Option<Delta> {
    match part {
        Part::Text(text) => Some(Delta::Text { choice: 0, text }),
        Part::Refusal(text) => Some(Delta::Refusal { choice: 0, text }),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
