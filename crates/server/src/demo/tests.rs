//! What the demo plans, and that it starts and stops.

mod plan;
mod server;

use serde_json::Value;

use super::dice::Dice;
use super::scenario::Scenario;
use super::step::Step;

/// A day in August 2026, in µs.
const NOW: i64 = 1_788_000_000_000_000;

const ALL: [Scenario; 5] =
    [Scenario::Chat, Scenario::Rag, Scenario::Agent, Scenario::Classification, Scenario::Failure];

/// Some interactions, as requests.
fn interactions(seed: u64, now: i64, count: usize) -> Vec<Vec<Step>> {
    let mut dice = Dice::new(seed);
    (0..count).map(|_| Scenario::draw(&mut dice).play(&mut dice, now).steps()).collect()
}

/// Every span of an OTLP request.
fn spans(body: &Value) -> Vec<&Value> {
    let resources = body["resourceSpans"].as_array().into_iter().flatten();
    let scopes = resources.flat_map(|one| one["scopeSpans"].as_array().into_iter().flatten());
    scopes.flat_map(|one| one["spans"].as_array().into_iter().flatten()).collect()
}

/// Dollars as nano-dollars, exactly.
fn nanos(dollars: &Value) -> i64 {
    let text = dollars.as_str().unwrap();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    assert!(fraction.len() <= 9, "{text}");
    let fraction = format!("{fraction:0<9}");
    whole.parse::<i64>().unwrap() * 1_000_000_000 + fraction.parse::<i64>().unwrap()
}
