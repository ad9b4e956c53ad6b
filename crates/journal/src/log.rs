//! The writing end of the log: one group after the other, each synced before the next.
//!
//! `format.rs` says why the order of the system calls below is what it is.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

use crate::Position;
use crate::format::{
    FRAME_HEADER, GROUP_HEADER, GroupHeader, Link, SEGMENT_HEADER, SegmentHeader, file_name,
    frame_header,
};
use crate::ledger::{Ledger, Segment};
use crate::recovery::Recovered;
use crate::storage::{SegmentFile, Storage};

/// Blocks from this size on go to the file as they are, smaller ones through the buffer.
const DIRECT_BYTES: usize = 256 * 1024;
const EMPTY: u64 = SEGMENT_HEADER as u64;

/// The writing end of the log. Owned by one thread.
pub(crate) struct Log {
    storage: Arc<dyn Storage>,
    dir: PathBuf,
    segment_bytes: u64,
    ledger: Arc<Ledger>,
    /// Takes the next group. None after a failure, until a new one could be made.
    active: Option<Active>,
    /// The newest segment that stays, other than the active one.
    link: Option<Link>,
    /// No position from here on was used.
    next_base: u64,
    /// Segments without groups; they must be gone for good before another is made.
    void: Vec<u64>,
    /// Whether the last attempt failed, so that a long outage is logged once.
    failing: bool,
    /// The bytes of a group; kept from group to group.
    buffer: Vec<u8>,
}

struct Active {
    file: Box<dyn SegmentFile>,
    path: PathBuf,
    base: u64,
    salt: u64,
    /// Bytes of the file that are synced.
    synced: u64,
    /// Where the last block ends, 0 if there is none.
    blocks_end: u64,
}

impl Active {
    fn end(&self) -> u64 {
        self.base + self.synced
    }
}

impl Log {
    /// Continues what was recovered in `dir`. Writes nothing yet.
    pub(crate) fn new(
        storage: Arc<dyn Storage>,
        dir: PathBuf,
        segment_bytes: u64,
        ledger: Arc<Ledger>,
        recovered: Recovered,
    ) -> Self {
        Self {
            storage,
            dir,
            segment_bytes,
            ledger,
            active: None,
            link: recovered.link,
            next_base: recovered.next_base,
            void: recovered.void,
            failing: false,
            buffer: Vec::new(),
        }
    }

    /// Opens a segment, whose header is a witness for what was recovered. After an error the log can
    /// be used all the same: the next group tries again.
    pub(crate) fn prepare(&mut self) -> io::Result<()> {
        let active = self.create_segment();
        let active = active.inspect_err(|error| self.note_failure(error))?;
        self.active = Some(active);
        Ok(())
    }

