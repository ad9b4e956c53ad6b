//! How much was read so far, for who waits for it.

/// Bytes after which it is said again.
const STEP: u64 = 1 << 30;

/// Adds up what is read, and says so now and then.
pub(super) struct Progress<'s> {
    read: u64,
    said: u64,
    say: &'s mut dyn FnMut(&str),
}

impl<'s> Progress<'s> {
    /// Of nothing yet.
    pub(super) fn new(say: &'s mut dyn FnMut(&str)) -> Self {
        Self { read: 0, said: 0, say }
    }

    /// So many bytes more were read.
    pub(super) fn add(&mut self, bytes: u64) {
        self.read += bytes;
        if self.read - self.said >= STEP {
            self.said = self.read;
            let gib = self.read as f64 / STEP as f64;
            (self.say)(&format!("{gib:.1} GiB read so far; --quick reads only the ends of files"));
        }
    }
}

/// A size for people.
pub(super) fn mib(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}

#[cfg(test)]
mod tests;
