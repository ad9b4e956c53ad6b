//! Reads and writes a whole answer.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::{
    output::{self, Ending, Said},
    usage,
};
use crate::chat::{Choice, Counted, Fresh, Part, Response, ToolCall, Unreadable};

/// Reads an answer. Items that this form does not know, such as those of built-in tools, are left
/// out. An answer that failed ends for the reason `failed`.
///
/// # Errors
/// The text is not a JSON object.
pub fn read_response(body: &[u8]) -> Result<Response, Unreadable> {
    let body: Value = serde_json::from_slice(body)
        .map_err(|error| Unreadable::new("body", format!("is not JSON: {error}")))?;
    if !body.is_object() {
        return Err(Unreadable::new("body", "is no JSON object; a response is one"));
    }
    let parts = body["output"].as_array().map(|items| output::read(items)).unwrap_or_default();
    let has_calls = parts.iter().any(|part| matches!(part, Part::ToolCall(_)));
    let finish = output::finish(&body, has_calls);
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    Ok(Response {
        id: text("id"),
        model: text("model"),
        created: seconds(&body["created_at"]),
        choices: vec![Choice { parts, finish }],
        counted: usage::of_response(&body),
        service_tier: text("service_tier"),
    })
}

/// A time in seconds. The SDK's type is a float.
pub(super) fn seconds(value: &Value) -> Option<i64> {
    // A float beyond the range becomes its end.
    value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64))
}

/// Writes an answer for the client. There is one choice in this protocol: the first.
#[must_use]
pub fn write_response(response: &Response, fresh: &Fresh) -> Value {
    let mut head = Head::new(fresh.clone());
    head.learn(&response.id, &response.model, response.created, &response.service_tier);
    let choice = response.choices.first();
    let ending = Ending::of(choice.and_then(|choice| choice.finish.as_ref()));
    let items = items(&head, choice.map_or(&[][..], |choice| choice.parts.as_slice()), &ending);
    head.write(items, &ending, response.counted.as_ref())
}

fn items(head: &Head, parts: &[Part], ending: &Ending) -> Vec<Value> {
    let mut items: Vec<Value> = Vec::new();
    let mut content = Vec::new();
    let mut call_ids = HashSet::new();
    let flush = |items: &mut Vec<Value>, content: &mut Vec<Value>| {
        if !content.is_empty() {
            let id = head.item_id("msg", items.len());
            items.push(output::message(&id, "completed", std::mem::take(content)));
        }
    };
    for part in parts {
        match part {
            Part::Text(text) => {
                content.push(output::content(Said::Text, text));
                continue;
            }
            Part::Refusal(text) => {
                content.push(output::content(Said::Refusal, text));
                continue;
            }
            _ => flush(&mut items, &mut content),
        }
        let number = items.len();
        items.extend(match part {
            Part::Reasoning { text, sealed } => {
                Some(output::reasoning(&head.item_id("rs", number), text, sealed.as_deref()))
            }
            Part::ToolCall(call) => {
                let other = head.item_id("call", number);
                let id = output::unique_id(&mut call_ids, &call.id, other);
                let call = &ToolCall { id, ..call.clone() };
                Some(output::function_call(&head.item_id("fc", number), "completed", call))
            }
            Part::Image(media) => output::image_generation_call(&head.item_id("ig", number), media),
            _ => None,
        });
    }
    flush(&mut items, &mut content);
    if ending.status != "completed" {
        // What was cut off is the last thing said.
        let last = items.last_mut().filter(|item| item["type"] != "image_generation_call");
        if let Some(status) = last.and_then(|item| item.get_mut("status")) {
            *status = "incomplete".into();
        }
    }
    items
}

/// What an answer is called.
#[derive(Debug)]
pub(super) struct Head {
    id: Option<String>,
    fresh: Fresh,
    service_tier: Option<String>,
}

impl Head {
    pub(super) fn new(fresh: Fresh) -> Self {
        Self { id: None, fresh, service_tier: None }
    }

    /// Takes over what the provider says.
    pub(super) fn learn(
        &mut self,
        id: &Option<String>,
        model: &Option<String>,
        created: Option<i64>,
        service_tier: &Option<String>,
    ) {
        if let Some(id) = id.as_ref().filter(|id| !id.is_empty()) {
            self.id = Some(id.clone());
        }
        if let Some(model) = model.as_ref().filter(|model| !model.is_empty()) {
            self.fresh.model.clone_from(model);
        }
        self.fresh.created = created.unwrap_or(self.fresh.created);
        if service_tier.is_some() {
            self.service_tier.clone_from(service_tier);
        }
    }

    /// The answer's id. Clients' libraries refuse a stream in which it changes.
    pub(super) fn id(&self) -> String {
        self.id.clone().unwrap_or_else(|| format!("resp_{}", self.fresh.id))
    }

    /// The id of an item: the same for a place in the answer, streamed or not.
    pub(super) fn item_id(&self, prefix: &str, number: usize) -> String {
        let id = self.id.as_deref().unwrap_or(&self.fresh.id);
        let id = id.strip_prefix("resp_").unwrap_or(id);
        format!("{prefix}_{id}_{number}")
    }

    /// The whole answer. What the request asked for is not said again but for what the SDK's type
    /// must have.
    pub(super) fn write(
        &self,
        output: Vec<Value>,
        ending: &Ending,
        counted: Option<&Counted>,
    ) -> Value {
        let reason = ending.reason.as_ref();
        let mut response = json!({
            "id": self.id(),
            "object": "response",
            "created_at": self.fresh.created,
            "status": ending.status,
            "background": false,
            "error": ending.error,
            "incomplete_details": reason.map(|reason| json!({"reason": reason})),
            "instructions": null,
            "max_output_tokens": null,
            "metadata": {},
            "model": self.fresh.model,
            "output": output,
            "parallel_tool_calls": true,
            "previous_response_id": null,
            "reasoning": {"effort": null, "summary": null},
            "store": false,
            "temperature": null,
            "text": {"format": {"type": "text"}},
            "tool_choice": "auto",
            "tools": [],
            "top_p": null,
            "truncation": "disabled",
            "usage": counted.map(|counted| usage::write(&counted.usage)),
            "user": null,
        });
        if let Some(tier) = &self.service_tier {
            response["service_tier"] = tier.as_str().into();
        }
        response
    }
}

#[cfg(test)]
mod tests;
