//! Large cells of a segment, compressed, in a file beside its tables.
//!
//! # Format 1
//!
//! ```text
//! blobs     = "TKBL", format:u32 = 1 (little-endian), frame, frame, …
//! frame     = one cell, compressed with zstd
//! reference = mark:u8, "blob ", segment, " ", offset, " ", stored, " ", whole, " ", checksum
//! ```
//!
//! A reference stands in the table instead of the cell. Its mark is U+0000 in a column of text and
//! the byte 255 in a binary one. Its numbers have 16 lower-case hex digits each: the number of the
//! segment, where the frame begins in the file, its bytes, the bytes of the cell, and the hash of the
//! frame (xxh3).
//!
//! Invariants:
//!
//! - In tables of segment format 2 and newer, a cell of a column that [may be
//!   large](crate::may_be_large) and begins with the mark is a reference. Whatever else begins with
//!   it goes into a frame, however short it is. (Nothing does: decoders turn U+0000 into U+FFFD, a
//!   state begins with its flags and the versions of a span with their format, and neither is ever
//!   255.)
//! - A frame belongs to one cell. Frames are never changed; one that is copied is copied as it is.
//! - The segment is that in whose folder the file lies. So a reference says by itself where its cell
//!   is, whatever a query did with it since the row was read.
//! - A frame whose hash or length is another is an error that names file and offset, never a text.
//! - A segment without large cells has no such file.

use std::fs::File;
use std::io::{BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_64;

use crate::SegmentError;
use crate::disk::{Disk, DiskFile};
use crate::writer::io;

const FILE: &str = "blobs";
const MAGIC: [u8; 4] = *b"TKBL";
const FORMAT: u32 = 1;
/// Bytes of magic and format.
const HEADER: u64 = 8;
/// What follows the mark of a reference.
const WORD: &[u8] = b"blob ";
/// Bytes of a reference.
const REFERENCE: usize = 1 + 5 + 5 * 16 + 4;
/// zstd's default.
const LEVEL: i32 = 3;

/// Where a large cell is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The number of the segment.
    pub segment: u64,
    /// Where its frame begins in the file.
    pub offset: u64,
    /// Bytes of the frame.
    pub stored: u64,
    /// Bytes of the cell.
    pub whole: u64,
    /// Hash of the frame.
    pub checksum: u64,
}

impl Reference {
    /// The first byte of a reference in a column of text.
    pub const TEXT_MARK: u8 = 0;
    /// The first byte of a reference in a binary column.
    pub const BYTES_MARK: u8 = 0xff;

    /// Reads a cell that begins with the mark; `None` if it is no reference.
    #[must_use]
    pub fn parse(cell: &[u8]) -> Option<Self> {
        if cell.len() != REFERENCE {
            return None;
        }
        let numbers = std::str::from_utf8(cell.get(1..)?.strip_prefix(WORD)?).ok()?;
        let mut numbers = numbers.split(' ').map(|hex| u64::from_str_radix(hex, 16).ok());
        Some(Self {
            segment: numbers.next()??,
            offset: numbers.next()??,
            stored: numbers.next()??,
            whole: numbers.next()??,
            checksum: numbers.next()??,
        })
    }

    /// As it stands in a table.
    pub(crate) fn cell(&self, mark: u8) -> Vec<u8> {
        let Self { segment, offset, stored, whole, checksum } = self;
        let mut cell = Vec::with_capacity(REFERENCE);
        cell.push(mark);
        cell.extend(WORD);
        let numbers =
            format!("{segment:016x} {offset:016x} {stored:016x} {whole:016x} {checksum:016x}");
        cell.extend(numbers.as_bytes());
        cell
    }
}

/// A file under construction.
type NewFile = BufWriter<Box<dyn DiskFile>>;

/// Writes the file of a new segment. It is made with the first cell.
pub(crate) struct BlobWriter<'d> {
    disk: &'d dyn Disk,
    path: PathBuf,
    segment: u64,
    file: Option<NewFile>,
    end: u64,
}

impl<'d> BlobWriter<'d> {
    /// For the segment of a folder, whose name is the segment's number.
    pub(crate) fn new(disk: &'d dyn Disk, dir: &Path) -> Self {
        Self { disk, path: dir.join(FILE), segment: number(dir), file: None, end: HEADER }
    }

    /// Compresses a cell.
    pub(crate) fn put(&mut self, cell: &[u8]) -> Result<Reference, SegmentError> {
        let frame = zstd::bulk::compress(cell, LEVEL).map_err(|source| io(&self.path, source))?;
        self.append(&frame, cell.len() as u64, xxh3_64(&frame))
    }

    /// Takes over the frame of another segment.
    pub(crate) fn copy(
        &mut self,
        from: &BlobFile,
        at: &Reference,
    ) -> Result<Reference, SegmentError> {
        self.append(&from.frame(at)?, at.whole, at.checksum)
    }

