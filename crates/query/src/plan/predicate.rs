use super::Expr;
use crate::{Cell, Column};

/// A filter, checked. True or false, never missing: a test of a missing value is false.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Predicate {
    /// All hold.
    All(Vec<Self>),
    /// One holds.
    Any(Vec<Self>),
    /// It does not hold.
    Not(Box<Self>),
    /// A value of the row passes.
    Test(Test),
    /// The words stand in one of the searched texts, in any case.
    Search(String),
    /// The trace has a numeric score of this name whose value passes.
    Score(String, Check),
    /// What is shown of the trace's texts passes: this column of its row in
    /// [`Table::Interactions`](crate::Table::Interactions).
    Shown(&'static Column, Check),
}

impl Predicate {
    /// What is asked of a row at the end of all ands, ors and nots.
    #[must_use]
    pub fn leaves(&self) -> Vec<&Self> {
        match self {
            Self::All(list) | Self::Any(list) => list.iter().flat_map(Self::leaves).collect(),
            Self::Not(filter) => filter.leaves(),
            Self::Test(_) | Self::Search(_) | Self::Score(..) | Self::Shown(..) => vec![self],
        }
    }
}

/// One value and what it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test {
    /// What is read.
    pub expr: Expr,
    /// What it must be. Its cells have the type of `expr`.
    pub check: Check,
}

/// What a value must be. No value passes where it is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// Equal.
    Equal(Cell),
    /// Less.
    Less(Cell),
    /// Less or equal.
    LessOrEqual(Cell),
    /// Greater.
    Greater(Cell),
    /// Greater or equal.
    GreaterOrEqual(Cell),
    /// Equal to one.
    In(Vec<Cell>),
    /// Holds the text; of tags: has the tag.
    Contains(String),
    /// Begins with the text.
    StartsWith(String),
    /// Ends with the text.
    EndsWith(String),
    /// Has one of the tags.
    ContainsAny(Vec<String>),
    /// Has all of the tags.
    ContainsAll(Vec<String>),
    /// Is there; of tags and JSON: and not empty.
    Exists,
}
