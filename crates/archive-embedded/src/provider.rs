//! A snapshot as tables: a scan of unmasked rows, in memory and on disk, as far as filters of times and
//! ids leave them.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use chrono::DateTime;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::Result;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::datasource::physical_plan::parquet::{
    CachedParquetFileReaderFactory, ParquetRowSelection,
};
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::object_store::ObjectMeta;
use datafusion::object_store::path::Path as ObjectPath;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::union::UnionExec;
use parquet::arrow::arrow_reader::RowSelection;
use roaring::RoaringBitmap;
use tracekeep_segment::{Batches, Segment, SegmentFile, score_schema, span_schema, trace_schema};

use crate::mask::Mask;
use crate::opened::{Noting, Opened};
use crate::scope::Scope;
use crate::snapshot::{MaskedSegment, Snapshot};

/// One of the three stored tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Spans,
    Traces,
    Scores,
}

/// A stored table of one snapshot.
#[derive(Debug)]
pub(crate) struct SnapshotTable {
    snapshot: Arc<Snapshot>,
    part: Part,
    schema: SchemaRef,
}

impl SnapshotTable {
    pub(crate) fn new(snapshot: Arc<Snapshot>, part: Part) -> Self {
        let schema = match part {
            Part::Spans => span_schema(),
            Part::Traces => trace_schema(),
            Part::Scores => score_schema(),
        };
        Self { snapshot, part, schema }
    }

    /// Unmasked rows in memory.
    fn memory(&self) -> Result<Vec<RecordBatch>> {
        let mut batches = vec![self.part.of(&self.snapshot.head).clone()];
        for masked in &self.snapshot.chunks {
            let rows = masked.chunk.rows().map_err(external)?;
            let batch = self.part.of(&rows);
            let gone = self.part.masked_rows(&masked.mask, |trace| {
                let first = |n: usize| rows.first_spans[n] as usize;
                first(trace as usize)..first(trace as usize + 1)
            });
            batches.push(without(batch, &gone)?);
        }
        batches.retain(|batch| batch.num_rows() > 0);
        Ok(batches)
    }

    /// Files with the rows to read of each, newest first: most questions want the newest rows, and what
    /// they found so far spares them older files.
    fn files(&self, scope: &Scope) -> Result<Vec<PartitionedFile>> {
        let mut segments: Vec<_> = self.snapshot.segments.iter().collect();
        segments.sort_by_key(|masked| std::cmp::Reverse(masked.segment.facts().max_start));
        let mut files = Vec::new();
        for MaskedSegment { segment, mask, .. } in segments {
            let SegmentFile { path, bytes, rows } = self.part.file(segment);
            if rows == 0 || !scope.may_be_in(segment.facts()) {
                continue;
            }
            let without_masked = || {
                let gone = self.part.masked_rows(mask, |trace| segment.index().spans(trace));
                (!gone.is_empty()).then(|| complement(&gone, rows))
            };
            let selected = scope.rows(segment.index(), mask).or_else(without_masked);
            if selected.as_ref().is_some_and(Vec::is_empty) {
                continue;
            }
            let mut file = PartitionedFile::new_from_meta(ObjectMeta {
                location: ObjectPath::from_absolute_path(&path)?,
                // Segments never change: size and path tell them apart.
                last_modified: DateTime::default(),
                size: bytes,
                e_tag: None,
                version: None,
            });
            if let Some(selected) = selected {
                let selection = RowSelection::from_consecutive_ranges(selected.into_iter(), rows);
                file = file.with_extension(ParquetRowSelection::new(selection));
            }
            files.push(file);
        }
        Ok(files)
    }
}

impl Part {
    fn of(self, rows: &Batches) -> &RecordBatch {
        match self {
            Self::Spans => &rows.spans,
            Self::Traces => &rows.traces,
            Self::Scores => &rows.scores,
        }
    }

    pub(crate) fn file(self, segment: &Segment) -> SegmentFile {
        match self {
            Self::Spans => segment.spans_file(),
            Self::Traces => segment.traces_file(),
            Self::Scores => segment.scores_file(),
        }
    }

    /// Ascending ranges of rows that a mask takes away from this table.
    fn masked_rows(self, mask: &Mask, spans: impl Fn(u32) -> Range<usize>) -> Vec<Range<usize>> {
        let single =
            |rows: &RoaringBitmap| rows.iter().map(|r| r as usize..r as usize + 1).collect();
        match self {
            Self::Spans => mask.span_rows(spans),
            Self::Traces => single(&mask.traces),
            Self::Scores => single(&mask.scores),
        }
    }
}

fn without(batch: &RecordBatch, gone: &[Range<usize>]) -> Result<RecordBatch> {
    if gone.is_empty() {
        return Ok(batch.clone());
    }
    let mut keep = vec![true; batch.num_rows()];
    for range in gone {
        keep[range.clone()].fill(false);
    }
    Ok(filter_record_batch(batch, &BooleanArray::from(keep))?)
}

fn complement(gone: &[Range<usize>], rows: usize) -> Vec<Range<usize>> {
    let starts = std::iter::once(0).chain(gone.iter().map(|range| range.end));
    let ends = gone.iter().map(|range| range.start).chain(std::iter::once(rows));
    starts.zip(ends).map(|(start, end)| start..end).filter(|range| !range.is_empty()).collect()
}

pub(crate) fn external(
    error: impl std::error::Error + Send + Sync + 'static,
) -> datafusion::error::DataFusionError {
    datafusion::error::DataFusionError::External(Box::new(error))
}

#[async_trait]
impl TableProvider for SnapshotTable {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let memory = self.memory()?;
        let memory: Arc<dyn ExecutionPlan> =
            MemorySourceConfig::try_new_exec(&[memory], self.schema.clone(), projection.cloned())?;
        let files = self.files(&Scope::of(self.part, filters))?;
        if files.is_empty() {
            return Ok(memory);
        }
        // Which rows to read the optimizer tells the source, as it does the filter above: told here too,
        // each filter would be asked twice.
        let source = ParquetSource::new(self.schema.clone());
        let url = ObjectStoreUrl::local_filesystem();
        let store = state.runtime_env().object_store(&url)?;
        let footers = state.runtime_env().cache_manager.get_file_metadata_cache();
        let readers = CachedParquetFileReaderFactory::new(store, footers);
        let opened = state.config().get_extension::<Opened>().unwrap_or_default();
        let source =
            source.with_parquet_file_reader_factory(Arc::new(Noting::new(readers, opened)));
        let groups = dealt(files, state.config().target_partitions());
        let disk = FileScanConfigBuilder::new(url, Arc::new(source))
            .with_file_groups(groups)
            .with_projection_indices(projection.cloned())?
            .build();
        UnionExec::try_new(vec![memory, DataSourceExec::from_data_source(disk)])
    }
}

/// Files in turn to so many groups, so that each group begins with the newest.
fn dealt(files: Vec<PartitionedFile>, groups: usize) -> Vec<FileGroup> {
    let groups = groups.clamp(1, files.len().max(1));
    let mut dealt: Vec<Vec<PartitionedFile>> = (0..groups).map(|_| Vec::new()).collect();
    for (n, file) in files.into_iter().enumerate() {
        dealt[n % groups].push(file);
    }
    dealt.into_iter().map(FileGroup::new).collect()
}
