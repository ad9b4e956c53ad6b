//! Rows under construction, cell by cell, and rows read back the same way.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryViewBuilder, BooleanBuilder, Decimal128Builder, Float64Builder,
    GenericByteViewArray, Int64Builder, RecordBatch, StringViewBuilder,
    TimestampMicrosecondBuilder, new_null_array,
};
use arrow::datatypes::{
    ByteViewType, DataType, Decimal128Type, Field, Int64Type, Schema, SchemaRef, TimeUnit,
    TimestampMicrosecondType,
};
use bytes::Bytes;
use tracekeep_model::{
    Micros, Money, NoPrices, Pricing, ScoreRow, Span, State, Text, TraceUnit, Unit, UnitKey,
    project_score, totals,
};

use crate::json::json_list;
use crate::{scores, spans, traces};

/// A column's name, type and whether it may be null.
pub(crate) struct Column(pub(crate) &'static str, pub(crate) Cell, pub(crate) Null);

/// What a column's cells hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Cell {
    Text,
    Int,
    Float,
    Time,
    Money,
    /// A sum of whole numbers in 128 bits; appended as `raw_money`.
    Sum,
    Bool,
    Bytes,
}

/// Whether a column may be null.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Null {
    Never,
    Maybe,
}

/// From one column to another, both included.
pub(crate) fn between(columns: &'static [Column], first: &str, last: &str) -> &'static [Column] {
    let place = |wanted: &str| columns.iter().position(|Column(name, ..)| *name == wanted);
    match (place(first), place(last)) {
        (Some(first), Some(last)) => &columns[first..=last],
        _ => &[],
    }
}

pub(crate) fn schema(columns: &[Column]) -> SchemaRef {
    let field = |Column(name, cell, null): &Column| {
        let data_type = match cell {
            Cell::Text => DataType::Utf8View,
            Cell::Int => DataType::Int64,
            Cell::Float => DataType::Float64,
            Cell::Time => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Cell::Money => DataType::Decimal128(38, Money::SCALE as i8),
            Cell::Sum => DataType::Decimal128(38, 0),
            Cell::Bool => DataType::Boolean,
            Cell::Bytes => DataType::BinaryView,
        };
        Field::new(*name, data_type, *null == Null::Maybe)
    };
    Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()))
}

enum Builder {
    Text(StringViewBuilder),
    Int(Int64Builder),
    Float(Float64Builder),
    Time(TimestampMicrosecondBuilder),
    Money(Decimal128Builder),
    Bool(BooleanBuilder),
    Bytes(BinaryViewBuilder),
}

impl Builder {
    /// With room for so many rows.
    fn new(cell: Cell, rows: usize) -> Self {
        let amounts = |scale| {
            let builder = Decimal128Builder::with_capacity(rows);
            builder.with_data_type(DataType::Decimal128(38, scale))
        };
        match cell {
            Cell::Text => Self::Text(StringViewBuilder::with_capacity(rows)),
            Cell::Int => Self::Int(Int64Builder::with_capacity(rows)),
            Cell::Float => Self::Float(Float64Builder::with_capacity(rows)),
            Cell::Time => {
                let builder = TimestampMicrosecondBuilder::with_capacity(rows);
                Self::Time(builder.with_timezone("UTC"))
            }
            Cell::Money => Self::Money(amounts(Money::SCALE as i8)),
            Cell::Sum => Self::Money(amounts(0)),
            Cell::Bool => Self::Bool(BooleanBuilder::with_capacity(rows)),
            Cell::Bytes => Self::Bytes(BinaryViewBuilder::with_capacity(rows)),
        }
    }

    fn append_nulls(&mut self, count: usize) {
        match self {
            Self::Text(b) => (0..count).for_each(|_| b.append_null()),
            Self::Int(b) => b.append_nulls(count),
            Self::Float(b) => b.append_nulls(count),
            Self::Time(b) => b.append_nulls(count),
            Self::Money(b) => b.append_nulls(count),
            Self::Bool(b) => b.append_nulls(count),
            Self::Bytes(b) => (0..count).for_each(|_| b.append_null()),
        }
    }

