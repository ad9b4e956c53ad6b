//! Arrays of which not more is held than is wanted.

use std::fmt;

use serde::de::{Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// The beginning of an array.
pub(in crate::native) struct Elements<'a> {
    /// The JSON of its first elements.
    pub(in crate::native) first: Vec<&'a str>,
    /// How many it has in all.
    pub(in crate::native) count: usize,
}

impl<'a> Elements<'a> {
    /// Of the JSON of an array; `most` elements are kept.
    pub(super) fn read(raw: &'a str, most: usize) -> Result<Self, serde_json::Error> {
        let mut json = serde_json::Deserializer::from_str(raw);
        Deserializer::deserialize_seq(&mut json, First { most })
    }
}

struct First {
    most: usize,
}

impl<'de> Visitor<'de> for First {
    type Value = Elements<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Self::Value, A::Error> {
        let mut first = Vec::new();
        while first.len() < self.most {
            match array.next_element::<&'de RawValue>()? {
                Some(element) => first.push(element.get()),
                None => return Ok(Elements { count: first.len(), first }),
            }
        }
        let mut count = first.len();
        while array.next_element::<IgnoredAny>()?.is_some() {
            count += 1;
        }
        Ok(Elements { first, count })
    }
}
