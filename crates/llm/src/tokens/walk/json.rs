//! JSON that is looked at in place, so that it takes no memory beside its own text.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

type Json<'a> = Option<&'a RawValue>;

/// The fields of an object that are of use. What is null is not there, and of what is there twice, by one
/// name or two, the first counts.
#[derive(Debug, Default)]
pub(super) struct Fields<'a> {
    /// How many there are, of no use included.
    count: usize,
    model: Json<'a>,
    pub(super) role: Json<'a>,
    pub(super) kind: Json<'a>,
    pub(super) name: Json<'a>,
    /// LangChain's: the message itself.
    pub(super) kwargs: Json<'a>,
    // Conversations.
    pub(super) messages: Json<'a>,
    pub(super) contents: Json<'a>,
    pub(super) system: Json<'a>,
    prompt: Json<'a>,
    pub(super) tools: Json<'a>,
    // Answers that hold several.
    choices: Json<'a>,
    message: Json<'a>,
    // What a model reads or writes.
    content: Json<'a>,
    parts: Json<'a>,
    text: Json<'a>,
    refusal: Json<'a>,
    reasoning: Json<'a>,
    reasoning_content: Json<'a>,
    thinking: Json<'a>,
    summary: Json<'a>,
    // Tools: calls, and what they answered.
    pub(super) tool_calls: Json<'a>,
    function_call: Json<'a>,
    function: Json<'a>,
    pub(super) arguments: Json<'a>,
    pub(super) input: Json<'a>,
    function_response: Json<'a>,
    response: Json<'a>,
    result: Json<'a>,
    output: Json<'a>,
    /// Pictures, sound and files.
    pub(super) media: Json<'a>,
    pub(super) files: Json<'a>,
    // A file of a form's description.
    pub(super) field: Json<'a>,
    pub(super) bytes: Json<'a>,
}

impl<'a> Fields<'a> {
    fn take(&mut self, name: &str, value: &'a RawValue) {
        if value.get() == "null" {
            return;
        }
        self.count += 1;
        if name == "files" {
            self.media.get_or_insert(value);
        }
        if let Some(field) = self.named(name) {
            field.get_or_insert(value);
        }
    }

    fn named(&mut self, name: &str) -> Option<&mut Json<'a>> {
        Some(match name {
            "model" => &mut self.model,
            "role" => &mut self.role,
            "type" => &mut self.kind,
            "name" => &mut self.name,
            "kwargs" => &mut self.kwargs,
            "messages" => &mut self.messages,
            "contents" => &mut self.contents,
            "system" | "instructions" | "systemInstruction" | "system_instruction" => {
                &mut self.system
            }
            "prompt" => &mut self.prompt,
            "tools" | "functions" => &mut self.tools,
            "choices" | "candidates" => &mut self.choices,
            "message" => &mut self.message,
            "content" => &mut self.content,
            "parts" => &mut self.parts,
            "text" => &mut self.text,
            "refusal" => &mut self.refusal,
            "reasoning" => &mut self.reasoning,
            "reasoning_content" => &mut self.reasoning_content,
            "thinking" => &mut self.thinking,
            "summary" => &mut self.summary,
            "tool_calls" => &mut self.tool_calls,
            "function_call" | "functionCall" | "toolUse" => &mut self.function_call,
            "function" => &mut self.function,
            "arguments" | "args" => &mut self.arguments,
            "input" => &mut self.input,
            "function_response" | "functionResponse" | "toolResult" => &mut self.function_response,
            "response" => &mut self.response,
            "result" => &mut self.result,
            "output" => &mut self.output,
            "image_url" | "input_audio" | "inline_data" | "inlineData" | "file_data"
            | "fileData" | "source" | "image" | "audio" => &mut self.media,
            "files" => &mut self.files,
            "field" => &mut self.field,
            "bytes" => &mut self.bytes,
            _ => return None,
        })
    }

    /// What a model reads or writes.
    pub(super) fn texts(&self) -> impl Iterator<Item = &'a RawValue> {
        // Some servers say it by both names.
        let reasoning = [self.reasoning, self.reasoning_content].into_iter().flatten();
        [
            self.name,
            self.message,
            self.content,
            self.parts,
            self.text,
            self.refusal,
            reasoning.max_by_key(|reasoning| reasoning.get().len()),
            self.thinking,
            self.summary,
            self.choices,
            self.tool_calls,
            self.function_call,
            self.function,
            self.function_response,
        ]
        .into_iter()
        .flatten()
    }

    /// What a tool answered.
    pub(super) fn results(&self) -> impl Iterator<Item = &'a RawValue> {
        [self.response, self.result, self.output].into_iter().flatten()
    }

    /// Whether anything of it is counted, or known not to be.
    pub(super) fn say_anything(&self) -> bool {
        let others = [self.arguments, self.input, self.media];
        let mut others = others.into_iter().flatten().chain(self.results());
        self.texts().next().is_some() || others.next().is_some()
    }

    /// Whether it calls a tool.
    pub(super) fn is_call(&self) -> bool {
        self.function_call.is_some()
            || (self.name.is_some() && (self.arguments.is_some() || self.input.is_some()))
    }

    /// Whether it is what a model answers, in some protocol.
    pub(super) fn is_answer(&self) -> bool {
        self.role.is_some() || self.choices.is_some()
    }

    /// Whether it is one message, or Gemini's content.
    pub(super) fn is_content(&self) -> bool {
        self.role.is_some() || self.parts.is_some()
    }

    /// Whether it stands in a list of messages, or of parts or items of one.
    pub(super) fn is_message(&self) -> bool {
        let plain =
            [self.role, self.content, self.parts, self.message, self.function_call, self.kwargs];
        let mut said = self.texts().chain(self.results());
        plain.iter().any(Option::is_some)
            || (self.kind.is_some() && (self.media.is_some() || said.next().is_some()))
    }

    /// The prompt of a request that has one instead of messages: it names a model, or has nothing else
    /// but a system prompt. What an application calls its own may have an `input` too.
    pub(super) fn prompt(&self) -> Json<'a> {
        let alone = 1 + usize::from(self.system.is_some());
        let is_request = self.model.is_some() || self.count == alone;
        self.input.or(self.prompt).filter(|_| is_request)
    }
}