    fn finish(self) -> ArrayRef {
        match self {
            Self::Text(mut b) => trimmed(b.finish()),
            Self::Int(mut b) => Arc::new(b.finish()),
            Self::Float(mut b) => Arc::new(b.finish()),
            Self::Time(mut b) => Arc::new(b.finish()),
            Self::Money(mut b) => Arc::new(b.finish()),
            Self::Bool(mut b) => Arc::new(b.finish()),
            Self::Bytes(mut b) => trimmed(b.finish()),
        }
    }
}

/// Gives back what the last block of texts, which is the largest, has room for besides.
fn trimmed<T: ByteViewType>(mut array: GenericByteViewArray<T>) -> ArrayRef {
    array.shrink_to_fit();
    Arc::new(array)
}

/// A column under construction. It is built from its first value on: most columns hold nothing in most
/// rows, and take no memory then.
struct ColumnWriter {
    cell: Cell,
    builder: Option<Builder>,
}

/// Builds rows; cells are appended in the order of the columns.
pub(crate) struct RowWriter {
    schema: SchemaRef,
    columns: Vec<ColumnWriter>,
    next: usize,
    rows: usize,
    /// Rows that are expected.
    expected: usize,
}

macro_rules! append {
    ($name:ident, $variant:ident, $cells:pat, $type:ty) => {
        pub(crate) fn $name(&mut self, value: Option<$type>) {
            let (at, rows, expected) = (self.next, self.rows, self.expected);
            self.next += 1;
            let Some(ColumnWriter { cell, builder }) = self.columns.get_mut(at) else {
                debug_assert!(false, "there is no column {at}");
                return;
            };
            debug_assert!(matches!(cell, $cells), "column {at} is no {}", stringify!($variant));
            if value.is_none() && builder.is_none() {
                return;
            }
            let builder = builder.get_or_insert_with(|| {
                let mut builder = Builder::new(*cell, expected);
                builder.append_nulls(rows);
                builder
            });
            if let Builder::$variant(builder) = builder {
                builder.append_option(value);
            }
        }
    };
}

impl RowWriter {
    pub(crate) fn new(columns: &[Column]) -> Self {
        Self::with_capacity(columns, 0)
    }

    /// With room for so many rows.
    pub(crate) fn with_capacity(columns: &[Column], rows: usize) -> Self {
        let column = |Column(_, cell, _): &Column| ColumnWriter { cell: *cell, builder: None };
        Self {
            schema: schema(columns),
            columns: columns.iter().map(column).collect(),
            next: 0,
            rows: 0,
            expected: rows,
        }
    }

    append!(text, Text, Cell::Text, &str);
    append!(int, Int, Cell::Int, i64);
    append!(float, Float, Cell::Float, f64);
    append!(bool, Bool, Cell::Bool, bool);
    append!(bytes, Bytes, Cell::Bytes, &[u8]);
    append!(raw_time, Time, Cell::Time, i64);
    append!(raw_money, Money, Cell::Money | Cell::Sum, i128);

    pub(crate) fn time(&mut self, value: Option<Micros>) {
        self.raw_time(value.map(|time| time.0));
    }

    pub(crate) fn money(&mut self, value: Option<Money>) {
        self.raw_money(value.map(|money| money.0));
    }

    pub(crate) fn count(&mut self, value: u64) {
        self.int(Some(i64::try_from(value).unwrap_or(i64::MAX)));
    }

    pub(crate) fn opt_text(&mut self, value: &Option<Text>) {
        self.text(value.as_deref());
    }

    pub(crate) fn end_row(&mut self) {
        debug_assert_eq!(self.next, self.columns.len(), "a row has a cell for each column");
        self.next = 0;
        self.rows += 1;
    }

    pub(crate) fn finish(self) -> Result<RecordBatch, arrow::error::ArrowError> {
        let mut nulls: Vec<ArrayRef> = Vec::new();
        let columns = self.columns.into_iter().zip(self.schema.fields());
        let arrays = columns.map(|(column, field)| match column.builder {
            Some(builder) => builder.finish(),
            None => shared_nulls(&mut nulls, field.data_type(), self.rows),
        });
        let arrays = arrays.collect();
        RecordBatch::try_new(self.schema, arrays)
    }
}

