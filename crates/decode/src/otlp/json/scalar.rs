//! Numbers and names in the forms that proto3 JSON has for them. What stands there instead is refused
//! unread: an untagged enum would hold it first, whatever its size.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};

/// A 64-bit integer, as a number or as text.
pub(super) enum Whole {
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    Text(String),
}

/// An enumeration's number or name.
pub(super) enum Name {
    Number(i64),
    Text(String),
}

impl Whole {
    /// The integer; `None` if it is none.
    pub(super) fn get(&self) -> Option<i128> {
        match self {
            Self::Signed(number) => Some(i128::from(*number)),
            Self::Unsigned(number) => Some(i128::from(*number)),
            Self::Float(number) => (number.fract() == 0.0).then_some(*number as i128),
            Self::Text(text) => text.trim().parse::<i128>().ok(),
        }
    }
}

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_any(WholeVisitor)
    }
}

struct WholeVisitor;

impl Visitor<'_> for WholeVisitor {
    type Value = Whole;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number, or text of one")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Whole, E> {
        Ok(Whole::Signed(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Whole, E> {
        Ok(Whole::Unsigned(number))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Whole, E> {
        Ok(Whole::Float(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Whole, E> {
        Ok(Whole::Text(text.to_owned()))
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_any(NameVisitor)
    }
}

struct NameVisitor;

impl Visitor<'_> for NameVisitor {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name or a whole number")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Name, E> {
        Ok(Name::Number(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Name, E> {
        match i64::try_from(number) {
            Ok(number) => Ok(Name::Number(number)),
            Err(_) => Err(E::invalid_value(Unexpected::Unsigned(number), &self)),
        }
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Name, E> {
        Ok(Name::Text(name.to_owned()))
    }
}
