use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;
use tracekeep_model::{Unit, UnitKey};
use tracekeep_segment::{Batches, BatchesBuilder, SegmentError};

/// Units that left the head together: rows in memory, made when first needed.
#[derive(Debug)]
pub(crate) struct Chunk {
    /// Distinguishes chunks of one memtable.
    pub(crate) id: u64,
    pub(crate) spans: usize,
    /// The units until their rows are made; emptied then, so that they are not held twice.
    units: Mutex<Vec<(UnitKey, Arc<Unit>)>>,
    rows: OnceLock<Arc<Batches>>,
}

/// Where a unit stands in its chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ChunkRow {
    pub(crate) chunk: u64,
    pub(crate) row: u32,
}

impl Chunk {
    /// Of units in this order; says where each of them stands.
    pub(crate) fn new(
        id: u64,
        units: Vec<(UnitKey, Arc<Unit>)>,
    ) -> (Self, Vec<(UnitKey, ChunkRow)>) {
        let (mut traces, mut scores, mut spans) = (0, 0, 0);
        let mut places = Vec::with_capacity(units.len());
        for (key, unit) in &units {
            let next = match &**unit {
                Unit::Trace(trace) => {
                    spans += trace.spans.len();
                    &mut traces
                }
                Unit::Score(_) => &mut scores,
            };
            places.push((key.clone(), ChunkRow { chunk: id, row: *next }));
            *next += 1;
        }
        let chunk = Self { id, spans, units: Mutex::new(units), rows: OnceLock::new() };
        (chunk, places)
    }

    /// The rows. Whoever comes first makes them; others wait.
    pub(crate) fn rows(&self) -> Result<Arc<Batches>, SegmentError> {
        if let Some(rows) = self.rows.get() {
            return Ok(rows.clone());
        }
        let mut units = self.units.lock();
        if let Some(rows) = self.rows.get() {
            return Ok(rows.clone());
        }
        let rows = Arc::new(build(units.iter().map(|(key, unit)| (key, &**unit)))?);
        let _ = self.rows.set(rows.clone());
        units.clear();
        units.shrink_to_fit();
        Ok(rows)
    }

    /// Reads a unit back.
    pub(crate) fn unit(&self, key: &UnitKey, row: u32) -> Result<Arc<Unit>, SegmentError> {
        let Some(rows) = self.rows.get() else {
            if let Some((_, unit)) = self.units.lock().iter().find(|(k, _)| k == key) {
                return Ok(unit.clone());
            }
            return read(&*self.rows()?, key, row);
        };
        read(rows, key, row)
    }
}

fn read(rows: &Batches, key: &UnitKey, row: u32) -> Result<Arc<Unit>, SegmentError> {
    Ok(Arc::new(match key {
        UnitKey::Trace(_) => Unit::Trace(rows.trace_unit(row as usize)?),
        UnitKey::Score(_) => Unit::Score(rows.score_state(row as usize)?),
    }))
}

/// Rows of units.
pub(crate) fn build<'a>(
    units: impl Iterator<Item = (&'a UnitKey, &'a Unit)>,
) -> Result<Batches, SegmentError> {
    let mut builder = BatchesBuilder::new();
    for (key, unit) in units {
        builder.add(key, unit);
    }
    builder.finish()
}
