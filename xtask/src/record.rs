//! Which traces a driver sent, and what the server said to them.

use std::fmt;
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::generate::SPANS_PER_TRACE;

/// A trace id as OTLP sends it; shown in lower-case hex.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TraceId(pub(crate) [u8; 16]);

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// One trace and how many spans of it were sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SentTrace {
    pub(crate) trace_id: String,
    pub(crate) spans: u64,
}

/// What the server owes, and what it may have.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Record {
    /// The server said that it has them: they must be there, whole.
    pub(crate) acknowledged: Vec<SentTrace>,
    /// No answer came, or some spans of the request were refused: they may be there or not.
    pub(crate) unacknowledged: Vec<SentTrace>,
}

impl Record {
    pub(crate) fn new(acknowledged: &[TraceId], unacknowledged: &[TraceId]) -> Self {
        Self { acknowledged: sent(acknowledged), unacknowledged: sent(unacknowledged) }
    }

    pub(crate) fn read(path: &Path) -> Result<Self> {
        let file =
            File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
        serde_json::from_reader(BufReader::new(file))
            .with_context(|| format!("{} is no record of `xtask load --record`", path.display()))
    }

    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        let write = || -> Result<()> {
            let mut file = BufWriter::new(File::create(path)?);
            serde_json::to_writer(&mut file, self)?;
            file.flush()?;
            Ok(())
        };
        write().with_context(|| format!("{} cannot be written", path.display()))
    }

    pub(crate) fn append(&mut self, mut other: Self) {
        self.acknowledged.append(&mut other.acknowledged);
        self.unacknowledged.append(&mut other.unacknowledged);
    }
}

fn sent(traces: &[TraceId]) -> Vec<SentTrace> {
    let sent = |id: &TraceId| SentTrace { trace_id: id.to_string(), spans: SPANS_PER_TRACE };
    traces.iter().map(sent).collect()
}
