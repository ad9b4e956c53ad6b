//! `stored_hourly`: a snapshot's generations by hour and model, added up when a query asks for them.
//!
//! Each part of a snapshot has its own sums: a segment in a file, a chunk in memory; the head is small
//! enough to be counted each time. Those of a part of which traces are gone are computed anew without
//! them, as a least time cannot be subtracted.

mod kept;

use std::sync::Arc;

use arrow::array::{AsArray as _, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{DFSchema, DataFusionError, Result};
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::ExecutionPlan;
use tokio::task::{block_in_place, yield_now};
use tracekeep_segment::{Hours, MOST_HOURLY_BYTES, SegmentError, hourly_schema};

use crate::provider::external;
use crate::snapshot::{MaskedChunk, Snapshot};

pub(crate) use kept::KeptHours;

/// What tells hours apart: rows that a filter of these drops need not be added up.
const KEY: [&str; 2] = ["hour_bucket", "model_id"];

/// The hours of one snapshot.
#[derive(Debug)]
pub(crate) struct HourlyTable {
    snapshot: Arc<Snapshot>,
    kept: Arc<KeptHours>,
}

impl HourlyTable {
    pub(crate) fn new(snapshot: Arc<Snapshot>, kept: Arc<KeptHours>) -> Self {
        Self { snapshot, kept }
    }
}

#[async_trait]
impl TableProvider for HourlyTable {
    fn schema(&self) -> SchemaRef {
        hourly_schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        let supported = |filter: &&Expr| {
            let columns = filter.column_refs();
            if columns.iter().all(|column| KEY.contains(&column.name.as_str())) {
                TableProviderFilterPushDown::Inexact
            } else {
                TableProviderFilterPushDown::Unsupported
            }
        };
        Ok(filters.iter().map(supported).collect())
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let mut sum = Sum::new(state, filters)?;
        sum.hours.add_spans(&self.snapshot.head.spans, &[]);
        for masked in &self.snapshot.chunks {
            sum.add(block_in_place(|| of_chunk(masked)).map_err(external)?)?;
        }
        for masked in &self.snapshot.segments {
            sum.add(self.kept.of_segment(masked).map_err(external)?)?;
            // Here a query that takes too long can be stopped.
            yield_now().await;
        }
        let rows = sum.hours.finish().map_err(external)?.ok_or_else(too_many)?;
        let rows = [vec![rows]];
        let plan: Arc<dyn ExecutionPlan> =
            MemorySourceConfig::try_new_exec(&rows, hourly_schema(), projection.cloned())?;
        Ok(plan)
    }
}

/// The hours of all parts, being added up, within the memory of queries.
struct Sum {
    hours: Hours,
    predicate: Option<Arc<dyn PhysicalExpr>>,
    memory: MemoryReservation,
}

impl Sum {
    fn new(state: &dyn Session, filters: &[Expr]) -> Result<Self> {
        let predicate = match conjunction(filters.to_vec()) {
            Some(filter) => {
                let schema = DFSchema::try_from(hourly_schema().as_ref().clone())?;
                Some(state.create_physical_expr(filter, &schema)?)
            }
            None => None,
        };
        let pool = &state.runtime_env().memory_pool;
        let memory = MemoryConsumer::new("trace_metrics_hourly").register(pool);
        Ok(Self { hours: Hours::within(usize::MAX), predicate, memory })
    }

    fn add(&mut self, rows: Option<RecordBatch>) -> Result<()> {
        let rows = rows.ok_or_else(too_many)?;
        self.hours.add_hours(&self.passing(rows)?);
        self.memory.try_resize(self.hours.bytes())
    }

    /// The rows that the query's filter of hours and models leaves.
    fn passing(&self, rows: RecordBatch) -> Result<RecordBatch> {
        let Some(predicate) = &self.predicate else { return Ok(rows) };
        let passes = predicate.evaluate(&rows)?.into_array(rows.num_rows())?;
        match passes.as_boolean_opt() {
            Some(passes) => Ok(filter_record_batch(&rows, passes)?),
            // The engine filters again.
            None => Ok(rows),
        }
    }
}

/// The hours of a chunk without its masked traces; of a whole chunk they are computed once.
fn of_chunk(masked: &MaskedChunk) -> Result<Option<RecordBatch>, SegmentError> {
    if masked.mask.traces.is_empty()
        && let Some(hours) = masked.chunk.hours.get()
    {
        return Ok(hours.clone());
    }
    let rows = masked.chunk.rows()?;
    let first = |trace: u32| rows.first_spans[trace as usize] as usize;
    let gone = masked.mask.span_rows(|trace| first(trace)..first(trace + 1));
    let mut hours = Hours::within(MOST_HOURLY_BYTES);
    hours.add_spans(&rows.spans, &gone);
    let hours = hours.finish()?;
    if gone.is_empty() {
        let _ = masked.chunk.hours.set(hours.clone());
    }
    Ok(hours)
}

fn too_many() -> DataFusionError {
    let reason = "a part of the archive has more than some 50,000 hours and models; are the names \
                  of models really names?";
    DataFusionError::ResourcesExhausted(reason.to_owned())
}
