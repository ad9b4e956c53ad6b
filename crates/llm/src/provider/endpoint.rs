//! The address and the headers of one call.

use std::fmt::Write as _;

use super::{Credential, Kind, Provider};
use crate::Protocol;

/// What is asked of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// An answer, whole.
    Generate(Protocol),
    /// An answer as a stream.
    Stream(Protocol),
    /// How many tokens a request has (Anthropic, Gemini).
    CountTokens,
    /// Vectors.
    Embed,
    /// The vector of one content (Gemini).
    EmbedOne,
    /// Pictures of a text (OpenAI).
    Images,
    /// Pictures of pictures and a text (OpenAI).
    EditImages,
    /// Pictures like a picture (OpenAI).
    VaryImages,
    /// Speech of a text (OpenAI).
    Speech,
    /// Text of speech (OpenAI).
    Transcribe,
    /// English text of speech (OpenAI).
    TranslateSpeech,
    /// Which models there are.
    Models,
}

/// Where a call goes and what it says besides its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The whole address.
    pub url: String,
    /// Headers, names in lower case. A request that is signed gets further ones.
    pub headers: Vec<(String, String)>,
}

/// The version that Anthropic's SDKs send.
const ANTHROPIC_VERSION: &str = "2023-06-01";

impl Provider {
    /// Where `model` is asked for that.
    ///
    /// `None`: this provider does not offer it.
    #[must_use]
    pub fn endpoint(&self, operation: Operation, model: &str) -> Option<Endpoint> {
        let path = match self.kind {
            Kind::Openai | Kind::Mistral | Kind::OpenaiCompatible => openai_path(operation)?,
            Kind::Azure => self.azure_path(operation, model)?,
            Kind::Anthropic => anthropic_path(operation)?,
            Kind::Gemini => gemini_path(operation, model)?,
            Kind::Bedrock => bedrock_path(operation, model)?,
            Kind::Cohere => cohere_path(operation)?,
            Kind::Demo => return None,
        };
        let url = format!("{}{path}", self.base_url.trim_end_matches('/'));
        let mut headers: Vec<_> = self.credential_header().into_iter().collect();
        if self.kind == Kind::Anthropic {
            headers.push(("anthropic-version".to_owned(), ANTHROPIC_VERSION.to_owned()));
        }
        headers.extend(self.headers.iter().cloned());
        Some(Endpoint { url, headers })
    }

    fn credential_header(&self) -> Option<(String, String)> {
        let Credential::Key(key) = &self.credential else { return None };
        let (name, value) = match self.kind {
            Kind::Anthropic => ("x-api-key", key.clone()),
            Kind::Gemini => ("x-goog-api-key", key.clone()),
            Kind::Azure => ("api-key", key.clone()),
            _ => ("authorization", format!("Bearer {key}")),
        };
        Some((name.to_owned(), value))
    }

    fn azure_path(&self, operation: Operation, model: &str) -> Option<String> {
        let path = openai_path(operation)?;
        Some(match &self.api_version {
            None => format!("/openai/v1{path}"),
            // The deployment's name stands in the address; responses have none.
            Some(version) if path == "/responses" || path == "/models" => {
                format!("/openai{path}?api-version={version}")
            }
            Some(version) => {
                format!("/openai/deployments/{}{path}?api-version={version}", escaped(model))
            }
        })
    }
}

fn openai_path(operation: Operation) -> Option<String> {
    let path = match operation {
        Operation::Generate(Protocol::ChatCompletions)
        | Operation::Stream(Protocol::ChatCompletions) => "/chat/completions",
        Operation::Generate(Protocol::Responses) | Operation::Stream(Protocol::Responses) => {
            "/responses"
        }
        Operation::Embed => "/embeddings",
        Operation::Images => "/images/generations",
        Operation::EditImages => "/images/edits",
        Operation::VaryImages => "/images/variations",
        Operation::Speech => "/audio/speech",
        Operation::Transcribe => "/audio/transcriptions",
        Operation::TranslateSpeech => "/audio/translations",
        Operation::Models => "/models",
        Operation::Generate(_)
        | Operation::Stream(_)
        | Operation::CountTokens
        | Operation::EmbedOne => return None,
    };
    Some(path.to_owned())
}

fn anthropic_path(operation: Operation) -> Option<String> {
    let path = match operation {
        Operation::Generate(Protocol::Messages) | Operation::Stream(Protocol::Messages) => {
            "/v1/messages"
        }
        Operation::CountTokens => "/v1/messages/count_tokens",
        Operation::Models => "/v1/models",
        _ => return None,
    };
    Some(path.to_owned())
}

fn gemini_path(operation: Operation, model: &str) -> Option<String> {
    let verb = match operation {
        Operation::Generate(Protocol::GenerateContent) => "generateContent",
        Operation::Stream(Protocol::GenerateContent) => "streamGenerateContent?alt=sse",
        Operation::Embed => "batchEmbedContents",
        Operation::EmbedOne => "embedContent",
        Operation::CountTokens => "countTokens",
        Operation::Models => return Some("/v1beta/models".to_owned()),
        _ => return None,
    };
    let model = model.strip_prefix("models/").unwrap_or(model);
    Some(format!("/v1beta/models/{}:{verb}", escaped(model)))
}

fn bedrock_path(operation: Operation, model: &str) -> Option<String> {
    let verb = match operation {
        Operation::Generate(Protocol::Converse) => "converse",
        Operation::Stream(Protocol::Converse) => "converse-stream",
        Operation::Embed => "invoke",
        _ => return None,
    };
    Some(format!("/model/{}/{verb}", escaped(model)))
}

fn cohere_path(operation: Operation) -> Option<String> {
    let path = match operation {
        Operation::Generate(Protocol::CohereChat) | Operation::Stream(Protocol::CohereChat) => {
            "/v2/chat"
        }
        Operation::Embed => "/v2/embed",
        Operation::Models => "/v1/models",
        _ => return None,
    };
    Some(path.to_owned())
}

/// A name as one segment of a path: all but unreserved characters are escaped (RFC 3986, section 2.3).
fn escaped(segment: &str) -> String {
    let mut text = String::with_capacity(segment.len());
    for byte in segment.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                text.push(char::from(byte));
            }
            _ => {
                // Writing to a string does not fail.
                let _ = write!(text, "%{byte:02X}");
            }
        }
    }
    text
}
