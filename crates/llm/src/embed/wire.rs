//! How each kind of provider is asked for vectors.

use serde_json::Value;

use super::{Request, Response};
use crate::chat::Unreadable;
use crate::openai::embeddings::MISTRALS_DIMENSIONS;
use crate::provider::Kind;
use crate::{cohere_chat, generate_content, openai, titan};

/// How a provider is asked for vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// OpenAI's `POST /v1/embeddings`, which most others speak too.
    Openai,
    /// The same, as Mistral has it.
    Mistral,
    /// Google's `:batchEmbedContents`.
    Gemini,
    /// Cohere's `POST /v2/embed`.
    Cohere,
    /// Cohere's models in Amazon Bedrock's `InvokeModel`.
    InvokedCohere,
    /// Amazon's Titan in `InvokeModel`.
    Titan,
}

impl Wire {
    /// How a provider of this kind is asked for vectors of this model. `None`: it makes none.
    #[must_use]
    pub fn of(kind: Kind, model: &str) -> Option<Self> {
        match kind {
            Kind::Openai | Kind::Azure | Kind::OpenaiCompatible => Some(Self::Openai),
            Kind::Mistral => Some(Self::Mistral),
            Kind::Gemini => Some(Self::Gemini),
            Kind::Cohere => Some(Self::Cohere),
            // The names may begin with a region, or be addresses that hold the model's name.
            Kind::Bedrock if model.contains("cohere.embed") => Some(Self::InvokedCohere),
            Kind::Bedrock if model.contains("titan-embed") => Some(Self::Titan),
            Kind::Bedrock | Kind::Anthropic | Kind::Demo => None,
        }
    }

    /// Inputs of one call, at most.
    #[must_use]
    pub fn most_inputs(self) -> usize {
        match self {
            Self::Openai | Self::Mistral => super::MOST_INPUTS,
            Self::Gemini => 100,
            Self::Cohere | Self::InvokedCohere => 96,
            Self::Titan => 1,
        }
    }

    /// A request's body, of at most [`Wire::most_inputs`].
    ///
    /// # Errors
    /// It asks for what the provider cannot be told.
    pub fn write(self, request: &Request) -> Result<Value, Unreadable> {
        match self {
            Self::Openai => Ok(openai::embeddings::write_request(request, "dimensions")),
            Self::Mistral => Ok(openai::embeddings::write_request(request, MISTRALS_DIMENSIONS)),
            Self::Gemini => generate_content::embed::write_request(request),
            Self::Cohere => cohere_chat::embed::write_request(request),
            Self::InvokedCohere => cohere_chat::embed::write_invoke_request(request),
            Self::Titan => titan::write_request(request),
        }
    }

    /// What the provider answered.
    ///
    /// # Errors
    /// The body is no such answer.
    pub fn read(self, body: &[u8]) -> Result<Response, Unreadable> {
        match self {
            Self::Openai | Self::Mistral => openai::embeddings::read_response(body),
            Self::Gemini => generate_content::embed::read_response(body),
            Self::Cohere | Self::InvokedCohere => cohere_chat::embed::read_response(body),
            Self::Titan => titan::read_response(body),
        }
    }
}