/// So many nulls: columns of one type share them.
fn shared_nulls(made: &mut Vec<ArrayRef>, data_type: &DataType, rows: usize) -> ArrayRef {
    if let Some(nulls) = made.iter().find(|nulls| nulls.data_type() == data_type) {
        return nulls.clone();
    }
    let nulls = new_null_array(data_type, rows);
    made.push(nulls.clone());
    nulls
}

/// Reads one row's cells by column name; an absent column or another type reads as null.
pub(crate) struct RowReader<'a> {
    batch: &'a RecordBatch,
    row: usize,
}

impl<'a> RowReader<'a> {
    pub(crate) fn new(batch: &'a RecordBatch, row: usize) -> Self {
        Self { batch, row }
    }

    fn column(&self, name: &str) -> Option<&'a ArrayRef> {
        self.batch.column_by_name(name).filter(|column| column.is_valid(self.row))
    }

    pub(crate) fn text(&self, name: &str) -> Option<Text> {
        let column = self.column(name)?;
        if let Some(views) = column.as_string_view_opt() {
            return Some(views.value(self.row).into());
        }
        column.as_string_opt::<i32>().map(|array| array.value(self.row).into())
    }

    pub(crate) fn int(&self, name: &str) -> Option<i64> {
        self.column(name)?.as_primitive_opt::<Int64Type>().map(|array| array.value(self.row))
    }

    pub(crate) fn time(&self, name: &str) -> Option<Micros> {
        self.column(name)?
            .as_primitive_opt::<TimestampMicrosecondType>()
            .map(|array| Micros(array.value(self.row)))
    }

    pub(crate) fn money(&self, name: &str) -> Option<Money> {
        self.column(name)?
            .as_primitive_opt::<Decimal128Type>()
            .map(|array| Money(array.value(self.row)))
    }

    pub(crate) fn bool(&self, name: &str) -> Option<bool> {
        self.column(name)?.as_boolean_opt().map(|array| array.value(self.row))
    }

    pub(crate) fn bytes(&self, name: &str) -> Option<Bytes> {
        let column = self.column(name)?;
        if let Some(array) = column.as_binary_view_opt() {
            return Some(Bytes::copy_from_slice(array.value(self.row)));
        }
        column.as_binary_opt::<i32>().map(|array| Bytes::copy_from_slice(array.value(self.row)))
    }
}

/// Whole units as rows, in memory. What a segment holds on disk, a `Batches` holds in Arrow.
#[derive(Clone, Debug)]
pub struct Batches {
    /// A row per span, grouped by trace.
    pub spans: RecordBatch,
    /// A row per trace; row n belongs to `trace_keys[n]`.
    pub traces: RecordBatch,
    /// A row per score; row n belongs to `score_keys[n]`.
    pub scores: RecordBatch,
    /// For trace n its first row in `spans`; one more entry ends the last.
    pub first_spans: Vec<u32>,
    /// Trace ids, by trace row.
    pub trace_ids: Vec<Text>,
    /// Score ids, by score row.
    pub score_ids: Vec<Text>,
    /// The version of the prices by which costs were computed.
    pub prices: Text,
}

/// Turns units into rows.
pub struct BatchesBuilder {
    pricing: Arc<dyn Pricing>,
    spans: RowWriter,
    traces: RowWriter,
    scores: RowWriter,
    first_spans: Vec<u32>,
    trace_ids: Vec<Text>,
    score_ids: Vec<Text>,
}

