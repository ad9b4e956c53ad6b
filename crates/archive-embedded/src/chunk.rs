use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use arrow::array::RecordBatch;
use parking_lot::Mutex;
use tracekeep_model::{Pricing, Text, Unit, UnitKey};
use tracekeep_segment::{Batches, BatchesBuilder, Links, SegmentError};

use crate::relations;

/// Units in their order.
type Units = Vec<(UnitKey, Arc<Unit>)>;

/// Units that left the head together: rows in memory, made when first needed.
#[derive(Debug)]
pub(crate) struct Chunk {
    /// Distinguishes chunks of one memtable.
    pub(crate) id: u64,
    pub(crate) spans: usize,
    /// Memory it takes, about: of the units first, of the rows once they are made.
    bytes: AtomicUsize,
    /// The units until their rows are made; emptied then, so that they are not held twice. Locked
    /// for no longer than it takes to clone the handle.
    units: Mutex<Arc<Units>>,
    /// By which the rows get their costs.
    pricing: Arc<dyn Pricing>,
    /// Held by who makes the rows.
    making: Mutex<()>,
    rows: OnceLock<Arc<Batches>>,
    /// Which traces the units point to.
    pub(crate) links: Links,
    /// The hours of all its rows, once a query asked for them; `None`: there are too many.
    pub(crate) hours: OnceLock<Option<RecordBatch>>,
}

/// Where a unit stands in its chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ChunkRow {
    pub(crate) chunk: u64,
    /// Among the traces, or among the scores.
    pub(crate) row: u32,
    /// Among all units.
    unit: u32,
}

impl Chunk {
    /// Of units in this order; says where each of them stands.
    pub(crate) fn new(
        id: u64,
        units: Units,
        bytes: usize,
        pricing: Arc<dyn Pricing>,
    ) -> (Self, Vec<(UnitKey, ChunkRow)>) {
        let (mut traces, mut scores, mut spans) = (0, 0, 0);
        let mut places = Vec::with_capacity(units.len());
        for ((key, unit), n) in units.iter().zip(0..) {
            let next = match &**unit {
                Unit::Trace(trace) => {
                    spans += trace.spans.len();
                    &mut traces
                }
                Unit::Score(_) => &mut scores,
            };
            places.push((key.clone(), ChunkRow { chunk: id, row: *next, unit: n }));
            *next += 1;
        }
        let links = relations::links(units.iter().map(|(_, unit)| &**unit));
        let (units, bytes) = (Mutex::new(Arc::new(units)), AtomicUsize::new(bytes));
        let chunk = Self {
            id,
            spans,
            bytes,
            units,
            pricing,
            making: Mutex::default(),
            rows: OnceLock::new(),
            links,
            hours: OnceLock::new(),
        };
        (chunk, places)
    }

    /// The rows. Whoever comes first makes them; others wait.
    pub(crate) fn rows(&self) -> Result<Arc<Batches>, SegmentError> {
        let _turn = self.making.lock();
        if let Some(rows) = self.rows.get() {
            return Ok(rows.clone());
        }
        let units = self.units.lock().clone();
        let rows = Arc::new(build(&units, &self.pricing)?);
        let _ = self.rows.set(rows.clone());
        *self.units.lock() = Arc::default();
        self.bytes.store(rows.memory(), Ordering::Relaxed);
        Ok(rows)
    }

    /// The version of the prices by which its rows get their costs.
    pub(crate) fn prices(&self) -> Text {
        self.pricing.version()
    }

    /// Memory it takes, about.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Reads a unit back.
    pub(crate) fn unit(&self, key: &UnitKey, place: ChunkRow) -> Result<Arc<Unit>, SegmentError> {
        if let Some((_, unit)) = self.units.lock().get(place.unit as usize) {
            return Ok(unit.clone());
        }
        let rows = self.rows()?;
        Ok(Arc::new(match key {
            UnitKey::Trace(_) => Unit::Trace(rows.trace_unit(place.row as usize)?),
            UnitKey::Score(_) => Unit::Score(rows.score_state(place.row as usize)?),
        }))
    }
}

/// Rows of units, with costs by these prices.
pub(crate) fn build(
    units: &[(UnitKey, Arc<Unit>)],
    pricing: &Arc<dyn Pricing>,
) -> Result<Batches, SegmentError> {
    let (mut spans, mut traces) = (0, 0);
    for (_, unit) in units {
        if let Unit::Trace(trace) = &**unit {
            spans += trace.spans.len();
            traces += 1;
        }
    }
    let builder = BatchesBuilder::with_capacity(spans, traces, units.len() - traces);
    let mut builder = builder.priced_by(pricing.clone());
    for (key, unit) in units {
        builder.add(key, unit);
    }
    builder.finish()
}
