//! An open segment: finds and reads single units without touching the rest.

mod project;
mod units;

use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use arrow::array::{ArrayRef, RecordBatch, new_null_array};
use arrow::compute::concat_batches;
use arrow::datatypes::{Field, SchemaRef};
use arrow::error::ArrowError;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder, RowSelection, RowSelectionPolicy,
};
use parquet::file::metadata::PageIndexPolicy;
use tracekeep_model::{State, Text};

use crate::batch::RowReader;
use crate::blobs::{BlobFile, Reference};
use crate::disk::Disk;
use crate::footers::{Footer, Footers, Reading};
use crate::large::bring_back;
use crate::{
    FORMAT, Index, Links, SegmentError, SegmentFacts, key_hash, score_schema, span_schema,
    trace_schema,
};
pub(crate) use project::{Columns, kept};
pub use units::Candidate;

/// One of a segment's tables, as a file.
#[derive(Clone, Debug)]
pub struct SegmentFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// Its rows.
    pub rows: usize,
}

/// An open segment.
#[derive(Debug)]
pub struct Segment {
    dir: PathBuf,
    facts: SegmentFacts,
    index: Index,
    links: Option<Links>,
    spans: Table,
    traces: Table,
    scores: Table,
    blobs: BlobFile,
    /// Where its files are removed when the last reader has let go of it, if they are.
    doomed: OnceLock<Arc<dyn Disk>>,
}

/// One Parquet file; its footer is read when it is needed, and kept as far as there is room.
#[derive(Debug)]
pub(crate) struct Table {
    path: PathBuf,
    bytes: u64,
    schema: SchemaRef,
    footer: Footer,
}

impl Segment {
    /// Opens the folder of a segment that is by itself, as [`Segment::open_within`].
    ///
    /// # Errors
    /// As [`Segment::open_within`].
    pub fn open(dir: &Path, facts: SegmentFacts) -> Result<Self, SegmentError> {
        Self::open_within(dir, facts, &Footers::default())
    }

    /// Opens a segment's folder: reads its index and links, nothing else. The footers of its tables are
    /// kept beside those of other segments.
    ///
    /// # Errors
    /// The index is missing, or one of the two is damaged or was written by a newer version.
    pub fn open_within(
        dir: &Path,
        facts: SegmentFacts,
        footers: &Footers,
    ) -> Result<Self, SegmentError> {
        if facts.format > FORMAT {
            let reason = format!(
                "was written in format {}, and this version reads up to {FORMAT}; start a newer \
                 Tracekeep",
                facts.format
            );
            return Err(SegmentError::Damaged { path: dir.into(), reason });
        }
        let path = dir.join("index");
        let bytes = std::fs::read(&path)
            .map_err(|source| SegmentError::Io { path: path.clone(), source })?;
        let index =
            Index::decode(&bytes).map_err(|reason| SegmentError::Damaged { path, reason })?;
        let table = |name: &str, schema| {
            let path = dir.join(name);
            match std::fs::metadata(&path) {
                Ok(file) => {
                    Ok(Table { path, bytes: file.len(), schema, footer: footers.of_file() })
                }
                Err(source) => Err(SegmentError::Io { path, source }),
            }
        };
        Ok(Self {
            dir: dir.into(),
            facts,
            index,
            links: Links::read(dir)?,
            spans: table("spans.parquet", span_schema())?,
            traces: table("traces.parquet", trace_schema())?,
            scores: table("scores.parquet", score_schema())?,
            blobs: BlobFile::open(dir)?,
            doomed: OnceLock::new(),
        })
    }

