//! OpenAI's other endpoints, whose requests are passed on as they are: what a trace shows of them,
//! and what their answers count. Embeddings are also read and written whole, for other providers.
//!
//! The requests of transcriptions, translations and edits of pictures are forms
//! (`multipart/form-data`, [`form`]).

pub mod audio;
pub mod embeddings;
pub mod form;
pub mod images;
mod streamed;

use serde_json::Value;

pub use streamed::Streamed;

use crate::Asked;
use crate::chat::{Counted, Unreadable};
use crate::chat_completions::top_level;
use crate::frame::sse::Event;

/// What matters of an answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answered {
    /// The model that answered, where it says so.
    pub model: Option<String>,
    /// What was counted.
    pub counted: Option<Counted>,
    /// The text, where the answer is one.
    pub text: Option<String>,
}

/// What a JSON request asks; `input` names the field of what is worked on.
fn asked<'a>(body: &'a [u8], input: &str) -> Result<Asked<'a>, Unreadable> {
    let mut asked = Asked::default();
    for (name, value) in top_level(body)? {
        if value.get() == "null" {
            continue;
        }
        let text = || serde_json::from_str::<String>(value.get()).ok();
        match name.as_str() {
            "model" => {
                asked.model = text().ok_or_else(|| {
                    Unreadable::new("model", "must be a string: the name of a model")
                })?;
            }
            "stream" => asked.stream = value.get() == "true",
            "user" => asked.user = text(),
            "safety_identifier" => asked.user = asked.user.or_else(text),
            "instructions" => asked.system = text(),
            name if name == input => {
                asked.prompt = text();
                asked.input = Some(value);
            }
            _ => asked.parameters.push((name, value)),
        }
    }
    Ok(asked)
}

/// The usage that an event of a stream brings: the last event, of any endpoint here.
fn streamed(event: &Event, count: fn(&Value) -> Counted) -> Option<Counted> {
    if !event.data.contains("\"usage\"") {
        return None;
    }
    /// The event without its picture or recording.
    #[derive(serde::Deserialize)]
    struct Brings {
        usage: Option<Value>,
    }
    let brings: Brings = serde_json::from_str(&event.data).ok()?;
    brings.usage.filter(Value::is_object).map(|usage| count(&usage))
}

#[cfg(test)]
mod tests;
