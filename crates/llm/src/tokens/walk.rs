//! The texts of messages, in whatever protocol they are written.
//!
//! Nothing but names of fields tells them: `content`, `parts`, `text` and so on hold what a model reads
//! or writes, `arguments`, `args` and `input` what a tool is called with, and what has another name is
//! not read by a model. JSON is looked at in place, so that it takes no memory beside its own text.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer as _, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::tally::Tally;

/// How deep texts may lie in messages; no protocol has them half as deep.
const DEEPEST: usize = 12;

/// Goes through what was asked or answered, and counts.
#[derive(Debug)]
pub(super) struct Walk {
    pub(super) tally: Tally,
    /// Messages that were met.
    pub(super) messages: u64,
    /// One of them is the system's.
    pub(super) has_system: bool,
    /// There are calls of tools.
    pub(super) has_calls: bool,
    /// There is something that has tokens and no text.
    has_media: bool,
}

/// The fields of an object that are of use.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Fields<'a> {
    #[serde(borrow)]
    role: Json<'a>,
    #[serde(borrow, rename = "type")]
    kind: Json<'a>,
    #[serde(borrow)]
    name: Json<'a>,
    // Conversations.
    #[serde(borrow)]
    messages: Json<'a>,
    #[serde(borrow)]
    contents: Json<'a>,
    #[serde(borrow, alias = "instructions", alias = "systemInstruction")]
    #[serde(alias = "system_instruction")]
    system: Json<'a>,
    // Answers that hold several.
    #[serde(borrow, alias = "candidates")]
    choices: Json<'a>,
    #[serde(borrow)]
    message: Json<'a>,
    // What a model reads or writes.
    #[serde(borrow)]
    content: Json<'a>,
    #[serde(borrow)]
    parts: Json<'a>,
    #[serde(borrow)]
    text: Json<'a>,
    #[serde(borrow)]
    refusal: Json<'a>,
    #[serde(borrow, alias = "reasoning_content")]
    reasoning: Json<'a>,
    #[serde(borrow)]
    thinking: Json<'a>,
    #[serde(borrow)]
    summary: Json<'a>,
    // Tools: calls, and what they answered.
    #[serde(borrow)]
    tool_calls: Json<'a>,
    #[serde(borrow, alias = "functionCall", alias = "toolUse")]
    function_call: Json<'a>,
    #[serde(borrow)]
    function: Json<'a>,
    #[serde(borrow, alias = "args")]
    arguments: Json<'a>,
    #[serde(borrow)]
    input: Json<'a>,
    #[serde(borrow, alias = "functionResponse", alias = "toolResult")]
    function_response: Json<'a>,
    #[serde(borrow)]
    response: Json<'a>,
    #[serde(borrow)]
    result: Json<'a>,
    #[serde(borrow)]
    output: Json<'a>,
    // Pictures, sound and files.
    #[serde(borrow, alias = "input_audio", alias = "inline_data", alias = "inlineData")]
    #[serde(alias = "file_data", alias = "fileData", alias = "source", alias = "image")]
    image_url: Json<'a>,
}

type Json<'a> = Option<&'a RawValue>;

/// Kinds of parts whose `content` or `data` is no text.
const MEDIA: [&str; 8] = [
    "\"image\"",
    "\"image_url\"",
    "\"input_image\"",
    "\"input_audio\"",
    "\"audio\"",
    "\"blob\"",
    "\"file\"",
    "\"input_file\"",
];

impl Walk {
    pub(super) fn new(tally: Tally) -> Self {
        Self { tally, messages: 0, has_system: false, has_calls: false, has_media: false }
    }

    /// What was counted; and whether it was all.
    pub(super) fn finish(self) -> (Option<u64>, bool) {
        (Some(self.tally.tokens()), self.tally.is_whole() && !self.has_media)
    }

    /// The system prompt beside what was asked: plain, or as parts.
    pub(super) fn system(&mut self, text: &str) {
        match json(text) {
            Some(json) if is_list_of_messages(json) => {
                self.messages += 1;
                self.content(json, 0);
            }
            _ => self.message(text),
        }
    }

    /// A message that is plain text.
    fn message(&mut self, text: &str) {
        self.messages += 1;
        self.tally.text(text);
    }

    /// What was asked.
    pub(super) fn input(&mut self, text: &str) {
        match json(text) {
            Some(json) if is_list_of_messages(json) => self.conversation(json),
            Some(json) if is_list_of_texts(json) => {
                self.messages += 1;
                self.content(json, 0);
            }
            Some(json) => self.asked(text, &fields(json), json),
            None => self.message(text),
        }
    }

