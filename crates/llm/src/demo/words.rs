//! What the demo models say.

use super::plain;

/// Text in pieces of about a token each: a word with the space before it, long words in parts of at most
/// six letters.
pub(super) fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut letters = 0;
        let end = rest.char_indices().skip(1).find(|(_, letter)| {
            letters += 1;
            letter.is_whitespace() || letters >= 6
        });
        let end = end.map_or(rest.len(), |(at, _)| at);
        let (token, left) = rest.split_at(end);
        rest = left;
        (!token.is_empty()).then_some(token)
    })
}

/// Openings, one of which fits any question.
const OPENINGS: &[&str] = &[
    "Good question. Here is the short version:",
    "Let me go through this step by step.",
    "In short, it depends on three things.",
    "Here is what I would do:",
];

/// What follows them.
const BODIES: &[&str] = &[
    "First, write down what you want to know, and how you would notice that the answer is wrong. Second, \
     try the simplest thing that could work and measure it. Third, keep what helped and throw the rest \
     away.",
    "Start with a small example that you understand completely. Change one thing at a time, and look at \
     what each change does to latency, tokens and cost. A trace of each call shows you where time goes.",
    "1. Collect a few real inputs, also odd ones.\n2. Run them against each candidate and read the answers \
     side by side.\n3. Agree on what counts as good before you look at the scores.\n4. Repeat this when \
     the model or the prompt changes.",
    "The two approaches differ mainly in what they cost when they fail. One fails early and loudly; the \
     other goes on with less. Choose the one whose failures you can live with, and make them visible.",
];

/// An answer to what was said: always the same to the same words.
pub(super) fn answer(said: &str) -> String {
    let pick =
        said.bytes().fold(0usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    let opening = OPENINGS[pick % OPENINGS.len()];
    let body = BODIES[pick / OPENINGS.len() % BODIES.len()];
    let topic = topic(said);
    if topic.is_empty() {
        return format!("{opening}\n\n{body}");
    }
    format!("You asked about \u{201c}{topic}\u{201d}. {opening}\n\n{body}")
}

/// What a model thinks of what was said.
pub(super) fn thoughts(said: &str) -> String {
    format!(
        "The user wants to know about \u{201c}{}\u{201d}. I should answer briefly, give an order of steps, \
         and say what to measure. No tool is needed. I will not guess figures.",
        topic(said)
    )
}

/// An answer made of what a tool gave.
pub(super) fn from_result(result: &str) -> String {
    let value: Result<serde_json::Value, _> = serde_json::from_str(result);
    let facts = match value {
        Ok(serde_json::Value::Object(fields)) => {
            let facts: Vec<String> = fields
                .iter()
                .take(5)
                .map(|(name, value)| format!("{} is {}", name.replace('_', " "), plain(value)))
                .collect();
            facts.join(", ")
        }
        _ => topic(result),
    };
    format!("I looked it up: {facts}. Is there anything else that you want to know?")
}

/// The first words of it.
fn topic(said: &str) -> String {
    let words: Vec<&str> = said.split_whitespace().take(8).collect();
    words
        .join(" ")
        .chars()
        .take(80)
        .collect::<String>()
        .trim_end_matches(['?', '.', '!'])
        .to_owned()
}
