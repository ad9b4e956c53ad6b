//! What models are asked: a system prompt and a question of a few hundred bytes, as support agents have.

use bytes::Bytes;
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::json;

use crate::corpus::{Corpus, CorpusKind};

/// How many prompts there are; they are asked in turn.
const PROMPTS: usize = 256;
const SYSTEM_BYTES: usize = 300;
const QUESTION_BYTES: usize = 500;

/// How answers are to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answers {
    Whole,
    Streamed,
}

/// Bodies of requests. Usage at the end of a stream is not asked for, as most clients do not.
pub(super) fn prompts(model: &str, answers: Answers) -> Vec<Bytes> {
    let corpus = Corpus::new(CorpusKind::Prose);
    let mut rng = StdRng::seed_from_u64(1);
    let mut text = |bytes| {
        let mut text = String::with_capacity(bytes + 32);
        corpus.append(&mut rng, &mut text, bytes);
        text
    };
    let system = text(SYSTEM_BYTES);
    let mut bodies = Vec::with_capacity(PROMPTS);
    for _ in 0..PROMPTS {
        let body = json!({
            "model": model,
            "messages": [
                { "role": "system", "content": system },
                { "role": "user", "content": text(QUESTION_BYTES) },
            ],
            "temperature": 0.2,
            "max_tokens": 1_024,
            "stream": answers == Answers::Streamed,
        });
        bodies.push(body.to_string().into());
    }
    bodies
}