/// The JSON that a text is, of an array or object.
pub(super) fn json(text: &str) -> Json<'_> {
    let begins = text.trim_start().starts_with(['[', '{']);
    begins.then(|| serde_json::from_str(text).ok()).flatten()
}

/// Nothing where it is no object.
pub(super) fn fields(json: &RawValue) -> Fields<'_> {
    let mut fields = Fields::default();
    each_field(json, |name, value| fields.take(name, value));
    fields
}

/// Whether it is a text.
pub(super) fn is_text(json: &RawValue) -> bool {
    json.get().starts_with('"')
}

/// Whether each element is as wanted, and there is one.
pub(super) fn is_list_of(json: &RawValue, is_wanted: impl Fn(&RawValue) -> bool) -> bool {
    let mut all = None;
    each(json, |element| all = Some(all.unwrap_or(true) && is_wanted(element)));
    all.unwrap_or(false)
}

/// Whether it lists messages, or parts or items of one.
pub(super) fn is_list_of_messages(json: &RawValue) -> bool {
    is_list_of(json, |element| fields(element).is_message())
}

/// How many ids of tokens there are, in one list or in lists of one; `None`: there is something else, or
/// nothing.
pub(super) fn ids(json: &RawValue) -> Option<u64> {
    let (mut ids, mut are_all) = (0, true);
    each(json, |element| match element.get().starts_with('[') {
        true => {
            are_all &= is_list_of(element, is_id);
            each(element, |_| ids += 1);
        }
        false => {
            are_all &= is_id(element);
            ids += 1;
        }
    });
    (are_all && ids > 0).then_some(ids)
}

fn is_id(json: &RawValue) -> bool {
    json.get().bytes().all(|letter| letter.is_ascii_digit())
}

/// Does this with each element of an array; of what is no array, with none.
pub(super) fn each<'a>(json: &'a RawValue, take: impl FnMut(&'a RawValue)) {
    struct Elements<F>(F);

    impl<'de, F: FnMut(&'de RawValue)> Visitor<'de> for Elements<F> {
        type Value = ();

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("an array")
        }

        fn visit_seq<A: SeqAccess<'de>>(mut self, mut elements: A) -> Result<(), A::Error> {
            while let Some(element) = elements.next_element::<&'de RawValue>()? {
                (self.0)(element);
            }
            Ok(())
        }
    }

    // It was read as JSON before, so that it fails at the first element or not at all.
    let mut elements = serde_json::Deserializer::from_str(json.get());
    let _ = elements.deserialize_seq(Elements(take));
}

/// A field's name, in place where it has no escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// Does this with each field of an object; of what is no object, with none.
fn each_field<'a>(json: &'a RawValue, take: impl FnMut(&str, &'a RawValue)) {
    struct Entries<F>(F);

    impl<'de, F: FnMut(&str, &'de RawValue)> Visitor<'de> for Entries<F> {
        type Value = ();

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(mut self, mut entries: A) -> Result<(), A::Error> {
            while let Some(Name(name)) = entries.next_key::<Name<'de>>()? {
                (self.0)(&name, entries.next_value::<&'de RawValue>()?);
            }
            Ok(())
        }
    }

    // It was read as JSON before: only a name with half of a surrogate pair ends it early.
    let mut entries = serde_json::Deserializer::from_str(json.get());
    let _ = entries.deserialize_map(Entries(take));
}
