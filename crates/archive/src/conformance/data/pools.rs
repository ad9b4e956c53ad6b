//! What random patches are made of.

use tracekeep_model::{Field, Micros, Rank, Step, Version};
use tracekeep_query::arbitrary::{NUMBERS, START, WORDS};

use crate::conformance::random::Random;

pub(super) const SPAN_TEXTS: &[Field] = &[
    Field::Name,
    Field::StatusMessage,
    Field::ErrorType,
    Field::ErrorCode,
    Field::ErrorMessage,
    Field::ErrorStack,
    Field::Model,
    Field::ResponseModel,
    Field::Provider,
    Field::SystemPrompt,
    Field::Input,
    Field::Output,
    Field::PromptId,
    Field::PromptName,
    Field::PromptVersion,
    Field::ServiceName,
    Field::ScopeName,
    Field::ScopeVersion,
    Field::SdkName,
    Field::SdkVersion,
    Field::UserAgent,
    Field::Ip,
    Field::LangfuseTraceId,
    Field::LangfuseObservationId,
];

pub(super) const SPAN_JSON: &[Field] =
    &[Field::Parameters, Field::ToolCalls, Field::Events, Field::Links, Field::UsageGiven];

pub(super) const TRACE_TEXTS: &[Field] = &[
    Field::Name,
    Field::UserId,
    Field::SessionId,
    Field::Source,
    Field::Environment,
    Field::Release,
    Field::Version,
    Field::Input,
    Field::Output,
];

pub(super) const SCORE_TEXTS: &[Field] = &[
    Field::ScoreText,
    Field::ScoreType,
    Field::ScoreSource,
    Field::Comment,
    Field::Author,
    Field::ConfigId,
    Field::TargetSessionId,
    Field::TargetRunId,
];

pub(super) const USAGE: &[&str] = &[
    "input",
    "output",
    "input_cache_read",
    "input_cache_write",
    "output_reasoning",
    "total",
    "input_audio",
    "searches",
    "a\"b",
];

pub(super) const COST: &[&str] = &["input", "output", "input_cache_read", "total", "searches"];

/// In 10⁻¹² dollars.
pub(super) const AMOUNTS: &[i128] =
    &[0, 1, 1_000_000, 100_000_000_000, 300_000_000_000, 3_000_000_000_000, 12_500_000_000_000];

/// Sums of these are exact in any order, so that no order hangs on the last digit of a sum.
pub(super) const FLOATS: &[f64] = &[-1.0, 0.0, 0.25, 0.5, 1.0, 1_000_000_000.0];

/// JSON as senders write it.
pub(super) const JSON: &[&str] = &[
    "{}",
    "[]",
    "{\"team\":\"alpha\"}",
    "{ \"team\": \"a\\\"b\", \"n\": 5 }",
    "[{\"name\":\"beta\"}, 1]",
    "\"alpha\"",
];

/// Values of metadata that are no plain text and no plain number. Numbers add up exactly.
pub(super) const ODD_JSON: &[&str] = &[
    "true",
    "null",
    "0.5",
    "-0",
    "1.5e3",
    "1e400",
    "[1, 2]",
    "{\"team\": \"alpha\"}",
    "\"\\u00e4\"",
    "\"\"",
];

/// Few, so that equal ones meet.
pub(super) fn version(random: &mut Random, received: Micros) -> Version {
    let rank = if random.one_in(8) {
        random.pick(&[Rank::Assumed, Rank::Inferred, Rank::Edited])
    } else {
        Rank::Stated
    };
    let time = START.plus(random.pick(&[0i64, 1, 2]) * Micros::HOUR);
    let step = random.pick(&[Step::Start, Step::Update, Step::End]);
    Version::stated(time, received, step).with_rank(rank)
}

/// A word, several, or many.
pub(super) fn words(random: &mut Random) -> String {
    let count = match random.below(60) {
        0 => 400,
        1..=9 => 2 + random.below(4),
        _ => 1,
    };
    let mut words = Vec::new();
    for _ in 0..count {
        words.push(random.pick(WORDS));
    }
    words.join(" ")
}

/// The JSON of one key of metadata.
pub(super) fn member(random: &mut Random) -> String {
    match random.below(8) {
        0..=3 => serde_json::Value::from(random.pick(WORDS)).to_string(),
        4..=5 => random.pick(NUMBERS).to_string(),
        _ => random.pick(ODD_JSON).to_owned(),
    }
}
