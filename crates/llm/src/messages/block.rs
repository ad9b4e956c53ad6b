//! Blocks of content, as requests and answers have them.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::REDACTED;
use super::fields::value;
use super::media::Source;
use crate::chat::{Part, ToolCall, Unreadable};

/// Any block; which fields it has depends on its type.
#[derive(Debug, Deserialize)]
pub(super) struct Block<'a> {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) text: Option<String>,
    pub(super) thinking: Option<String>,
    pub(super) signature: Option<String>,
    pub(super) data: Option<String>,
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    #[serde(borrow)]
    pub(super) input: Option<&'a RawValue>,
    pub(super) tool_use_id: Option<String>,
    #[serde(borrow)]
    pub(super) content: Option<&'a RawValue>,
    pub(super) is_error: Option<bool>,
    /// An object in pictures and documents, a text in results of a search.
    #[serde(borrow)]
    pub(super) source: Option<&'a RawValue>,
    pub(super) title: Option<String>,
    pub(super) context: Option<String>,
    pub(super) cache_control: Option<Value>,
}

/// What stands where the protocol takes a text or blocks.
pub(super) enum Content<'a> {
    Text(String),
    Blocks(Vec<&'a RawValue>),
}

impl<'a> Content<'a> {
    pub(super) fn read(raw: &'a RawValue, field: &str) -> Result<Self, Unreadable> {
        let expected = "a text or a list of blocks";
        if raw.get().starts_with('"') {
            value(field, raw, expected).map(Self::Text)
        } else {
            value(field, raw, expected).map(Self::Blocks)
        }
    }

    /// Its texts, joined by line feeds; none where it has no text.
    pub(super) fn text(&self) -> Option<String> {
        let texts: Vec<String> = match self {
            Self::Text(text) => vec![text.clone()],
            Self::Blocks(blocks) => blocks.iter().filter_map(|block| text_of(block)).collect(),
        };
        Some(texts.join("\n")).filter(|text| !text.is_empty())
    }
}

fn text_of(block: &RawValue) -> Option<String> {
    #[derive(Deserialize)]
    struct Text {
        #[serde(rename = "type")]
        kind: String,
        text: Option<String>,
    }
    let block: Text = serde_json::from_str(block.get()).ok()?;
    block.text.filter(|text| block.kind == "text" && !text.is_empty())
}

impl Block<'_> {
    /// What a model may have said: text, thoughts, calls of the client's tools. None of these, or
    /// empty: none.
    pub(super) fn said(&self) -> Option<Part> {
        match self.kind.as_str() {
            "text" => self.text.clone().filter(|text| !text.is_empty()).map(Part::Text),
            "thinking" => {
                let text = self.thinking.clone().unwrap_or_default();
                let sealed = self.signature.clone().filter(|seal| !seal.is_empty());
                let is_empty = text.is_empty() && sealed.is_none();
                (!is_empty).then_some(Part::Reasoning { text, sealed })
            }
            "redacted_thinking" => Some(Part::Reasoning {
                text: String::new(),
                sealed: Some(format!("{REDACTED}{}", self.data.as_deref().unwrap_or_default())),
            }),
            "tool_use" => Some(Part::ToolCall(ToolCall {
                id: self.id.clone().unwrap_or_default(),
                name: self.name.clone().unwrap_or_default(),
                arguments: self.input.map_or("{}", RawValue::get).to_owned(),
                sealed: None,
            })),
            // The summary that stands for the conversation before it.
            "compaction" => {
                let content = Content::read(self.content?, "content").ok()?;
                content.text().map(Part::Text)
            }
            _ => None,
        }
    }

    /// Where the bytes of a picture or document are.
    pub(super) fn source<'b>(&'b self, field: &str) -> Result<Source<'b>, Unreadable> {
        let Some(source) = self.source else {
            return Err(Unreadable::new(field, "has no source; give it one of type base64 or url"));
        };
        value(&format!("{field}.source"), source, "an object with a type")
    }
}
