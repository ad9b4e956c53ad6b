//! The frame of a small file that is read whole: magic, format, content (little-endian), and a hash
//! of all that.

use xxhash_rust::xxh3::xxh3_64;

/// What tells one kind of file from the others.
pub(crate) struct Frame {
    pub(crate) magic: [u8; 4],
    /// The format that is written, and the only one that is read.
    pub(crate) format: u32,
    /// What it is called in an error.
    pub(crate) name: &'static str,
}

impl Frame {
    /// The bytes of a file whose content `write` adds.
    pub(crate) fn encode(&self, capacity: usize, write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        let mut out = Vec::with_capacity(16 + capacity);
        out.extend(self.magic);
        out.extend(self.format.to_le_bytes());
        write(&mut out);
        out.extend(xxh3_64(&out).to_le_bytes());
        out
    }

    /// The content, if it is as it was written.
    pub(crate) fn decode<'a>(&self, bytes: &'a [u8]) -> Result<Parts<'a>, String> {
        let Some((body, sum)) = bytes.split_last_chunk::<8>() else {
            return Err("ends early".into());
        };
        if xxh3_64(body) != u64::from_le_bytes(*sum) {
            return Err("its checksum differs from its content".into());
        }
        let mut parts = Parts(body);
        if parts.array::<4>()? != self.magic {
            return Err(format!("is no {}", self.name));
        }
        match u32::from_le_bytes(parts.array()?) {
            format if format == self.format => Ok(parts),
            newer => Err(format!("has format {newer}; start a newer Tracekeep")),
        }
    }
}

pub(crate) fn put_count(out: &mut Vec<u8>, count: usize) {
    out.extend((count as u64).to_le_bytes());
}

pub(crate) fn put_u32s(out: &mut Vec<u8>, numbers: &[u32]) {
    out.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

pub(crate) fn put_u64s(out: &mut Vec<u8>, numbers: &[u64]) {
    out.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

/// What is left to read of a content.
pub(crate) struct Parts<'a>(&'a [u8]);

impl Parts<'_> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or("ends early")?;
        self.0 = rest;
        Ok(*head)
    }

    pub(crate) fn count(&mut self) -> Result<usize, String> {
        let count = u64::from_le_bytes(self.array()?);
        if count > self.0.len() as u64 { Err("ends early".into()) } else { Ok(count as usize) }
    }

    pub(crate) fn u32s(&mut self, count: usize) -> Result<Vec<u32>, String> {
        (0..count).map(|_| Ok(u32::from_le_bytes(self.array()?))).collect()
    }

    pub(crate) fn u64s(&mut self, count: usize) -> Result<Vec<u64>, String> {
        (0..count).map(|_| Ok(u64::from_le_bytes(self.array()?))).collect()
    }
}
