//! What Anthropic counts.
//!
//! "Total input tokens in a request is the summation of `input_tokens`,
//! `cache_creation_input_tokens`, and `cache_read_input_tokens`" (`Message.usage` of the SDK): the
//! three are disjoint. `cache_creation` splits the second by how long the cache holds.
//! "`output_tokens` remains the inclusive, authoritative total"; `output_tokens_details` says how
//! many of them were thoughts (`Usage.output_tokens_details`).

use serde_json::{Map, Value, json};
use tracekeep_model::{MOST_TOKENS, Usage};

use crate::chat::Counted;

const WRITE_1H: &str = "input_cache_write_1h";
const SEARCHES: &str = "web_searches";
const FETCHES: &str = "web_fetches";

/// The provider's usage object as disjoint types.
#[must_use]
pub fn count(usage: &Value) -> Counted {
    let number = |field: &str| tokens(usage.get(field));
    let deep = |path: &str| tokens(usage.pointer(path));
    let mut counted = Usage {
        input: number("input_tokens"),
        input_cache_read: number("cache_read_input_tokens"),
        ..Usage::default()
    };
    let written = number("cache_creation_input_tokens");
    let five_minutes = deep("/cache_creation/ephemeral_5m_input_tokens");
    let hour = deep("/cache_creation/ephemeral_1h_input_tokens").unwrap_or(0);
    if written.is_some() || five_minutes.is_some() {
        // What the split does not cover was written for the usual five minutes.
        let rest = written.unwrap_or(0).saturating_sub(hour);
        counted.input_cache_write = Some(rest.max(five_minutes.unwrap_or(0)));
    }
    let output = number("output_tokens");
    let thought = deep("/output_tokens_details/thinking_tokens");
    let thought = thought.map(|thought| thought.min(output.unwrap_or(thought)));
    counted.output = output.map(|output| output - thought.unwrap_or(0));
    counted.output_reasoning = thought;
    for (name, units) in [
        (WRITE_1H, hour),
        (SEARCHES, deep("/server_tool_use/web_search_requests").unwrap_or(0)),
        (FETCHES, deep("/server_tool_use/web_fetch_requests").unwrap_or(0)),
    ] {
        if units > 0 {
            counted.set(&name.into(), units);
        }
    }
    Counted { usage: counted, stated: usage.clone() }
}

/// A count that is a whole number, held within what is possible.
pub(crate) fn tokens(value: Option<&Value>) -> Option<i64> {
    let number = value?.as_number()?;
    let whole = number.as_i64().or_else(|| number.as_u64().map(|_| MOST_TOKENS));
    whole.map(|count| count.clamp(0, MOST_TOKENS))
}

/// A whole answer's usage object.
pub(super) fn whole(counted: Option<&Counted>, service_tier: Option<&str>) -> Value {
    let usage = counted.map(|counted| counted.usage.clone()).unwrap_or_default();
    let mut object = Map::new();
    object.insert("input_tokens".to_owned(), json!(plain_input(&usage)));
    object.insert("cache_creation_input_tokens".to_owned(), json!(written(&usage).unwrap_or(0)));
    object.insert("cache_read_input_tokens".to_owned(), json!(usage.input_cache_read.unwrap_or(0)));
    if let Some(hour) = other(&usage, WRITE_1H) {
        let split = json!({
            "ephemeral_1h_input_tokens": hour,
            "ephemeral_5m_input_tokens": usage.input_cache_write.unwrap_or(0),
        });
        object.insert("cache_creation".to_owned(), split);
    }
    outputs(&usage, &mut object);
    if let Some(tier) = service_tier.and_then(tier) {
        object.insert("service_tier".to_owned(), json!(tier));
    }
    Value::Object(object)
}

/// The usage object at the end of a stream: totals of everything, so that it holds where nothing was
/// known at the beginning.
pub(super) fn last(counted: &Counted) -> Value {
    let usage = &counted.usage;
    let mut object = Map::new();
    if usage.input_total().is_some() {
        object.insert("input_tokens".to_owned(), json!(plain_input(usage)));
    }
    if let Some(written) = written(usage) {
        object.insert("cache_creation_input_tokens".to_owned(), json!(written));
    }
    if let Some(read) = usage.input_cache_read {
        object.insert("cache_read_input_tokens".to_owned(), json!(read));
    }
    outputs(usage, &mut object);
    Value::Object(object)
}

fn outputs(usage: &Usage, object: &mut Map<String, Value>) {
    object.insert("output_tokens".to_owned(), json!(usage.output_total().unwrap_or(0)));
    if let Some(thought) = usage.output_reasoning {
        object.insert("output_tokens_details".to_owned(), json!({"thinking_tokens": thought}));
    }
    let (searches, fetches) = (other(usage, SEARCHES), other(usage, FETCHES));
    if searches.or(fetches).is_some() {
        let used = json!({
            "web_fetch_requests": fetches.unwrap_or(0),
            "web_search_requests": searches.unwrap_or(0),
        });
        object.insert("server_tool_use".to_owned(), used);
    }
}

fn other(usage: &Usage, name: &str) -> Option<i64> {
    usage.other.iter().find(|(known, _)| &**known == name).map(|(_, count)| *count)
}

/// All that was written to the cache.
fn written(usage: &Usage) -> Option<i64> {
    match (usage.input_cache_write, other(usage, WRITE_1H)) {
        (None, None) => None,
        (short, hour) => Some(short.unwrap_or(0).saturating_add(hour.unwrap_or(0))),
    }
}

/// Input that came from no cache and went to none; audio and pictures are in it.
fn plain_input(usage: &Usage) -> i64 {
    let cached = usage.input_cache_read.unwrap_or(0).saturating_add(written(usage).unwrap_or(0));
    usage.input_total().unwrap_or(0).saturating_sub(cached).max(0)
}

/// How this protocol calls the class of service that was given.
fn tier(name: &str) -> Option<&str> {
    match name {
        "default" | "standard" => Some("standard"),
        "priority" | "batch" => Some(name),
        _ => None,
    }
}
