//! DataFusion over snapshots, on threads of its own, within a budget.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{
    DataType, Decimal128Type, Float64Type, Int64Type, TimestampMicrosecondType,
};
use arrow::error::ArrowError;
use datafusion::common::DataFusionError;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::{SessionState, SessionStateBuilder};
use datafusion::prelude::SessionConfig;
use tokio::runtime::Runtime;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tracekeep_archive::ArchiveError;
use tracekeep_model::{Micros, Money};
use tracekeep_query::{Cell, ColumnType, Page, Query, ResultTable};
use tracekeep_segment::SegmentError;

use crate::asking::{Asking, Kept};
use crate::functions;
use crate::opened::Opened;
use crate::store::{Options, Shared};
use crate::turns::{Turn, Turns};

/// How long a query waits for its turn.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Runs SQL over snapshots.
pub(crate) struct Engine {
    state: SessionState,
    /// Apart from the intake's, so that a heavy question never delays an acknowledgement.
    runtime: Option<Runtime>,
    places: Arc<Semaphore>,
    turns: Arc<Turns>,
    limit: Duration,
    kept: Kept,
}

impl Engine {
    pub(crate) fn new(options: &Options) -> Result<Self, ArchiveError> {
        let environment: Arc<RuntimeEnv> = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(FairSpillPool::new(options.query_memory_bytes)))
            // Records do not go to the system's temporary folder, where no deletion reaches them.
            .with_disk_manager_builder(
                DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled),
            )
            .build_arc()
            .map_err(|error| failed(&error))?;
        let mut config = SessionConfig::new()
            .with_target_partitions(2)
            .with_information_schema(false)
            .with_default_catalog_and_schema("tracekeep", "public");
        // Of rows that a filter drops, or that are not among the first, no other column is unpacked.
        config.options_mut().execution.parquet.pushdown_filters = true;
        // What a filter has unpacked is not kept for the answer: the memory of queries does not count it.
        config.options_mut().execution.parquet.max_predicate_cache_size = Some(0);
        // Statements are written by us: a second pass finds nothing that the first has left.
        config.options_mut().optimizer.max_passes = 1;
        let mut builder = SessionStateBuilder::new()
            .with_config(config)
            .with_runtime_env(environment)
            .with_default_features();
        let scalar = builder.scalar_functions().get_or_insert_default();
        scalar.extend(functions::scalar().into_iter().map(Arc::new));
        let aggregates = builder.aggregate_functions().get_or_insert_default();
        aggregates.push(Arc::new(functions::bucket_counts()));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("query")
            .enable_all()
            .build()
            .map_err(|error| ArchiveError::Failed(format!("no threads for queries: {error}")))?;
        Ok(Self {
            state: builder.build(),
            runtime: Some(runtime),
            places: Arc::new(Semaphore::new(options.concurrent_queries)),
            turns: Arc::default(),
            limit: Duration::from_secs(options.query_seconds),
            kept: Kept::default(),
        })
    }

    /// Answers a typed query about a project as it is when the query's turn comes.
    pub(crate) async fn query(
        &self,
        shared: Arc<Shared>,
        project: String,
        query: &Query,
    ) -> Result<Page, ArchiveError> {
        let plan = query.plan()?;
        let batches = self.run(shared, project, query.clone()).await?;
        let columns = plan.columns();
        let mut rows = Vec::with_capacity(batches.iter().map(RecordBatch::num_rows).sum());
        for batch in &batches {
            for row in 0..batch.num_rows() {
                let cell = |n: usize| cell(batch.column(n), row, columns[n].1);
                rows.push((0..columns.len()).map(cell).collect::<Result<Vec<_>, _>>()?);
            }
        }
        Ok(plan.finish(ResultTable { columns, rows }))
    }

    /// Runs a query on the engine's threads. Whoever stops waiting for the answer stops it.
    async fn run(
        &self,
        shared: Arc<Shared>,
        project: String,
        query: Query,
    ) -> Result<Vec<RecordBatch>, ArchiveError> {
        let Some(runtime) = &self.runtime else {
            return Err(ArchiveError::Busy("it is closing".into()));
        };
        let place = tokio::time::timeout(LONGEST_WAIT, self.places.clone().acquire_owned()).await;
        let place = match place {
            Ok(Ok(place)) => place,
            Ok(Err(_)) => return Err(ArchiveError::Busy("it is closing".into())),
            Err(_) => {
                return Err(ArchiveError::Busy("too many queries wait for their turn".into()));
            }
        };
        let opened = Arc::new(Opened::default());
        let state = self.session(opened.clone());
        let (limit, kept) = (self.limit, self.kept.clone());
        let turn = self.turns.begin();
        let work = async move {
            let _place = place;
            let snapshot = shared.snapshot(&project)?;
            let asking = Asking::new(state, project, snapshot, kept);
            match tokio::time::timeout(limit, asking.rows(&query)).await {
                Ok(result) => result.map_err(|error| refused(&turn, error, &opened)),
                Err(_) => Err(ArchiveError::Budget(format!("it took longer than {limit:?}"))),
            }
        };
        let mut work = AbortOnDrop(runtime.spawn(work));
        match (&mut work.0).await {
            Ok(result) => result,
            Err(error) => Err(ArchiveError::Failed(format!("a query broke off: {error}"))),
        }
    }

    /// A session for one query, with tables of its own, that notes which files it opens.
    fn session(&self, opened: Arc<Opened>) -> SessionState {
        SessionStateBuilder::new_from_existing(self.state.clone())
            .with_config(self.state.config().clone().with_extension(opened))
            .with_catalog_list(Arc::new(datafusion::catalog::MemoryCatalogProviderList::new()))
            .build()
    }

    /// Asks about a snapshot, with what this engine remembers.
    #[cfg(test)]
    pub(crate) fn asking(&self, project: &str, snapshot: crate::snapshot::Snapshot) -> Asking {
        Asking::new(self.session(Arc::default()), project.to_owned(), snapshot, self.kept.clone())
    }
}

