use std::cmp::Ordering;

use crate::{Kind, Level, Micros, Money, Status, Text};

/// What a register holds.
///
/// Values of one register are ordered (by variant, then content), so that two equal versions have
/// one winner on every node, whichever arrived first.
#[derive(Clone, Debug)]
pub enum Value {
    /// The sender emptied the register.
    Cleared,
    /// Yes or no; of a tag: present or taken away.
    Bool(bool),
    /// A count, or microseconds.
    Int(i64),
    /// A measure. Finite.
    Float(f64),
    /// A moment.
    Time(Micros),
    /// An amount.
    Money(Money),
    /// How it stands.
    Status(Status),
    /// What it did.
    Kind(Kind),
    /// How urgent.
    Level(Level),
    /// Text, or JSON as the sender wrote it.
    Text(Text),
}

impl Value {
    fn variant(&self) -> u8 {
        match self {
            Self::Cleared => 0,
            Self::Bool(_) => 1,
            Self::Int(_) => 2,
            Self::Float(_) => 3,
            Self::Time(_) => 4,
            Self::Money(_) => 5,
            Self::Status(_) => 6,
            Self::Kind(_) => 7,
            Self::Level(_) => 8,
            Self::Text(_) => 9,
        }
    }

    /// The text, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&Text> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The moment, if it is one.
    #[must_use]
    pub fn as_time(&self) -> Option<Micros> {
        if let Self::Time(time) = self { Some(*time) } else { None }
    }

    /// The count, if it is one.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        if let Self::Int(int) = self { Some(*int) } else { None }
    }

    /// The amount, if it is one.
    #[must_use]
    pub fn as_money(&self) -> Option<Money> {
        if let Self::Money(money) = self { Some(*money) } else { None }
    }

    /// The flag, if it is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(flag) = self { Some(*flag) } else { None }
    }

    /// Bytes of content, for size accounting.
    #[must_use]
    pub fn size(&self) -> usize {
        if let Self::Text(text) = self { text.len() } else { 8 }
    }
}

impl Ord for Value {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Float(a), Self::Float(b)) => a.total_cmp(b),
            (Self::Time(a), Self::Time(b)) => a.cmp(b),
            (Self::Money(a), Self::Money(b)) => a.cmp(b),
            (Self::Status(a), Self::Status(b)) => a.cmp(b),
            (Self::Kind(a), Self::Kind(b)) => a.cmp(b),
            (Self::Level(a), Self::Level(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
            _ => self.variant().cmp(&other.variant()),
        }
    }
}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Value {}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<Text> for Value {
    fn from(text: Text) -> Self {
        Self::Text(text)
    }
}

impl From<Micros> for Value {
    fn from(time: Micros) -> Self {
        Self::Time(time)
    }
}

impl From<Money> for Value {
    fn from(money: Money) -> Self {
        Self::Money(money)
    }
}

impl From<Status> for Value {
    fn from(status: Status) -> Self {
        Self::Status(status)
    }
}

impl From<Kind> for Value {
    fn from(kind: Kind) -> Self {
        Self::Kind(kind)
    }
}

impl From<Level> for Value {
    fn from(level: Level) -> Self {
        Self::Level(level)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl From<i64> for Value {
    fn from(int: i64) -> Self {
        Self::Int(int)
    }
}
