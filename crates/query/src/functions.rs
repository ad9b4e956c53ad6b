//! Functions that compiled SQL calls and engines lack.
//!
//! An archive registers them under these names, with these types; a missing argument gives a
//! missing result. The oracle calls them directly.
//!
//! | SQL | kind | here |
//! |---|---|---|
//! | `json_get_text(Utf8, Utf8) → Utf8` | scalar | [`json_get_text`] |
//! | `json_get_number(Utf8, Utf8) → Float64` | scalar | [`json_get_number`] |
//! | `tags_contain(Utf8, Utf8) → Boolean` | scalar | [`tags_contain`] |
//! | `text_contains_ci(Utf8, Utf8) → Boolean` | scalar | [`text_contains_ci`], [`CaseInsensitive`] |
//! | `bucket_of(Int64) → Int64` | scalar | [`bucket_of`](crate::histogram::bucket_of) |
//! | `bucket_counts(Int64) → Binary` | aggregate | how many rows each bucket has, as the engine likes |
//! | `bucket_percentile(Binary, Float64) → Int64` | scalar | [`bucket_percentile`] of such counts |

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::histogram::bucket_value;

/// The member `key` of a JSON object as text: a string without its quotes, anything else as it is
/// written. `None` where the text is no JSON object, has no such member, or the member is null.
/// Of members with one name the last counts. U+0000, which no text holds, is U+FFFD here too.
#[must_use]
pub fn json_get_text<'a>(json: &'a str, key: &str) -> Option<Cow<'a, str>> {
    let raw = member(json, key)?;
    match raw.as_bytes().first()? {
        b'n' => None,
        b'"' => {
            let content = raw.get(1..raw.len() - 1)?;
            if !content.contains('\\') {
                return Some(Cow::Borrowed(content));
            }
            // Half a surrogate pair is no text; it is shown as the sender wrote it.
            let Ok(text) = serde_json::from_str::<String>(raw) else {
                return Some(Cow::Borrowed(content));
            };
            let has_null = text.contains('\0');
            Some(Cow::Owned(if has_null { text.replace('\0', "\u{FFFD}") } else { text }))
        }
        _ => Some(Cow::Borrowed(raw)),
    }
}

/// The member `key` of a JSON object as a number; `None` where it is no finite JSON number.
#[must_use]
pub fn json_get_number(json: &str, key: &str) -> Option<f64> {
    let raw = member(json, key)?;
    if !raw.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
        return None;
    }
    // Adding zero turns -0 into 0: engines disagree on whether the two are equal.
    raw.parse::<f64>().ok().filter(|number| number.is_finite()).map(|number| number + 0.0)
}

/// Whether a JSON array of texts holds `tag`.
#[must_use]
pub fn tags_contain(tags: &str, tag: &str) -> bool {
    let mut json = serde_json::Deserializer::from_str(tags);
    json.deserialize_seq(Element(tag)).unwrap_or(false)
}

/// Whether `text` holds `needle` in any case. For many texts and one needle use [`CaseInsensitive`].
#[must_use]
pub fn text_contains_ci(text: &str, needle: &str) -> bool {
    CaseInsensitive::new(needle).is_in(text)
}

/// A needle to look for in many texts, whatever their case.
///
/// Each character is compared in Unicode's lower case, without regard to its neighbours or to a
/// language.
#[derive(Clone, Debug)]
pub struct CaseInsensitive {
    folded: String,
    ascii: bool,
}

impl CaseInsensitive {
    /// Prepares a needle.
    #[must_use]
    pub fn new(needle: &str) -> Self {
        let folded = fold(needle);
        Self { ascii: folded.is_ascii(), folded }
    }

    /// Whether `text` holds the needle.
    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        if text.is_ascii() {
            return self.ascii && ascii_contains(text.as_bytes(), self.folded.as_bytes());
        }
        fold(text).contains(&self.folded)
    }
}

/// The percentile `fraction` (0.5 to 0.99) of values counted by bucket: the value of the bucket that
/// holds the ⌈fraction · n⌉-th smallest. `None` where nothing was counted.
///
/// The fraction is taken to the nearest thousandth and the rank computed in integers, so that no
/// engine rounds another way.
#[must_use]
pub fn bucket_percentile(counts: &BTreeMap<i32, u64>, fraction: f64) -> Option<i64> {
    let total: u64 = counts.values().sum();
    let thousandths = (fraction.clamp(0.0, 1.0) * 1_000.0).round() as u128;
    let rank = (thousandths * u128::from(total)).div_ceil(1_000).max(1);
    let mut seen = 0u128;
    for (bucket, count) in counts {
        seen += u128::from(*count);
        if seen >= rank {
            return Some(bucket_value(*bucket));
        }
    }
    None
}

fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// `needle` is in lower case.
fn ascii_contains(text: &[u8], needle: &[u8]) -> bool {
    let Some(first) = needle.first() else { return true };
    if text.len() < needle.len() {
        return false;
    }
    (0..=text.len() - needle.len()).any(|at| {
        text[at].to_ascii_lowercase() == *first
            && text[at..at + needle.len()].eq_ignore_ascii_case(needle)
    })
}

/// The text of the object's member `key`, as written.
fn member<'a>(json: &'a str, key: &str) -> Option<&'a str> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let found = deserializer.deserialize_map(Member(key)).ok()?;
    deserializer.end().ok()?;
    found.map(RawValue::get)
}

struct Member<'k>(&'k str);

impl<'de> Visitor<'de> for Member<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(wanted) = map.next_key_seed(Equals(self.0))? {
            if wanted {
                found = Some(map.next_value::<&'de RawValue>()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

struct Element<'k>(&'k str);

impl<'de> Visitor<'de> for Element<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON array of texts")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<bool, A::Error> {
        let mut found = false;
        while let Some(wanted) = elements.next_element_seed(Equals(self.0))? {
            found |= wanted;
        }
        Ok(found)
    }
}

/// Compares a text in place.
struct Equals<'k>(&'k str);

impl<'de> DeserializeSeed<'de> for Equals<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Equals<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<bool, E> {
        Ok(text == self.0)
    }
}

#[cfg(test)]
mod tests;