impl Default for BatchesBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl BatchesBuilder {
    /// No rows yet.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(0, 0, 0)
    }

    /// No rows yet, and room for so many.
    #[must_use]
    pub fn with_capacity(spans: usize, traces: usize, scores: usize) -> Self {
        let mut first_spans = Vec::with_capacity(traces + 1);
        first_spans.push(0);
        Self {
            pricing: Arc::new(NoPrices),
            spans: RowWriter::with_capacity(spans::COLUMNS, spans),
            traces: RowWriter::with_capacity(traces::COLUMNS, traces),
            scores: RowWriter::with_capacity(scores::COLUMNS, scores),
            first_spans,
            trace_ids: Vec::with_capacity(traces),
            score_ids: Vec::with_capacity(scores),
        }
    }

    /// Computes the costs that nobody stated by these prices; without this there are none. To be
    /// called before anything is added.
    #[must_use]
    pub fn priced_by(mut self, pricing: Arc<dyn Pricing>) -> Self {
        self.pricing = pricing;
        self
    }

    /// Adds a unit. A deleted one adds nothing but its key and state, so that it stays deleted.
    pub fn add(&mut self, key: &UnitKey, unit: &Unit) {
        match (key, unit) {
            (UnitKey::Trace(id), Unit::Trace(trace)) => self.add_trace(id, trace),
            (UnitKey::Score(id), Unit::Score(state)) => self.add_score(id, state),
            _ => debug_assert!(false, "a unit is stored under a key of its kind"),
        }
    }

    fn add_trace(&mut self, id: &Text, unit: &TraceUnit) {
        let (trace, mut projected) = unit.project(id, &*self.pricing);
        projected
            .sort_by(|a, b| (a.1.start_time, &a.1.span_id).cmp(&(b.1.start_time, &b.1.span_id)));
        let tags = json_list(&trace.inherited.tags);
        for (state, span) in &projected {
            spans::append(&mut self.spans, span, &trace.inherited, &tags, state);
        }
        let totals = totals(projected.iter().map(|(_, span)| span));
        let find = |facts: &Option<tracekeep_model::SpanFacts>| -> Option<&Span> {
            let facts = facts.as_ref()?;
            projected.iter().map(|(_, span)| span).find(|span| span.span_id == facts.span_id)
        };
        let (root, generation) = (find(&totals.root), find(&totals.generation));
        traces::append(&mut self.traces, &trace, &totals, root, generation, unit);
        self.trace_ids.push(id.clone());
        self.first_spans.push(u32::try_from(self.spans.rows).unwrap_or(u32::MAX));
    }

    fn add_score(&mut self, id: &Text, state: &State) {
        let row: ScoreRow = project_score(id, state);
        scores::append(&mut self.scores, &row, state);
        self.score_ids.push(id.clone());
    }

    /// The rows.
    ///
    /// # Errors
    /// Arrow's, where more than 2 GiB of one binary column were added.
    pub fn finish(self) -> Result<Batches, crate::SegmentError> {
        Ok(Batches {
            spans: self.spans.finish()?,
            traces: self.traces.finish()?,
            scores: self.scores.finish()?,
            first_spans: self.first_spans,
            trace_ids: self.trace_ids,
            score_ids: self.score_ids,
            prices: self.pricing.version(),
        })
    }
}

impl Batches {
    /// Bytes that the rows take in memory.
    #[must_use]
    pub fn memory(&self) -> usize {
        let rows = [&self.spans, &self.traces, &self.scores];
        let ids = self.trace_ids.iter().chain(&self.score_ids);
        rows.into_iter().map(arrays_memory).sum::<usize>()
            + ids.map(|id| id.len() + size_of::<Text>()).sum::<usize>()
            + self.first_spans.len() * size_of::<u32>()
    }

    /// Reads a trace back, ready to be joined with more patches.
    ///
    /// # Errors
    /// A state that was written by a newer version.
    pub fn trace_unit(&self, row: usize) -> Result<TraceUnit, crate::SegmentError> {
        let rows = self.first_spans[row] as usize..self.first_spans[row + 1] as usize;
        let mut unit = traces::unit(&self.traces, row)?;
        for row in rows {
            let (span_id, state) = spans::state(&self.spans, row)?;
            unit.spans.insert(span_id, state);
        }
        Ok(unit)
    }

    /// Reads a score back.
    ///
    /// # Errors
    /// A state that was written by a newer version.
    pub fn score_state(&self, row: usize) -> Result<State, crate::SegmentError> {
        scores::state(&self.scores, row)
    }
}

/// Bytes of arrays; one that is several columns counts once.
fn arrays_memory(rows: &RecordBatch) -> usize {
    let columns = rows.columns();
    let is_first = |n: &usize| !columns[..*n].iter().any(|seen| Arc::ptr_eq(seen, &columns[*n]));
    let arrays = (0..columns.len()).filter(is_first);
    arrays.map(|n| columns[n].get_array_memory_size()).sum()
}

#[cfg(test)]
pub(crate) mod tests;