/// A task that ends with whoever waits for it.
struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn cell(column: &dyn Array, row: usize, column_type: ColumnType) -> Result<Cell, ArchiveError> {
    if column.is_null(row) {
        return Ok(Cell::Null);
    }
    let cell = match column.data_type() {
        DataType::Utf8View => Cell::Text(column.as_string_view().value(row).into()),
        DataType::Utf8 => Cell::Text(column.as_string::<i32>().value(row).into()),
        DataType::Int64 => Cell::Int(column.as_primitive::<Int64Type>().value(row)),
        DataType::UInt64 => {
            let count = column.as_primitive::<arrow::datatypes::UInt64Type>().value(row);
            Cell::Int(i64::try_from(count).unwrap_or(i64::MAX))
        }
        DataType::Float64 => Cell::Float(column.as_primitive::<Float64Type>().value(row)),
        DataType::Boolean => Cell::Bool(column.as_boolean().value(row)),
        DataType::Decimal128(_, 12) => {
            Cell::Money(Money(column.as_primitive::<Decimal128Type>().value(row)))
        }
        DataType::Timestamp(arrow::datatypes::TimeUnit::Microsecond, _) => {
            Cell::Time(Micros(column.as_primitive::<TimestampMicrosecondType>().value(row)))
        }
        other => {
            let mut message = String::new();
            let _ = write!(message, "a column of {column_type:?} came as {other}");
            return Err(ArchiveError::Failed(message));
        }
    };
    Ok(cell)
}

/// What DataFusion refuses, as the archive says it. All queries share one memory: who shared it with
/// others may come again, who had it alone asked for too much.
fn refused(turn: &Turn, error: DataFusionError, opened: &Opened) -> ArchiveError {
    let reason = match error.find_root() {
        DataFusionError::ResourcesExhausted(reason) => reason,
        DataFusionError::ParquetError(_) => return unreadable(&error, opened),
        DataFusionError::ArrowError(inner, _)
            if matches!(**inner, ArrowError::ParquetError(_) | ArrowError::ExternalError(_)) =>
        {
            return unreadable(&error, opened);
        }
        // Of a blob, which says by itself where it is.
        DataFusionError::External(inner) if !inner.is::<SegmentError>() => {
            return unreadable(&error, opened);
        }
        _ => return failed(&error),
    };
    let alone = turn.is_alone();
    tracing::debug!(%reason, alone, "a query ran out of memory");
    if alone {
        ArchiveError::Budget("it needs more memory than queries may have".into())
    } else {
        ArchiveError::Busy("other queries hold the memory that this one needs".into())
    }
}

/// What cannot be decoded is in one of the files that were opened last.
fn unreadable(error: &DataFusionError, opened: &Opened) -> ArchiveError {
    let Some(files) = opened.names() else { return failed(error) };
    ArchiveError::Failed(format!(
        "{}; of what was read last, one may be damaged, and `tracekeep doctor` tells which: {files}",
        error.strip_backtrace()
    ))
}

fn failed(error: &DataFusionError) -> ArchiveError {
    ArchiveError::Failed(error.strip_backtrace())
}

#[cfg(test)]
mod tests;
