//! A journal on a modelled disk, and what it must still know after each restart.

mod recorder;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use tokio::runtime::{Builder, Runtime};
use tracekeep_journal::{AppendError, Journal, OpenError, Options, Position, Status};

use crate::model::{Disk, Trouble};
pub(crate) use recorder::{Outcome, Recorder};

/// Small enough for a few blocks to fill a segment.
pub(crate) fn small_options() -> Options {
    let mut options = Options::new("journal");
    options.segment_bytes = 4096;
    options.max_group_bytes = 4096;
    options.max_block_bytes = 64 * 1024;
    options.queue_bytes = 1024 * 1024;
    options.max_bytes = 64 * 1024 * 1024;
    options
}

/// A replayed block.
type Replayed = (Position, Position, Bytes);

/// A journal, its disk, and what was promised.
pub(crate) struct Story {
    pub(crate) disk: Disk,
    pub(crate) recorder: Recorder,
    options: Options,
    runtime: Runtime,
    journal: Option<Journal<u64>>,
    /// Every block that was handed in; its id is its place here.
    sent: Vec<Bytes>,
    /// Where the blocks are that must be replayed, unless a checkpoint passed them.
    promised: BTreeMap<u64, (Position, Position)>,
    checkpoint: Position,
    /// Where the last block ends that was ever heard of.
    reached: Position,
}

impl Story {
    /// A story that has not opened its journal yet.
    pub(crate) fn new(disk: Disk, options: Options) -> Self {
        Self {
            disk,
            recorder: Recorder::default(),
            options,
            runtime: Builder::new_current_thread().build().unwrap(),
            journal: None,
            sent: Vec::new(),
            promised: BTreeMap::new(),
            checkpoint: Position::default(),
            reached: Position::default(),
        }
    }

    /// Opens the journal and checks everything that it replays.
    pub(crate) fn open(&mut self) -> Result<(), OpenError> {
        let mut replayed = Vec::new();
        let opened = Journal::open(
            self.options.clone(),
            Arc::new(self.disk.clone()),
            |position, end, block| {
                replayed.push((position, end, block));
                Ok(())
            },
            self.recorder.clone(),
        );
        let replayed = self.recognise(replayed);
        if let Some((_, (_, end))) = replayed.last_key_value() {
            self.reached = self.reached.max(*end);
        }
        match opened {
            Ok(journal) => {
                self.check_complete(&replayed);
                self.promised = replayed;
                self.journal = Some(journal);
                Ok(())
            }
            Err(error) => {
                // What was replayed once must come again.
                if !matches!(error, OpenError::Corrupt { .. }) {
                    self.promised.extend(replayed);
                }
                Err(error)
            }
        }
    }

    /// Opens the journal, however often the system fails or goes down meanwhile.
    pub(crate) fn open_at_last(&mut self) {
        for _ in 0..1000 {
            match self.open() {
                Ok(()) => return,
                Err(OpenError::Io { .. }) => self.disk.restart(),
                Err(error) => panic!("{error}"),
            }
        }
        panic!("the journal never opened");
    }

    /// Writes what is queued and stops.
    pub(crate) fn close(&mut self) {
        drop(self.journal.take());
    }

    /// Stops without another system call, then brings the system up again.
    pub(crate) fn go_down(&mut self, trouble: Trouble) {
        self.disk.stop(trouble);
        self.close();
        self.disk.restart();
    }

    pub(crate) fn status(&self) -> Status {
        self.journal.as_ref().unwrap().status()
    }

    /// Appends a block of `size` bytes and waits for its fate.
    pub(crate) fn append(&mut self, size: usize) -> Result<Outcome, AppendError> {
        let id = self.hand_in(size)?;
        Ok(self.settle(id))
    }

    /// Appends a block, then `count` more that wait while it is written; returns the last's fate.
    pub(crate) fn burst(&mut self, count: usize, size: usize) -> Option<Outcome> {
        self.recorder.close_gate();
        let mut ids = Vec::new();
        if let Ok(id) = self.hand_in(size) {
            ids.push(id);
            self.recorder.wait_until_held();
            for _ in 0..count {
                ids.extend(self.hand_in(size).ok());
            }
        }
        self.recorder.open_gate();
        let mut last = None;
        for id in ids {
            last = Some(self.settle(id));
        }
        last
    }

