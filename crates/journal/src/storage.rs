//! The few file operations a journal needs.

use std::collections::hash_map::RandomState;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::hash::BuildHasher;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

const LOCK_FILE: &str = "journal.lock";

/// A file system, as far as a journal needs one.
///
/// Durability is explicit: file contents count after [`SegmentFile::sync_data`], and names that were
/// made or removed count after [`Storage::sync_dir`].
pub trait Storage: Send + Sync + 'static {
    /// Makes the directory, and its parents, if they are missing.
    ///
    /// # Errors
    /// What the system says.
    fn create_dir(&self, dir: &Path) -> io::Result<()>;

    /// Locks the directory against other journals until the returned guard is dropped.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] if it is locked, else what the system says.
    fn lock(&self, dir: &Path) -> io::Result<Box<dyn Send + Sync>>;

    /// The names of the files in the directory, in any order.
    ///
    /// # Errors
    /// What the system says.
    fn list(&self, dir: &Path) -> io::Result<Vec<String>>;

    /// The length of a file in bytes.
    ///
    /// # Errors
    /// What the system says.
    fn size(&self, path: &Path) -> io::Result<u64>;

    /// The first `limit` bytes of a file, or all if it has fewer.
    ///
    /// # Errors
    /// What the system says.
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>>;

    /// Makes a file that must not exist, to be written from its start.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] if it exists, else what the system says.
    fn create(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>>;

    /// Opens a file to shorten or overwrite it.
    ///
    /// # Errors
    /// What the system says.
    fn open(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>>;

    /// Removes a file's name.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] if there is none, else what the system says.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Makes the names in the directory durable.
    ///
    /// # Errors
    /// What the system says.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;

    /// A number that nobody who sends blocks can guess.
    fn salt(&self) -> u64;
}

/// A segment that is open for writing.
pub trait SegmentFile: Send {
    /// Writes all of `data` behind what was written before. After an error any part may be there.
    ///
    /// # Errors
    /// What the system says; [`io::ErrorKind::StorageFull`] if the disk is full.
    fn write_all(&mut self, data: &[u8]) -> io::Result<()>;

    /// Writes over the bytes at `offset`. Not mixed with [`write_all`](Self::write_all).
    ///
    /// # Errors
    /// What the system says.
    fn overwrite(&mut self, offset: u64, data: &[u8]) -> io::Result<()>;

    /// Makes contents and length durable, like `fdatasync`.
    ///
    /// # Errors
    /// What the system says. What was written since the last success is then in doubt for good.
    fn sync_data(&mut self) -> io::Result<()>;

    /// Cuts the file to `bytes`.
    ///
    /// # Errors
    /// What the system says.
    fn set_len(&mut self, bytes: u64) -> io::Result<()>;
}

/// The real file system.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsStorage;

impl Storage for OsStorage {
    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        let parent = match dir.parent() {
            Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
            Some(parent) => parent,
            None => return Ok(()),
        };
        if !dir.is_dir() {
            self.create_dir(parent)?;
            fs::create_dir(dir)?;
        }
        // Also if it was there: whoever made it may have been killed before this.
        self.sync_dir(parent)
    }

    fn lock(&self, dir: &Path) -> io::Result<Box<dyn Send + Sync>> {
        let path = dir.join(LOCK_FILE);
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Box::new(file)),
            Err(TryLockError::WouldBlock) => Err(io::ErrorKind::WouldBlock.into()),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(dir)? {
            // A name that is not UTF-8 is none of ours.
            if let Ok(name) = entry?.file_name().into_string() {
                names.push(name);
            }
        }
        Ok(names)
    }

    fn size(&self, path: &Path) -> io::Result<u64> {
        Ok(fs::metadata(path)?.len())
    }

    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let file = File::open(path)?;
        let expected = file.metadata()?.len().min(limit);
        let mut data = Vec::with_capacity(usize::try_from(expected).unwrap_or(0));
        file.take(limit).read_to_end(&mut data)?;
        Ok(data)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>> {
        let file = OpenOptions::new().write(true).create_new(true).open(path)?;
        Ok(Box::new(OsFile(file)))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>> {
        let file = OpenOptions::new().write(true).open(path)?;
        Ok(Box::new(OsFile(file)))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        File::open(dir)?.sync_all()
    }

    fn salt(&self) -> u64 {
        // The standard library's only source of randomness: keys that the system seeds.
        RandomState::new().hash_one(LOCK_FILE)
    }
}

struct OsFile(File);

impl SegmentFile for OsFile {
    fn write_all(&mut self, data: &[u8]) -> io::Result<()> {
        self.0.write_all(data)
    }

    fn overwrite(&mut self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.seek(SeekFrom::Start(offset))?;
        self.0.write_all(data)
    }

    fn sync_data(&mut self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn set_len(&mut self, bytes: u64) -> io::Result<()> {
        self.0.set_len(bytes)
    }
}

#[cfg(test)]
mod tests;
