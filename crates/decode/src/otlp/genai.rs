//! The OpenTelemetry GenAI semantic conventions, current and former:
//! <https://github.com/open-telemetry/semantic-conventions-genai>.
//!
//! Former names that are still sent: `gen_ai.system`, `gen_ai.prompt`, `gen_ai.completion`,
//! `gen_ai.usage.{prompt,completion}_tokens`, `gen_ai.openai.request.*`, the message events of 1.36
//! and before, and the indexed attributes (`gen_ai.prompt.0.content`) of OpenLLMetry.

mod messages;
mod usage;

use tracekeep_model::{Field, Kind, Micros, Text};

use self::messages::Indexed;
use self::usage::Counts;
use super::json_text::JsonText;
use super::raw::RawEvent;
use super::slot::Slot;
use super::value::{AnyValue, Attribute, Metadata};
use super::writer::Writer;
use crate::FieldError;

const PROMPT: &str = "gen_ai.prompt.";
const COMPLETION: &str = "gen_ai.completion.";
/// The event that states content whole, which came in the place of an event for each message.
const DETAILS: &str = "gen_ai.client.inference.operation.details";

/// No answer takes longer than this to begin.
const MAX_SECONDS: f64 = 1e9;

/// What a span says in these conventions.
#[derive(Debug, Default)]
pub(super) struct GenAi {
    kind: Option<Kind>,
    provider: Slot,
    model: Slot,
    response_model: Slot,
    parameters: Option<JsonText>,
    streaming: Option<bool>,
    first_token_time: Option<Micros>,
    /// In µs.
    first_token_latency: Option<i64>,
    system_prompt: Slot,
    input: Slot,
    output: Slot,
    prompts: Indexed,
    completions: Indexed,
    input_events: Option<JsonText>,
    output_events: Option<JsonText>,
    prompt_name: Slot,
    prompt_version: Slot,
    usage: Counts,
}

impl GenAi {
    /// Takes a `gen_ai.*` attribute, or gives it (or the one that lost against it) back.
    pub(super) fn take(
        &mut self,
        key: Text,
        value: AnyValue,
    ) -> Result<Option<Attribute>, FieldError> {
        let rest = key.strip_prefix("gen_ai.").unwrap_or_default();
        let (group, name) = rest.split_once('.').unwrap_or((rest, ""));
        Ok(match (group, name) {
            ("usage", name) if !name.is_empty() => {
                self.usage.take(name, &value)?;
                None
            }
            ("request", "model") => self.model.offer(1, key, value),
            ("request", name) if !name.is_empty() => {
                self.parameter(name, &value);
                None
            }
            ("response", "model") => self.response_model.offer(1, key, value),
            ("response", "time_to_first_chunk" | "time_to_first_token")
            | ("server", "time_to_first_token") => {
                self.first_token_latency = seconds(&key, &value)?.or(self.first_token_latency);
                None
            }
            ("provider", "name") => self.provider.offer(2, key, value),
            ("system", "") => self.provider.offer(1, key, value),
            ("operation", "name") => {
                self.kind = value.as_text().and_then(kind_of).or(self.kind);
                // The kind is coarser than the operation, so that stays metadata as well.
                Some((key, value))
            }
            ("openai", name) if name.starts_with("request.") => {
                self.parameter(&name["request.".len()..], &value);
                None
            }
            ("system_instructions", "") => self.system_prompt.offer(1, key, value),
            _ => self.take_content(key, value),
        })
    }

    /// Takes an attribute that holds what went in or came out.
    fn take_content(&mut self, key: Text, value: AnyValue) -> Option<Attribute> {
        match &*key {
            "gen_ai.input.messages" => self.input.offer(4, key, value),
            "gen_ai.output.messages" => self.output.offer(4, key, value),
            "gen_ai.prompt" => self.input.offer(3, key, value),
            "gen_ai.completion" => self.output.offer(3, key, value),
            "gen_ai.tool.call.arguments" => self.input.offer(2, key, value),
            "gen_ai.tool.call.result" => self.output.offer(2, key, value),
            "gen_ai.retrieval.query.text" => self.input.offer(1, key, value),
            "gen_ai.retrieval.documents" => self.output.offer(1, key, value),
            "gen_ai.prompt.name" => self.prompt_name.offer(1, key, value),
            "gen_ai.prompt.version" => self.prompt_version.offer(1, key, value),
            name if name.starts_with(PROMPT) => self.prompts.take(PROMPT, key, value),
            name if name.starts_with(COMPLETION) => self.completions.take(COMPLETION, key, value),
            _ => Some((key, value)),
        }
    }

    /// Takes the content that the span itself does not carry out of the events that state it whole.
    ///
    /// To be called before [`GenAi::event`]: messages that come one by one are former, so what is
    /// stated whole wins over them, whichever came first. They stay events then.
    pub(super) fn details(&mut self, events: &mut [RawEvent]) {
        for event in events.iter_mut().filter(|event| &*event.name == DETAILS) {
            for (key, value) in std::mem::take(&mut event.attributes) {
                let left = self.detail(key, value);
                event.attributes.extend(left);
            }
        }
    }

    /// Takes an event of these conventions; what it says beyond them comes back.
    pub(super) fn event(&mut self, event: RawEvent, received: Micros) -> Option<RawEvent> {
        match &*event.name {
            DETAILS => (!event.attributes.is_empty()).then_some(event),
            "gen_ai.system.message" => self.input_message("system", event),
            "gen_ai.user.message" | "gen_ai.content.prompt" => self.input_message("user", event),
            "gen_ai.assistant.message" => self.input_message("assistant", event),
            "gen_ai.tool.message" => self.input_message("tool", event),
            "gen_ai.choice" | "gen_ai.content.completion" => self.output_message(event),
            "gen_ai.content.first_token"
            | "gen_ai.first_token"
            | "first_token"
            | "first_token_received" => self.first_token(event, received),
            _ => Some(event),
        }
    }

