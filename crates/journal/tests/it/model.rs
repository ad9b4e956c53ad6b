//! A disk in memory that fails where it is told to.
//!
//! It keeps what the running system sees apart from what would survive a power cut. A power cut
//! leaves any subset of the unsynced pages and any subset of the unsynced directory entries. A
//! failed sync writes any subset of the dirty pages and then calls them all clean, as Linux does.

mod inode;
mod random;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;
use tracekeep_journal::{SegmentFile, Storage};

use inode::Inode;
use random::Random;

/// What goes wrong at a system call. Whatever the call does may have been done in part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The call fails.
    Fail,
    /// The call fails for want of space.
    DiskFull,
    /// The process ends there; the page cache lives on.
    Kill,
    /// The machine ends there.
    PowerCut,
}

/// Trouble at `calls` system calls in a row, the first of which is number `from`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    pub(crate) from: u64,
    pub(crate) calls: u64,
    pub(crate) trouble: Trouble,
}

/// The disk; clones share it.
#[derive(Clone)]
pub(crate) struct Disk(Arc<Mutex<Inner>>);

struct Inner {
    page: usize,
    inodes: Vec<Inode>,
    /// Names as the running system sees them.
    names: BTreeMap<String, usize>,
    /// Names that a power cut leaves.
    synced_names: BTreeMap<String, usize>,
    faults: Vec<Fault>,
    /// System calls so far.
    calls: u64,
    /// The process or machine has ended, and nothing works until a restart.
    down: Option<Trouble>,
    locked: bool,
    random: Random,
}

/// How much of a call is done.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    All,
    Some,
    Nothing,
}

impl Disk {
    /// An empty disk with pages of `page` bytes.
    pub(crate) fn new(page: usize, seed: u64) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            page,
            inodes: Vec::new(),
            names: BTreeMap::new(),
            synced_names: BTreeMap::new(),
            faults: Vec::new(),
            calls: 0,
            down: None,
            locked: false,
            random: Random::new(seed),
        })))
    }

    /// Plans trouble.
    pub(crate) fn plan(&self, fault: Fault) {
        self.0.lock().faults.push(fault);
    }

    /// Plans trouble from the next system call on.
    pub(crate) fn plan_next(&self, calls: u64, trouble: Trouble) {
        let mut inner = self.0.lock();
        let from = inner.calls;
        inner.faults.push(Fault { from, calls, trouble });
    }

    /// From here on nothing goes wrong.
    pub(crate) fn heal(&self) {
        self.0.lock().faults.clear();
    }

    /// Ends the process or the machine now.
    pub(crate) fn stop(&self, trouble: Trouble) {
        self.0.lock().down = Some(trouble);
    }

    pub(crate) fn is_down(&self) -> bool {
        self.0.lock().down.is_some()
    }

    /// System calls so far.
    pub(crate) fn calls(&self) -> u64 {
        self.0.lock().calls
    }

    /// Starts again after a kill or a power cut.
    pub(crate) fn restart(&self) {
        let mut inner = self.0.lock();
        if inner.down.take() == Some(Trouble::PowerCut) {
            inner.cut_power();
        }
    }

    /// The segments and their lengths, oldest first.
    pub(crate) fn segments(&self) -> Vec<(String, usize)> {
        let inner = self.0.lock();
        let names = inner.names.iter();
        let sized = names.map(|(name, inode)| (name.clone(), inner.inodes[*inode].cache.len()));
        sized.collect()
    }

    /// Flips a bit of a file, also on the platter.
    pub(crate) fn flip(&self, name: &str, bit: usize) {
        let mut inner = self.0.lock();
        let inode = inner.names[name];
        inner.inodes[inode].flip(bit);
    }
}

impl Inner {
    /// Counts a system call and decides how it ends.
    fn call(&mut self) -> (Extent, io::Result<()>) {
        if self.down.is_some() {
            return (Extent::Nothing, Err(io::Error::other("the system is down")));
        }
        let call = self.calls;
        self.calls += 1;
        let hit = |fault: &&Fault| (fault.from..fault.from + fault.calls).contains(&call);
        let Some(fault) = self.faults.iter().find(hit).copied() else {
            return (Extent::All, Ok(()));
        };
        let error = match fault.trouble {
            Trouble::Fail => io::Error::other("input/output error"),
            Trouble::DiskFull => io::Error::from(io::ErrorKind::StorageFull),
            Trouble::Kill | Trouble::PowerCut => {
                self.down = Some(fault.trouble);
                io::Error::other("the system went down")
            }
        };
        (Extent::Some, Err(error))
    }

    /// Whether a call that is all or nothing takes effect.
    fn happens(&mut self, extent: Extent) -> bool {
        match extent {
            Extent::All => true,
            Extent::Some => self.random.coin(),
            Extent::Nothing => false,
        }
    }