    /// Sets the checkpoint behind a promised block: the one after `share` of 256 of them.
    pub(crate) fn checkpoint(&mut self, share: u8) {
        let index = self.promised.len() * usize::from(share) / 256;
        let Some((_, end)) = self.promised.values().nth(index).copied() else {
            return;
        };
        // Even if it fails half-way, everything below may go.
        self.checkpoint = self.checkpoint.max(end);
        let journal = self.journal.as_ref().unwrap();
        if journal.checkpoint(end).is_ok() {
            assert!(journal.status().checkpoint >= end);
        }
    }

    /// Rests as a server does that has nothing to do: everything is in the archive.
    pub(crate) fn rest(&mut self) {
        if let Some((_, (_, end))) = self.promised.last_key_value() {
            self.checkpoint = self.checkpoint.max(*end);
            // If it fails half-way, a later rest goes on.
            let _ = self.journal.as_ref().unwrap().checkpoint(*end);
        }
        self.rotate();
    }

    /// Asks for a new segment, if nothing in the log is needed.
    pub(crate) fn rotate(&self) {
        let _ = self.journal.as_ref().unwrap().rotate_if_idle();
    }

    /// How many blocks must be replayed.
    pub(crate) fn promised(&self) -> usize {
        self.promised.len()
    }

    /// Takes back the promise for blocks whose last group may be lost.
    pub(crate) fn excuse(&mut self, group: u64) {
        let recorder = self.recorder.clone();
        self.promised.retain(|id, _| {
            !matches!(recorder.outcome(*id), Outcome::Durable { group: of, .. } if of == group)
        });
    }

    /// The number of the last group that was durable.
    pub(crate) fn last_group(&self) -> Option<u64> {
        let (id, _) = self.promised.last_key_value()?;
        match self.recorder.outcome(*id) {
            Outcome::Durable { group, .. } => Some(group),
            Outcome::Failed(_) => None,
        }
    }

    fn hand_in(&mut self, size: usize) -> Result<u64, AppendError> {
        let id = self.sent.len() as u64;
        let block = content(id, size);
        self.sent.push(block.clone());
        let journal = self.journal.as_ref().unwrap();
        match self.runtime.block_on(journal.append(block, id)) {
            Ok(()) => Ok(id),
            Err((error, returned)) => {
                assert_eq!(returned, id);
                Err(error)
            }
        }
    }

    fn settle(&mut self, id: u64) -> Outcome {
        let outcome = self.recorder.outcome(id);
        if let Outcome::Durable { position, end, .. } = outcome {
            assert!(position >= self.reached, "block {id} is where an earlier one was");
            self.reached = end;
            self.promised.insert(id, (position, end));
        }
        outcome
    }

    /// Checks that each replayed block is one that was sent, where it was, in order and once.
    fn recognise(&self, replayed: Vec<Replayed>) -> BTreeMap<u64, (Position, Position)> {
        let mut known = BTreeMap::new();
        let mut past: Option<(u64, Position)> = None;
        for (position, end, block) in replayed {
            let id = id_of(&block);
            assert_eq!(Some(&block), self.sent.get(id as usize), "block {id} is garbled");
            if let Some((previous, reached)) = past {
                assert!(id > previous, "block {id} comes after block {previous}");
                assert!(position >= reached, "block {id} overlaps the one before");
            }
            if let Some(place) = self.promised.get(&id) {
                assert_eq!(*place, (position, end), "block {id} has moved");
            }
            past = Some((id, end));
            known.insert(id, (position, end));
        }
        known
    }

    /// Checks that nothing promised is missing, but for what lies before a checkpoint, whole
    /// segments from the start.
    fn check_complete(&self, replayed: &BTreeMap<u64, (Position, Position)>) {
        let missing: BTreeSet<u64> =
            self.promised.keys().filter(|id| !replayed.contains_key(*id)).copied().collect();
        for id in &missing {
            let (_, end) = self.promised[id];
            assert!(end <= self.checkpoint, "block {id} is lost");
        }
        if let Some(last) = missing.last() {
            let mut kept = self.promised.keys().filter(|id| !missing.contains(*id));
            assert!(kept.all(|id| id > last), "checkpointed segments went out of order");
        }
    }
}

/// The contents of block `id`: the id, then a filling that differs from block to block. Every third
/// block is filled with zeros, which a lost page looks like.
fn content(id: u64, size: usize) -> Bytes {
    let fill = if id % 3 == 2 { 0 } else { id as u8 ^ 0xa5 };
    let mut bytes = id.to_le_bytes().to_vec();
    bytes.resize(size.max(bytes.len()), fill);
    Bytes::from(bytes)
}

fn id_of(block: &Bytes) -> u64 {
    let mut raw = [0; 8];
    raw.copy_from_slice(&block[..8]);
    u64::from_le_bytes(raw)
}