    /// An object that was asked: a request, or one message.
    fn asked(&mut self, text: &str, fields: &Fields<'_>, json: &RawValue) {
        let list = [fields.messages, fields.contents, fields.input];
        let Some(list) = list.into_iter().flatten().find(|list| is_list_of_messages(list)) else {
            match fields.role {
                Some(_) => self.one_of_conversation(json),
                None => self.message(text),
            }
            return;
        };
        if let Some(system) = fields.system {
            self.messages += 1;
            self.has_system = true;
            self.content(system, 0);
        }
        self.conversation(list);
    }

    fn conversation(&mut self, list: &RawValue) {
        each(list, |message| self.one_of_conversation(message));
    }

    fn one_of_conversation(&mut self, message: &RawValue) {
        self.messages += 1;
        let fields = fields(message);
        let is = |role: &str| fields.role.is_some_and(|said| said.get() == role);
        self.has_system |= is("\"system\"") || is("\"developer\"");
        if fields.name.is_some() {
            self.tally.add(1);
        }
        self.content(message, 0);
    }

    /// What was answered. An answer may be JSON of the application's own: it is text.
    pub(super) fn output(&mut self, text: &str) {
        match json(text) {
            Some(json) if is_list_of_messages(json) => self.content(json, 0),
            Some(json) if fields(json).is_answer() => self.content(json, 0),
            _ => self.tally.text(text),
        }
    }

    fn content(&mut self, json: &RawValue, depth: usize) {
        if depth > DEEPEST {
            self.tally.text(json.get());
            return;
        }
        match json.get().as_bytes().first() {
            Some(b'"') => self.string(json),
            Some(b'[') => each(json, |element| self.content(element, depth + 1)),
            Some(b'{') => self.object(&fields(json), depth + 1),
            // Numbers and the like say nothing in messages.
            _ => {}
        }
    }

    fn object(&mut self, fields: &Fields<'_>, depth: usize) {
        self.has_media |= fields.image_url.is_some();
        if fields.kind.is_some_and(|kind| MEDIA.contains(&kind.get())) {
            self.has_media = true;
            return;
        }
        self.has_calls |= fields.tool_calls.is_some() || fields.is_call();
        for text in fields.texts() {
            self.content(text, depth);
        }
        for arguments in [fields.arguments, fields.input].into_iter().flatten() {
            match arguments.get().starts_with('"') {
                true => self.string(arguments),
                false => self.tally.text(arguments.get()),
            }
        }
    }

    fn string(&mut self, json: &RawValue) {
        match serde_json::from_str::<String>(json.get()) {
            Ok(text) => self.tally.text(&text),
            // Half of a surrogate pair.
            Err(_) => self.tally.text(json.get()),
        }
    }
}

impl<'a> Fields<'a> {
    fn texts(&self) -> impl Iterator<Item = &'a RawValue> {
        [
            self.name,
            self.message,
            self.content,
            self.parts,
            self.text,
            self.refusal,
            self.reasoning,
            self.thinking,
            self.summary,
            self.choices,
            self.tool_calls,
            self.function_call,
            self.function,
            self.function_response,
            self.response,
            self.result,
            self.output,
        ]
        .into_iter()
        .flatten()
    }

    /// Whether it calls a tool.
    fn is_call(&self) -> bool {
        self.function_call.is_some()
            || (self.name.is_some() && (self.arguments.is_some() || self.input.is_some()))
    }

    /// Whether it is what a model answers, in some protocol.
    fn is_answer(&self) -> bool {
        self.role.is_some() || self.choices.is_some()
    }

    /// Whether it stands in a list of messages, or of parts or items of one.
    fn is_message(&self) -> bool {
        let plain = [self.role, self.content, self.parts, self.message, self.function_call];
        plain.iter().any(Option::is_some)
            || (self.kind.is_some() && (self.image_url.is_some() || self.texts().next().is_some()))
    }
}

/// The JSON that a text is, of an array or object.
fn json(text: &str) -> Json<'_> {
    let begins = text.trim_start().starts_with(['[', '{']);
    begins.then(|| serde_json::from_str(text).ok()).flatten()
}

/// Nothing where it is no object, or names a field twice.
fn fields(json: &RawValue) -> Fields<'_> {
    // An array would be read as the fields in their order.
    let object = Some(json.get()).filter(|json| json.starts_with('{'));
    object.and_then(|object| serde_json::from_str(object).ok()).unwrap_or_default()
}

fn is_list_of_messages(json: &RawValue) -> bool {
    let mut all = None;
    each(json, |element| {
        let is = element.get().starts_with('{') && fields(element).is_message();
        all = Some(all.unwrap_or(true) && is);
    });
    all.unwrap_or(false)
}

fn is_list_of_texts(json: &RawValue) -> bool {
    let mut all = None;
    each(json, |element| all = Some(all.unwrap_or(true) && element.get().starts_with('"')));
    all.unwrap_or(false)
}

/// Does this with each element of an array; of what is no array, with none.
fn each<'a>(json: &'a RawValue, take: impl FnMut(&'a RawValue)) {
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

#[cfg(test)]
mod tests;
