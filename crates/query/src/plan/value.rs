//! What a value of JSON means to a column.

use tracekeep_model::{Micros, Money};

use super::bounds::MAX_TEXT;
use crate::parse::time_text;
use crate::{Cell, ColumnType, Literal, QueryError};

/// The value as a cell of the column's type.
pub(super) fn cell(
    path: &str,
    column_type: ColumnType,
    literal: &Literal,
) -> Result<Cell, QueryError> {
    match (column_type, literal) {
        (_, Literal::Float(float)) if !float.is_finite() => {
            Err(QueryError::new(path, format!("is {float}, which is no number to compare with")))
        }
        (ColumnType::Enum(members), Literal::Text(text)) => member(path, members, text),
        (ColumnType::Text | ColumnType::Json | ColumnType::TextList, Literal::Text(text)) => {
            bounded(path, text).map(Cell::from)
        }
        (ColumnType::Int, Literal::Int(int)) => Ok(Cell::Int(*int)),
        (ColumnType::Int, Literal::Float(float)) => whole(path, *float),
        (ColumnType::Float, Literal::Int(int)) => Ok(Cell::Float(*int as f64)),
        // Adding zero turns -0 into 0: engines disagree on whether the two are equal.
        (ColumnType::Float, Literal::Float(float)) => Ok(Cell::Float(*float + 0.0)),
        (ColumnType::Money, Literal::Int(int)) => money(path, &int.to_string()),
        (ColumnType::Money, Literal::Float(float)) => money(path, &format!("{float:?}")),
        (ColumnType::Money, Literal::Text(text)) => money(path, text),
        (ColumnType::Time, Literal::Text(text)) => time_text(path, text).map(Cell::Time),
        (ColumnType::Time, Literal::Int(millis)) => Micros::from_millis(*millis)
            .map(Cell::Time)
            .map_err(|error| QueryError::new(path, error)),
        (ColumnType::Bool, Literal::Bool(flag)) => Ok(Cell::Bool(*flag)),
        _ => {
            let (is, wanted) = (kind(literal), column_type.as_str());
            Err(QueryError::new(path, format!("is {is}, but the field is {wanted}")))
        }
    }
}

/// The text that the value must be; not empty.
pub(super) fn text(path: &str, literal: &Literal) -> Result<String, QueryError> {
    match literal {
        Literal::Text(text) if text.is_empty() => Err(QueryError::new(path, "is empty")),
        Literal::Text(text) => bounded(path, text).map(str::to_owned),
        _ => Err(QueryError::new(path, format!("is {}; send a text", kind(literal)))),
    }
}

fn bounded<'a>(path: &str, text: &'a str) -> Result<&'a str, QueryError> {
    if text.len() > MAX_TEXT {
        let reason = format!("is {} bytes long; send at most {MAX_TEXT}", text.len());
        return Err(QueryError::new(path, reason));
    }
    Ok(text)
}

fn member(path: &str, members: &[&str], text: &str) -> Result<Cell, QueryError> {
    if members.contains(&text) {
        return Ok(Cell::from(text));
    }
    Err(QueryError::unknown(path, text, members.iter().copied()))
}

fn whole(path: &str, float: f64) -> Result<Cell, QueryError> {
    // All whole floats below 2^53 are exact.
    if float.fract() == 0.0 && float.abs() < 9_007_199_254_740_992.0 {
        return Ok(Cell::Int(float as i64));
    }
    Err(QueryError::new(path, format!("is {float}, but the field is a whole number")))
}

fn money(path: &str, text: &str) -> Result<Cell, QueryError> {
    Money::parse_cost(text).map(Cell::Money).map_err(|error| QueryError::new(path, error))
}

fn kind(literal: &Literal) -> &'static str {
    match literal {
        Literal::Bool(_) => "true or false",
        Literal::Int(_) | Literal::Float(_) => "a number",
        Literal::Text(_) => "a text",
    }
}
