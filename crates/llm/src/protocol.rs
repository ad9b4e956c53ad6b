//! The protocols, by name.

/// A shape of requests, answers and streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// OpenAI's `POST /v1/chat/completions`, which most others speak too.
    ChatCompletions,
    /// OpenAI's `POST /v1/responses`.
    Responses,
    /// Anthropic's `POST /v1/messages`.
    Messages,
    /// Google's `POST /v1beta/models/{model}:generateContent` and `:streamGenerateContent`.
    GenerateContent,
    /// Amazon Bedrock's `POST /model/{model}/converse` and `/converse-stream`.
    Converse,
    /// Cohere's `POST /v2/chat`.
    CohereChat,
}

impl Protocol {
    /// Its name in the configuration and in traces.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ChatCompletions => "chat_completions",
            Self::Responses => "responses",
            Self::Messages => "messages",
            Self::GenerateContent => "generate_content",
            Self::Converse => "converse",
            Self::CohereChat => "cohere_chat",
        }
    }
}
