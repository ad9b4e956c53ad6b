//! A disk that fails where it is told to.
//!
//! It works on a real folder, which shows what the running system sees, and remembers which of it is
//! durable. A power cut leaves any subset of the names that were made, moved or removed since their
//! folder was synced, and of a file that was not synced any beginning, with or without zeros behind it.
//! So a rename may be undone, a folder may be there without its files, and what was removed may come
//! back in parts. That is no more than POSIX promises.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;
use tracekeep_archive::conformance::Random;
use tracekeep_segment::{Disk, DiskFile};

use super::nodes::Nodes;
use super::order;

/// What goes wrong. Whatever the operation does that it strikes may have been done in part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The operation fails.
    Fail,
    /// This and all further ones that need room fail, until somebody makes some.
    DiskFull,
    /// The process ends there; what the system has in memory lives on.
    Kill,
    /// The machine ends there.
    PowerCut,
}

/// Where trouble begins.
#[derive(Clone, Copy, Debug)]
pub(crate) enum At {
    /// At the operation of this number.
    Number(usize),
    /// At the next operation whose [description](FaultyDisk::log) ends so.
    Next(&'static str),
}

/// The disk; clones share it.
#[derive(Clone)]
pub(crate) struct FaultyDisk(Arc<Mutex<Inner>>);

struct Inner {
    root: PathBuf,
    nodes: Nodes,
    random: Random,
    plan: Option<(At, Trouble)>,
    is_full: bool,
    /// The process or machine has ended, and nothing works until a restart.
    down: Option<Trouble>,
    /// All operations so far.
    log: Vec<String>,
    /// The operation that trouble struck first.
    struck: Option<String>,
    /// Something could not be removed.
    is_littered: bool,
    /// Operations of this name only pretend.
    pretends: Option<&'static str>,
    /// What was done too early.
    violations: Vec<String>,
}

/// How much of an operation is done.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    All,
    Part,
    Nothing,
}

impl FaultyDisk {
    /// On a real folder, which is empty; its path has no symbolic links.
    pub(crate) fn new(root: PathBuf, seed: u64) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            root,
            nodes: Nodes::new(),
            random: Random::new(seed),
            plan: None,
            is_full: false,
            down: None,
            log: Vec::new(),
            struck: None,
            is_littered: false,
            pretends: None,
            violations: Vec::new(),
        })))
    }

    /// Plans trouble; there is one at a time.
    pub(crate) fn plan(&self, at: At, trouble: Trouble) {
        self.0.lock().plan = Some((at, trouble));
    }

    /// Plans trouble at one of so many operations that come next.
    pub(crate) fn plan_within(&self, operations: usize, trouble: Trouble) {
        let mut guard = self.0.lock();
        let inner = &mut *guard;
        let number = inner.log.len() + inner.random.below(operations);
        inner.plan = Some((At::Number(number), trouble));
    }

    /// From here on nothing goes wrong.
    pub(crate) fn heal(&self) {
        let mut inner = self.0.lock();
        inner.plan = None;
        inner.is_full = false;
    }

    /// `sync` or `sync_dir`: says that it did it, and did nothing.
    pub(crate) fn pretend(&self, operation: &'static str) {
        self.0.lock().pretends = Some(operation);
    }

    /// How it ended, if it did.
    pub(crate) fn down(&self) -> Option<Trouble> {
        self.0.lock().down
    }

    /// The operation that trouble struck, if it struck.
    pub(crate) fn struck(&self) -> Option<String> {
        self.0.lock().struck.clone()
    }

    /// Whether something that was to be removed is still there.
    pub(crate) fn is_littered(&self) -> bool {
        self.0.lock().is_littered
    }

    /// All operations so far: what was done, and to what.
    pub(crate) fn log(&self) -> Vec<String> {
        self.0.lock().log.clone()
    }

    /// What was named too early, or removed too early.
    pub(crate) fn violations(&self) -> Vec<String> {
        self.0.lock().violations.clone()
    }

    /// Starts again after a kill or a power cut.
    pub(crate) fn restart(&self) {
        self.heal();
        let down = self.0.lock().down.take();
        if down == Some(Trouble::PowerCut) {
            self.cut_power();
        }
    }

    /// The machine ends and starts again, between two operations.
    pub(crate) fn cut_power(&self) {
        let mut guard = self.0.lock();
        let inner = &mut *guard;
        inner.nodes.cut_power(&mut inner.random);
        for entry in fs::read_dir(&inner.root).expect("the folder can be read") {
            let path = entry.expect("an entry can be read").path();
            fs::remove_dir_all(path).expect("a folder can be removed");
        }
        inner.nodes.write_out(&inner.root);
    }

    fn make(
        &self,
        operation: &str,
        path: &Path,
        how: &OpenOptions,
    ) -> io::Result<Box<dyn DiskFile>> {
        let mut inner = self.0.lock();
        let (extent, result) = inner.call(operation, path);
        if !inner.happens(extent) {
            return Err(result.err().unwrap_or_else(|| io::Error::other("nothing happened")));
        }
        let file = how.open(path)?;
        let inside = inner.inside(path);
        let node = inner.nodes.make_file(&inside);
        result?;
        Ok(Box::new(Handle { disk: self.clone(), path: path.into(), file, node }))
    }
}

