//! The texts of messages, in whatever protocol they are written.
//!
//! Nothing but names of fields tells them: `content`, `parts`, `text` and so on hold what a model reads
//! or writes, `arguments`, `args` and `input` what a tool is called with, and what has another name is
//! not read by a model. JSON that tells nothing is counted as text, and the count is not sure then.

mod json;

use serde_json::value::RawValue;

use self::json::{Fields, each, fields, ids, is_list_of, is_list_of_messages, is_text, json};
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
    /// Something has tokens and no text, or nobody knows whether the model read it as it stands.
    is_unsure: bool,
}

/// Kinds of parts whose `content` or `data` is no text.
const MEDIA: [&str; 14] = [
    "\"image\"",
    "\"image_url\"",
    "\"input_image\"",
    "\"input_audio\"",
    "\"audio\"",
    "\"audio_url\"",
    "\"video\"",
    "\"video_url\"",
    "\"media\"",
    "\"blob\"",
    "\"uri\"",
    "\"document\"",
    "\"file\"",
    "\"input_file\"",
];

impl Walk {
    pub(super) fn new(tally: Tally) -> Self {
        Self { tally, messages: 0, has_system: false, has_calls: false, is_unsure: false }
    }

    /// What was counted; and whether it was all, and surely.
    pub(super) fn finish(self) -> (Option<u64>, bool) {
        (Some(self.tally.tokens()), self.tally.is_whole() && !self.is_unsure)
    }

    /// The system prompt beside what was asked: plain, or as parts.
    pub(super) fn system(&mut self, text: &str) {
        match json(text) {
            Some(json) if is_list_of_messages(json) || fields(json).is_content() => {
                self.messages += 1;
                self.content(json, 0);
            }
            Some(_) => self.unknown_message(text),
            None => self.message(text),
        }
    }

    /// A message that is plain text.
    fn message(&mut self, text: &str) {
        self.messages += 1;
        self.tally.text(text);
    }

    /// A message that is JSON of whatever meaning.
    fn unknown_message(&mut self, text: &str) {
        self.messages += 1;
        self.unknown(text);
    }

    /// Text that the model may have read otherwise.
    fn unknown(&mut self, text: &str) {
        self.is_unsure = true;
        self.tally.text(text);
    }

    /// What was asked.
    pub(super) fn input(&mut self, text: &str) {
        match json(text) {
            Some(json) if is_list_of_conversations(json) => self.conversations(json),
            Some(json) if is_list_of(json, is_text) => {
                self.messages += 1;
                self.content(json, 0);
            }
            Some(json) => self.asked(text, &fields(json), json),
            None => self.message(text),
        }
    }

    /// What vectors were asked of: texts, or the ids of tokens.
    pub(super) fn embedded(&mut self, text: &str) {
        let json = json(text);
        let inside = || fields(json?).prompt();
        match json.and_then(ids).or_else(|| inside().and_then(ids)) {
            Some(ids) => {
                self.messages += 1;
                self.tally.add(ids);
            }
            None => self.input(text),
        }
    }

    /// An object that was asked: a request, or one message.
    fn asked(&mut self, text: &str, fields: &Fields<'_>, json: &RawValue) {
        self.is_unsure |= fields.tools.is_some() || fields.media.is_some();
        let list = [fields.messages, fields.contents, fields.input];
        let list = list.into_iter().flatten().find(|list| is_list_of_conversations(list));
        let prompt =
            fields.prompt().filter(|prompt| is_text(prompt) || is_list_of(prompt, is_text));
        match (list, prompt) {
            (Some(list), _) => {
                self.system_of(fields);
                self.conversations(list);
            }
            (None, Some(prompt)) => {
                self.system_of(fields);
                self.messages += 1;
                self.content(prompt, 0);
            }
            (None, None) if fields.is_content() => self.one_of_conversation(json),
            (None, None) => self.unknown_message(text),
        }
    }

    fn system_of(&mut self, fields: &Fields<'_>) {
        if let Some(system) = fields.system {
            self.messages += 1;
            self.has_system = true;
            self.content(system, 0);
        }
    }

