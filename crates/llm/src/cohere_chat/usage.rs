//! What Cohere counts.

use serde_json::Value;
use tracekeep_model::{MOST_TOKENS, Usage};

use crate::chat::Counted;

/// Reads `usage`, or an embedding's `meta`: both are of one shape (cohere's `Usage`, `ApiMeta`).
///
/// `tokens` are all that the model read and wrote, `cached_tokens` those of the read ones that "hit
/// the inference cache", and thoughts are among the written ones, uncounted. `billed_units` leave
/// out what Cohere adds to the prompt itself; they stand where there are no `tokens`, and are kept
/// in `stated`. Searches are counted besides.
#[must_use]
pub fn count(usage: &Value) -> Counted {
    let tokens = usage.get("tokens").filter(|tokens| tokens.is_object());
    let billed = usage.get("billed_units");
    let of = |name: &str| {
        number(tokens.and_then(|it| it.get(name))).or_else(|| {
            let is_alone = tokens.is_none();
            number(billed.filter(|_| is_alone).and_then(|it| it.get(name)))
        })
    };
    let mut counted = Usage::default();
    let images = number(billed.and_then(|it| it.get("image_tokens"))).filter(|count| *count > 0);
    if let Some(input) = of("input_tokens") {
        let cached = number(usage.get("cached_tokens")).map(|cached| cached.min(input));
        let mut rest = input - cached.unwrap_or(0);
        // Where text and images are billed apart, `input_tokens` is their sum.
        let is_sum = number(billed.and_then(|it| it.get("text_tokens"))).is_some();
        if let Some(images) = images.filter(|_| is_sum).map(|images| images.min(rest)) {
            rest -= images;
            counted.set(&"input_image".into(), images);
        }
        counted.input = Some(rest);
        counted.input_cache_read = cached;
    } else if let Some(images) = images {
        counted.set(&"input_image".into(), images);
    }
    counted.output = of("output_tokens");
    let searches = number(billed.and_then(|it| it.get("search_units")));
    if let Some(searches) = searches.filter(|searches| *searches > 0) {
        counted.set(&"search_units".into(), searches);
    }
    Counted { usage: counted, stated: usage.clone() }
}

/// A count, which Cohere writes with a point at times.
fn number(value: Option<&Value>) -> Option<i64> {
    let count = value?.as_f64().filter(|count| count.is_finite())?;
    Some((count.round() as i64).clamp(0, MOST_TOKENS))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn types(usage: &Value) -> Vec<(String, i64)> {
        let counted = count(usage);
        assert_eq!(&counted.stated, usage);
        counted.usage.types().map(|(name, count)| (name.to_owned(), count)).collect()
    }

    fn expected(types: &[(&str, i64)]) -> Vec<(String, i64)> {
        types.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
    }

    #[test]
    fn tokens_are_counted_and_billed_units_kept() {
        let usage = json!({
            "billed_units": {"input_tokens": 5.0, "output_tokens": 418.0},
            "tokens": {"input_tokens": 71.0, "output_tokens": 420.0},
            "cached_tokens": 16.0,
        });
        let of = [("input", 55), ("input_cache_read", 16), ("output", 420)];
        assert_eq!(types(&usage), expected(&of));
    }

    #[test]
    fn billed_units_stand_where_there_is_nothing_else() {
        let usage = json!({"billed_units": {"input_tokens": 5, "search_units": 1}});
        assert_eq!(types(&usage), expected(&[("input", 5), ("search_units", 1)]));
        // Not for one side only.
        let usage = json!({"tokens": {"output_tokens": 2}, "billed_units": {"input_tokens": 5}});
        assert_eq!(types(&usage), expected(&[("output", 2)]));
    }

    #[test]
    fn images_are_counted_once() {
        let usage = json!({"billed_units":
            {"images": 1, "image_tokens": 300, "text_tokens": 20, "input_tokens": 320}});
        assert_eq!(types(&usage), expected(&[("input", 20), ("input_image", 300)]));
        let usage = json!({"billed_units": {"images": 1, "image_tokens": 300}});
        assert_eq!(types(&usage), expected(&[("input_image", 300)]));
    }

    #[test]
    fn nothing_is_negative_and_nothing_else_is_read() {
        let usage = json!({"tokens": {"input_tokens": 4, "output_tokens": -9}, "cached_tokens": 9});
        let of = [("input", 0), ("input_cache_read", 4), ("output", 0)];
        assert_eq!(types(&usage), expected(&of));
        for usage in [json!(null), json!([]), json!({"tokens": 5}), json!({"billed_units": "x"})] {
            assert_eq!(types(&usage), expected(&[]));
        }
    }
}
