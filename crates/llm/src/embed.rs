//! Vectors of texts, in no provider's dialect: what is asked and answered, and how each kind of provider
//! is asked ([`Wire`]).

mod wire;

use std::fmt;

use serde::de::{Deserializer as _, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tracekeep_model::{MOST_TOKENS, Usage};

pub use wire::Wire;

use crate::chat::{Counted, Unreadable};
use crate::chat_completions::usage::whole;

/// Inputs of one request, at most: OpenAI's own limit.
pub const MOST_INPUTS: usize = 2_048;

/// What is to be embedded, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The model, as its provider names it.
    pub model: String,
    /// Each gets a vector.
    pub inputs: Vec<Input>,
    /// How many numbers a vector shall have.
    pub dimensions: Option<u32>,
    /// How the client wants vectors written.
    pub encoding: Encoding,
    /// What the vectors are for. Models that make one kind of vectors for all purposes are not told.
    pub purpose: Option<Purpose>,
    /// What the document is called that the input is of (Gemini).
    pub title: Option<String>,
    /// The end user.
    pub user: Option<String>,
}

/// One thing to be embedded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A text.
    Text(String),
    /// Ids of tokens of OpenAI's, which no other provider knows.
    Tokens(Vec<u32>),
}

/// How vectors are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// As numbers.
    #[default]
    Float,
    /// The base64 of little-endian `f32`s (OpenAI).
    Base64,
}

/// What vectors are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To be found.
    Document,
    /// To find documents.
    Query,
    /// To be sorted into classes.
    Classification,
    /// To be grouped.
    Clustering,
    /// To be held against each other.
    Similarity,
}

/// Vectors, in the order of the inputs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Response {
    /// The vectors.
    pub vectors: Vec<Vec<f64>>,
    /// What was counted.
    pub counted: Option<Counted>,
    /// The model that answered, where it says so.
    pub model: Option<String>,
}

impl Purpose {
    /// By the names that Cohere and Google have, and those of NVIDIA's and Voyage's OpenAI-like APIs.
    /// `field` is told where it is none of them.
    ///
    /// # Errors
    /// It is another one.
    pub fn of(name: &str, field: &str) -> Result<Self, Unreadable> {
        Ok(match name.to_ascii_lowercase().as_str() {
            "search_document" | "retrieval_document" | "document" | "passage" => Self::Document,
            "search_query" | "retrieval_query" | "query" => Self::Query,
            "classification" => Self::Classification,
            "clustering" => Self::Clustering,
            "semantic_similarity" => Self::Similarity,
            _ => {
                let reason = "cannot be said to this provider; say search_document, search_query, \
                              classification, clustering or semantic_similarity";
                return Err(Unreadable::new(field, reason));
            }
        })
    }
}

impl Request {
    /// The same in pieces of at most `most` inputs, in order.
    #[must_use]
    pub fn parts(mut self, most: usize) -> Vec<Self> {
        let mut inputs = std::mem::take(&mut self.inputs).into_iter().peekable();
        let mut parts = Vec::new();
        while inputs.peek().is_some() {
            let inputs = inputs.by_ref().take(most.max(1)).collect();
            parts.push(Self { inputs, ..self.clone() });
        }
        parts
    }

    /// The inputs as texts.
    ///
    /// # Errors
    /// One is of tokens' ids.
    pub(crate) fn texts(&self) -> Result<Vec<&str>, Unreadable> {
        let mut texts = Vec::with_capacity(self.inputs.len());
        for (place, input) in self.inputs.iter().enumerate() {
            match input {
                Input::Text(text) => texts.push(text.as_str()),
                Input::Tokens(_) => {
                    let reason = "is a list of token ids, which are those of OpenAI's models; send \
                                  texts (LangChain does with check_embedding_ctx_length=False)";
                    return Err(Unreadable::new(format!("input[{place}]"), reason));
                }
            }
        }
        Ok(texts)
    }
}

impl Response {
    /// The answers to the pieces of a request as one: vectors in order, counts together. What was counted
    /// for some of them only is no count.
    #[must_use]
    pub fn join(parts: Vec<Self>) -> Self {
        let counts: Option<Vec<&Counted>> =
            parts.iter().map(|part| part.counted.as_ref()).collect();
        let counted = counts.and_then(|counts| together(&counts));
        let model = parts.iter().find_map(|part| part.model.clone());
        let vectors = parts.into_iter().flat_map(|part| part.vectors).collect();
        Self { vectors, counted, model }
    }
}

/// One count of several. What the provider stated stays where it is one statement.
fn together(counts: &[&Counted]) -> Option<Counted> {
    if let [one] = counts {
        return Some((*one).clone());
    }
    if counts.iter().any(|counted| counted.usage.is_empty()) {
        return None;
    }
    let mut usage = Usage::default();
    for (name, more) in counts.iter().flat_map(|counted| counted.usage.types()) {
        let known = usage.types().find(|(known, _)| *known == name).map_or(0, |(_, count)| count);
        let sum = known.saturating_add(more).min(MOST_TOKENS);
        match usage.other.iter_mut().find(|(known, _)| &**known == name) {
            Some((_, count)) => *count = sum,
            None => usage.set(&name.into(), sum),
        }
    }
    let stated = json!({"calls": counts.len(), "input_tokens": usage.input_total()});
    (!counts.is_empty()).then_some(Counted { usage, stated })
}

/// The elements of a list of inputs. `None`: it is no list.
///
/// # Errors
/// It has more than [`MOST_INPUTS`]; the rest is not read then.
pub(crate) fn elements<'a>(
    list: &'a RawValue,
    field: &str,
) -> Result<Option<Vec<&'a RawValue>>, Unreadable> {
    struct Elements;
    impl<'de> Visitor<'de> for Elements {
        /// `None`: there are too many.
        type Value = Option<Vec<&'de RawValue>>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let mut elements = Vec::new();
            while let Some(element) = list.next_element()? {
                if elements.len() == MOST_INPUTS {
                    // What is left must be taken, or the reader takes the list for malformed.
                    while list.next_element::<IgnoredAny>()?.is_some() {}
                    return Ok(None);
                }
                elements.push(element);
            }
            Ok(Some(elements))
        }
    }
    match serde_json::Deserializer::from_str(list.get()).deserialize_seq(Elements) {
        Ok(Some(elements)) => Ok(Some(elements)),
        Ok(None) => {
            let reason =
                format!("has more than {MOST_INPUTS} elements; send them in several calls");
            Err(Unreadable::new(field, reason))
        }
        Err(_) => Ok(None),
    }
}

/// What a number of tokens counts, as `stated` says it.
pub(crate) fn counted_input(tokens: Option<&Value>, stated: Value) -> Option<Counted> {
    let usage = Usage { input: Some(whole(tokens)?), ..Usage::default() };
    Some(Counted { usage, stated })
}

#[cfg(test)]
mod tests;
