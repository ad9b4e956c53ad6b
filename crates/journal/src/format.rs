//! The file format, version 1, and why it can be trusted.
//!
//! # Files and positions
//!
//! A journal is a directory of segments and a lock file. A segment's name is its base position as 16
//! lower-case hexadecimal digits, then `.wal`, so names sort like positions. The byte at offset `o`
//! of a segment has position `base + o`, headers included. Integers are little-endian.
//!
//! ```text
//! segment = segment header, group*
//!
//! segment header, 64 bytes           group header, 40 bytes            frame, one a block
//!  0  8  magic "TKJOURNL"             0  4  magic "TKGR"                0  4  length of the block
//!  8  4  version                      4  4  crc32(salt, bytes 8..40)    4  4  crc32(salt, position
//! 12  4  zero                         8  8  position of this header           of the frame, length,
//! 16  8  base position               16  8  synced_to                         block)
//! 24  8  salt                        24  8  bytes of the frames         8  n  the block
//! 32  8  previous base, or all ones  32  4  number of frames
//! 40  8  previous end (synced_to)    36  4  zero
//! 48 12  zero
//! 60  4  crc32 of bytes 0..60
//! ```
//!
//! Later versions keep magic, version and checksum of the segment header where they are.
//!
//! # Invariants
//!
//! 1. A group is acknowledged after `fdatasync` of its file returned. Groups are whole or absent.
//! 2. A segment takes groups only after its header and its directory entry were synced. So a file of
//!    at most 64 bytes with a bad header is an unfinished creation, and a longer one is damaged.
//! 3. A group is written only when everything before it is synced. `synced_to` says so: an intact
//!    group header is a *witness* that all below its `synced_to` was on disk, even where the rest of
//!    its own group is not. A segment header is a witness for the previous segment up to "previous
//!    end", and for nothing beyond that.
//! 4. Each segment but the oldest is linked to the file before it. A missing middle segment shows.
//!    The oldest one's link may lead to a file that a checkpoint removed.
//! 5. A file is never written again once a write or a sync of it failed, nor after a restart: the
//!    log goes on in a new segment with a greater base.
//!
//! # Damage or torn tail
//!
//! Recovery reads a linked segment exactly up to its successor's "previous end": anything not intact
//! below is corruption, anything after is ignored. In the newest segment it reads up to the first
//! group that is not intact, then searches the rest of the file for a witness (a torn header's
//! length cannot be trusted, so every offset is tried). A witness above that group means corruption.
//! Without one, that group was being written when the power went, pages may be there in any subset,
//! nobody was told it is durable, and it is dropped.
//!
//! The salt is random per segment and part of every checksum below the segment header. Blocks carry
//! the bytes of strangers; without it, a block could contain something that reads like a witness and
//! make a torn tail look like corruption. It also tells leftovers of other files from this one's.
//!
//! *What this cannot see:* the last group of the newest segment has no witness yet. If the process
//! crashes and that group then rots, this is indistinguishable from a torn write and the group is
//! dropped. A clean close therefore writes a *seal*, a group without blocks; and each start opens a
//! new segment at once, whose header is a witness. So it takes a crash, and damage before the next
//! start, in that one group. Also not seen: newest segments that someone deleted.
//!
//! # A failed write or sync
//!
//! After a failed `fdatasync` the kernel may have dropped the dirty pages and call them clean, so
//! syncing again proves nothing. The group fails, and its bytes may be on disk in any subset, even
//! whole. The writer cuts the file back to its synced length, as well as it can, and goes on in a new
//! segment; "previous end" in that one's header is the synced length, so whatever remains behind it
//! is ignored. Until that header is durable, the abandoned file is the newest one and its leftovers
//! are an ordinary tail: whole groups are replayed (allowed: they were not acknowledged, and not
//! denied for ever either), torn ones are dropped. Two details follow:
//!
//! - A segment without a synced group is removed instead of linked, and the removal synced before
//!   another is created. So a disk that stays full does not gather files, and links stay exact. Only
//!   where no other file would be left it stays, linked like any other: its name is all that tells
//!   the next start which positions were used.
//! - A group found intact without a witness may be in the page cache only (a killed process, or that
//!   failed sync). Recovery writes the same bytes over it and syncs, *before* it replays it and
//!   before a new header vouches for it. Like every append into a partly filled page, this counts on
//!   a sector that is overwritten with the same bytes to survive a power cut.
//!
//! Names are made and removed one at a time, each synced before the next, and recovery begins by
//! syncing the directory: a crash never brings a removed segment back beside a later change.
//!
//! A new base is always beyond the end of every file present and of every attempted write. Positions
//! that were lost with an unsynced file length may come again; nobody was ever told them.
//!
//! # An idle journal
//!
//! A full segment is followed by another; that of a journal that is idle would never be, and nothing
//! removes the newest. So it is followed on request too, once a checkpoint has passed every block, in
//! the same order of calls: the header of the new segment, which names the old one and its end, is
//! durable before the old one goes. A start that finds both replays what the archive already has.

/// Bytes of a segment header.
pub(crate) const SEGMENT_HEADER: usize = 64;
/// Bytes of a group header.
pub(crate) const GROUP_HEADER: usize = 40;
/// Bytes before each block.
pub(crate) const FRAME_HEADER: usize = 8;
/// The version that is written, and the newest that is read.
pub(crate) const VERSION: u32 = 1;
/// How a group header begins.
pub(crate) const GROUP_MAGIC: [u8; 4] = *b"TKGR";

