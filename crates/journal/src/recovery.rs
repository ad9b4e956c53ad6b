//! Reads what a journal's directory holds, before anything is written.
//!
//! `format.rs` says how a torn tail is told from corruption.

use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use crate::format::{
    HeaderError, Link, SEGMENT_HEADER, SegmentHeader, VERSION, file_name, parse_file_name,
};
use crate::ledger::Segment;
use crate::scan::{Damage, Scan, scan, witness};
use crate::storage::Storage;
use crate::{OpenError, Position};

/// Takes each block with its position and end.
pub(crate) type Replay<'a> = dyn FnMut(Position, Position, Bytes) -> io::Result<()> + 'a;

/// Where a log goes on.
#[derive(Debug, Default)]
pub(crate) struct Recovered {
    /// The segments that stay, oldest first: those with groups, and one without if it is alone.
    pub(crate) segments: Vec<Segment>,
    /// What the next segment's header says of the one before it.
    pub(crate) link: Option<Link>,
    /// Beyond every position that a file reaches.
    pub(crate) next_base: u64,
    /// Segments without groups, to be removed before the next is made.
    pub(crate) void: Vec<u64>,
}

impl Recovered {
    /// Everything below is synced.
    pub(crate) fn durable(&self) -> u64 {
        self.segments.last().map_or(0, |segment| segment.end)
    }

    fn keep(&mut self, file: &File, end: u64, blocks_end: u64, bytes: u64) {
        self.link = Some(Link { base: file.base, end });
        self.segments.push(Segment { base: file.base, end, blocks_end, bytes });
    }

    fn discard(&mut self, file: &File) {
        self.void.push(file.base);
    }
}

/// A segment's file.
pub(crate) struct File {
    pub(crate) base: u64,
    path: PathBuf,
    pub(crate) size: u64,
    /// None if creating it was not finished: only ever the newest.
    pub(crate) header: Option<SegmentHeader>,
}

/// What a segment's file holds that counts.
pub(crate) struct Content {
    data: Vec<u8>,
    /// Of a segment that another follows there is no damage in it; of the newest, damage is what was
    /// being written when the journal stopped.
    pub(crate) scan: Scan,
}

impl Content {
    /// Bytes at the end of the file that do not count.
    pub(crate) fn torn(&self) -> u64 {
        (self.data.len() - self.scan.end) as u64
    }
}

impl File {
    fn corrupt(&self, offset: usize, reason: impl Into<String>) -> OpenError {
        OpenError::Corrupt { file: self.path.clone(), offset: offset as u64, reason: reason.into() }
    }
}

/// Recovers the log in `dir` and replays its blocks. Cuts off a torn tail, and changes nothing else.
pub(crate) fn recover(
    storage: &dyn Storage,
    dir: &Path,
    replay: &mut Replay<'_>,
) -> Result<Recovered, OpenError> {
    // A process that was killed may have removed a segment and not synced that. Were a later removal
    // or creation to become durable first, the segment would come back in the wrong place.
    storage.sync_dir(dir).map_err(OpenError::io("syncing journal directory", dir))?;
    let files = linked_files(storage, dir)?;
    let mut recovered = Recovered::default();
    for (index, file) in files.iter().enumerate() {
        let size = file.size.max(SEGMENT_HEADER as u64);
        recovered.next_base = recovered.next_base.max(file.base.saturating_add(size));
        let Some(header) = &file.header else {
            recovered.discard(file);
            continue;
        };
        match link_to(&files, index) {
            Some(link) => recover_linked(storage, file, header, link, &mut recovered, replay)?,
            None => recover_newest(storage, file, header, &mut recovered, replay)?,
        }
    }
    Ok(recovered)
}

/// The segments in `dir` by position, each but the oldest following the one it names.
pub(crate) fn linked_files(storage: &dyn Storage, dir: &Path) -> Result<Vec<File>, OpenError> {
    let files = find_files(storage, dir)?;
    check_links(dir, &files)?;
    Ok(files)
}

/// What the segment after this one says of it; `None` of the newest.
pub(crate) fn link_to(files: &[File], index: usize) -> Option<Link> {
    files.get(index + 1)?.header.as_ref()?.link
}

/// Reads what counts of a segment, by `format.rs`: up to `link` where another follows it, else up to
/// what was being written when the journal stopped. Changes nothing.
pub(crate) fn read_content(
    storage: &dyn Storage,
    file: &File,
    header: &SegmentHeader,
    link: Option<Link>,
) -> Result<Content, OpenError> {
    let data = read(storage, file)?;
    match link {
        Some(link) => {
            let claimed = link.end.saturating_sub(file.base) as usize;
            let scan = scan(&data[..claimed.min(data.len())], header);
            if let Some(Damage { offset, reason }) = scan.damage {
                return Err(file.corrupt(offset, reason));
            }
            if scan.end != claimed {
                let reason = format!("the next segment says that it goes on to byte {claimed}");
                return Err(file.corrupt(scan.end, reason));
            }
            Ok(Content { data, scan })
        }
        None => {
            let scan = scan(&data, header);
            let end = file.base + scan.end as u64;
            if let Some(Damage { offset, reason }) = scan.damage
                && witness(&data, header, scan.end).is_some_and(|synced_to| synced_to > end)
            {
                return Err(file.corrupt(offset, reason));
            }
            Ok(Content { data, scan })
        }
    }
}

