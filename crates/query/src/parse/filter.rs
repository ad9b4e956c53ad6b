use serde_json::Value;

use super::json::{child, get, list, name, object, text};
use crate::plan::bounds::MAX_DEPTH;
use crate::{Condition, Filter, FilterValue, Literal, Op, QueryError};

/// The keys that stand alone in their object.
const ALONE: [&str; 4] = ["and", "or", "not", "search"];

/// How others spell operators.
const OTHER_OPS: &[(&str, Op)] = &[
    ("=", Op::Eq),
    ("==", Op::Eq),
    ("neq", Op::Ne),
    ("!=", Op::Ne),
    ("<>", Op::Ne),
    ("<", Op::Lt),
    ("lte", Op::Le),
    ("<=", Op::Le),
    (">", Op::Gt),
    ("gte", Op::Ge),
    (">=", Op::Ge),
];

impl TryFrom<Value> for Filter {
    type Error = QueryError;

    fn try_from(value: Value) -> Result<Self, QueryError> {
        filter("filter", &value, 1)
    }
}

/// `depth` counts this filter and those around it.
pub(super) fn filter(path: &str, value: &Value, depth: usize) -> Result<Filter, QueryError> {
    if depth > MAX_DEPTH {
        let reason = format!("is nested deeper than {MAX_DEPTH}; write fewer levels");
        return Err(QueryError::new("filter", reason));
    }
    let map = value.as_object().ok_or_else(|| QueryError::new(path, "is no object"))?;
    let alone = ALONE.into_iter().find_map(|key| Some((key, map.get(key)?)));
    let Some((key, inner)) = alone else {
        return condition(path, value).map(Filter::Condition);
    };
    if map.len() > 1 {
        let reason = format!("holds `{key}` beside other keys; put each into an object of its own");
        return Err(QueryError::new(path, reason));
    }
    let path = child(path, key);
    match key {
        "and" => filters(&path, inner, depth).map(Filter::And),
        "or" => filters(&path, inner, depth).map(Filter::Or),
        "not" => Ok(Filter::Not(Box::new(filter(&path, inner, depth + 1)?))),
        _ => text(&path, inner).map(Filter::Search),
    }
}

fn filters(path: &str, value: &Value, depth: usize) -> Result<Vec<Filter>, QueryError> {
    list(path, Some(value), |path, value| filter(path, value, depth + 1))
}

fn condition(path: &str, value: &Value) -> Result<Condition, QueryError> {
    let map = object(path, value, &["field", "op", "value", "and", "or", "not", "search"])?;
    let required =
        |key: &str| get(map, key).ok_or_else(|| QueryError::new(&child(path, key), "is missing"));
    Ok(Condition {
        field: text(&child(path, "field"), required("field")?)?,
        op: op(&child(path, "op"), required("op")?)?,
        value: get(map, "value")
            .map(|value| filter_value(&child(path, "value"), value))
            .transpose()?,
    })
}

fn op(path: &str, value: &Value) -> Result<Op, QueryError> {
    let other = OTHER_OPS.iter().find(|(spelling, _)| value.as_str() == Some(spelling));
    other.map_or_else(|| name(path, value, Op::ALL, Op::as_str), |(_, op)| Ok(*op))
}

fn filter_value(path: &str, value: &Value) -> Result<FilterValue, QueryError> {
    if value.is_array() {
        return list(path, Some(value), literal).map(FilterValue::Many);
    }
    literal(path, value).map(FilterValue::One)
}

fn literal(path: &str, value: &Value) -> Result<Literal, QueryError> {
    let refused = |what: &str| {
        Err(QueryError::new(path, format!("is {what}; send a text, a number, true or false")))
    };
    match value {
        Value::String(text) => Ok(Literal::Text(text.clone())),
        Value::Bool(flag) => Ok(Literal::Bool(*flag)),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(int), _) => Ok(Literal::Int(int)),
            (None, Some(float)) => Ok(Literal::Float(float)),
            (None, None) => refused("a number out of range"),
        },
        Value::Null => refused("null, which `exists` and `missing` ask for"),
        Value::Array(_) => refused("a list within a list"),
        Value::Object(_) => refused("an object"),
    }
}
