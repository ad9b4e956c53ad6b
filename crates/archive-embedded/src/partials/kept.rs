use arrow::array::RecordBatch;
use hashbrown::HashMap;
use parking_lot::Mutex;

/// Bytes of states that are kept, at most.
const MOST_BYTES: usize = 64 << 20;
/// What a question weighs besides its text, about.
const QUESTION_BYTES: usize = 1_024;
/// What a state weighs besides its rows, about.
const STATE_BYTES: usize = 128;

/// What is known of a question in one segment.
#[derive(Clone, Debug)]
pub(super) enum State {
    Rows(RecordBatch),
    /// It is not worth keeping, and the segment is read each time.
    TooLarge,
}

/// One question about one project. The text itself, so that no two are taken for one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    project: String,
    statement: String,
}

impl Key {
    pub(super) fn new(project: &str, statement: &str) -> Self {
        Self { project: project.to_owned(), statement: statement.to_owned() }
    }

    fn bytes(&self) -> usize {
        QUESTION_BYTES + self.project.len() + self.statement.len()
    }
}

/// States of questions in segments, as far as there is room: the question that was not asked for
/// longest goes first, with all its states, as it needs all of them.
#[derive(Debug)]
pub(super) struct KeptStates {
    most: usize,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    questions: HashMap<Key, Asked>,
    bytes: usize,
    /// Grows with each use.
    uses: u64,
}

/// A question that was asked before.
#[derive(Debug, Default)]
struct Asked {
    /// By number of the segment; numbers are of one segment for ever.
    segments: HashMap<u64, Entry>,
    bytes: usize,
    used: u64,
}

#[derive(Debug)]
struct Entry {
    /// How many traces were masked. A mask only ever grows, so that this says which it was.
    masked: u64,
    state: State,
    bytes: usize,
}

impl Default for KeptStates {
    fn default() -> Self {
        Self::within(MOST_BYTES)
    }
}

impl KeptStates {
    fn within(most: usize) -> Self {
        Self { most, kept: Mutex::default() }
    }

    /// The states of a question in a snapshot's segments, of which this says by number how many traces
    /// are masked. Those of others, which were compacted or are past their time, go, and those of
    /// other masks.
    pub(super) fn find(&self, key: &Key, masks: &HashMap<u64, u64>) -> HashMap<u64, State> {
        let kept = &mut *self.kept.lock();
        let Some(question) = kept.questions.get_mut(key) else { return HashMap::new() };
        kept.uses += 1;
        question.used = kept.uses;
        let mut gone = 0;
        question.segments.retain(|number, entry| {
            let stays = masks.get(number) == Some(&entry.masked);
            gone += if stays { 0 } else { entry.bytes };
            stays
        });
        question.bytes -= gone;
        kept.bytes -= gone;
        question.segments.iter().map(|(number, entry)| (*number, entry.state.clone())).collect()
    }

    /// Keeps the state of a segment of which so many traces are masked, if there is room beside the
    /// others of its question.
    pub(super) fn keep(&self, key: &Key, number: u64, masked: u64, state: State) {
        let bytes = STATE_BYTES
            + match &state {
                State::Rows(rows) => rows.get_array_memory_size(),
                State::TooLarge => 0,
            };
        let kept = &mut *self.kept.lock();
        kept.uses += 1;
        if !kept.questions.contains_key(key) {
            kept.bytes += key.bytes();
            let question = Asked { bytes: key.bytes(), ..Asked::default() };
            kept.questions.insert(key.clone(), question);
        }
        let Some(question) = kept.questions.get_mut(key) else { return };
        question.used = kept.uses;
        let entry = Entry { masked, state, bytes };
        let before = question.segments.insert(number, entry).map_or(0, |old| old.bytes);
        question.bytes = question.bytes + bytes - before;
        kept.bytes = kept.bytes + bytes - before;
        kept.make_room(self.most, key, number);
    }
}

impl Kept {
    /// What was kept last stays, unless it is too much by itself.
    fn make_room(&mut self, most: usize, last: &Key, number: u64) {
        while self.bytes > most {
            let others = self.questions.iter().filter(|(key, _)| *key != last);
            let oldest = others.min_by_key(|(_, question)| question.used);
            let oldest = oldest.map(|(key, _)| key.clone());
            if let Some(question) = oldest.and_then(|key| self.questions.remove(&key)) {
                self.bytes -= question.bytes;
                continue;
            }
            let Some(question) = self.questions.get_mut(last) else { return };
            let Some(entry) = question.segments.remove(&number) else { return };
            question.bytes -= entry.bytes;
            self.bytes -= entry.bytes;
            return;
        }
    }
}

#[cfg(test)]
mod tests;
