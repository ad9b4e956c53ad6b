//! Requests.

mod crossing;
mod fields;
mod messages;
mod read;
mod write;
mod write_messages;

pub use crossing::{adopt, release};
pub use read::read_request;
pub use write::{write_request, write_request_in};

/// In what the providers that speak this protocol differ so far that they refuse each other's
/// requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// OpenAI and Azure: `max_completion_tokens`, which newer models insist on; no `top_k`, no
    /// thoughts of the model in its messages.
    OpenAi,
    /// Mistral, which refuses every field that it does not know: `max_tokens`, `random_seed`, ids of
    /// calls of nine letters or digits.
    Mistral,
    /// Anyone else: `max_tokens`, and everything that others may add.
    Open,
}

impl Dialect {
    /// The dialect of who has a model of that name, where it is not known who is asked.
    #[must_use]
    pub fn of_model(model: &str) -> Self {
        let begins = |names: &[&str]| names.iter().any(|name| model.starts_with(name));
        // o1, o3-mini, o4 …, but not olmo.
        let is_o = model.strip_prefix('o').is_some_and(|rest| rest.starts_with(char::is_numeric));
        if begins(&["gpt-oss"]) {
            Self::Open
        } else if is_o || begins(&["gpt-", "chatgpt-", "ft:gpt-", "ft:o"]) {
            Self::OpenAi
        } else if begins(&["mistral-", "ministral-", "magistral-", "codestral-", "devstral-"]) {
            Self::Mistral
        } else {
            Self::Open
        }
    }
}

#[cfg(test)]
mod tests;
