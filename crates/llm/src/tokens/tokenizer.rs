//! Which model splits texts by which vocabulary.

/// A published tokenizer whose vocabulary may be passed on with the program.
///
/// Those of Llama and DeepSeek are published too, under licences with conditions of their own; Anthropic
/// and Google publish none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tokenizer {
    /// OpenAI's since GPT-4o.
    O200k,
    /// OpenAI's from GPT-3.5 to GPT-4, and of its embeddings.
    Cl100k,
    /// Of Qwen 2, 2.5 and 3.
    Qwen2,
    /// Of Mistral's models since NeMo.
    Tekken,
}

/// How names of models begin, the longer before the shorter. After one that does not end in a dot comes
/// no letter and no digit. `None`: models that only look like the next.
const MODELS: &[(&str, Option<Tokenizer>)] = &[
    ("gpt-5", Some(Tokenizer::O200k)),
    ("gpt-4.5", Some(Tokenizer::O200k)),
    ("gpt-4.1", Some(Tokenizer::O200k)),
    ("gpt-4.", None),
    ("gpt-4o", Some(Tokenizer::O200k)),
    ("gpt-4", Some(Tokenizer::Cl100k)),
    ("gpt-3.5", Some(Tokenizer::Cl100k)),
    ("gpt-35", Some(Tokenizer::Cl100k)),
    ("gpt-oss", Some(Tokenizer::O200k)),
    ("chatgpt-4o", Some(Tokenizer::O200k)),
    ("codex-mini", Some(Tokenizer::O200k)),
    ("computer-use-preview", Some(Tokenizer::O200k)),
    ("o1", Some(Tokenizer::O200k)),
    ("o3", Some(Tokenizer::O200k)),
    ("o4", Some(Tokenizer::O200k)),
    ("text-embedding-3", Some(Tokenizer::Cl100k)),
    ("text-embedding-ada-002", Some(Tokenizer::Cl100k)),
    ("davinci-002", Some(Tokenizer::Cl100k)),
    ("babbage-002", Some(Tokenizer::Cl100k)),
    ("qwen2", Some(Tokenizer::Qwen2)),
    // Since 3.5 the vocabulary is another.
    ("qwen3.", None),
    ("qwen3", Some(Tokenizer::Qwen2)),
    ("open-mistral-nemo", Some(Tokenizer::Tekken)),
    ("mistral-nemo", Some(Tokenizer::Tekken)),
    ("ministral-8b", Some(Tokenizer::Tekken)),
    ("mistral-small-24b", Some(Tokenizer::Tekken)),
    ("mistral-small-3", Some(Tokenizer::Tekken)),
    ("devstral-small", Some(Tokenizer::Tekken)),
    ("magistral-small", Some(Tokenizer::Tekken)),
];

/// Who some hosts name before the model.
const MAKERS: [&str; 4] = ["ft:", "openai.", "qwen.", "mistral."];

impl Tokenizer {
    /// The tokenizer of a model, as providers and hosts name it; `None`: it is not here, or not known.
    #[must_use]
    pub fn of_model(model: &str) -> Option<Self> {
        // No name of a model is longer, and texts of senders may be.
        let model = (model.len() <= 256).then(|| model.to_ascii_lowercase())?;
        let model = MAKERS.iter().find_map(|maker| model.strip_prefix(maker)).unwrap_or(&model);
        // A host's path to it, as `Qwen/Qwen3-32B` or `accounts/fireworks/models/gpt-oss-20b`.
        let name = model.rsplit('/').next().unwrap_or(model);
        let begins = |beginning: &str| {
            name.strip_prefix(beginning).is_some_and(|rest| {
                beginning.ends_with('.')
                    || !rest.starts_with(|next: char| next.is_ascii_alphanumeric())
            })
        };
        MODELS.iter().find(|(beginning, _)| begins(beginning)).and_then(|(_, tokenizer)| *tokenizer)
    }

    /// Its name: letters, digits and `_`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::O200k => "o200k_base",
            Self::Cl100k => "cl100k_base",
            Self::Qwen2 => "qwen2",
            Self::Tekken => "tekken",
        }
    }

    /// Tokens of a text. What looks like a special token is text.
    ///
    /// The time grows with the square of the length of some texts (runs of spaces other than U+0020), so
    /// that long texts are for [`Tally`](super::tally::Tally).
    pub(super) fn count(self, text: &str) -> u64 {
        let name = match self {
            Self::O200k | Self::Cl100k | Self::Qwen2 => self.name(),
            Self::Tekken => "mistral_v3",
        };
        let vocabulary = tiktoken::get_encoding(name)
            .expect("the features of the dependency name each of these vocabularies");
        vocabulary.count(text) as u64
    }
}

#[cfg(test)]
mod tests;