    /// One conversation, or a list of several: LangChain writes one of one.
    fn conversations(&mut self, list: &RawValue) {
        if is_list_of_messages(list) {
            each(list, |message| self.one_of_conversation(message));
            return;
        }
        let mut conversations = 0;
        each(list, |conversation| {
            conversations += 1;
            each(conversation, |message| self.one_of_conversation(message));
        });
        // Each answer has a beginning of its own, and one is counted.
        self.is_unsure |= conversations > 1;
    }

    fn one_of_conversation(&mut self, message: &RawValue) {
        self.messages += 1;
        let outer = fields(message);
        let fields = outer.kwargs.map_or(outer, fields);
        let is =
            |role: &str| [fields.role, fields.kind].iter().flatten().any(|it| it.get() == role);
        self.has_system |= is("\"system\"") || is("\"developer\"");
        if fields.name.is_some() {
            self.tally.add(1);
        }
        self.content(message, 0);
    }

    /// What was answered. An answer may be JSON of the application's own: it is text, though perhaps not
    /// as the model wrote it.
    pub(super) fn output(&mut self, text: &str) {
        match json(text) {
            Some(json) if is_list_of_messages(json) => self.content(json, 0),
            Some(json) if fields(json).is_answer() => self.content(json, 0),
            Some(_) => self.unknown(text),
            None => self.tally.text(text),
        }
    }

    /// Tool calls beside what was answered.
    pub(super) fn calls(&mut self, text: &str) {
        let is_call = |call: &RawValue| {
            let fields = fields(call);
            fields.is_call() || fields.is_message()
        };
        match json(text) {
            Some(json) if is_list_of(json, is_call) => self.content(json, 0),
            _ => self.output(text),
        }
    }

    fn content(&mut self, json: &RawValue, depth: usize) {
        if depth > DEEPEST {
            self.unknown(json.get());
            return;
        }
        match json.get().as_bytes().first() {
            Some(b'"') => self.string(json),
            Some(b'[') => each(json, |element| self.content(element, depth + 1)),
            Some(b'{') => self.object(&fields(json), depth + 1),
            // Numbers and the like say nothing in messages.
            _ => self.is_unsure |= json.get() != "null",
        }
    }

    fn object(&mut self, fields: &Fields<'_>, depth: usize) {
        if let Some(inside) = fields.kwargs {
            self.content(inside, depth);
            return;
        }
        self.is_unsure |= fields.media.is_some();
        if fields.kind.is_some_and(|kind| MEDIA.contains(&kind.get())) {
            self.is_unsure = true;
            return;
        }
        // A part of which nothing is known.
        self.is_unsure |= fields.role.is_none() && !fields.say_anything();
        self.has_calls |= fields.tool_calls.is_some() || fields.is_call();
        for text in fields.texts() {
            self.content(text, depth);
        }
        for result in fields.results() {
            // The application's own names, which may be those of messages.
            match result.get().starts_with('{') {
                true => self.unknown(result.get()),
                false => self.content(result, depth),
            }
        }
        for arguments in [fields.arguments, fields.input].into_iter().flatten() {
            match is_text(arguments) {
                true => self.string(arguments),
                false => self.tally.text(arguments.get()),
            }
        }
    }

    fn string(&mut self, json: &RawValue) {
        match serde_json::from_str::<String>(json.get()) {
            Ok(text) => self.tally.text(&text),
            // Half of a surrogate pair.
            Err(_) => self.unknown(json.get()),
        }
    }
}

/// Whether a text is the description of a form with files, as
/// [`Form::describe`](crate::openai::form::Form::describe) makes it.
pub(super) fn is_form(text: &str) -> bool {
    let is_file = |file: &RawValue| {
        let fields = fields(file);
        fields.field.is_some() && fields.bytes.is_some()
    };
    let files = json(text).and_then(|json| fields(json).files);
    files.is_some_and(|files| is_list_of(files, is_file))
}

fn is_list_of_conversations(json: &RawValue) -> bool {
    is_list_of_messages(json) || is_list_of(json, is_list_of_messages)
}

#[cfg(test)]
mod tests;
