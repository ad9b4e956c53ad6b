//! Reads the items of a request's `input`.

use serde_json::{Value, json};

use super::object::{Object, unknown, wrong};
use crate::chat::{Media, MediaSource, Message, Part, Role, ToolCall, ToolResult, Unreadable};

/// What the items say.
#[derive(Default)]
pub(super) struct Input {
    /// The messages of the system and the developer.
    pub(super) system: Vec<Part>,
    /// The conversation.
    pub(super) messages: Vec<Message>,
    /// Items that only this protocol has, such as `item_reference`, each as `{"before", "item"}`:
    /// before which of the messages it is.
    pub(super) kept: Vec<Value>,
    /// What comes next is a message of its own.
    is_cut: bool,
}

/// What `input` says: a text, or items.
pub(super) fn read(input: Value) -> Result<Input, Unreadable> {
    let mut read = Input::default();
    match input {
        Value::String(text) => read.say(Role::User, vec![Part::Text(text)]),
        Value::Array(items) => {
            for (number, item) in items.into_iter().enumerate() {
                read.item(format!("input[{number}]"), item)?;
            }
        }
        other => return Err(wrong("input", &other, "a string or an array of items")),
    }
    Ok(read)
}

impl Input {
    fn item(&mut self, at: String, item: Value) -> Result<(), Unreadable> {
        let kind = match item.get("type").and_then(Value::as_str) {
            Some(kind) => kind.to_owned(),
            None if item.get("role").is_some() => "message".to_owned(),
            None if item.is_object() => return Err(Unreadable::new(at, NO_TYPE)),
            None => return Err(wrong(at, &item, "an object")),
        };
        match kind.as_str() {
            "message" => self.message(Object::new(at, item)?),
            "function_call" => self.call(Object::new(at, item)?),
            "function_call_output" => self.result(Object::new(at, item)?),
            "reasoning" => self.reasoning(at, item),
            _ => {
                self.keep(item);
                Ok(())
            }
        }
    }

    fn message(&mut self, mut item: Object) -> Result<(), Unreadable> {
        let role = item.needed_text("role")?;
        let place = item.place("content");
        let Some(value) = item.take("content") else {
            return Err(Unreadable::new(place, "is missing; it must be a string or an array"));
        };
        let parts = content(&place, value)?;
        match role.as_str() {
            "user" => self.say(Role::User, parts),
            "assistant" => self.answer(parts),
            "system" | "developer" => self.system.extend(parts),
            _ => {
                let expected = "user, assistant, system or developer";
                return Err(unknown(item.place("role"), &role, expected));
            }
        }
        Ok(())
    }

    fn call(&mut self, mut item: Object) -> Result<(), Unreadable> {
        let call = ToolCall {
            id: item.needed_text("call_id")?,
            name: item.needed_text("name")?,
            arguments: item.needed_text("arguments")?,
            sealed: None,
        };
        self.answer(vec![Part::ToolCall(call)]);
        Ok(())
    }

    fn result(&mut self, mut item: Object) -> Result<(), Unreadable> {
        let place = item.place("output");
        let parts = match item.take("output") {
            None => {
                return Err(Unreadable::new(place, "is missing; it must be a string or an array"));
            }
            Some(Value::String(text)) if text.is_empty() => Vec::new(),
            Some(value) => content(&place, value)?,
        };
        let call_id = item.needed_text("call_id")?;
        let name = item.text("name")?;
        let result = Part::ToolResult(ToolResult { call_id, name, parts, is_error: false });
        // What several calls gave is one turn.
        match self.messages.last_mut() {
            Some(Message { role: Role::User, parts, .. })
                if !self.is_cut && matches!(parts.last(), Some(Part::ToolResult(_))) =>
            {
                parts.push(result);
            }
            _ => self.say(Role::User, vec![result]),
        }
        Ok(())
    }

    fn reasoning(&mut self, at: String, item: Value) -> Result<(), Unreadable> {
        match super::output::thoughts(&item) {
            Some((text, sealed)) => self.answer(vec![Part::Reasoning { text, sealed }]),
            None if item
                .get("summary")
                .is_some_and(|summary| !summary.is_array() && !summary.is_null()) =>
            {
                return Err(Unreadable::new(format!("{at}.summary"), "must be an array"));
            }
            // Thoughts that only OpenAI has, under the item's id.
            None => self.keep(item),
        }
        Ok(())
    }

