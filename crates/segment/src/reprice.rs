//! Costs computed anew, of rows that are in a segment already.
//!
//! Prices change after rows were built by them. A cost follows from a few columns of `spans`, and no
//! register holds it, so that nothing but these columns is read, and nothing but the columns of costs
//! is made: of spans, of their traces, and of their hours. Costs that were stated stay as they are.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use tracekeep_model::{Cost, CostSource, Money, Pricing, Span, Totals};

use crate::batch::{RowReader, RowWriter};
use crate::large::bring_back;
use crate::reader::{Columns, Table};
use crate::{Segment, SegmentError, Source, spans, traces};

/// Columns of `spans` from which a cost follows, and those that hold a stated one.
/// [`Pricing::price`] says that nothing else may matter.
const INPUTS: &[&str] = &[
    "start_time",
    "model",
    "response_model",
    "provider",
    "parameters",
    "metadata",
    "usage_input",
    "usage_input_cache_read",
    "usage_input_cache_write",
    "usage_output",
    "usage_output_reasoning",
    "usage_details",
    "usage_stated_total",
    "cost_details",
    "cost_source",
    "cost_stated_total",
];
/// Rows that are read at a time, at most.
const PIECE: usize = 8_192;
/// They have no more than so many bytes of a file in all their columns, about.
const PIECE_BYTES: u64 = 4 << 20;

/// The cost columns of some rows of `spans`.
pub(crate) fn of_spans(
    segment: &Segment,
    rows: &[Range<usize>],
    pricing: &dyn Pricing,
) -> Result<RecordBatch, SegmentError> {
    let mut costs = RowWriter::new(spans::cost_columns());
    each_span(segment, rows, |span| {
        spans::append_cost(&mut costs, &anew(span, pricing));
        costs.end_row();
    })?;
    Ok(costs.finish()?)
}

/// The cost columns of some rows of `traces`.
pub(crate) fn of_traces(
    segment: &Segment,
    rows: &[Range<usize>],
    pricing: &dyn Pricing,
) -> Result<RecordBatch, SegmentError> {
    let spans_of = |trace: usize| segment.index().spans(u32::try_from(trace).unwrap_or(u32::MAX));
    let mut counts = rows.iter().cloned().flatten().map(|trace| spans_of(trace).len());
    let spans: Vec<_> = rows
        .iter()
        .map(|traces| spans_of(traces.start).start..spans_of(traces.end - 1).end)
        .filter(|spans| !spans.is_empty())
        .collect();
    let mut costs = RowWriter::new(traces::cost_columns());
    let mut add = |totals: &Totals| {
        traces::append_cost(&mut costs, totals);
        costs.end_row();
    };
    let (mut totals, mut left) = (Totals::default(), 0);
    each_span(segment, &spans, |span| {
        // Traces without spans come between.
        while left == 0 {
            match counts.next() {
                Some(0) => add(&Totals::default()),
                Some(count) => left = count,
                None => return,
            }
        }
        totals.add(&anew(span, pricing));
        left -= 1;
        if left == 0 {
            add(&std::mem::take(&mut totals));
        }
    })?;
    counts.for_each(|_| add(&Totals::default()));
    Ok(costs.finish()?)
}

/// Goes through some columns of the rows of `spans` that are not gone, with the costs computed anew.
pub(crate) fn look(
    segment: &Segment,
    gone: &[Range<usize>],
    columns: &[&str],
    pricing: &dyn Pricing,
    mut seen: impl FnMut(&RecordBatch),
) -> Result<(), SegmentError> {
    let table = segment.spans_table();
    let columns: Vec<&str> = INPUTS.iter().chain(columns).copied().collect();
    table.each_batch_of(Columns::Only(&columns), gone, piece(table), |batch| {
        let batch = bring_back(batch, segment)?;
        let mut costs = RowWriter::with_capacity(spans::cost_columns(), batch.num_rows());
        for row in 0..batch.num_rows() {
            spans::append_cost(
                &mut costs,
                &anew(spans::read(&RowReader::new(&batch, row)), pricing),
            );
            costs.end_row();
        }
        seen(&with(&batch, &costs.finish()?)?);
        Ok(())
    })
}

/// A span's cost as a segment has it, and as it is by other prices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CostChange {
    /// The span, as far as its cost follows from it, with the new cost.
    pub span: Span,
    /// The cost that the segment has. `None`: it is not known.
    pub before: Option<Money>,
}

/// Goes through the spans of a segment that are not gone and have no stated cost.
///
/// # Errors
/// The segment cannot be read.
pub fn compare_costs(
    source: &Source,
    pricing: &dyn Pricing,
    mut seen: impl FnMut(CostChange),
) -> Result<(), SegmentError> {
    let segment = &source.segment;
    let table = segment.spans_table();
    let gone = source.gone_spans();
    table.each_batch_of(Columns::Only(INPUTS), &gone, piece(table), |batch| {
        let batch = bring_back(batch, segment)?;
        for row in 0..batch.num_rows() {
            let span = spans::read(&RowReader::new(&batch, row));
            if span.cost.source != CostSource::Given {
                let before = span.cost.total();
                seen(CostChange { span: anew(span, pricing), before });
            }
        }
        Ok(())
    })
}

fn each_span(
    segment: &Segment,
    rows: &[Range<usize>],
    mut seen: impl FnMut(Span),
) -> Result<(), SegmentError> {
    if rows.is_empty() {
        return Ok(());
    }
    let table = segment.spans_table();
    table.each_batch_in(rows, Columns::Only(INPUTS), piece(table), |batch| {
        let batch = bring_back(batch, segment)?;
        (0..batch.num_rows()).for_each(|row| seen(spans::read(&RowReader::new(&batch, row))));
        Ok(())
    })
}

fn piece(table: &Table) -> usize {
    table.rows_of(PIECE_BYTES).min(PIECE)
}

/// With its cost computed anew, unless it was stated.
fn anew(mut span: Span, pricing: &dyn Pricing) -> Span {
    if span.cost.source != CostSource::Given {
        span.cost = Cost::default();
        span.price_id = None;
    }
    span.priced(pricing)
}

/// Rows with some columns replaced, or added.
fn with(rows: &RecordBatch, columns: &RecordBatch) -> Result<RecordBatch, SegmentError> {
    let schema = rows.schema();
    let kept = schema.fields().iter().zip(rows.columns());
    let kept = kept.filter(|(field, _)| columns.column_by_name(field.name()).is_none());
    let new = columns.schema();
    let all = kept.chain(new.fields().iter().zip(columns.columns()));
    let (fields, arrays): (Vec<_>, Vec<_>) =
        all.map(|(field, array)| (field.clone(), array.clone())).unzip();
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?)
}

#[cfg(test)]
mod tests;
