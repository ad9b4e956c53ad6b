use std::cmp::Ordering;

use crate::{Field, Micros, Register, Text, Value, Version};

/// What is known of one record: a value and its version per register, or that it was deleted.
///
/// A patch and a stored record are both a `State`. [`State::join`] is commutative, associative and
/// idempotent; the property tests hold it to that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Sorted by register, each at most once.
    entries: Vec<Entry>,
    /// Receipt of the first patch.
    received: Micros,
    /// Receipt of the latest patch.
    updated: Micros,
    /// Deleted is the top: whatever is joined with it, it stays deleted.
    deleted: Option<Micros>,
}

/// One register's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which part of the record.
    pub register: Register,
    /// Who says so and when.
    pub version: Version,
    /// What it holds.
    pub value: Value,
}

impl State {
    /// A record of which nothing is known but that a message about it came at `received`.
    #[must_use]
    pub fn new(received: Micros) -> Self {
        Self { entries: Vec::new(), received, updated: received, deleted: None }
    }

    /// As [`State::new`], with room for `capacity` registers.
    #[must_use]
    pub fn with_capacity(received: Micros, capacity: usize) -> Self {
        Self { entries: Vec::with_capacity(capacity), ..Self::new(received) }
    }

    /// A record that was deleted at `at`.
    #[must_use]
    pub fn deleted(at: Micros) -> Self {
        Self { deleted: Some(at), ..Self::new(at) }
    }

    /// A record read back from a store.
    #[must_use]
    pub fn restored(received: Micros, updated: Micros, mut entries: Vec<Entry>) -> Self {
        entries.sort_by(|a, b| a.register.cmp(&b.register));
        let mut state = Self { entries, received, updated, deleted: None };
        state.trim();
        state
    }

    /// States one register; of two statements about it the greater stays.
    pub fn set(
        &mut self,
        register: impl Into<Register>,
        version: Version,
        value: impl Into<Value>,
    ) {
        if self.deleted.is_some() {
            return;
        }
        let entry = Entry { register: register.into(), version, value: value.into() };
        let last = self.entries.last().map(|last| last.register.cmp(&entry.register));
        if matches!(last, None | Some(Ordering::Less)) {
            self.entries.push(entry);
            return;
        }
        match self.entries.binary_search_by(|e| e.register.cmp(&entry.register)) {
            Ok(at) => {
                if greater(&entry, &self.entries[at]) {
                    self.entries[at] = entry;
                }
            }
            Err(at) => self.entries.insert(at, entry),
        }
    }

    /// Takes in all that `other` knows: per register the greater entry stays.
    pub fn join(&mut self, other: Self) {
        self.received = self.received.min(other.received);
        self.updated = self.updated.max(other.updated);
        self.deleted = self.deleted.max(other.deleted);
        if self.deleted.is_some() {
            self.entries.clear();
            return;
        }
        if self.entries.is_empty() {
            self.entries = other.entries;
            return;
        }
        let mine = std::mem::take(&mut self.entries);
        self.entries = merge(mine, other.entries);
        self.trim();
    }

    /// Gives back the room for further registers, where it is much. For a state that is complete: a
    /// server under load holds tens of thousands.
    pub fn trim(&mut self) {
        let used = self.entries.len();
        if self.entries.capacity() - used > used / 4 {
            // Not `shrink_to_fit`: an allocator may leave in its place what fills half of it.
            let mut exact = Vec::with_capacity(used);
            exact.append(&mut self.entries);
            self.entries = exact;
        }
    }

    /// The entry of a register.
    #[must_use]
    pub fn entry(&self, register: &Register) -> Option<&Entry> {
        self.entries.binary_search_by(|e| e.register.cmp(register)).ok().map(|at| &self.entries[at])
    }

    /// The value of a field; `None` where it was never stated or was cleared.
    #[must_use]
    pub fn get(&self, field: Field) -> Option<&Value> {
        // Asked dozens of times a span: without comparing registers that are no fields.
        let place = self.entries.binary_search_by(|entry| match &entry.register {
            Register::Field(other) => other.cmp(&field),
            _ => Ordering::Greater,
        });
        let value = &self.entries[place.ok()?].value;
        (!matches!(value, Value::Cleared)).then_some(value)
    }

