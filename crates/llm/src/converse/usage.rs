//! What Converse counts.
//!
//! `inputTokens` has none of the tokens that the cache gave or took: `cacheReadInputTokens` and
//! `cacheWriteInputTokens` stand beside it, and `totalTokens` is the sum of all four with
//! `outputTokens`. `cacheDetails` splits what was written by how long it holds. Thoughts are within
//! `outputTokens`, uncounted. (`TokenUsage` and `CacheDetail` of the service model.)

use serde_json::Value;
use tracekeep_model::Usage;

use crate::chat::Counted;
use crate::messages::tokens;

/// The provider's usage object as disjoint types.
#[must_use]
pub fn count(usage: &Value) -> Counted {
    let number = |field: &str| tokens(usage.get(field));
    let written = number("cacheWriteInputTokens");
    let details = usage.get("cacheDetails").and_then(Value::as_array);
    let of_ttl = |ttl: &str| {
        let of = details
            .into_iter()
            .flatten()
            .filter(|of| of.get("ttl").and_then(Value::as_str) == Some(ttl));
        of.filter_map(|of| tokens(of.get("inputTokens"))).fold(0, i64::saturating_add)
    };
    let (minutes, hour) = (of_ttl("5m"), of_ttl("1h"));
    let mut counted = Usage {
        input: number("inputTokens"),
        input_cache_read: number("cacheReadInputTokens"),
        output: number("outputTokens"),
        ..Usage::default()
    };
    if written.is_some() || minutes > 0 {
        let rest = written.unwrap_or(0).saturating_sub(hour);
        counted.input_cache_write = Some(rest.max(minutes));
    }
    if hour > 0 {
        counted.set(&"input_cache_write_1h".into(), hour);
    }
    Counted { usage: counted, stated: usage.clone() }
}
