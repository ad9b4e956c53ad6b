//! What a request asks, read without taking it apart: for requests whose bytes are passed on.

use serde_json::value::RawValue;

/// What a trace shows of a request, and what decides where it goes. Texts of JSON are the client's
/// own, with their digits and order.
#[derive(Clone, Debug, Default)]
pub struct Asked<'a> {
    /// The model. Empty where the address says it (Gemini, Azure).
    pub model: String,
    /// Whether the answer is wanted as a stream. `false` where the address says it (Gemini).
    pub stream: bool,
    /// Whether usage was asked for at the end of a stream (`stream_options.include_usage`). Only chat
    /// completions does not send it unasked.
    pub stream_usage: bool,
    /// The conversation: `messages`, `input`, `contents`, `prompt`, as the client wrote it.
    pub input: Option<&'a RawValue>,
    /// The system's instructions as plain text, from wherever the protocol keeps them.
    pub system: Option<String>,
    /// The last thing that the user says as plain text, where there is text.
    pub prompt: Option<String>,
    /// Tools.
    pub tools: Option<&'a RawValue>,
    /// Everything else at the top level that says how to generate, by name: temperature,
    /// max_tokens, tool_choice, response_format, Gemini's generationConfig …
    pub parameters: Vec<(String, &'a RawValue)>,
    /// The end user.
    pub user: Option<String>,
    /// The client's own notes on the call: a JSON object.
    pub metadata: Option<&'a RawValue>,
}
