//! Messages and what they are made of.

/// Who speaks. Instructions of the system or developer are in [`super::Request::system`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The person, or the application in their place. Results of tools are the user's too.
    User,
    /// The model.
    Assistant,
}

/// One turn.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// The speaker's name among several, where one was given.
    pub name: Option<String>,
    /// What is said, in order.
    pub parts: Vec<Part>,
}

/// A piece of a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Plain text.
    Text(String),
    /// A picture.
    Image(Media),
    /// A recording.
    Audio(Media),
    /// A document.
    File(Media),
    /// What the model thought before it answered.
    Reasoning {
        /// The thoughts, or a summary of them; empty where they are kept secret.
        text: String,
        /// What the provider wants back unchanged: Anthropic's `signature` or redacted `data`, OpenAI's
        /// `encrypted_content`, Google's `thoughtSignature`.
        sealed: Option<String>,
    },
    /// The model calls a tool.
    ToolCall(ToolCall),
    /// What a tool gave.
    ToolResult(ToolResult),
    /// The model declines.
    Refusal(String),
}

/// A tool's call.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ToolCall {
    /// Names the call in its result. Protocols without ids get `call_{n}`.
    pub id: String,
    /// The tool.
    pub name: String,
    /// Its arguments: JSON text as the model wrote it, which need not be valid.
    pub arguments: String,
    /// What the provider wants back unchanged (Google's `thoughtSignature`).
    pub sealed: Option<String>,
}

/// A tool's result.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolResult {
    /// The call that it answers.
    pub call_id: String,
    /// The tool, where the protocol says it.
    pub name: Option<String>,
    /// What the tool gave: texts and media.
    pub parts: Vec<Part>,
    /// Whether the tool failed.
    pub is_error: bool,
}

/// A picture, recording or document.
#[derive(Clone, Debug, PartialEq)]
pub struct Media {
    /// Where its bytes are.
    pub source: MediaSource,
    /// Its MIME type, where it was said or can be told from a data URL.
    pub mime: Option<String>,
    /// Its file name.
    pub name: Option<String>,
    /// OpenAI's `detail` of a picture: low, high, auto.
    pub detail: Option<String>,
}

/// Where the bytes of a medium are.
#[derive(Clone, Debug, PartialEq)]
pub enum MediaSource {
    /// At an address.
    Url(String),
    /// Here, as standard base64.
    Base64(String),
    /// With the provider, under this id.
    Id(String),
}

impl Media {
    /// A medium at an address; a `data:` URL becomes its bytes and MIME type.
    #[must_use]
    pub fn from_url(url: &str) -> Self {
        let inline = url.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,"));
        let (source, mime) = match inline {
            Some((mime, data)) => (MediaSource::Base64(data.to_owned()), Some(mime.to_owned())),
            None => (MediaSource::Url(url.to_owned()), None),
        };
        Self { source, mime: mime.filter(|mime| !mime.is_empty()), name: None, detail: None }
    }

    /// Its address: a `data:` URL where the bytes are here, none where the provider has them.
    #[must_use]
    pub fn to_url(&self) -> Option<String> {
        match &self.source {
            MediaSource::Url(url) => Some(url.clone()),
            MediaSource::Base64(data) => {
                let mime = self.mime.as_deref().unwrap_or("application/octet-stream");
                Some(format!("data:{mime};base64,{data}"))
            }
            MediaSource::Id(_) => None,
        }
    }
}
