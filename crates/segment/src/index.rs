//! Which unit is where: resident, 12 bytes a unit.

use tracekeep_model::Text;
use xxhash_rust::xxh3::xxh3_64;

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

const MAGIC: [u8; 4] = *b"TKIX";
const FORMAT: u32 = 1;

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

    /// As bytes: magic, format, counts, arrays (little-endian), hash of all that.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(32 + self.traces.hashes.len() * 16);
        out.extend(MAGIC);
        out.extend(FORMAT.to_le_bytes());
        for count in [self.traces.hashes.len(), self.scores.hashes.len(), self.first_spans.len()] {
            out.extend((count as u64).to_le_bytes());
        }
        for index in [&self.traces, &self.scores] {
            out.extend(index.hashes.iter().flat_map(|hash| hash.to_le_bytes()));
            out.extend(index.rows.iter().flat_map(|row| row.to_le_bytes()));
        }
        out.extend(self.first_spans.iter().flat_map(|row| row.to_le_bytes()));
        out.extend(xxh3_64(&out).to_le_bytes());
        out
    }

    /// From bytes.
    ///
    /// # Errors
    /// Says what is wrong with them.
    pub fn decode(bytes: &[u8]) -> Result<Self, String> {
        let Some((body, sum)) = bytes.split_last_chunk::<8>() else {
            return Err("ends early".into());
        };
        if xxh3_64(body) != u64::from_le_bytes(*sum) {
            return Err("its checksum differs from its content".into());
        }
        let mut parts = Parts(body);
        if parts.array::<4>()? != MAGIC {
            return Err("is no index".into());
        }
        match u32::from_le_bytes(parts.array()?) {
            FORMAT => {}
            newer => return Err(format!("has format {newer}; start a newer Tracekeep")),
        }
        let counts = [parts.count()?, parts.count()?, parts.count()?];
        let traces = parts.index(counts[0])?;
        let scores = parts.index(counts[1])?;
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

    fn rows(&self, hash: u64) -> impl Iterator<Item = u32> {
        let start = self.hashes.partition_point(|h| *h < hash);
        let same = self.hashes[start..].iter().take_while(move |h| **h == hash);
        same.zip(&self.rows[start..]).map(|(_, row)| *row)
    }
}

struct Parts<'a>(&'a [u8]);

impl Parts<'_> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or("ends early")?;
        self.0 = rest;
        Ok(*head)
    }

    fn count(&mut self) -> Result<usize, String> {
        let count = u64::from_le_bytes(self.array()?);
        if count > self.0.len() as u64 { Err("ends early".into()) } else { Ok(count as usize) }
    }

    fn u32s(&mut self, count: usize) -> Result<Vec<u32>, String> {
        (0..count).map(|_| Ok(u32::from_le_bytes(self.array()?))).collect()
    }

    fn index(&mut self, count: usize) -> Result<HashIndex, String> {
        let hashes: Result<Vec<u64>, String> =
            (0..count).map(|_| Ok(u64::from_le_bytes(self.array()?))).collect();
        Ok(HashIndex { hashes: hashes?, rows: self.u32s(count)? })
    }
}

#[cfg(test)]
mod tests;