/// The segments in `dir` by position, with their headers.
fn find_files(storage: &dyn Storage, dir: &Path) -> Result<Vec<File>, OpenError> {
    let names = storage.list(dir).map_err(OpenError::io("listing journal directory", dir))?;
    let bases = names.iter().filter_map(|name| parse_file_name(name));
    let mut bases: Vec<u64> = bases.collect();
    bases.sort_unstable();
    let newest = bases.last().copied();
    let mut files = Vec::with_capacity(bases.len());
    for base in bases {
        files.push(read_header(storage, dir, base, newest == Some(base))?);
    }
    Ok(files)
}

fn read_header(
    storage: &dyn Storage,
    dir: &Path,
    base: u64,
    newest: bool,
) -> Result<File, OpenError> {
    let path = dir.join(file_name(base));
    let size = storage.size(&path).map_err(OpenError::io("examining journal file", &path))?;
    let start = storage
        .read(&path, SEGMENT_HEADER as u64)
        .map_err(OpenError::io("reading journal file", &path))?;
    let mut file = File { base, path, size, header: None };
    match SegmentHeader::decode(&start) {
        Ok(header) if header.base == base => file.header = Some(header),
        Ok(header) => {
            let other = file_name(header.base);
            return Err(file.corrupt(0, format!("it is the file {other} under another name")));
        }
        Err(HeaderError::Version(found)) => {
            return Err(OpenError::Version { file: file.path, found, supported: VERSION });
        }
        // Groups come after the header is synced, so this was never used.
        Err(HeaderError::Damaged) if newest && size <= SEGMENT_HEADER as u64 => {
            tracing::info!(file = %file.path.display(), "ignoring a segment that was being made");
        }
        Err(HeaderError::Damaged) => {
            return Err(file.corrupt(0, "the segment header is not intact"));
        }
    }
    Ok(file)
}

/// Checks that each segment but the oldest follows the one it names.
fn check_links(dir: &Path, files: &[File]) -> Result<(), OpenError> {
    for pair in files.windows(2) {
        let [previous, file] = pair else { continue };
        // A segment that was being made says nothing.
        let Some(header) = &file.header else { continue };
        match header.link {
            Some(link) if link.base == previous.base => {}
            Some(link) => {
                let follower = file_name(file.base);
                return Err(OpenError::Corrupt {
                    file: dir.join(file_name(link.base)),
                    offset: 0,
                    reason: format!("the file is missing, and {follower} follows it"),
                });
            }
            None => return Err(file.corrupt(0, "an older file is beside the first of a journal")),
        }
    }
    Ok(())
}

/// Replays a segment that another follows: up to `link` it must be intact, the rest is ignored.
fn recover_linked(
    storage: &dyn Storage,
    file: &File,
    header: &SegmentHeader,
    link: Link,
    recovered: &mut Recovered,
    replay: &mut Replay<'_>,
) -> Result<(), OpenError> {
    let Content { data, scan } = read_content(storage, file, header, Some(link))?;
    recovered.keep(file, link.end, scan.blocks_end(), data.len() as u64);
    replay_frames(&data, &scan, replay)
}

/// Replays the segment that was written last, without the group that was being written.
fn recover_newest(
    storage: &dyn Storage,
    file: &File,
    header: &SegmentHeader,
    recovered: &mut Recovered,
    replay: &mut Replay<'_>,
) -> Result<(), OpenError> {
    let Content { data, scan } = read_content(storage, file, header, None)?;
    if let Some(Damage { reason, .. }) = scan.damage {
        tracing::warn!(
            file = %file.path.display(),
            offset = scan.end,
            bytes = data.len() - scan.end,
            reason,
            "dropping the end of the journal, which was being written when it stopped"
        );
    }
    let Some(last_group) = scan.last_group.clone() else {
        // Its name is all that keeps positions from beginning again at zero.
        if recovered.segments.is_empty() {
            settle(storage, file, scan.end, 0, &data[..scan.end])?;
            recovered.keep(file, file.base + scan.end as u64, 0, scan.end as u64);
            return Ok(());
        }
        // The new segment takes over what this one says of the one before it.
        recovered.link = header.link;
        recovered.discard(file);
        return Ok(());
    };
    settle(storage, file, scan.end, last_group.start, &data[last_group])?;
    recovered.keep(file, file.base + scan.end as u64, scan.blocks_end(), scan.end as u64);
    replay_frames(&data, &scan, replay)
}

/// Makes sure that the last group, or the header where there is none, is not in the page cache only,
/// as nothing vouches for it, and that the file ends behind it.
fn settle(
    storage: &dyn Storage,
    file: &File,
    end: usize,
    start: usize,
    last: &[u8],
) -> Result<(), OpenError> {
    let mut handle =
        storage.open(&file.path).map_err(OpenError::io("opening journal file", &file.path))?;
    handle
        .set_len(end as u64)
        .and_then(|()| handle.overwrite(start as u64, last))
        .and_then(|()| handle.sync_data())
        .map_err(OpenError::io("syncing journal file", &file.path))
}

fn read(storage: &dyn Storage, file: &File) -> Result<Vec<u8>, OpenError> {
    let data = storage
        .read(&file.path, u64::MAX)
        .map_err(OpenError::io("reading journal file", &file.path))?;
    if data.len() < SEGMENT_HEADER {
        return Err(file.corrupt(data.len(), "the file became shorter while it was read"));
    }
    Ok(data)
}

fn replay_frames(data: &[u8], scan: &Scan, replay: &mut Replay<'_>) -> Result<(), OpenError> {
    for frame in &scan.frames {
        // A copy, so that a block that is kept does not keep the whole segment in memory.
        let block = Bytes::copy_from_slice(&data[frame.block.clone()]);
        replay(frame.position, frame.end, block)
            .map_err(|source| OpenError::Replay { position: frame.position, source })?;
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests;
