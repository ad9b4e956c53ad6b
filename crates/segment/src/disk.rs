//! Everything that sealing, compaction and deletion do to a file system, behind one trait: a test can
//! count it, let it fail, and stop it anywhere. Reading changes nothing and goes past it.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// A file system, as far as an archive changes one.
///
/// Durability is explicit, and no more than POSIX gives: what is in a file counts after
/// [`DiskFile::sync`], and names that were made, moved or removed count after [`Disk::sync_dir`] of the
/// folder that they are in. Until then a power cut may leave any part of it.
pub trait Disk: fmt::Debug + Send + Sync + 'static {
    /// Makes a folder that must not exist, in one that does.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] if it exists, else what the system says.
    fn create_dir(&self, dir: &Path) -> io::Result<()>;

    /// Makes a file that must not exist, to be written from its start.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] if it exists, else what the system says.
    fn create_new(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;

    /// Makes a file, to be written from its start. One that exists is emptied.
    ///
    /// # Errors
    /// What the system says.
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;

    /// Gives a file another name in the same folder; a file that had it goes.
    ///
    /// # Errors
    /// What the system says. Either file may have the name then.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a folder with all that is in it.
    ///
    /// # Errors
    /// What the system says. Any part of it may be gone then.
    fn remove_dir_all(&self, dir: &Path) -> io::Result<()>;

    /// Removes an empty folder.
    ///
    /// # Errors
    /// [`io::ErrorKind::DirectoryNotEmpty`] if it is not empty, else what the system says.
    fn remove_dir(&self, dir: &Path) -> io::Result<()>;

    /// Makes the names in a folder durable.
    ///
    /// # Errors
    /// What the system says.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;
}

/// A file that is being written.
pub trait DiskFile: Write + Send {
    /// Makes content and length durable; gives back the length.
    ///
    /// # Errors
    /// What the system says. What was written since the last success is then in doubt for good.
    fn sync(&mut self) -> io::Result<u64>;
}

/// The real file system.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsDisk;

impl Disk for OsDisk {
    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        fs::create_dir(dir)
    }

    fn create_new(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(File::create_new(path)?))
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(File::create(path)?))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove_dir_all(&self, dir: &Path) -> io::Result<()> {
        fs::remove_dir_all(dir)
    }

    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        fs::remove_dir(dir)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        File::open(dir)?.sync_all()
    }
}

impl DiskFile for File {
    fn sync(&mut self) -> io::Result<u64> {
        self.sync_all()?;
        Ok(self.metadata()?.len())
    }
}

/// Makes the folder of a new segment, and those above it where they are missing. Nothing is synced.
///
/// The folder itself must not exist: a file that is left in it would be taken for one of the segment's.
pub(crate) fn create_segment_dir(disk: &dyn Disk, dir: &Path) -> io::Result<()> {
    if let Some(parent) = dir.parent() {
        create_missing(disk, parent)?;
    }
    disk.create_dir(dir)
}

fn create_missing(disk: &dyn Disk, dir: &Path) -> io::Result<()> {
    if dir.as_os_str().is_empty() || dir.is_dir() {
        return Ok(());
    }
    if let Some(parent) = dir.parent() {
        create_missing(disk, parent)?;
    }
    disk.create_dir(dir)
}
