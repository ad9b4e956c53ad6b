//! Generations by the hour of their start and their model, as sums that can be added up: what the
//! view `trace_metrics_hourly` is made of.
//!
//! ```text
//! hourly.parquet   a row an hour and model, in that order
//! ```
//!
//! Sums that averages are made of have 128 bits and are exact. Sums of input and of output tokens have
//! 64, as the view shows them; they stay at the greatest number instead of turning over. Either way
//! the same rows come out in whatever order and grouping they are added.

mod file;
mod sums;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use tracekeep_model::{Micros, Text};

use crate::SegmentError;
use crate::batch::{Cell, Column, Null, RowWriter, schema};
use crate::reader::kept;
use sums::{HourColumns, Sums};

pub(crate) use sums::SpanColumns;

use Cell::{Int, Money as Amount, Sum, Text as Str, Time};
use Null::Never;

/// What an hour of a model weighs in memory besides the model's name, about.
const ROW_BYTES: usize = 320;
/// The most that the hours of one segment or chunk may weigh: some 50,000 of them.
pub const MOST_HOURLY_BYTES: usize = 16 << 20;

/// In the order of [`Sums::append`], behind hour and model.
const COLUMNS: &[Column] = &[
    Column("hour_bucket", Time, Never),
    Column("model_id", Str, Never),
    Column("total_requests", Int, Never),
    Column("successful_requests", Int, Never),
    Column("error_requests", Int, Never),
    Column("duration_sum_us", Sum, Never),
    Column("duration_count", Int, Never),
    Column("first_token_sum_us", Sum, Never),
    Column("first_token_count", Int, Never),
    Column("tokens_sum", Sum, Never),
    Column("tokens_count", Int, Never),
    Column("cost_total", Amount, Never),
    Column("input_tokens", Int, Never),
    Column("output_tokens", Int, Never),
    Column("created_at", Time, Never),
];

static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| schema(COLUMNS));

/// The columns of hours: the key is `hour_bucket` and `model_id`.
#[must_use]
pub fn hourly_schema() -> SchemaRef {
    SCHEMA.clone()
}

/// Hours and models with their sums, being added up.
#[derive(Clone, Debug)]
pub struct Hours {
    hours: BTreeMap<Micros, BTreeMap<Text, Sums>>,
    bytes: usize,
    most: usize,
    /// There were more than the most; nothing is kept.
    is_over: bool,
}

impl Hours {
    /// None yet; at most so many bytes of them in memory.
    #[must_use]
    pub fn within(most: usize) -> Self {
        Self { hours: BTreeMap::new(), bytes: 0, most, is_over: false }
    }

    /// Adds the generations among some rows of `spans`, but for those in `gone`: ascending ranges of
    /// rows.
    pub fn add_spans(&mut self, spans: &RecordBatch, gone: &[Range<usize>]) {
        let columns = SpanColumns::of(spans);
        for row in kept(gone, spans.num_rows()).into_iter().flatten() {
            self.add_span(&columns, row);
        }
    }

    /// Adds one row of `spans`, if it is a generation.
    pub(crate) fn add_span(&mut self, spans: &SpanColumns<'_>, row: usize) {
        if let Some((hour, model)) = spans.key(row)
            && let Some(sums) = self.sums(hour, model)
        {
            spans.add_to(sums, row);
        }
    }

    /// Adds rows that [`Hours::finish`] gave.
    pub fn add_hours(&mut self, rows: &RecordBatch) {
        let columns = HourColumns::of(rows);
        for row in 0..rows.num_rows() {
            let (hour, model) = columns.key(row);
            if let Some(sums) = self.sums(hour, model) {
                sums.join(&columns.sums(row));
            }
        }
    }

    /// Bytes in memory, about.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The rows, by hour, then model. `None`: there are more than the most.
    ///
    /// # Errors
    /// Arrow's, where the names of models are more than 2 GiB.
    pub fn finish(&self) -> Result<Option<RecordBatch>, SegmentError> {
        if self.is_over {
            return Ok(None);
        }
        let mut rows = RowWriter::new(COLUMNS);
        for (hour, models) in &self.hours {
            for (model, sums) in models {
                rows.time(Some(*hour));
                rows.text(Some(&**model));
                sums.append(&mut rows);
                rows.end_row();
            }
        }
        Ok(Some(rows.finish()?))
    }

    fn sums(&mut self, hour: Micros, model: &str) -> Option<&mut Sums> {
        let is_new = self.hours.get(&hour).is_none_or(|models| !models.contains_key(model));
        if is_new {
            self.bytes += ROW_BYTES + model.len();
            if self.bytes > self.most {
                self.is_over = true;
                self.hours.clear();
            }
            if self.is_over {
                return None;
            }
            self.hours.entry(hour).or_default().insert(Text::from(model), Sums::default());
        }
        self.hours.get_mut(&hour)?.get_mut(model)
    }
}

#[cfg(test)]
mod tests;
