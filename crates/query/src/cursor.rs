//! Where an answer stopped: the values of the last row's order, as unpadded base64url of JSON.
//!
//! ```json
//! {"version": 1, "order": [["start_time", "desc"], ["trace_id", "desc"]],
//!  "values": [1767225600000000, "t1"]}
//! ```
//!
//! Times are microseconds and amounts 10⁻¹² dollars, as text. A cursor goes on only in the order
//! that it was made for. To those who page it is opaque.

mod base64;

use serde_json::{Value, json};
use tracekeep_model::{Micros, Money};

use crate::plan::SortKey;
use crate::plan::bounds::MAX_CURSOR;
use crate::{Cell, ColumnType, QueryError};

/// The version that is written.
const VERSION: u64 = 1;

/// The cursor after a row with these values.
pub(crate) fn encode(sort: &[SortKey], values: &[Cell]) -> String {
    let values: Vec<Value> = values.iter().map(write).collect();
    let json = json!({ "version": VERSION, "order": order(sort), "values": values });
    base64::encode(json.to_string().as_bytes())
}

/// The values of a cursor, one for each key.
pub(crate) fn decode(sort: &[SortKey], cursor: &str) -> Result<Vec<Cell>, QueryError> {
    let refused = |reason: &str| QueryError::new("cursor", reason);
    let unreadable = || refused("is unreadable; send one as it came, or none to start again");
    if cursor.len() > MAX_CURSOR {
        return Err(unreadable());
    }
    let bytes = base64::decode(cursor).ok_or_else(unreadable)?;
    let json: Value = serde_json::from_slice(&bytes).map_err(|_| unreadable())?;
    if json["version"] != VERSION {
        return Err(refused("is of another version of Tracekeep; leave it out to start again"));
    }
    if json["order"] != order(sort) {
        return Err(refused("was made for another order; leave it out to start again"));
    }
    let values = json["values"].as_array().ok_or_else(unreadable)?;
    if values.len() != sort.len() {
        return Err(unreadable());
    }
    let pairs = sort.iter().zip(values);
    pairs.map(|(key, value)| read(key.expr.column_type(), value).ok_or_else(unreadable)).collect()
}

fn order(sort: &[SortKey]) -> Value {
    sort.iter().map(|key| json!([key.name, key.direction.as_str()])).collect()
}

fn write(cell: &Cell) -> Value {
    match cell {
        Cell::Bool(flag) => Value::from(*flag),
        Cell::Int(int) => Value::from(*int),
        Cell::Float(float) => Value::from(*float),
        Cell::Money(money) => Value::from({ money.0 }.to_string()),
        Cell::Time(time) => Value::from(time.0),
        Cell::Text(text) => Value::from(&**text),
        Cell::Null => Value::Null,
    }
}

fn read(column_type: ColumnType, value: &Value) -> Option<Cell> {
    if value.is_null() {
        return Some(Cell::Null);
    }
    match column_type {
        ColumnType::Bool => value.as_bool().map(Cell::Bool),
        ColumnType::Int => value.as_i64().map(Cell::Int),
        ColumnType::Float => value.as_f64().map(Cell::Float),
        ColumnType::Money => Some(Cell::Money(Money(value.as_str()?.parse().ok()?))),
        ColumnType::Time => value.as_i64().map(|micros| Cell::Time(Micros(micros))),
        ColumnType::Text | ColumnType::Json | ColumnType::TextList | ColumnType::Enum(_) => {
            value.as_str().map(Cell::from)
        }
    }
}

#[cfg(test)]
mod tests;
