#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};

use crate::frame::sse::{Event, Parser};

mod errors;
mod requests;
mod responses;
mod streams;
mod thinking;
mod written_streams;

/// A file of `fixtures/llm/messages`.
macro_rules! fixture {
    ($path:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/llm/messages/", $path))
    };
}
use fixture;

/// Texts as the blocks that the protocol takes for the same.
fn normal(mut value: Value) -> Value {
    match &mut value {
        Value::Object(object) => {
            for (name, value) in object.iter_mut() {
                let text = value.as_str().filter(|_| name == "content" || name == "system");
                *value = match text {
                    Some(text) => json!([{"type": "text", "text": text}]),
                    None => normal(value.take()),
                };
            }
        }
        Value::Array(array) => array.iter_mut().for_each(|value| *value = normal(value.take())),
        _ => {}
    }
    value
}

fn events(stream: &str) -> Vec<Event> {
    Parser::default().push(stream.as_bytes()).unwrap()
}
