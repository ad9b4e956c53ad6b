//! Models and how fast they answer.

use rand::RngExt;
use rand::rngs::StdRng;

/// A model as an application names it and as its provider answers.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) provider: &'static str,
    pub(crate) requested: &'static str,
    pub(crate) answered: &'static str,
    /// Of a hundred traces, about how many use it.
    share: u32,
    /// Typical milliseconds until the first token.
    first_token_ms: f64,
    /// Typical milliseconds for each further token.
    token_ms: f64,
}

const fn model(names: [&'static str; 3], share: u32, first_token_ms: f64, token_ms: f64) -> Model {
    let [provider, requested, answered] = names;
    Model { provider, requested, answered, share, first_token_ms, token_ms }
}

static MODELS: [Model; 7] = [
    model(["openai", "gpt-4o-mini", "gpt-4o-mini-2024-07-18"], 34, 380.0, 9.0),
    model(["openai", "gpt-4o", "gpt-4o-2024-08-06"], 18, 520.0, 14.0),
    model(["openai", "gpt-4.1", "gpt-4.1-2025-04-14"], 8, 600.0, 15.0),
    model(["anthropic", "claude-sonnet-4-5", "claude-sonnet-4-5-20250929"], 16, 900.0, 17.0),
    model(["anthropic", "claude-haiku-4-5", "claude-haiku-4-5-20251001"], 10, 450.0, 8.0),
    model(["gcp.gemini", "gemini-2.5-flash", "gemini-2.5-flash"], 10, 400.0, 6.0),
    model(["mistral_ai", "mistral-large-latest", "mistral-large-2411"], 4, 620.0, 18.0),
];

impl Model {
    /// One of the models, by their shares.
    pub(crate) fn pick(rng: &mut StdRng) -> &'static Self {
        let mut place = rng.random_range(0..100_u32);
        for model in &MODELS {
            if place < model.share {
                return model;
            }
            place -= model.share;
        }
        &MODELS[0]
    }

    /// Nanoseconds until the first token, and until the last of `tokens`.
    pub(crate) fn answer(&self, rng: &mut StdRng, tokens: u64) -> (u64, u64) {
        // The square makes a few answers much slower than most.
        let slowness = 0.6 + 2.4 * rng.random::<f64>().powi(2);
        let first = self.first_token_ms * slowness;
        let pace: f64 = rng.random_range(0.8..1.3);
        let last = first + self.token_ms * pace * tokens as f64;
        ((first * 1e6) as u64, (last * 1e6) as u64)
    }
}