    /// Makes any subset of the changed names durable, or all.
    fn settle_names(&mut self, all: bool) {
        let mut names: Vec<String> = self.names.keys().cloned().collect();
        names.extend(self.synced_names.keys().cloned());
        for name in names {
            if !all && !self.random.coin() {
                continue;
            }
            match self.names.get(&name) {
                Some(inode) => self.synced_names.insert(name, *inode),
                None => self.synced_names.remove(&name),
            };
        }
    }

    fn cut_power(&mut self) {
        self.settle_names(false);
        self.names = self.synced_names.clone();
        for inode in &mut self.inodes {
            inode.cut_power(self.page, &mut self.random);
        }
    }

    fn inode(&self, path: &Path) -> io::Result<usize> {
        let inode = self.names.get(&name_of(path)).copied();
        inode.ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

impl Storage for Disk {
    fn create_dir(&self, _dir: &Path) -> io::Result<()> {
        self.0.lock().call().1
    }

    fn lock(&self, _dir: &Path) -> io::Result<Box<dyn Send + Sync>> {
        let mut inner = self.0.lock();
        inner.call().1?;
        if inner.locked {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        inner.locked = true;
        Ok(Box::new(Guard(self.clone())))
    }

    fn list(&self, _dir: &Path) -> io::Result<Vec<String>> {
        let mut inner = self.0.lock();
        inner.call().1?;
        Ok(inner.names.keys().rev().cloned().collect())
    }

    fn size(&self, path: &Path) -> io::Result<u64> {
        let mut inner = self.0.lock();
        inner.call().1?;
        let inode = inner.inode(path)?;
        Ok(inner.inodes[inode].cache.len() as u64)
    }

    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let mut inner = self.0.lock();
        inner.call().1?;
        let inode = inner.inode(path)?;
        let cache = &inner.inodes[inode].cache;
        let bytes = cache.len().min(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(cache[..bytes].to_vec())
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>> {
        let mut inner = self.0.lock();
        let (extent, result) = inner.call();
        if inner.inode(path).is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let inode = inner.inodes.len();
        if inner.happens(extent) {
            inner.inodes.push(Inode::default());
            inner.names.insert(name_of(path), inode);
        }
        result?;
        Ok(Box::new(Handle { disk: self.clone(), inode, cursor: 0 }))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>> {
        let mut inner = self.0.lock();
        inner.call().1?;
        Ok(Box::new(Handle { disk: self.clone(), inode: inner.inode(path)?, cursor: 0 }))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut inner = self.0.lock();
        let (extent, result) = inner.call();
        if extent != Extent::Nothing {
            inner.inode(path)?;
        }
        if inner.happens(extent) {
            inner.names.remove(&name_of(path));
        }
        result
    }

    fn sync_dir(&self, _dir: &Path) -> io::Result<()> {
        let mut inner = self.0.lock();
        let (extent, result) = inner.call();
        match extent {
            Extent::All => inner.settle_names(true),
            Extent::Some => inner.settle_names(false),
            Extent::Nothing => {}
        }
        result
    }

    fn salt(&self) -> u64 {
        self.0.lock().random.bits()
    }
}

/// Unlocks the directory, also when the process was killed.
struct Guard(Disk);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.0.lock().locked = false;
    }
}

struct Handle {
    disk: Disk,
    inode: usize,
    cursor: usize,
}

impl Handle {
    /// Writes `data`, or some of it, at `at`. Returns where it ended.
    fn write(&self, at: usize, data: &[u8]) -> io::Result<usize> {
        let mut guard = self.disk.0.lock();
        let inner = &mut *guard;
        let (extent, result) = inner.call();
        let bytes = match extent {
            Extent::All => data.len(),
            Extent::Some => inner.random.below(data.len() + 1),
            Extent::Nothing => 0,
        };
        inner.inodes[self.inode].write(at, &data[..bytes], inner.page);
        result.map(|()| at + bytes)
    }
}

impl SegmentFile for Handle {
    fn write_all(&mut self, data: &[u8]) -> io::Result<()> {
        self.cursor = self.write(self.cursor, data)?;
        Ok(())
    }

    fn overwrite(&mut self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.write(offset as usize, data)?;
        Ok(())
    }

    fn sync_data(&mut self) -> io::Result<()> {
        let mut guard = self.disk.0.lock();
        let inner = &mut *guard;
        let (extent, result) = inner.call();
        let inode = &mut inner.inodes[self.inode];
        match extent {
            Extent::All => inode.sync(inner.page),
            Extent::Some => {
                inode.sync_some(inner.page, &mut inner.random);
                if inner.down.is_none() {
                    inode.forget_dirty();
                }
            }
            Extent::Nothing => {}
        }
        result
    }

    fn set_len(&mut self, bytes: u64) -> io::Result<()> {
        let mut guard = self.disk.0.lock();
        let inner = &mut *guard;
        let (extent, result) = inner.call();
        if inner.happens(extent) {
            inner.inodes[self.inode].set_len(bytes as usize, inner.page);
        }
        result
    }
}
