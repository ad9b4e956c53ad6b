//! Which files a query opened last: where their content cannot be decoded, the words of the library
//! name none.

use std::collections::VecDeque;
use std::sync::Arc;

use datafusion::common::Result;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::{
    CachedParquetFileReaderFactory, ParquetFileReaderFactory,
};
use datafusion::parquet::arrow::async_reader::AsyncFileReader;
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use parking_lot::Mutex;

/// Files that are remembered. Two are read at a time of each table, and the next of each is opened
/// meanwhile.
const MOST: usize = 8;

/// The files that a query opened last, the latest at the end.
#[derive(Debug, Default)]
pub(crate) struct Opened(Mutex<VecDeque<String>>);

impl Opened {
    /// The files as a list for people; `None`: none was opened.
    pub(crate) fn names(&self) -> Option<String> {
        let files = self.0.lock();
        (!files.is_empty()).then(|| files.iter().map(String::as_str).collect::<Vec<_>>().join(", "))
    }

    fn note(&self, file: String) {
        let mut files = self.0.lock();
        files.retain(|other| *other != file);
        if files.len() == MOST {
            files.pop_front();
        }
        files.push_back(file);
    }
}

/// Opens files as DataFusion does, and notes which.
#[derive(Debug)]
pub(crate) struct Noting {
    readers: CachedParquetFileReaderFactory,
    opened: Arc<Opened>,
}

impl Noting {
    pub(crate) fn new(readers: CachedParquetFileReaderFactory, opened: Arc<Opened>) -> Self {
        Self { readers, opened }
    }
}

impl ParquetFileReaderFactory for Noting {
    fn create_reader(
        &self,
        partition_index: usize,
        partitioned_file: PartitionedFile,
        metadata_size_hint: Option<usize>,
        metrics: &ExecutionPlanMetricsSet,
    ) -> Result<Box<dyn AsyncFileReader + Send>> {
        self.opened.note(format!("/{}", partitioned_file.object_meta.location));
        self.readers.create_reader(partition_index, partitioned_file, metadata_size_hint, metrics)
    }
}

#[cfg(test)]
mod tests;
