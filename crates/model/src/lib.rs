//! What a record is, and how two halves of it become one.
//!
//! Every message that reaches Tracekeep is decoded into *patches*. A patch and a stored record are
//! one type, [`State`]; a record is the [`State::join`] of all its patches, in any order, with any
//! duplication. What people see is [`project_span`] and [`project_trace`]: values computed from the
//! joined state, never stored back into it. A cost that nobody stated is such a value: [`Span::priced`].
//!
//! The crate does no I/O and reads no clock.

pub mod block;
mod estimate;
mod field;
pub mod histogram;
mod id;
mod kind;
mod money;
mod pricing;
mod project;
mod state;
mod time;
mod totals;
mod unit;
mod usage;
mod value;
mod version;

pub use bytestring::ByteString as Text;

pub use estimate::Estimate;
pub use field::{Field, Register};
pub use id::{IdError, MAX_ID_BYTES, RecordKey, check_id, row_uuid};
pub use kind::{Kind, Level, Status, UnknownName};
pub use money::{Money, MoneyError};
pub use pricing::{NoPrices, Pricing, ProjectPrices, SamePrices};
pub use project::{
    Cost, CostSource, Inherited, ScoreRow, Span, Trace, project_score, project_span, project_trace,
};
pub use state::{Entry, State};
pub use time::{Micros, TimeError};
pub use totals::{SpanFacts, Totals, totals};
pub use unit::{TraceUnit, Unit, UnitKey};
pub use usage::{MOST_TOKENS, Usage, UsageType};
pub use value::Value;
pub use version::{Rank, Step, Version};
