//! Fields of Google's JSON. Its names are lowerCamelCase; the snake_case of its protocol buffers is
//! read as well. A `null` is as good as no field, an object stands for a list of one, and a number
//! may come as text (64-bit ones do): the JSON mapping of protocol buffers.

use serde_json::{Map, Number, Value};

use crate::chat::Unreadable;

pub(super) type Object = Map<String, Value>;

/// A field, by its lowerCamelCase name.
pub(super) fn get<'a>(object: &'a Object, name: &str) -> Option<&'a Value> {
    let is_set = |value: &&Value| !value.is_null();
    object.get(name).filter(is_set).or_else(|| object.get(&snake(name)).filter(is_set))
}

/// A field that is an object.
pub(super) fn object<'a>(object: &'a Object, name: &str) -> Option<&'a Object> {
    get(object, name).and_then(Value::as_object)
}

/// A field that is a text.
pub(super) fn text<'a>(object: &'a Object, name: &str) -> Option<&'a str> {
    get(object, name).and_then(Value::as_str)
}

/// Whether a field is `true`.
pub(super) fn is_true(object: &Object, name: &str) -> bool {
    get(object, name).and_then(Value::as_bool).unwrap_or(false)
}

/// The elements of a list, or what stands for a list of one.
pub(super) fn many(value: Option<&Value>) -> &[Value] {
    match value {
        None | Some(Value::Null) => &[],
        Some(Value::Array(values)) => values,
        Some(value) => std::slice::from_ref(value),
    }
}

/// Removes a field from those that are not understood yet.
pub(super) fn take(object: &mut Object, name: &str) -> Option<Value> {
    let snake = snake(name);
    let other = if snake == name { None } else { object.shift_remove(&snake) };
    object.shift_remove(name).filter(|value| !value.is_null()).or(other.filter(|v| !v.is_null()))
}

/// Removes a field that must be an object.
pub(super) fn take_object(from: &mut Object, name: &str, at: &str) -> Result<Object, Unreadable> {
    match take(from, name) {
        None => Ok(Object::new()),
        Some(Value::Object(object)) => Ok(object),
        Some(_) => Err(wrong(at, name, "must be an object")),
    }
}

/// Removes a field that must be a number.
pub(super) fn take_number(
    from: &mut Object,
    name: &str,
    at: &str,
) -> Result<Option<Number>, Unreadable> {
    match take(from, name) {
        None => Ok(None),
        Some(Value::Number(number)) => Ok(Some(number)),
        Some(Value::String(text)) => match serde_json::from_str(&text) {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(wrong(at, name, "must be a number")),
        },
        Some(_) => Err(wrong(at, name, "must be a number")),
    }
}

/// Removes a field that must be a whole number.
pub(super) fn take_whole(
    from: &mut Object,
    name: &str,
    at: &str,
) -> Result<Option<i64>, Unreadable> {
    let Some(number) = take_number(from, name, at)? else { return Ok(None) };
    whole(&number).map(Some).ok_or_else(|| wrong(at, name, "must be a whole number"))
}

/// Removes a field that must be a whole number that is not negative.
pub(super) fn take_count(
    from: &mut Object,
    name: &str,
    at: &str,
) -> Result<Option<u64>, Unreadable> {
    let Some(number) = take_whole(from, name, at)? else { return Ok(None) };
    u64::try_from(number).map(Some).map_err(|_| wrong(at, name, "must not be negative"))
}

/// A number without a fraction, such as 40 or 40.0.
pub(super) fn whole(number: &Number) -> Option<i64> {
    number.as_i64().or_else(|| {
        let number = number.as_f64().filter(|number| number.fract() == 0.0)?;
        // Beyond this, not every whole number has its own double.
        (number.abs() < 9_007_199_254_740_992.0).then_some(number as i64)
    })
}

pub(super) fn wrong(at: &str, name: &str, reason: &str) -> Unreadable {
    let field = if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
    Unreadable::new(field, reason)
}

/// A whole body as an object.
pub(super) fn body(bytes: &[u8]) -> Result<Object, Unreadable> {
    serde_json::from_slice(bytes)
        .map_err(|error| Unreadable::new("body", format!("is not a JSON object: {error}")))
}

/// `systemInstruction` of `system_instruction`; other names stay.
pub(super) fn camel(name: &str) -> String {
    let mut camel = String::with_capacity(name.len());
    let mut is_after_line = false;
    for character in name.chars() {
        if character == '_' && !camel.is_empty() {
            is_after_line = true;
        } else if std::mem::take(&mut is_after_line) {
            camel.push(character.to_ascii_uppercase());
        } else {
            camel.push(character);
        }
    }
    camel
}

/// `system_instruction` of `systemInstruction`.
fn snake(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for character in name.chars() {
        if character.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(character.to_ascii_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests;