    /// What the span did: what it says, else a call of a model that counted tokens.
    pub(super) fn kind(&self) -> Kind {
        let has_model = !self.model.is_empty() || !self.response_model.is_empty();
        let generates = has_model && !self.usage.is_empty();
        self.kind.unwrap_or(if generates { Kind::Generation } else { Kind::Span })
    }

    /// States the fields from `first_token_time` to `prompt_version`; the counts come later.
    pub(super) fn write(self, to: &mut Writer, metadata: &mut Metadata) -> Counts {
        let input = content(self.input, self.prompts, self.input_events, metadata);
        let output = content(self.output, self.completions, self.output_events, metadata);
        let tool_calls = output.as_deref().and_then(messages::tool_calls);
        let parameters = self.parameters.map(|mut json| {
            json.close(b'}');
            json.finish()
        });
        to.set(Field::FirstTokenTime, self.first_token_time);
        to.set(Field::FirstTokenLatency, self.first_token_latency);
        to.set(Field::Model, self.model.into_text());
        to.set(Field::ResponseModel, self.response_model.into_text());
        to.set(Field::Provider, self.provider.into_text());
        to.set(Field::Parameters, parameters);
        to.set(Field::Streaming, self.streaming);
        to.set(Field::SystemPrompt, self.system_prompt.into_text());
        to.set(Field::Input, input);
        to.set(Field::Output, output);
        to.set(Field::ToolCalls, tool_calls);
        to.set(Field::PromptName, self.prompt_name.into_text());
        to.set(Field::PromptVersion, self.prompt_version.into_text());
        self.usage
    }

    fn parameter(&mut self, name: &str, value: &AnyValue) {
        if name == "stream" {
            self.streaming = value.as_flag().or(self.streaming);
        }
        if *value != AnyValue::Empty {
            let parameters = self.parameters.get_or_insert_with(JsonText::object);
            parameters.key(name);
            parameters.value(value);
        }
    }

    /// Takes an attribute of the event that states content whole, or gives it back.
    fn detail(&mut self, key: Text, value: AnyValue) -> Option<Attribute> {
        let slot = match &*key {
            "gen_ai.system_instructions" => Some(&mut self.system_prompt),
            "gen_ai.input.messages" if self.prompts.is_empty() => Some(&mut self.input),
            "gen_ai.output.messages" if self.completions.is_empty() => Some(&mut self.output),
            _ => None,
        };
        match slot {
            Some(slot) if slot.is_empty() => slot.offer(4, key, value),
            _ => Some((key, value)),
        }
    }

    fn input_message(&mut self, role: &str, event: RawEvent) -> Option<RawEvent> {
        let stated = !self.input.is_empty() || !self.prompts.is_empty();
        if stated || !messages::has_content(&event.attributes) {
            return Some(event);
        }
        let array = self.input_events.get_or_insert_with(JsonText::array);
        messages::append(array, role, &event.attributes);
        None
    }

    fn output_message(&mut self, event: RawEvent) -> Option<RawEvent> {
        let stated = !self.output.is_empty() || !self.completions.is_empty();
        if stated || !messages::has_content(&event.attributes) {
            return Some(event);
        }
        let array = self.output_events.get_or_insert_with(JsonText::array);
        messages::append(array, "assistant", &event.attributes);
        None
    }

    fn first_token(&mut self, event: RawEvent, received: Micros) -> Option<RawEvent> {
        let Ok(time) = Micros::from_nanos(event.nanos).check(received) else { return Some(event) };
        self.first_token_time = Some(self.first_token_time.map_or(time, |first| first.min(time)));
        (!event.attributes.is_empty()).then_some(event)
    }
}

/// Of an attribute, indexed attributes and events the first that says something. There are events
/// only where neither of the others is.
fn content(
    stated: Slot,
    indexed: Indexed,
    events: Option<JsonText>,
    metadata: &mut Metadata,
) -> Option<Text> {
    if let Some(text) = stated.into_text() {
        indexed.into_metadata(metadata);
        return Some(text);
    }
    indexed.into_json().or_else(|| {
        events.map(|mut json| {
            json.close(b']');
            json.finish()
        })
    })
}

/// `gen_ai.operation.name`, with names that were in use before it was settled.
fn kind_of(operation: &Text) -> Option<Kind> {
    Some(match &**operation {
        "chat" | "text_completion" | "generate_content" | "completion" => Kind::Generation,
        "embeddings" | "embedding" => Kind::Embedding,
        "execute_tool" => Kind::Tool,
        "invoke_agent" | "create_agent" | "plan" => Kind::Agent,
        "invoke_workflow" => Kind::Chain,
        "retrieval" | "search_memory" => Kind::Retriever,
        _ => return None,
    })
}

/// A duration in seconds, as µs.
fn seconds(key: &Text, value: &AnyValue) -> Result<Option<i64>, FieldError> {
    if value.is_blank() {
        return Ok(None);
    }
    match value.as_number() {
        Some(seconds) if (0.0..=MAX_SECONDS).contains(&seconds) => {
            Ok(Some((seconds * 1e6).round() as i64))
        }
        _ => {
            let shown: String = value.clone().into_text().chars().take(64).collect();
            let reason = format!("is {shown}; send seconds, 0 or more");
            Err(FieldError::new(format!("attributes.{key}"), reason))
        }
    }
}
