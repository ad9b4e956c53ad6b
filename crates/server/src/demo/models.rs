//! Models, how fast they answer, and what they cost.
//!
//! The prices are only lifelike: the demo states costs itself, as an application may. They are whole
//! nano-dollars a token, so that every cost is exact.

/// A model.
pub(super) struct Model {
    /// As it is asked for.
    pub(super) name: &'static str,
    /// As the provider says it answered.
    pub(super) answers_as: &'static str,
    /// The provider, as OpenTelemetry names it.
    pub(super) provider: &'static str,
    /// Nano-dollars for a token of input, of input from the cache, of output.
    prices: [i64; 3],
    /// The median, in ms.
    pub(super) first_token_ms: i64,
    /// The median.
    pub(super) tokens_per_second: i64,
}

/// Tokens of a call; each is in one count only.
#[derive(Clone, Copy, Default)]
pub(super) struct Usage {
    /// Without those from the cache.
    pub(super) input: i64,
    pub(super) cached: i64,
    pub(super) output: i64,
}

/// What a call cost, in nano-dollars.
#[derive(Debug, PartialEq)]
pub(super) struct Cost {
    pub(super) input: i64,
    pub(super) output: i64,
}

pub(super) static GPT: Model = Model {
    name: "gpt-5.2",
    answers_as: "gpt-5.2-2025-12-11",
    provider: "openai",
    prices: [1_750, 175, 14_000],
    first_token_ms: 780,
    tokens_per_second: 62,
};

pub(super) static GPT_MINI: Model = Model {
    name: "gpt-5-mini",
    answers_as: "gpt-5-mini-2025-08-07",
    provider: "openai",
    prices: [250, 25, 2_000],
    first_token_ms: 420,
    tokens_per_second: 105,
};

pub(super) static SONNET: Model = Model {
    name: "claude-sonnet-4-5",
    answers_as: "claude-sonnet-4-5-20250929",
    provider: "anthropic",
    prices: [3_000, 300, 15_000],
    first_token_ms: 920,
    tokens_per_second: 58,
};

pub(super) static HAIKU: Model = Model {
    name: "claude-haiku-4-5",
    answers_as: "claude-haiku-4-5-20251001",
    provider: "anthropic",
    prices: [1_000, 100, 5_000],
    first_token_ms: 380,
    tokens_per_second: 120,
};

pub(super) static GEMINI: Model = Model {
    name: "gemini-3-flash",
    answers_as: "gemini-3-flash-preview",
    provider: "gcp.gemini",
    prices: [500, 50, 3_000],
    first_token_ms: 340,
    tokens_per_second: 140,
};

pub(super) static MISTRAL: Model = Model {
    name: "mistral-large",
    answers_as: "mistral-large-2512",
    provider: "mistral_ai",
    prices: [2_000, 2_000, 6_000],
    first_token_ms: 610,
    tokens_per_second: 70,
};

pub(super) static EMBEDDING: Model = Model {
    name: "text-embedding-3-small",
    answers_as: "text-embedding-3-small",
    provider: "openai",
    prices: [20, 20, 0],
    first_token_ms: 45,
    tokens_per_second: 10_000,
};

/// Who answers people, by weight.
pub(super) static CHAT: &[(i64, &Model)] =
    &[(30, &GPT_MINI), (22, &GPT), (20, &SONNET), (14, &HAIKU), (9, &GEMINI), (5, &MISTRAL)];

/// Who works on long tasks, by weight.
pub(super) static WORK: &[(i64, &Model)] = &[(45, &SONNET), (35, &GPT), (20, &GEMINI)];

impl Model {
    /// What these tokens cost.
    pub(super) fn cost(&self, usage: Usage) -> Cost {
        let [input, cached, output] = self.prices;
        Cost { input: usage.input * input + usage.cached * cached, output: usage.output * output }
    }

    /// Whether tokens from the cache are cheaper, so that there is one.
    pub(super) fn caches(&self) -> bool {
        let [input, cached, _] = self.prices;
        cached < input
    }
}

/// Nano-dollars as exact decimal text in dollars: `1_500_000` is `0.0015`.
pub(super) fn dollars(nanos: i64) -> String {
    let text = format!("{}.{:09}", nanos / 1_000_000_000, nanos % 1_000_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// About as many tokens as a tokenizer counts.
pub(super) fn tokens(text: &str) -> i64 {
    i64::try_from(text.len().div_ceil(4)).unwrap_or(0)
}
