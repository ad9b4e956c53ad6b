//! From JSON to the question. Written by hand, so that a refusal names the place and the near name.

mod filter;
mod json;

use serde_json::{Map, Value};
use tracekeep_model::Micros;

use crate::{Bucket, Direction, Function, Measure, Order, Query, QueryError, Table, TimeRange};
use json::{get, list, name, object, optional_text, text, texts};

pub(crate) use json::{child, item};

impl TryFrom<Value> for Query {
    type Error = QueryError;

    fn try_from(value: Value) -> Result<Self, QueryError> {
        const KEYS: &[&str] = &[
            "table", "time", "filter", "group_by", "measures", "bucket", "select", "order",
            "limit", "offset", "cursor",
        ];
        let map = object("", &value, KEYS)?;
        Ok(Self {
            table: name("table", required("", map, "table")?, Table::ALL, Table::as_str)?,
            time: get(map, "time").map(time_range).transpose()?,
            filter: get(map, "filter")
                .map(|value| filter::filter("filter", value, 1))
                .transpose()?,
            group_by: texts("group_by", get(map, "group_by"))?,
            measures: list("measures", get(map, "measures"), measure)?,
            bucket: get(map, "bucket")
                .map(|value| name("bucket", value, Bucket::ALL, Bucket::as_str))
                .transpose()?,
            select: texts("select", get(map, "select"))?,
            order: list("order", get(map, "order"), order)?,
            limit: get(map, "limit").map(|value| count("limit", value)).transpose()?,
            offset: get(map, "offset").map(|value| count("offset", value)).transpose()?,
            cursor: optional_text("", map, "cursor")?,
        })
    }
}

/// A time as the API takes it: RFC 3339, a day, or epoch milliseconds.
pub(crate) fn time(path: &str, value: &Value) -> Result<Micros, QueryError> {
    match value {
        Value::String(text) => time_text(path, text),
        Value::Number(number) => match number.as_i64() {
            Some(millis) => {
                Micros::from_millis(millis).map_err(|error| QueryError::new(path, error))
            }
            None => Err(QueryError::new(path, "is no whole number of epoch milliseconds")),
        },
        _ => Err(QueryError::new(path, "is no time; send RFC 3339 or epoch milliseconds")),
    }
}

/// A time as text: RFC 3339 or a day.
pub(crate) fn time_text(path: &str, text: &str) -> Result<Micros, QueryError> {
    match Micros::parse_day(text) {
        Some(day) => Ok(day),
        None => Micros::parse(text).map_err(|error| QueryError::new(path, error)),
    }
}

fn required<'a>(
    path: &str,
    map: &'a Map<String, Value>,
    key: &str,
) -> Result<&'a Value, QueryError> {
    get(map, key).ok_or_else(|| QueryError::new(&child(path, key), "is missing"))
}

fn time_range(value: &Value) -> Result<TimeRange, QueryError> {
    let map = object("time", value, &["from", "to"])?;
    Ok(TimeRange {
        from: time("time.from", required("time", map, "from")?)?,
        to: time("time.to", required("time", map, "to")?)?,
    })
}

fn measure(path: &str, value: &Value) -> Result<Measure, QueryError> {
    let map = object(path, value, &["fn", "field", "over", "as"])?;
    let function = required(path, map, "fn")?;
    Ok(Measure {
        function: name(&child(path, "fn"), function, Function::ALL, Function::as_str)?,
        field: optional_text(path, map, "field")?,
        over: optional_text(path, map, "over")?,
        name: optional_text(path, map, "as")?,
    })
}

fn order(path: &str, value: &Value) -> Result<Order, QueryError> {
    let map = object(path, value, &["by", "direction"])?;
    let direction = match get(map, "direction") {
        Some(value) => name(&child(path, "direction"), value, Direction::ALL, Direction::as_str)?,
        None => Direction::Ascending,
    };
    Ok(Order { by: text(&child(path, "by"), required(path, map, "by")?)?, direction })
}

fn count(path: &str, value: &Value) -> Result<u64, QueryError> {
    value.as_u64().ok_or_else(|| QueryError::new(path, "is no whole number from 0 up"))
}
