//! The database's recent answers to presented keys, in memory.
//!
//! - An answer is used for at most its time to live, so that a change by another process becomes
//!   effective. After two thirds of it, one caller is sent to the database while the others keep
//!   the answer: a busy key never makes a thousand requests ask at once.
//! - Accepted and rejected keys are bounded apart: a flood of wrong keys cannot push out good ones.
//! - A change of keys in this process is effective at once. It also voids the answers that are
//!   on their way: else a caller that read a key just before its revocation would put the old
//!   answer back just after.

use std::{
    collections::HashMap,
    mem,
    sync::atomic::{AtomicBool, Ordering},
};

use parking_lot::RwLock;

use crate::{Credential, Micros};

/// SHA-256 of what was presented.
pub(crate) type Fingerprint = [u8; 32];

/// How much is kept, and for how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CacheLimits {
    /// Accepted keys; at least 2.
    pub(crate) accepted: usize,
    /// Rejected keys; at least 2.
    pub(crate) rejected: usize,
    /// For how long an answer is used, in µs.
    pub(crate) ttl: Micros,
}

/// What the cache says to a fingerprint.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Lookup {
    /// The answer.
    Known(Option<Credential>),
    /// Ask the database, then [`KeyCache::put`] its answer with this ticket.
    Ask(Ticket),
}

/// The state of keys that an answer belongs to. It must be taken before the database is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ticket(u64);

/// See the module's documentation.
pub(crate) struct KeyCache {
    limits: CacheLimits,
    /// Read by every request, for one or two map lookups; written after a database query or a
    /// change of keys. Never held across an await.
    state: RwLock<State>,
}

struct State {
    /// Counts the changes of keys; an answer with an older ticket is void.
    changes: u64,
    /// A fingerprint is in at most one of the two.
    accepted: Generations<Credential>,
    rejected: Generations<()>,
}

impl Default for KeyCache {
    fn default() -> Self {
        Self::new(CacheLimits { accepted: 10_000, rejected: 10_000, ttl: 30_000_000 })
    }
}

impl KeyCache {
    pub(crate) fn new(limits: CacheLimits) -> Self {
        Self {
            limits,
            state: RwLock::new(State {
                changes: 0,
                accepted: Generations::new(limits.accepted),
                rejected: Generations::new(limits.rejected),
            }),
        }
    }

    pub(crate) fn get(&self, fingerprint: &Fingerprint, now: Micros) -> Lookup {
        let ttl = self.limits.ttl;
        let state = self.state.read();
        if let Some(entry) = state.accepted.get(fingerprint)
            && entry.is_usable(now, ttl)
        {
            return Lookup::Known(Some(entry.answer.clone()));
        }
        if let Some(entry) = state.rejected.get(fingerprint)
            && entry.is_usable(now, ttl)
        {
            return Lookup::Known(None);
        }
        Lookup::Ask(Ticket(state.changes))
    }

    /// Keeps the database's answer, unless keys have changed since the ticket was given.
    pub(crate) fn put(
        &self,
        fingerprint: Fingerprint,
        answer: Option<Credential>,
        ticket: Ticket,
        now: Micros,
    ) {
        let mut state = self.state.write();
        if state.changes != ticket.0 {
            return;
        }
        if let Some(credential) = answer {
            state.rejected.remove(&fingerprint);
            state.accepted.put(fingerprint, Entry::new(credential, now));
        } else {
            state.accepted.remove(&fingerprint);
            state.rejected.put(fingerprint, Entry::new((), now));
        }
    }

    /// After a revocation: nothing that this key opened stays open.
    pub(crate) fn forget_key(&self, key_id: &str) {
        let mut state = self.state.write();
        state.changes += 1;
        state.accepted.retain(|credential| &*credential.key_id != key_id);
    }

    /// After a new key: it may have been tried, and rejected, a moment ago.
    pub(crate) fn forget_rejected(&self) {
        let mut state = self.state.write();
        state.changes += 1;
        state.rejected.retain(|()| false);
    }
}

/// One answer.
struct Entry<T> {
    answer: T,
    stored_at: Micros,
    /// Whether a caller was sent to renew it. If that caller fails, the answer simply expires.
    renewing: AtomicBool,
}

impl<T> Entry<T> {
    fn new(answer: T, now: Micros) -> Self {
        Self { answer, stored_at: now, renewing: AtomicBool::new(false) }
    }

    /// Whether the caller may use the answer. The clock may also have been set back, so an answer
    /// from too far in the future has expired as well.
    fn is_usable(&self, now: Micros, ttl: Micros) -> bool {
        let age = now.abs_diff(self.stored_at);
        let ttl = ttl.unsigned_abs();
        // A load first, so that the usual request writes to no shared memory.
        let renew = age >= ttl / 3 * 2
            && !self.renewing.load(Ordering::Relaxed)
            && !self.renewing.swap(true, Ordering::Relaxed);
        age < ttl && !renew
    }
}

/// A map bounded in constant time: when the young half is full it becomes the old half, and what
/// was in the old half is dropped. Anything in use is put again when its time to live ends, and
/// so returns to the young half.
struct Generations<T> {
    young: HashMap<Fingerprint, Entry<T>>,
    old: HashMap<Fingerprint, Entry<T>>,
    half: usize,
}

impl<T> Generations<T> {
    fn new(capacity: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), half: (capacity / 2).max(1) }
    }

    fn get(&self, fingerprint: &Fingerprint) -> Option<&Entry<T>> {
        self.young.get(fingerprint).or_else(|| self.old.get(fingerprint))
    }

    fn put(&mut self, fingerprint: Fingerprint, entry: Entry<T>) {
        self.remove(&fingerprint);
        if self.young.len() >= self.half {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(fingerprint, entry);
    }

    fn remove(&mut self, fingerprint: &Fingerprint) {
        self.young.remove(fingerprint);
        self.old.remove(fingerprint);
    }

    fn retain(&mut self, keep: impl Fn(&T) -> bool) {
        self.young.retain(|_, entry| keep(&entry.answer));
        self.old.retain(|_, entry| keep(&entry.answer));
    }
}

#[cfg(test)]
mod tests;
