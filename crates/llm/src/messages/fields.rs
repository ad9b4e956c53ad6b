//! The fields of a body's top level, as their bytes.

use serde::de::{Deserialize, Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::chat::Unreadable;

/// Every field and its JSON text, without those that are null.
pub(super) fn fields(body: &[u8]) -> Result<Vec<(String, &RawValue)>, Unreadable> {
    struct Fields;
    impl<'de> Visitor<'de> for Fields {
        type Value = Vec<(String, &'de RawValue)>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a JSON object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut fields = Vec::new();
            while let Some(field) = map.next_entry::<String, &'de RawValue>()? {
                fields.push(field);
            }
            Ok(fields)
        }
    }
    let mut reader = serde_json::Deserializer::from_slice(body);
    let fields = reader.deserialize_map(Fields);
    let fields = fields.and_then(|fields| reader.end().map(|()| fields)).map_err(|error| {
        Unreadable::new("body", format!("is not a JSON object: {error}; send the call's JSON"))
    })?;
    Ok(fields.into_iter().filter(|(_, value)| value.get() != "null").collect())
}

/// A field's value.
pub(super) fn value<'a, T: Deserialize<'a>>(
    field: &str,
    raw: &'a RawValue,
    expected: &str,
) -> Result<T, Unreadable> {
    serde_json::from_str(raw.get())
        .map_err(|error| Unreadable::new(field, format!("must be {expected}: {error}")))
}