    fn append(
        &mut self,
        frame: &[u8],
        whole: u64,
        checksum: u64,
    ) -> Result<Reference, SegmentError> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(create(self.disk, &self.path)?),
        };
        file.write_all(frame).map_err(|source| io(&self.path, source))?;
        let (offset, stored) = (self.end, frame.len() as u64);
        self.end += stored;
        Ok(Reference { segment: self.segment, offset, stored, whole, checksum })
    }

    /// Syncs the file and gives back its size; 0 if there is none.
    pub(crate) fn finish(self) -> Result<u64, SegmentError> {
        let Some(mut file) = self.file else { return Ok(0) };
        let synced = file.flush().and_then(|()| file.get_mut().sync());
        synced.map_err(|source| io(&self.path, source))?;
        Ok(self.end)
    }
}

fn create(disk: &dyn Disk, path: &Path) -> Result<NewFile, SegmentError> {
    let create = || -> std::io::Result<NewFile> {
        let mut file = BufWriter::with_capacity(1 << 20, disk.create_new(path)?);
        file.write_all(&MAGIC)?;
        file.write_all(&FORMAT.to_le_bytes())?;
        Ok(file)
    };
    create().map_err(|source| io(path, source))
}

/// The number of a segment is the name of its folder; 0, which no segment has, where that is none.
fn number(dir: &Path) -> u64 {
    dir.file_name().and_then(|name| name.to_str()?.parse().ok()).unwrap_or(0)
}

/// The file of a segment that is there.
#[derive(Debug)]
pub(crate) struct BlobFile {
    path: PathBuf,
    /// 0: there is none.
    bytes: u64,
}

impl BlobFile {
    /// Looks whether there is one.
    pub(crate) fn open(dir: &Path) -> Result<Self, SegmentError> {
        let path = dir.join(FILE);
        match std::fs::metadata(&path) {
            Ok(file) => Ok(Self { path, bytes: file.len() }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Ok(Self { path, bytes: 0 })
            }
            Err(source) => Err(SegmentError::Io { path, source }),
        }
    }

    /// Its size; 0 if there is none.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether it begins as it should.
    pub(crate) fn check(&self) -> Result<(), SegmentError> {
        if self.bytes == 0 {
            return Ok(());
        }
        let damaged = |reason: String| SegmentError::Damaged { path: self.path.clone(), reason };
        let header = self.bytes_at(0, HEADER)?;
        let Some(format) = header.strip_prefix(&MAGIC) else {
            return Err(damaged("is no file of blobs".into()));
        };
        match <[u8; 4]>::try_from(format).map(u32::from_le_bytes) {
            Ok(format) if format <= FORMAT => Ok(()),
            Ok(newer) => Err(damaged(format!("has format {newer}; start a newer Tracekeep"))),
            Err(_) => Err(damaged("ends early".into())),
        }
    }

    /// Reads a cell.
    pub(crate) fn read(&self, at: &Reference) -> Result<Vec<u8>, SegmentError> {
        let frame = self.frame(at)?;
        let says = zstd::zstd_safe::get_frame_content_size(&frame).ok().flatten();
        if says != Some(at.whole) {
            return Err(self.damaged(at, "holds a cell of another length"));
        }
        let whole = usize::try_from(at.whole)
            .map_err(|_| self.damaged(at, "is larger than this machine can hold"))?;
        let cell = zstd::bulk::decompress(&frame, whole)
            .map_err(|error| self.damaged(at, &format!("cannot be unpacked: {error}")))?;
        if cell.len() != whole {
            return Err(self.damaged(at, "holds a cell of another length"));
        }
        Ok(cell)
    }

    /// Reads a frame as it is stored.
    fn frame(&self, at: &Reference) -> Result<Vec<u8>, SegmentError> {
        if self.bytes == 0 {
            return Err(self.damaged(at, "is missing, and so is the file"));
        }
        let end = at.offset.checked_add(at.stored);
        if at.offset < HEADER || end.is_none_or(|end| end > self.bytes) {
            return Err(self.damaged(at, "lies outside of the file"));
        }
        let frame = self.bytes_at(at.offset, at.stored)?;
        if xxh3_64(&frame) != at.checksum {
            return Err(self.damaged(at, "has a checksum that differs from its content"));
        }
        Ok(frame)
    }

    fn bytes_at(&self, offset: u64, length: u64) -> Result<Vec<u8>, SegmentError> {
        let read = || -> std::io::Result<Vec<u8>> {
            let mut file = File::open(&self.path)?;
            file.seek(SeekFrom::Start(offset))?;
            let mut bytes = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
            file.read_exact(&mut bytes)?;
            Ok(bytes)
        };
        read().map_err(|source| io(&self.path, source))
    }

    fn damaged(&self, at: &Reference, reason: &str) -> SegmentError {
        let reason = format!("the blob of {} bytes at byte {} {reason}", at.stored, at.offset);
        SegmentError::Damaged { path: self.path.clone(), reason }
    }
}

#[cfg(test)]
mod tests;
