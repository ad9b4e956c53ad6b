//! Which unit is where: resident, 12 bytes a unit.

use tracekeep_model::Text;
use xxhash_rust::xxh3::xxh3_64;

use crate::frame::{Frame, Parts, put_count, put_u32s, put_u64s};

/// The hash by which units are found; the same on every machine and in every release.
#[must_use]
pub fn key_hash(id: &str) -> u64 {
    xxh3_64(id.as_bytes())
}

/// Finds traces and scores of a segment by the hash of their ids.
///
/// A hash may stand for several ids: who looks up compares the id in the row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index {
    traces: HashIndex,
    scores: HashIndex,
    first_spans: Vec<u32>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct HashIndex {
    /// Ascending.
    hashes: Vec<u64>,
    /// Row of each hash.
    rows: Vec<u32>,
}

const FRAME: Frame = Frame { magic: *b"TKIX", format: 1, name: "index" };

impl Index {
    /// Of rows in order.
    #[must_use]
    pub fn new(trace_ids: &[Text], score_ids: &[Text], first_spans: Vec<u32>) -> Self {
        Self { traces: HashIndex::new(trace_ids), scores: HashIndex::new(score_ids), first_spans }
    }

    /// Rows of traces whose id may have this hash.
    pub fn traces(&self, hash: u64) -> impl Iterator<Item = u32> {
        self.traces.rows(hash)
    }

    /// Rows of scores whose id may have this hash.
    pub fn scores(&self, hash: u64) -> impl Iterator<Item = u32> {
        self.scores.rows(hash)
    }

    /// Traces and scores in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.traces.hashes.len() + self.scores.hashes.len()
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The hashes of all keys, traces first.
    pub fn hashes(&self) -> impl Iterator<Item = u64> {
        self.traces.hashes.iter().chain(&self.scores.hashes).copied()
    }

    /// The span rows of a trace row.
    #[must_use]
    pub fn spans(&self, trace: u32) -> std::ops::Range<usize> {
        let at = |n: usize| self.first_spans.get(n).copied().unwrap_or_default() as usize;
        at(trace as usize)..at(trace as usize + 1)
    }

    /// As bytes: in a frame the counts, then the arrays.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        FRAME.encode(self.traces.hashes.len() * 16, |out| {
            put_count(out, self.traces.hashes.len());
            put_count(out, self.scores.hashes.len());
            put_count(out, self.first_spans.len());
            for index in [&self.traces, &self.scores] {
                put_u64s(out, &index.hashes);
                put_u32s(out, &index.rows);
            }
            put_u32s(out, &self.first_spans);
        })
    }

    /// From bytes.
    ///
    /// # Errors
    /// Says what is wrong with them.
    pub fn decode(bytes: &[u8]) -> Result<Self, String> {
        let mut parts = FRAME.decode(bytes)?;
        let counts = [parts.count()?, parts.count()?, parts.count()?];
        let traces = HashIndex::read(&mut parts, counts[0])?;
        let scores = HashIndex::read(&mut parts, counts[1])?;
        Ok(Self { traces, scores, first_spans: parts.u32s(counts[2])? })
    }
}

impl HashIndex {
    fn new(ids: &[Text]) -> Self {
        let mut pairs: Vec<(u64, u32)> = ids.iter().map(|id| key_hash(id)).zip(0..).collect();
        pairs.sort_unstable();
        let (hashes, rows) = pairs.into_iter().unzip();
        Self { hashes, rows }
    }

    fn read(parts: &mut Parts<'_>, count: usize) -> Result<Self, String> {
        Ok(Self { hashes: parts.u64s(count)?, rows: parts.u32s(count)? })
    }

    fn rows(&self, hash: u64) -> impl Iterator<Item = u32> {
        let start = self.hashes.partition_point(|h| *h < hash);
        let same = self.hashes[start..].iter().take_while(move |h| **h == hash);
        same.zip(&self.rows[start..]).map(|(_, row)| *row)
    }
}

#[cfg(test)]
mod tests;
