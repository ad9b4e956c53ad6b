//! Questions about traces, spans and scores: what may be asked, and what the answer is.
//!
//! - [`Query`] is the question, with one JSON form ([`Query::from_json`]).
//! - [`Query::plan`] checks it against [`Table`] and [`Column`], the one list of what exists, and
//!   resolves every name and value. A [`Plan`] is right by construction.
//! - [`compile`] writes a plan as SQL in a [`Dialect`]; [`evaluate()`] answers it from rows in memory,
//!   slowly and obviously: the oracle that every archive is tested against.
//! - [`functions`] are the functions that the SQL calls and engines do not have: an archive
//!   registers them from here, the oracle calls them directly, so they cannot differ.
//! - [`span_row`], [`trace_row`] and [`score_row`] say what each column holds.
//!
//! # Missing values
//!
//! There is no third truth value. A comparison with a missing value is false; `ne`, `not_in`,
//! `not_contains` and `missing` are the plain negations of `eq`, `in`, `contains` and `exists`, so
//! they are true where the value is missing; `not` is plain negation. Aggregates skip missing
//! values and are missing themselves where nothing is left. Text is compared bytewise, and missing
//! values are sorted last in both directions.
//!
//! The crate does no I/O and reads no clock.

mod ast;
mod bucket;
mod cell;
mod cursor;
mod error;
mod evaluate;
mod names;
mod parse;
mod plan;
mod rows;
mod schema;
mod sql;

#[cfg(any(test, feature = "arbitrary"))]
pub mod arbitrary;
pub mod functions;

pub use tracekeep_model::histogram;

pub use ast::{
    Bucket, Condition, Direction, Filter, FilterValue, Function, Literal, Measure, Op, Order,
    Query, TimeRange,
};
pub use cell::{Cell, ResultTable, Row};
pub use error::QueryError;
pub use evaluate::{Related, evaluate, evaluate_plan};
pub use plan::{
    Aggregate, Check, Expr, GroupPlan, Page, Percentile, Plan, Predicate, RowPlan, Shape, SortKey,
    Test, bounds,
};
pub use rows::{score_row, span_row, trace_row};
pub use schema::{Column, ColumnType, Table};
pub use sql::{DataFusion, Dialect, Sql, compile};