    /// Reads the footers of its traces and spans ahead, so that the first who asks need not wait for
    /// that. `false`: beside those that are kept there was no room for both, and what is not kept is read
    /// when it is needed.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn warm(&self) -> Result<bool, SegmentError> {
        Ok(self.traces.warm()? && self.spans.warm()?)
    }

    /// Its folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What is known of it.
    #[must_use]
    pub fn facts(&self) -> &SegmentFacts {
        &self.facts
    }

    /// The `spans` table.
    #[must_use]
    pub fn spans_file(&self) -> SegmentFile {
        self.spans.file(self.facts.spans)
    }

    /// The `traces` table.
    #[must_use]
    pub fn traces_file(&self) -> SegmentFile {
        self.traces.file(self.facts.traces)
    }

    /// The `scores` table.
    #[must_use]
    pub fn scores_file(&self) -> SegmentFile {
        self.scores.file(self.facts.scores)
    }

    pub(crate) fn spans_table(&self) -> &Table {
        &self.spans
    }

    pub(crate) fn traces_table(&self) -> &Table {
        &self.traces
    }

    pub(crate) fn scores_table(&self) -> &Table {
        &self.scores
    }

    /// Reads a large cell.
    ///
    /// # Errors
    /// The file of blobs cannot be read or is damaged.
    pub fn blob(&self, at: &Reference) -> Result<Vec<u8>, SegmentError> {
        self.blobs.read(at)
    }

    /// Size of the file of blobs; 0 if there is none.
    #[must_use]
    pub fn blob_bytes(&self) -> u64 {
        self.blobs.bytes()
    }

    /// Looks at the beginning of the file of blobs, if there is one.
    ///
    /// # Errors
    /// It is something else, or a newer version wrote it.
    pub fn check_blobs(&self) -> Result<(), SegmentError> {
        self.blobs.check()
    }

    /// Its blobs, if its tables may refer to any.
    pub(crate) fn blobs(&self) -> Option<&BlobFile> {
        (self.facts.format >= 2).then_some(&self.blobs)
    }

    /// Nothing names the segment any more: its files go from the disk with the last handle on it.
    pub fn doom(&self, disk: &Arc<dyn Disk>) {
        // Once is enough.
        let _ = self.doomed.set(disk.clone());
    }

    /// Where its units are.
    #[must_use]
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// The traces that its rows point to; `None`: it was written before this was noted.
    #[must_use]
    pub fn links(&self) -> Option<&Links> {
        self.links.as_ref()
    }

    /// The row of a trace, if the segment holds it and it is not gone.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn find_trace(
        &self,
        id: &Text,
        is_gone: impl Fn(u32) -> bool,
    ) -> Result<Option<u32>, SegmentError> {
        let candidates = self.index.traces(key_hash(id)).filter(|row| !is_gone(*row));
        find(&self.traces, "trace_id", id, candidates)
    }

    /// The row of a score, if the segment holds it and it is not gone.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn find_score(
        &self,
        id: &Text,
        is_gone: impl Fn(u32) -> bool,
    ) -> Result<Option<u32>, SegmentError> {
        let candidates = self.index.scores(key_hash(id)).filter(|row| !is_gone(*row));
        find(&self.scores, "score_id", id, candidates)
    }

    /// Reads a score.
    ///
    /// # Errors
    /// The file cannot be read or a newer version wrote it.
    pub fn score_state(&self, row: u32) -> Result<State, SegmentError> {
        let row = row as usize;
        let batch = self.scores.rows(row..row + 1, Columns::Only(&["state"]))?;
        crate::scores::state(&bring_back(batch, self)?, 0)
    }
}

fn find(
    table: &Table,
    column: &str,
    id: &Text,
    candidates: impl Iterator<Item = u32>,
) -> Result<Option<u32>, SegmentError> {
    for row in candidates {
        let batch = table.rows(row as usize..row as usize + 1, Columns::Only(&[column]))?;
        if RowReader::new(&batch, 0).text(column).as_ref() == Some(id) {
            return Ok(Some(row));
        }
    }
    Ok(None)
}

impl Drop for Segment {
    fn drop(&mut self) {
        if let Some(disk) = self.doomed.get() {
            // What cannot be removed now is debris that the next start removes.
            let _ = disk.remove_dir_all(&self.dir);
        }
    }
}