impl Inner {
    /// Notes an operation and decides how it ends.
    fn call(&mut self, operation: &str, path: &Path) -> (Extent, io::Result<()>) {
        if self.down.is_some() {
            return (Extent::Nothing, Err(io::Error::other("the system is down")));
        }
        let call = format!("{operation} {}", self.inside(path).display());
        let trouble = self.trouble_at(&call);
        self.log.push(call.clone());
        let error = match trouble {
            Some(Trouble::Fail) => io::Error::other("input/output error"),
            Some(Trouble::DiskFull) => io::ErrorKind::StorageFull.into(),
            Some(stop @ (Trouble::Kill | Trouble::PowerCut)) => {
                self.down = Some(stop);
                io::Error::other("the system went down")
            }
            None => return (Extent::All, Ok(())),
        };
        self.struck.get_or_insert(call);
        (Extent::Part, Err(error))
    }

    /// What strikes the next operation.
    fn trouble_at(&mut self, call: &str) -> Option<Trouble> {
        let is_due = |(at, _): &(At, Trouble)| match at {
            At::Number(number) => *number == self.log.len(),
            At::Next(end) => call.ends_with(*end),
        };
        let due = if self.plan.as_ref().is_some_and(is_due) { self.plan.take() } else { None };
        match due {
            Some((_, Trouble::DiskFull)) => self.is_full = true,
            Some((_, trouble)) => return Some(trouble),
            None => {}
        }
        let needs_room = call.starts_with("create") || call.starts_with("write");
        (self.is_full && needs_room).then_some(Trouble::DiskFull)
    }

    /// Whether an operation that is all or nothing takes effect.
    fn happens(&mut self, extent: Extent) -> bool {
        match extent {
            Extent::All => true,
            Extent::Part => self.random.coin(),
            Extent::Nothing => false,
        }
    }

    /// The path as the nodes know it.
    fn inside(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.root).expect("it is on this disk").into()
    }

    /// Removes any of a folder's files, but not the folder.
    fn remove_some(&mut self, dir: &Path) {
        let inside = self.inside(dir);
        for name in self.nodes.names_in(&inside) {
            if self.random.coin() {
                fs::remove_file(dir.join(&name)).expect("a file can be removed");
                self.nodes.remove(&inside.join(&name));
            }
        }
    }
}

impl fmt::Debug for FaultyDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FaultyDisk")
    }
}

impl Disk for FaultyDisk {
    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        let mut inner = self.0.lock();
        let (extent, result) = inner.call("create_dir", dir);
        if inner.happens(extent) {
            fs::create_dir(dir)?;
            let inside = inner.inside(dir);
            inner.nodes.make_folder(&inside);
        }
        result
    }

    fn create_new(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.make("create_new", path, OpenOptions::new().write(true).create_new(true))
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.make("create", path, OpenOptions::new().write(true).create(true).truncate(true))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut guard = self.0.lock();
        let inner = &mut *guard;
        let (extent, result) = inner.call("rename", to);
        if inner.happens(extent) {
            let (old, new) = (inner.inside(from), inner.inside(to));
            inner.violations.extend(order::not_durable(&inner.nodes, &old));
            fs::rename(from, to)?;
            inner.nodes.rename(&old, &new);
        }
        result
    }

    fn remove_dir_all(&self, dir: &Path) -> io::Result<()> {
        let mut guard = self.0.lock();
        let inner = &mut *guard;
        let (extent, result) = inner.call("remove_dir_all", dir);
        let inside = inner.inside(dir);
        if extent != Extent::Nothing && order::is_named(&inner.nodes, &inside) {
            let named = inside.display();
            inner.violations.push(format!("{named} is removed, and a manifest may name it"));
        }
        match extent {
            Extent::All => {
                fs::remove_dir_all(dir)?;
                inner.nodes.remove(&inside);
            }
            Extent::Part => {
                inner.is_littered |= inner.down.is_none();
                inner.remove_some(dir);
            }
            Extent::Nothing => {}
        }
        result
    }

    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        let mut inner = self.0.lock();
        let (extent, result) = inner.call("remove_dir", dir);
        if inner.happens(extent) {
            fs::remove_dir(dir)?;
            let inside = inner.inside(dir);
            inner.nodes.remove(&inside);
        }
        result
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        let mut guard = self.0.lock();
        let inner = &mut *guard;
        let (extent, result) = inner.call("sync_dir", dir);
        let (inside, random) = (inner.inside(dir), &mut inner.random);
        let is_there = match extent {
            Extent::All if inner.pretends == Some("sync_dir") => true,
            Extent::All => inner.nodes.sync_names(&inside, || true),
            Extent::Part => inner.nodes.sync_names(&inside, || random.coin()),
            Extent::Nothing => true,
        };
        if is_there { result } else { Err(io::ErrorKind::NotFound.into()) }
    }
}

struct Handle {
    disk: FaultyDisk,
    path: PathBuf,
    file: File,
    node: usize,
}

impl Write for Handle {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let mut inner = self.disk.0.lock();
        let (extent, result) = inner.call("write", &self.path);
        let bytes = match extent {
            Extent::All => data.len(),
            Extent::Part => inner.random.below(data.len() + 1),
            Extent::Nothing => 0,
        };
        self.file.write_all(&data[..bytes])?;
        inner.nodes.file_mut(self.node).content.extend_from_slice(&data[..bytes]);
        result.map(|()| bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl DiskFile for Handle {
    fn sync(&mut self) -> io::Result<u64> {
        let mut guard = self.disk.0.lock();
        let inner = &mut *guard;
        let (extent, result) = inner.call("sync", &self.path);
        let file = inner.nodes.file_mut(self.node);
        let length = file.content.len();
        match extent {
            Extent::All if inner.pretends == Some("sync") => {}
            Extent::All => file.synced = length,
            Extent::Part => file.synced += inner.random.below(length - file.synced + 1),
            Extent::Nothing => {}
        }
        result.map(|()| length as u64)
    }
}
