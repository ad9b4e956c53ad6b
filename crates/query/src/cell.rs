use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use tracekeep_model::{Micros, Money, Text};

use crate::ColumnType;

/// One value of a row or an answer.
#[derive(Clone, Debug)]
pub enum Cell {
    /// Yes or no.
    Bool(bool),
    /// A count, or microseconds.
    Int(i64),
    /// A measure. Finite.
    Float(f64),
    /// US dollars.
    Money(Money),
    /// A moment.
    Time(Micros),
    /// Text; also of JSON, of tags and of names of closed sets.
    Text(Text),
    /// Missing.
    Null,
}

/// The columns of one row, by name. A column that is not there is missing.
pub type Row = BTreeMap<&'static str, Cell>;

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultTable {
    /// Each column's name and type.
    pub columns: Vec<(String, ColumnType)>,
    /// The rows, each with one cell a column.
    pub rows: Vec<Vec<Cell>>,
}

impl Cell {
    /// Whether it is missing.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The number as a float, as the engine converts it, if it is one.
    #[must_use]
    pub fn as_float(&self) -> Option<f64> {
        match self {
            Self::Int(int) => Some(*int as f64),
            Self::Float(float) => Some(*float),
            Self::Money(money) => Some(money.0 as f64 / 1e12),
            _ => None,
        }
    }

    fn variant(&self) -> u8 {
        match self {
            Self::Bool(_) => 0,
            Self::Int(_) => 1,
            Self::Float(_) => 2,
            Self::Money(_) => 3,
            Self::Time(_) => 4,
            Self::Text(_) => 5,
            Self::Null => 6,
        }
    }
}

/// By value; text bytewise; missing last. Cells of two types are ordered by type.
impl Ord for Cell {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Float(a), Self::Float(b)) => a.total_cmp(b),
            (Self::Money(a), Self::Money(b)) => a.cmp(b),
            (Self::Time(a), Self::Time(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
            _ => self.variant().cmp(&other.variant()),
        }
    }
}

impl PartialOrd for Cell {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Cell {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Cell {}

/// As in the API: times RFC 3339, amounts as numbers with all their digits, JSON as text.
impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Bool(flag) => serializer.serialize_bool(*flag),
            Self::Int(int) => serializer.serialize_i64(*int),
            Self::Float(float) => serializer.serialize_f64(*float),
            Self::Money(money) => money.serialize(serializer),
            Self::Time(time) => time.serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Null => serializer.serialize_unit(),
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<&Text> for Cell {
    fn from(text: &Text) -> Self {
        Self::Text(text.clone())
    }
}

impl From<i64> for Cell {
    fn from(int: i64) -> Self {
        Self::Int(int)
    }
}

/// A count; beyond 63 bits it saturates.
impl From<u64> for Cell {
    fn from(count: u64) -> Self {
        Self::Int(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

impl From<f64> for Cell {
    fn from(float: f64) -> Self {
        Self::Float(float)
    }
}

impl From<bool> for Cell {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl From<Money> for Cell {
    fn from(money: Money) -> Self {
        Self::Money(money)
    }
}

impl From<Micros> for Cell {
    fn from(time: Micros) -> Self {
        Self::Time(time)
    }
}

/// A text that may be missing.
impl From<&Option<Text>> for Cell {
    fn from(text: &Option<Text>) -> Self {
        text.as_ref().map_or(Self::Null, Self::from)
    }
}

/// A value that may be missing.
impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

#[cfg(test)]
mod tests;