impl Table {
    /// Its columns today.
    pub(crate) fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    /// How many rows so many bytes of the file hold, about; at least one.
    pub(crate) fn rows_of(&self, bytes: u64) -> usize {
        let rows =
            self.open().map_or(0, |(_, metadata)| metadata.metadata().file_metadata().num_rows());
        let each = self.bytes / u64::try_from(rows).unwrap_or(0).max(1);
        usize::try_from(bytes / each.max(1)).unwrap_or(usize::MAX).max(1)
    }

    /// Its row groups: the rows of each, and its size in the file.
    pub(crate) fn row_groups(&self) -> Result<Vec<(Range<usize>, u64)>, SegmentError> {
        let (_, metadata) = self.open()?;
        let mut end = 0;
        let groups = metadata.metadata().row_groups().iter().map(|group| {
            let start = end;
            end += usize::try_from(group.num_rows()).unwrap_or_default();
            (start..end, u64::try_from(group.compressed_size()).unwrap_or_default())
        });
        Ok(groups.collect())
    }

    /// The values of one column in some ranges of rows, some at a time. The ranges ascend, none is empty
    /// and no two overlap. A column that the file lacks is null.
    pub(crate) fn each_array(
        &self,
        field: &Field,
        ranges: &[Range<usize>],
        at_once: usize,
        mut then: impl FnMut(ArrayRef) -> Result<(), SegmentError>,
    ) -> Result<(), SegmentError> {
        for batch in self.reader(ranges, Columns::Only(&[field.name().as_str()]), at_once)? {
            let batch = batch.map_err(|e| self.unreadable(e))?;
            // One that is null in all of the row groups was not read.
            let values = batch.columns().first().cloned();
            then(values.unwrap_or_else(|| new_null_array(field.data_type(), batch.num_rows())))?;
        }
        Ok(())
    }

    /// Some columns in some ranges of rows, some at a time. The ranges ascend, none is empty and no two
    /// overlap. A column that the file lacks, or that is null in all that surrounds the rows, is left
    /// out.
    pub(crate) fn each_batch_in(
        &self,
        ranges: &[Range<usize>],
        columns: Columns<'_>,
        at_once: usize,
        mut then: impl FnMut(RecordBatch) -> Result<(), SegmentError>,
    ) -> Result<(), SegmentError> {
        for batch in self.reader(ranges, columns, at_once)? {
            then(batch.map_err(|e| self.unreadable(e))?)?;
        }
        Ok(())
    }

