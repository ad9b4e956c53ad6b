//! A project that changes, and what is asked about it: for tests.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use tempfile::TempDir;
use tracekeep_model::{
    Field, Kind, Micros, Money, NoPrices, Pricing, Rank, Register, State, Status, Step, TraceUnit,
    Unit, UnitKey, Version,
};
use tracekeep_query::arbitrary::{NUMBERS, START, WORDS};
use tracekeep_query::{DataFusion, Query, compile};
use tracekeep_segment::{OsDisk, Segment, Source, write_segment};

use crate::asking::Asking;
use crate::chunk::{self, Chunk};
use crate::engine::Engine;
use crate::mask::Mask;
use crate::partials::Partials;
use crate::snapshot::{MaskedChunk, MaskedSegment, Snapshot};
use crate::store::Options;

pub(crate) fn no_prices() -> Arc<dyn Pricing> {
    Arc::new(NoPrices)
}

pub(crate) struct Story {
    engine: Engine,
    dir: TempDir,
    pub(crate) snapshot: Snapshot,
    /// Of the segments so far.
    number: u64,
    seed: u64,
    /// Of the traces so far.
    traces: u64,
}

impl Story {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let engine = Engine::new(&Options::new(dir.path())).unwrap();
        let head = Arc::new(chunk::build(&[], &no_prices()).unwrap());
        let snapshot = Snapshot { head, chunks: Vec::new(), segments: Vec::new() };
        Self { engine, dir, snapshot, number: 0, seed: 7, traces: 0 }
    }

    pub(crate) fn asking(&self) -> Asking {
        self.engine.asking("p", self.snapshot.clone())
    }

    pub(crate) fn partials(&self) -> Arc<Partials> {
        self.asking().kept.partials
    }

    /// A query is answered as by a scan.
    pub(crate) async fn check(&self, query: &Query) {
        self.check_by(&self.asking(), query).await;
    }

    /// A query is answered by this one as by a scan with all the memory of queries.
    pub(crate) async fn check_by(&self, asking: &Asking, query: &Query) {
        let found = asking.rows(query).await.unwrap();
        let asking = self.asking();
        let wanted = asking.all(&compile(&query.plan().unwrap(), &DataFusion).text).await.unwrap();
        let (found, wanted) = (all(&found), all(&wanted));
        let columns =
            |rows: &Option<RecordBatch>| rows.as_ref().map(|rows| rows.columns().to_vec());
        assert_eq!(columns(&found), columns(&wanted), "{query:?}");
    }

    fn below(&mut self, most: usize) -> usize {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        ((self.seed >> 33) % most as u64) as usize
    }

    fn word(&mut self) -> &'static str {
        WORDS[self.below(WORDS.len())]
    }

    /// A trace that began on this day; its last span may begin on the next.
    fn trace(&mut self, day: i64) -> (UnitKey, Unit) {
        let start = START.plus(day * Micros::DAY + self.below(24) as i64 * Micros::HOUR);
        let received = start.plus(Micros::DAY);
        let version = Version { rank: Rank::Stated, time: received, step: Step::End };
        let mut unit = TraceUnit::new(received);
        let mut own = State::new(received);
        own.set(Field::UserId, version, self.word());
        own.set(Register::Metadata("n".into()), version, self.below(9).to_string());
        unit.join_trace(own);
        for n in 0..3 {
            let begin = start.plus(n * 3 * Micros::HOUR);
            let mut span = State::new(received);
            span.set(Field::StartTime, version, begin);
            span.set(Field::EndTime, version, begin.plus(NUMBERS[self.below(NUMBERS.len())]));
            span.set(Field::Kind, version, if n == 1 { Kind::Generation } else { Kind::Tool });
            span.set(Field::Name, version, self.word());
            if n == 1 {
                let model = self.word();
                span.set(Field::Model, version, format!("{model}, with a name that is long"));
                span.set(Register::Usage("input".into()), version, self.below(500) as i64);
                let cost = Money(self.below(1_000_000) as i128);
                span.set(Register::Cost("total".into()), version, cost);
            }
            let status = if self.below(5) == 0 { Status::Error } else { Status::Success };
            span.set(Field::Status, version, status);
            unit.join_span(format!("span {n}").into(), span);
        }
        self.traces += 1;
        (UnitKey::Trace(format!("trace {}", self.traces).into()), Unit::Trace(unit))
    }

    fn some(&mut self, day: i64, count: usize) -> Vec<(UnitKey, Arc<Unit>)> {
        (0..count)
            .map(|_| {
                let (key, unit) = self.trace(day);
                (key, Arc::new(unit))
            })
            .collect()
    }

    /// One segment more, of so many traces of a day.
    pub(crate) fn seal(&mut self, day: i64, count: usize) {
        let units = self.some(day, count);
        let rows = chunk::build(&units, &no_prices()).unwrap();
        self.number += 1;
        let dir = self.dir.path().canonicalize().unwrap().join(self.number.to_string());
        let traces = (0..count).map(|row| (0, row)).collect();
        let written = write_segment(&OsDisk, &dir, &[Arc::new(rows)], traces, Vec::new()).unwrap();
        let segment = Arc::new(Segment::open(&dir, written.facts).unwrap());
        let mask = Arc::new(Mask::default());
        self.snapshot.segments.push(MaskedSegment { number: self.number, segment, mask });
    }

    /// So many traces of a day in the head, and as many in a chunk, but for one that is masked.
    pub(crate) fn fill_memory(&mut self, day: i64, count: usize) {
        let head = self.some(day, count);
        let head = chunk::build(&head, &no_prices()).unwrap();
        self.snapshot.head = Arc::new(head);
        let (chunk, _) = Chunk::new(1, self.some(day, count), 1, no_prices());
        let mut mask = Mask::default();
        mask.traces.insert(2);
        let (chunk, mask) = (Arc::new(chunk), Arc::new(mask));
        self.snapshot.chunks.push(MaskedChunk { chunk, mask });
    }

    /// One trace more of each segment is masked.
    pub(crate) fn mask(&mut self) {
        for masked in &mut self.snapshot.segments {
            let mask = Arc::make_mut(&mut masked.mask);
            let next = mask.traces.max().map_or(3, |row| row + 2);
            mask.traces.insert(next);
        }
    }

    /// The first two segments become one.
    pub(crate) fn compact(&mut self) {
        let sources: Vec<Source> = self
            .snapshot
            .segments
            .drain(..2)
            .map(|masked| Source {
                segment: masked.segment,
                gone_traces: masked.mask.traces.iter().collect(),
                gone_scores: Vec::new(),
                pricing: None,
            })
            .collect();
        self.number += 1;
        let dir = self.dir.path().canonicalize().unwrap().join(self.number.to_string());
        let facts = tracekeep_segment::compact(&OsDisk, &dir, &sources).unwrap();
        let segment = Arc::new(Segment::open(&dir, facts).unwrap());
        let mask = Arc::new(Mask::default());
        self.snapshot.segments.push(MaskedSegment { number: self.number, segment, mask });
    }
}

/// All rows of an answer, if it has any.
fn all(batches: &[RecordBatch]) -> Option<RecordBatch> {
    let rows = concat_batches(&batches.first()?.schema(), batches).unwrap();
    (rows.num_rows() > 0).then_some(rows)
}
