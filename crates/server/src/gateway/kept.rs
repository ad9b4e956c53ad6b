//! What is read of the control store and kept for a while, by project or by key.
//!
//! Another process may change it, so it is read again after a while; what is changed through this
//! server is forgotten at once.

use std::collections::HashMap;
use std::future::Future;

use parking_lot::Mutex;
use tracekeep_control::Micros;

/// How long what was read counts, in µs.
pub(super) const KEPT: Micros = 30_000_000;
/// Entries that are kept.
const MOST_KEPT: usize = 1_000;

/// What was read, by id.
#[derive(Debug)]
pub(crate) struct Kept<T>(Mutex<Entries<T>>);

#[derive(Debug)]
struct Entries<T> {
    /// Grows when something is forgotten. What was read before that may be from before the change,
    /// and must not be kept: a reader takes the number, reads, and keeps what it read only if the
    /// number is still the same.
    changes: u64,
    /// Until when each counts.
    by_id: HashMap<String, (Micros, T)>,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Mutex::new(Entries { changes: 0, by_id: HashMap::new() }))
    }
}

impl<T: Clone> Kept<T> {
    /// What is kept under an id, else what `read` gives, which is kept.
    ///
    /// # Errors
    /// That of `read`.
    pub(crate) async fn get<E>(
        &self,
        id: &str,
        now: Micros,
        read: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let changes = {
            let kept = self.0.lock();
            if let Some((until, value)) = kept.by_id.get(id)
                && now < *until
            {
                return Ok(value.clone());
            }
            kept.changes
        };
        let value = read.await?;
        let mut kept = self.0.lock();
        if kept.changes == changes {
            if kept.by_id.len() >= MOST_KEPT {
                kept.by_id.clear();
            }
            kept.by_id.insert(id.to_owned(), (now.saturating_add(KEPT), value.clone()));
        }
        Ok(value)
    }

    /// Forgets what was read under an id: it has changed.
    pub(crate) fn forget(&self, id: &str) {
        let mut kept = self.0.lock();
        kept.changes += 1;
        kept.by_id.remove(id);
    }
}
