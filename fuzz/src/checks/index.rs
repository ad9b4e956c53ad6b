//! The index of a segment.

use xxhash_rust::xxh3::xxh3_64;

use super::{Index, Outcome};

/// Where the first hash is, if there is one: after magic, format and three counts.
const FIRST_HASH: std::ops::Range<usize> = 32..40;

/// Checks bytes that may be an index, as they are and with the checksum that they lack: whatever
/// changes bytes at random breaks it, and what lies behind it would never be read.
pub(super) fn index(input: &[u8]) -> Outcome {
    let mut sealed = input.to_vec();
    sealed.extend(xxh3_64(input).to_le_bytes());
    read(&sealed);
    if read(input) { Outcome::ACCEPTED } else { Outcome::REFUSED }
}

/// Whether the bytes are an index.
fn read(bytes: &[u8]) -> bool {
    let Ok(index) = Index::decode(bytes) else { return false };
    assert_eq!(Index::decode(&index.encode()).as_ref(), Ok(&index));
    let first: Option<[u8; 8]> = bytes.get(FIRST_HASH).and_then(|hash| hash.try_into().ok());
    for hash in [0, u64::MAX, u64::from_le_bytes(first.unwrap_or_default())] {
        for row in index.traces(hash).chain(index.scores(hash)) {
            let _ = index.spans(row);
        }
    }
    is_guarded(bytes);
    true
}

/// A flipped bit is noticed.
fn is_guarded(bytes: &[u8]) {
    let at = bytes.iter().map(|byte| usize::from(*byte)).sum::<usize>() % bytes.len();
    let mut damaged = bytes.to_vec();
    damaged[at] ^= 1;
    assert!(Index::decode(&damaged).is_err(), "byte {at}");
}
