//! The shapes that a query's JSON is made of.

use serde_json::{Map, Value};

use crate::QueryError;

/// The path of an object's member.
pub(crate) fn child(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// The path of a list's element.
pub(crate) fn item(path: &str, index: usize) -> String {
    format!("{path}[{index}]")
}

/// An object with no other keys than `keys`.
pub(super) fn object<'a>(
    path: &str,
    value: &'a Value,
    keys: &[&str],
) -> Result<&'a Map<String, Value>, QueryError> {
    let map = value.as_object().ok_or_else(|| QueryError::new(path, "is no object"))?;
    match map.keys().find(|key| !keys.contains(&key.as_str())) {
        Some(key) => {
            let short: String = key.chars().take(64).collect();
            Err(QueryError::unknown_key(&child(path, &short), &short, keys))
        }
        None => Ok(map),
    }
}

/// A member that is there and not null.
pub(super) fn get<'a>(map: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    map.get(key).filter(|value| !value.is_null())
}

/// A text.
pub(super) fn text(path: &str, value: &Value) -> Result<String, QueryError> {
    value.as_str().map(str::to_owned).ok_or_else(|| QueryError::new(path, "is no text"))
}

/// A member that is a text, if it is there.
pub(super) fn optional_text(
    path: &str,
    map: &Map<String, Value>,
    key: &str,
) -> Result<Option<String>, QueryError> {
    get(map, key).map(|value| text(&child(path, key), value)).transpose()
}

/// A list, empty where there is none.
pub(super) fn list<T>(
    path: &str,
    value: Option<&Value>,
    element: impl Fn(&str, &Value) -> Result<T, QueryError>,
) -> Result<Vec<T>, QueryError> {
    let Some(value) = value else { return Ok(Vec::new()) };
    let elements = value.as_array().ok_or_else(|| QueryError::new(path, "is no list"))?;
    elements.iter().enumerate().map(|(index, value)| element(&item(path, index), value)).collect()
}

/// A list of texts, empty where there is none.
pub(super) fn texts(path: &str, value: Option<&Value>) -> Result<Vec<String>, QueryError> {
    list(path, value, text)
}

/// A member of a closed set of names.
pub(super) fn name<T: Copy>(
    path: &str,
    value: &Value,
    all: &[T],
    name_of: fn(T) -> &'static str,
) -> Result<T, QueryError> {
    let given = value.as_str().ok_or_else(|| QueryError::new(path, "is no text"))?;
    let found = all.iter().copied().find(|member| name_of(*member) == given);
    found.ok_or_else(|| QueryError::unknown(path, given, all.iter().map(|member| name_of(*member))))
}
