//! Examples that fit a JSON schema.

use serde_json::{Map, Value, json};

/// Levels of a schema that are followed. Below, values are null: schemas may name themselves.
const DEEPEST: u32 = 8;
/// Values that are made for one schema: branches of branches grow fast.
const MOST_VALUES: u32 = 2_000;

/// A value that fits the schema, as far as types, names, enumerations and small bounds go. Texts are
/// taken from `said`.
pub(super) fn example(schema: &Value, said: &str) -> Value {
    let mut left = MOST_VALUES;
    fit(schema, schema, said, "", DEEPEST, &mut left)
}

fn fit(root: &Value, schema: &Value, said: &str, name: &str, deep: u32, left: &mut u32) -> Value {
    if deep == 0 || *left == 0 {
        return Value::Null;
    }
    *left -= 1;
    if let Some(constant) = schema.get("const") {
        return constant.clone();
    }
    if let Some(first) = schema.get("enum").and_then(Value::as_array).and_then(|all| all.first()) {
        return first.clone();
    }
    let named = schema.get("$ref").and_then(Value::as_str);
    if let Some(other) = named.and_then(|path| root.pointer(path.strip_prefix('#')?)) {
        return fit(root, other, said, name, deep - 1, left);
    }
    let branch =
        ["anyOf", "oneOf", "allOf"].iter().find_map(|key| schema.get(key)?.as_array()?.first());
    if let Some(branch) = branch {
        return fit(root, branch, said, name, deep - 1, left);
    }
    let kind = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().find_map(Value::as_str),
        Some(kind) => kind.as_str(),
        None if schema.get("properties").is_some() => Some("object"),
        None => None,
    };
    match kind {
        Some("object") => object(root, schema, said, deep, left),
        Some("array") => {
            let items = schema.get("items").unwrap_or(&Value::Null);
            let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(1).clamp(1, 5);
            Value::Array((0..least).map(|_| fit(root, items, said, name, deep - 1, left)).collect())
        }
        Some("integer") => json!(schema.get("minimum").and_then(Value::as_i64).unwrap_or(3)),
        Some("number") => json!(schema.get("minimum").and_then(Value::as_f64).unwrap_or(0.5)),
        Some("boolean") => Value::Bool(true),
        Some("null") => Value::Null,
        _ => Value::String(text(said, name)),
    }
}

fn object(root: &Value, schema: &Value, said: &str, deep: u32, left: &mut u32) -> Value {
    let properties = schema.get("properties").and_then(Value::as_object);
    let fields = properties
        .into_iter()
        .flatten()
        .map(|(name, schema)| (name.clone(), fit(root, schema, said, name, deep - 1, left)));
    Value::Object(fields.collect::<Map<_, _>>())
}

/// The longest word that was said with a capital letter, else the field's name.
fn text(said: &str, name: &str) -> String {
    let words = said.split(|letter: char| !letter.is_alphanumeric());
    let proper = words.skip(1).filter(|word| word.starts_with(char::is_uppercase));
    let longest = proper.max_by_key(|word| word.len());
    longest.map_or_else(|| format!("example {name}").trim_end().to_owned(), ToOwned::to_owned)
}