const SEGMENT_MAGIC: [u8; 8] = *b"TKJOURNL";
const NO_SEGMENT: u64 = u64::MAX;
const SUFFIX: &str = ".wal";

/// The name of the segment that begins at `base`.
pub(crate) fn file_name(base: u64) -> String {
    format!("{base:016x}{SUFFIX}")
}

/// The base position in a segment's name; `None` for any other file.
pub(crate) fn parse_file_name(name: &str) -> Option<u64> {
    let base = u64::from_str_radix(name.strip_suffix(SUFFIX)?, 16).ok()?;
    // One spelling only: no sign, no capitals, no missing zeros.
    (file_name(base) == name).then_some(base)
}

/// The previous segment, and up to where it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) base: u64,
    /// Position up to which the previous segment was synced.
    pub(crate) end: u64,
}

/// The first bytes of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SegmentHeader {
    pub(crate) base: u64,
    pub(crate) salt: u64,
    pub(crate) link: Option<Link>,
}

/// Why a segment header is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeaderError {
    /// Too short, or not what was written.
    Damaged,
    /// Intact, of this version.
    Version(u32),
}

impl SegmentHeader {
    pub(crate) fn encode(&self) -> [u8; SEGMENT_HEADER] {
        let (previous, end) = match self.link {
            Some(link) => (link.base, link.end),
            None => (NO_SEGMENT, 0),
        };
        let mut bytes = [0; SEGMENT_HEADER];
        bytes[..8].copy_from_slice(&SEGMENT_MAGIC);
        bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.base.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.salt.to_le_bytes());
        bytes[32..40].copy_from_slice(&previous.to_le_bytes());
        bytes[40..48].copy_from_slice(&end.to_le_bytes());
        let checksum = crc32fast::hash(&bytes[..60]);
        bytes[60..].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// Reads the header at the start of `bytes`.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, HeaderError> {
        let Some(bytes) = bytes.get(..SEGMENT_HEADER) else {
            return Err(HeaderError::Damaged);
        };
        let intact =
            bytes.starts_with(&SEGMENT_MAGIC) && u32_at(bytes, 60) == crc32fast::hash(&bytes[..60]);
        if !intact {
            return Err(HeaderError::Damaged);
        }
        // After the checksum, so that a flipped bit here is damage and not "a newer version".
        let version = u32_at(bytes, 8);
        if version != VERSION {
            return Err(HeaderError::Version(version));
        }
        let link = Link { base: u64_at(bytes, 32), end: u64_at(bytes, 40) };
        Ok(Self {
            base: u64_at(bytes, 16),
            salt: u64_at(bytes, 24),
            link: (link.base != NO_SEGMENT).then_some(link),
        })
    }
}

/// What begins a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GroupHeader {
    /// Where this header is.
    pub(crate) position: u64,
    /// Everything below was synced when this was written.
    pub(crate) synced_to: u64,
    /// Bytes of all frames.
    pub(crate) body: u64,
    /// Number of frames.
    pub(crate) blocks: u32,
}

impl GroupHeader {
    pub(crate) fn encode(&self, salt: u64) -> [u8; GROUP_HEADER] {
        let mut bytes = [0; GROUP_HEADER];
        bytes[..4].copy_from_slice(&GROUP_MAGIC);
        bytes[8..16].copy_from_slice(&self.position.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.synced_to.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.body.to_le_bytes());
        bytes[32..36].copy_from_slice(&self.blocks.to_le_bytes());
        let checksum = group_checksum(salt, &bytes);
        bytes[4..8].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// Reads the header at the start of `bytes`; `None` unless it is intact.
    pub(crate) fn decode(bytes: &[u8], salt: u64) -> Option<Self> {
        let bytes = bytes.get(..GROUP_HEADER)?;
        let intact =
            bytes.starts_with(&GROUP_MAGIC) && u32_at(bytes, 4) == group_checksum(salt, bytes);
        intact.then(|| Self {
            position: u64_at(bytes, 8),
            synced_to: u64_at(bytes, 16),
            body: u64_at(bytes, 24),
            blocks: u32_at(bytes, 32),
        })
    }
}

/// What precedes `block` in the file. A block is shorter than 4 GiB (`Options::validate`).
pub(crate) fn frame_header(salt: u64, position: u64, block: &[u8]) -> [u8; FRAME_HEADER] {
    let mut bytes = [0; FRAME_HEADER];
    bytes[..4].copy_from_slice(&(block.len() as u32).to_le_bytes());
    bytes[4..].copy_from_slice(&frame_checksum(salt, position, block).to_le_bytes());
    bytes
}

/// Covers the length too: a page of zeros must not read as an empty block with checksum zero.
pub(crate) fn frame_checksum(salt: u64, position: u64, block: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&salt.to_le_bytes());
    hasher.update(&position.to_le_bytes());
    hasher.update(&(block.len() as u32).to_le_bytes());
    hasher.update(block);
    hasher.finalize()
}

fn group_checksum(salt: u64, header: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&salt.to_le_bytes());
    hasher.update(&header[8..GROUP_HEADER]);
    hasher.finalize()
}

/// The integer at `at`, which must be inside `bytes`.
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let mut raw = [0; 4];
    raw.copy_from_slice(&bytes[at..at + 4]);
    u32::from_le_bytes(raw)
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let mut raw = [0; 8];
    raw.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(raw)
}

#[cfg(test)]
mod tests;