    /// The text of a field.
    #[must_use]
    pub fn text(&self, field: Field) -> Option<&Text> {
        self.get(field).and_then(Value::as_text)
    }

    /// The moment of a field.
    #[must_use]
    pub fn time(&self, field: Field) -> Option<Micros> {
        self.get(field).and_then(Value::as_time)
    }

    /// All registers, in order.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The same registers, each changed by `change`: for masking.
    pub fn for_each_value(&mut self, mut change: impl FnMut(&Register, &mut Value)) {
        for entry in &mut self.entries {
            change(&entry.register, &mut entry.value);
        }
    }

    /// When the first message about the record came.
    #[must_use]
    pub fn received(&self) -> Micros {
        self.received
    }

    /// When the latest message about the record came.
    #[must_use]
    pub fn updated(&self) -> Micros {
        self.updated
    }

    /// When the record was deleted, if it was.
    #[must_use]
    pub fn deleted_at(&self) -> Option<Micros> {
        self.deleted
    }

    /// Whether nothing is stated.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.deleted.is_none()
    }

    /// Bytes that the state takes in memory, about: its content and its registers.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.size() + self.frame()
    }

    /// Bytes that the state takes in memory without its content: its registers, and room for more of
    /// them. Known without looking at them.
    #[must_use]
    pub fn frame(&self) -> usize {
        self.entries.capacity() * size_of::<Entry>() + size_of::<Self>()
    }

    /// Bytes of content.
    #[must_use]
    pub fn size(&self) -> usize {
        let key = |register: &Register| match register {
            Register::Field(_) => 0,
            Register::Metadata(k) | Register::Usage(k) | Register::Cost(k) | Register::Tag(k) => {
                k.len()
            }
        };
        self.entries.iter().map(|e| key(&e.register) + e.value.size()).sum()
    }
}

fn merge(mine: Vec<Entry>, theirs: Vec<Entry>) -> Vec<Entry> {
    let mut out = Vec::with_capacity(mine.len() + theirs.len());
    let (mut mine, mut theirs) = (mine.into_iter().peekable(), theirs.into_iter().peekable());
    loop {
        let order = match (mine.peek(), theirs.peek()) {
            (Some(a), Some(b)) => a.register.cmp(&b.register),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return out,
        };
        match order {
            Ordering::Less => out.extend(mine.next()),
            Ordering::Greater => out.extend(theirs.next()),
            Ordering::Equal => {
                let (Some(a), Some(b)) = (mine.next(), theirs.next()) else { return out };
                out.push(if greater(&b, &a) { b } else { a });
            }
        }
    }
}

/// Whether `a` wins over `b`, two entries of one register.
fn greater(a: &Entry, b: &Entry) -> bool {
    order(a, b) == Ordering::Greater
}

/// The order of one register's entries: total, so that ties have one winner everywhere.
fn order(a: &Entry, b: &Entry) -> Ordering {
    let by_version = || a.version.cmp(&b.version).then_with(|| a.value.cmp(&b.value));
    match a.register {
        Register::Field(Field::Status) => {
            is_terminal(&a.value).cmp(&is_terminal(&b.value)).then_with(by_version)
        }
        Register::Field(Field::StartTime) => a
            .version
            .rank
            .cmp(&b.version.rank)
            .then_with(|| earliness(&b.value).cmp(&earliness(&a.value)))
            .then_with(by_version),
        _ => by_version(),
    }
}

fn is_terminal(value: &Value) -> bool {
    matches!(value, Value::Status(status) if status.is_terminal())
}

/// Smaller is earlier; what is no time comes last.
fn earliness(value: &Value) -> Micros {
    value.as_time().unwrap_or(Micros(i64::MAX))
}

#[cfg(test)]
pub(crate) mod tests;