    /// Writes and syncs one group. Returns where its first frame begins; the others follow without
    /// gaps.
    pub(crate) fn append<'a>(
        &mut self,
        blocks: impl Iterator<Item = &'a Bytes> + Clone,
    ) -> io::Result<Position> {
        let appended = self.try_append(blocks);
        match &appended {
            Ok(_) if self.failing => {
                self.failing = false;
                tracing::info!(dir = %self.dir.display(), "the journal is written again");
            }
            Ok(_) => {}
            Err(error) => self.note_failure(error),
        }
        appended
    }

    /// Ends the newest segment with a witness for its last group. Failing to only loses that.
    pub(crate) fn seal(&mut self) {
        let synced = self.active.as_ref().map_or(0, |active| active.synced);
        if synced <= EMPTY {
            return;
        }
        if let Err(error) = self.append(std::iter::empty()) {
            tracing::warn!(%error, "the journal was closed without a seal");
        }
        self.active = None;
    }

    /// Leaves the active segment behind if the checkpoint has passed every block, so that it can be
    /// removed. Where that fails, the next group or rotation tries again.
    pub(crate) fn rotate_if_passed(&mut self) {
        let is_new = self.active.as_ref().is_some_and(|active| active.synced == EMPTY);
        if is_new || !self.ledger.is_passed() {
            return;
        }
        if let Some(active) = self.active.take() {
            self.retire(&active, active.synced);
        }
        match self.create_segment() {
            Ok(active) => self.active = Some(active),
            Err(error) => {
                tracing::warn!(%error, "the journal could not begin a new segment");
                self.ledger.failed(error.to_string());
            }
        }
    }

    fn try_append<'a>(
        &mut self,
        blocks: impl Iterator<Item = &'a Bytes> + Clone,
    ) -> io::Result<Position> {
        let sizes = blocks.clone().map(|block| FRAME_HEADER + block.len());
        let body: usize = sizes.clone().sum();
        let count = sizes.count();
        let size = (GROUP_HEADER + body) as u64;

        let mut active = self.segment_for(size)?;
        let start = active.end();
        let header = GroupHeader {
            position: start,
            synced_to: start,
            body: body as u64,
            blocks: count as u32,
        };
        self.ledger.writing(start + size);
        let written = write_group(&mut active, &header, blocks, &mut self.buffer)
            .and_then(|()| active.file.sync_data());
        match written {
            Ok(()) => {
                active.synced += size;
                if count > 0 {
                    active.blocks_end = active.end();
                }
                self.ledger.synced(active.end(), count as u64);
                self.active = Some(active);
                Ok(Position::new(start).advance(GROUP_HEADER as u64))
            }
            Err(error) => {
                let error = explain("writing", &active.path, error);
                self.abandon(active, size);
                Err(error)
            }
        }
    }

    /// The segment that takes a group of `size` bytes. The caller puts it back when it has.
    fn segment_for(&mut self, size: u64) -> io::Result<Active> {
        if let Some(active) = self.active.take() {
            if active.synced == EMPTY || active.synced + size <= self.segment_bytes {
                return Ok(active);
            }
            self.retire(&active, active.synced);
        }
        self.create_segment()
    }

    /// Gives up a file in which a write or sync of `size` bytes failed.
    fn abandon(&mut self, mut active: Active, size: u64) {
        self.next_base = active.end() + size;
        if active.synced == EMPTY && self.ledger.discard() {
            self.void.push(active.base);
            // Else the next attempt does it; but the disk may be full, and this makes room.
            if let Err(error) = self.clear_void() {
                tracing::debug!(%error, "an empty journal segment stays for now");
            }
            return;
        }
        let synced = active.synced;
        let cut = active.file.set_len(synced);
        let cut = cut.and_then(|()| active.file.sync_data());
        if let Err(error) = &cut {
            tracing::debug!(%error, "a journal segment keeps the leftovers of a failed write");
        }
        self.retire(&active, if cut.is_ok() { synced } else { synced + size });
    }

    /// Leaves a segment behind; its file takes `bytes`.
    fn retire(&mut self, active: &Active, bytes: u64) {
        let end = active.end();
        self.next_base = self.next_base.max(end);
        self.link = Some(Link { base: active.base, end });
        let blocks_end = active.blocks_end;
        self.ledger.retired(Segment { base: active.base, end, blocks_end, bytes });
    }

    fn create_segment(&mut self) -> io::Result<Active> {
        self.clear_void()?;
        let created = self.try_create_segment();
        if created.is_err()
            && let Err(error) = self.clear_void()
        {
            tracing::debug!(%error, "an unfinished journal segment stays for now");
        }
        created
    }

    fn try_create_segment(&mut self) -> io::Result<Active> {
        let base = self.next_base;
        let path = self.dir.join(file_name(base));
        let header = SegmentHeader { base, salt: self.storage.salt(), link: self.link };
        let created = self.storage.create(&path);
        // Even a failed creation may leave a file; but one that was there is not ours to remove.
        if !matches!(&created, Err(error) if error.kind() == io::ErrorKind::AlreadyExists) {
            self.void.push(base);
        }
        self.next_base = base + EMPTY;
        let mut file = created.map_err(|error| explain("creating", &path, error))?;
        file.write_all(&header.encode())
            .and_then(|()| file.sync_data())
            .and_then(|()| self.storage.sync_dir(&self.dir))
            .map_err(|error| explain("creating", &path, error))?;
        self.void.clear();
        self.ledger.opened(Segment { base, end: self.next_base, blocks_end: 0, bytes: EMPTY });
        Ok(Active { file, path, base, salt: header.salt, synced: EMPTY, blocks_end: 0 })
    }

    /// Removes segments without groups, durably: a link skips them.
    fn clear_void(&mut self) -> io::Result<()> {
        if self.void.is_empty() {
            return Ok(());
        }
        for base in &self.void {
            let path = self.dir.join(file_name(*base));
            match self.storage.remove(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(explain("removing", &path, error));
                }
                _ => {}
            }
        }
        let synced = self.storage.sync_dir(&self.dir);
        synced.map_err(|error| explain("syncing", &self.dir, error))?;
        self.void.clear();
        Ok(())
    }

    fn note_failure(&mut self, error: &io::Error) {
        if self.failing {
            tracing::debug!(%error, "the journal still cannot be written");
        } else {
            tracing::error!(%error, "the journal cannot be written; nothing is acknowledged");
        }
        self.failing = true;
        self.ledger.failed(error.to_string());
    }
}

/// Hands a group to the file: one write, but for large blocks, which are not copied.
fn write_group<'a>(
    active: &mut Active,
    header: &GroupHeader,
    blocks: impl Iterator<Item = &'a Bytes>,
    buffer: &mut Vec<u8>,
) -> io::Result<()> {
    buffer.clear();
    buffer.extend_from_slice(&header.encode(active.salt));
    let mut position = header.position + GROUP_HEADER as u64;
    for block in blocks {
        buffer.extend_from_slice(&frame_header(active.salt, position, block));
        position += (FRAME_HEADER + block.len()) as u64;
        if block.len() < DIRECT_BYTES {
            buffer.extend_from_slice(block);
        } else {
            active.file.write_all(buffer)?;
            buffer.clear();
            active.file.write_all(block)?;
        }
    }
    if buffer.is_empty() {
        return Ok(());
    }
    active.file.write_all(buffer)
}

/// Says what was tried and on what, keeping the kind.
fn explain(action: &str, path: &Path, error: io::Error) -> io::Error {
    let message = format!("{action} {}: {error}", path.display());
    io::Error::new(error.kind(), message)
}
