//! What the names of usage types say about prices. The types are disjoint: `input` holds neither
//! what was read from a cache nor audio.

use tracekeep_model::UsageType;

/// The type whose price a type without a price of its own has, so that it never costs nothing.
///
/// | type | parent |
/// |---|---|
/// | `input_cache_write_5m`, `…_1h`, `…_12h` | `input_cache_write` |
/// | `input_audio_cache_read`, and so of image and video | `input_cache_read` |
/// | `input_audio_seconds`, `output_audio_seconds` | `audio_seconds` |
/// | `input_annotated_pages` | `input_pages` |
/// | any other `input_…` of tokens: `input_cache_read`, `input_cache_write`, `input_audio`, `input_image`, … | `input` |
/// | any other `output_…` of tokens: `output_reasoning`, `output_audio`, `output_image`, … | `output` |
/// | `input`, `output`, and what is counted otherwise: requests, searches, images, characters, pages, seconds | none |
#[must_use]
pub fn parent(usage_type: &str) -> Option<&'static str> {
    match usage_type {
        "input_cache_write_5m" | "input_cache_write_1h" | "input_cache_write_12h" => {
            Some("input_cache_write")
        }
        "input_audio_cache_read" | "input_image_cache_read" | "input_video_cache_read" => {
            Some("input_cache_read")
        }
        "input_audio_seconds" | "output_audio_seconds" => Some("audio_seconds"),
        "input_annotated_pages" => Some("input_pages"),
        "input" | "output" => None,
        // Nothing stands in for the price of what is no tokens.
        _ if !UsageType::is_tokens(usage_type) => None,
        _ if UsageType::is_input(usage_type) => Some("input"),
        _ => Some("output"),
    }
}

/// How many units a price is for: an hour of what is counted in seconds, a million of all else.
#[must_use]
pub fn units_per_price(usage_type: &str) -> i64 {
    if usage_type.ends_with("_seconds") { 3_600 } else { 1_000_000 }
}

#[cfg(test)]
mod tests;