    /// All rows but those that are gone, in order, some at a time; of some columns.
    pub(crate) fn each_batch_of(
        &self,
        columns: Columns<'_>,
        gone: &[Range<usize>],
        rows: usize,
        mut then: impl FnMut(RecordBatch) -> Result<(), SegmentError>,
    ) -> Result<(), SegmentError> {
        let (file, metadata) = self.open()?;
        let total =
            usize::try_from(metadata.metadata().file_metadata().num_rows()).unwrap_or_default();
        let selection = RowSelection::from_consecutive_ranges(kept(gone, total).into_iter(), total);
        let mask = columns.mask(metadata.metadata(), None);
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata)
            .with_projection(mask)
            .with_row_selection(selection)
            .with_batch_size(rows)
            .build()
            .map_err(|e| self.parquet(e))?;
        for batch in reader {
            then(batch.map_err(|e| self.unreadable(e))?)?;
        }
        Ok(())
    }

    fn file(&self, rows: u64) -> SegmentFile {
        let rows = usize::try_from(rows).unwrap_or(usize::MAX);
        SegmentFile { path: self.path.clone(), bytes: self.bytes, rows }
    }

    fn parquet(&self, source: parquet::errors::ParquetError) -> SegmentError {
        SegmentError::Parquet { path: self.path.clone(), source }
    }

    pub(crate) fn damaged(&self, reason: String) -> SegmentError {
        SegmentError::Damaged { path: self.path.clone(), reason }
    }

    /// The words of the library name no file.
    fn unreadable(&self, source: ArrowError) -> SegmentError {
        SegmentError::Rows { path: self.path.clone(), source }
    }

    /// Whether its footer is kept now.
    fn warm(&self) -> Result<bool, SegmentError> {
        if self.footer.get().is_some() {
            return Ok(true);
        }
        let metadata = self.read_footer(&self.open_file()?)?;
        Ok(self.footer.keep(&metadata, Reading::Ahead))
    }

    fn open(&self) -> Result<(File, ArrowReaderMetadata), SegmentError> {
        let file = self.open_file()?;
        if let Some(metadata) = self.footer.get() {
            return Ok((file, metadata));
        }
        let metadata = self.read_footer(&file)?;
        // Where there is no room for it, it is read again the next time.
        self.footer.keep(&metadata, Reading::Asked);
        Ok((file, metadata))
    }

    fn open_file(&self) -> Result<File, SegmentError> {
        File::open(&self.path)
            .map_err(|source| SegmentError::Io { path: self.path.clone(), source })
    }

    fn read_footer(&self, file: &File) -> Result<ArrowReaderMetadata, SegmentError> {
        let options = ArrowReaderOptions::new().with_offset_index_policy(PageIndexPolicy::Required);
        ArrowReaderMetadata::load(file, options).map_err(|e| self.parquet(e))
    }

    /// Some neighbouring rows.
    fn rows(&self, rows: Range<usize>, columns: Columns<'_>) -> Result<RecordBatch, SegmentError> {
        if rows.is_empty() {
            return Ok(RecordBatch::new_empty(self.schema.clone()));
        }
        let at_once = rows.len();
        let reader = self.reader(&[rows], columns, at_once)?;
        let schema = arrow::array::RecordBatchReader::schema(&reader);
        let batches = reader.collect::<Result<Vec<_>, _>>().map_err(|e| self.unreadable(e))?;
        Ok(concat_batches(&schema, &batches)?)
    }

    /// Ranges of rows, so many at a time. The ranges ascend, none is empty and no two overlap. A column
    /// that is null in all that surrounds them is left out.
    fn reader(
        &self,
        ranges: &[Range<usize>],
        columns: Columns<'_>,
        at_once: usize,
    ) -> Result<ParquetRecordBatchReader, SegmentError> {
        let (file, metadata) = self.open()?;
        let rows =
            usize::try_from(metadata.metadata().file_metadata().num_rows()).unwrap_or_default();
        if let Some(beyond) = ranges.last().filter(|range| range.end > rows) {
            let reason = format!("has {rows} rows, and the index speaks of {}", beyond.end);
            return Err(self.damaged(reason));
        }
        let (groups, selection) = row_groups(&metadata, ranges);
        let mask = columns.mask(metadata.metadata(), Some(&groups));
        ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata)
            .with_projection(mask)
            .with_row_groups(groups)
            .with_row_selection(selection)
            // The other policy holds what lies between the rows, too, until it has made a batch.
            .with_row_selection_policy(RowSelectionPolicy::Selectors)
            .with_batch_size(at_once)
            .build()
            .map_err(|e| self.parquet(e))
    }
}

/// The row groups that hold some ascending ranges of rows, and these rows among theirs.
fn row_groups(
    metadata: &ArrowReaderMetadata,
    ranges: &[Range<usize>],
) -> (Vec<usize>, RowSelection) {
    let (mut groups, mut picked) = (Vec::new(), Vec::new());
    // Rows before the group, in the file and in the groups that were taken.
    let (mut start, mut before) = (0, 0);
    for (n, group) in metadata.metadata().row_groups().iter().enumerate() {
        let rows = usize::try_from(group.num_rows()).unwrap_or_default();
        let end = start + rows;
        let first = ranges.partition_point(|range| range.end <= start);
        let within = ranges[first..].iter().take_while(|range| range.start < end);
        let place = |row: usize| before + row.clamp(start, end) - start;
        let count = picked.len();
        picked.extend(within.map(|range| place(range.start)..place(range.end)));
        if picked.len() > count {
            groups.push(n);
            before += rows;
        }
        start = end;
    }
    (groups, RowSelection::from_consecutive_ranges(picked.into_iter(), before))
}

#[cfg(test)]
mod tests;