    fn say(&mut self, role: Role, parts: Vec<Part>) {
        self.messages.push(Message { role, name: None, parts });
        self.is_cut = false;
    }

    /// All that the model says until somebody else does is one turn.
    fn answer(&mut self, new: Vec<Part>) {
        match self.messages.last_mut() {
            Some(Message { role: Role::Assistant, parts, .. }) if !self.is_cut => parts.extend(new),
            _ => self.say(Role::Assistant, new),
        }
    }

    fn keep(&mut self, item: Value) {
        self.kept.push(json!({"before": self.messages.len(), "item": item}));
        self.is_cut = true;
    }
}

const NO_TYPE: &str = "has no type; say what the item is, such as message or function_call_output";

/// The content of a message, or of a tool's result.
fn content(at: &str, value: Value) -> Result<Vec<Part>, Unreadable> {
    match value {
        Value::String(text) => Ok(vec![Part::Text(text)]),
        Value::Array(parts) => {
            let parts = parts.into_iter().enumerate();
            parts.map(|(number, value)| part(format!("{at}[{number}]"), value)).collect()
        }
        other => Err(wrong(at, &other, "a string or an array of parts")),
    }
}

fn part(at: String, value: Value) -> Result<Part, Unreadable> {
    let mut part = Object::new(at, value)?;
    let kind = part.needed_text("type")?;
    match kind.as_str() {
        "input_text" | "output_text" | "text" => part.needed_text("text").map(Part::Text),
        "refusal" => part.needed_text("refusal").map(Part::Refusal),
        "input_image" => image(part),
        "input_file" => file(part),
        "input_audio" => audio(part),
        _ => {
            let expected =
                "input_text, output_text, refusal, input_image, input_file or input_audio";
            Err(unknown(part.place("type"), &kind, expected))
        }
    }
}

fn image(mut part: Object) -> Result<Part, Unreadable> {
    let detail = part.text("detail")?;
    let media = match (part.text("image_url")?, part.text("file_id")?) {
        (Some(url), _) => Media::from_url(&url),
        (None, Some(id)) => by_id(id),
        (None, None) => {
            let reason = "is missing; send the image's address or data URL, or a file_id";
            return Err(Unreadable::new(part.place("image_url"), reason));
        }
    };
    Ok(Part::Image(Media { detail, ..media }))
}

fn file(mut part: Object) -> Result<Part, Unreadable> {
    let detail = part.text("detail")?;
    let name = part.text("filename")?;
    let data = part.text("file_data")?;
    let (url, id) = (part.text("file_url")?, part.text("file_id")?);
    let media = match (data, url, id) {
        // OpenAI takes both a data URL and plain base64.
        (Some(data), ..) if data.starts_with("data:") => Media::from_url(&data),
        (Some(data), ..) => {
            Media { source: MediaSource::Base64(data), mime: None, name: None, detail: None }
        }
        (None, Some(url), _) => Media::from_url(&url),
        (None, None, Some(id)) => by_id(id),
        (None, None, None) => {
            let reason = "is missing; send file_data, file_url or file_id";
            return Err(Unreadable::new(part.place("file_data"), reason));
        }
    };
    Ok(Part::File(Media { name, detail, ..media }))
}

fn audio(mut part: Object) -> Result<Part, Unreadable> {
    let Some(mut audio) = part.object("input_audio")? else {
        let reason = "is missing; it must be an object with data and format";
        return Err(Unreadable::new(part.place("input_audio"), reason));
    };
    let data = audio.needed_text("data")?;
    let format = audio.needed_text("format")?;
    let mime = if format == "mp3" { "audio/mpeg".to_owned() } else { format!("audio/{format}") };
    let source = MediaSource::Base64(data);
    Ok(Part::Audio(Media { source, mime: Some(mime), name: None, detail: None }))
}

fn by_id(id: String) -> Media {
    Media { source: MediaSource::Id(id), mime: None, name: None, detail: None }
}
