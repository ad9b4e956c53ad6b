//! Who listens to what, and what they hear.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use tokio::sync::watch;
use tracekeep_model::block::Block;
use tracekeep_model::{Micros, Text};

use super::event::{self, Gone, MOST_OUTPUT, Notice};
use super::ring::{Found, Most, Ring};
use super::texts::{Hearing, Spoken, Texts};

/// What is kept of a project for those who are behind or come back.
const MOST_KEPT: Most = Most { events: 4_096, bytes: 16 * 1_024 * 1_024 };

/// How long events are kept for somebody to come back, in microseconds.
const LINGER: i64 = 60 * Micros::SECOND;

/// Listeners of one project.
const MOST_LISTENERS: usize = 1_000;

/// Passes on what happens, by project.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    /// Projects that somebody listens to, or did a short while ago.
    channels: Mutex<HashMap<Text, Channel>>,
    /// How many channels there are: read without the lock. Changed under it only.
    count: AtomicUsize,
}

/// A block's events, between being read and being seen.
#[derive(Debug)]
pub(crate) struct News {
    project_id: Text,
    received: Micros,
    patches: u64,
    /// `None`: nobody listened, or the block could not be read.
    notices: Option<Vec<Notice>>,
}

#[derive(Debug)]
struct Channel {
    shared: Arc<Shared>,
    /// Since when blocks find no listener.
    unheard_since: Option<Micros>,
}

/// What a channel and its listeners share.
#[derive(Debug)]
struct Shared {
    /// When the channel was made, in microseconds: tells its numbers from those of another.
    epoch: i64,
    ring: Mutex<Ring>,
    texts: Mutex<Texts>,
    /// Wakes listeners. Told after ring or texts have changed, so that who is woken finds something.
    grown: watch::Sender<()>,
}

/// What a listener hears.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// Something happened.
    Notice(Arc<Notice>),
    /// A text that is on its way has grown.
    Text(Spoken),
    /// So many events are gone (`None`: nobody knows how many); the next ones follow.
    Lagged(Option<u64>),
}

/// Hears all events of one project from one place on.
#[derive(Debug)]
pub(crate) struct Listener {
    shared: Arc<Shared>,
    grown: watch::Receiver<()>,
    /// The number of the event to be heard next.
    next: u64,
    hearing: Hearing,
    /// Texts and events come in turn, so that neither waits for the other for ever.
    is_turn_of_texts: bool,
    /// It came back with the id of an event that is not known here.
    is_lost: bool,
}

/// Those who listen to a project.
#[derive(Debug)]
pub(crate) struct Audience {
    shared: Arc<Shared>,
}

/// A text that is told to an audience as it grows. Dropping it ends the text.
#[derive(Debug)]
pub(crate) struct Telling {
    shared: Arc<Shared>,
    number: u64,
}

impl News {
    /// Of a block that could not be read: whoever listens missed it.
    pub(crate) fn unread(block: &Block) -> Self {
        Self {
            project_id: block.project_id.clone(),
            received: block.received,
            patches: block.patches.len() as u64,
            notices: None,
        }
    }
}

impl Hub {
    /// What a block says to those who listen. Called before it is joined, which consumes it.
    pub(crate) fn news(&self, block: &Block) -> News {
        let channel = self.channel(&block.project_id, block.received);
        News { notices: channel.map(|_| event::notices(&block.patches)), ..News::unread(block) }
    }

    /// Tells those who listen. Called when the block was joined.
    ///
    /// Who began to listen between `news` and here may have looked at the archive before the join
    /// and finds no event either: it is told that it missed something.
    pub(crate) fn publish(&self, news: News) {
        let Some(channel) = self.channel(&news.project_id, news.received) else { return };
        let mut ring = channel.ring.lock();
        match news.notices {
            Some(notices) => {
                let gone = Gone::of(&notices);
                if !gone.is_empty() {
                    ring.forget(|notice| gone.covers(notice));
                    let mut texts = channel.texts.lock();
                    texts.forget(|trace_id, span_id| gone.has(trace_id, Some(span_id)));
                }
                notices.into_iter().for_each(|notice| ring.push(notice));
            }
            None => ring.lose(news.patches),
        }
        drop(ring);
        channel.grown.send_replace(());
    }

    /// Listens to a project: from after the event with the id `after`, else from now on. `None`
    /// where too many listen already.
    pub(crate) fn listen(
        &self,
        project_id: &Text,
        after: Option<&str>,
        now: Micros,
    ) -> Option<Listener> {
        let mut channels = self.channels.lock();
        let channel = channels.entry(project_id.clone()).or_insert_with(|| Channel::new(now));
        let shared = channel.shared.clone();
        if shared.grown.receiver_count() >= MOST_LISTENERS {
            return None;
        }
        // Under the lock: a channel with a receiver is not swept away.
        let grown = shared.grown.subscribe();
        channel.unheard_since = None;
        self.count.store(channels.len(), Ordering::Release);
        drop(channels);

        let end = shared.ring.lock().next();
        let known = after.map(|id| shared.number(id).filter(|number| *number < end));
        let (next, is_lost) = match known {
            Some(Some(number)) => (number + 1, false),
            Some(None) => (end, true),
            None => (end, false),
        };
        let hearing = Hearing::default();
        Some(Listener { shared, grown, next, hearing, is_turn_of_texts: false, is_lost })
    }

    /// Those who listen to a project now; `None` where nobody does.
    pub(crate) fn audience(&self, project_id: &Text) -> Option<Audience> {
        if self.count.load(Ordering::Acquire) == 0 {
            return None;
        }
        let shared = self.channels.lock().get(project_id)?.shared.clone();
        (shared.grown.receiver_count() > 0).then_some(Audience { shared })
    }

    /// The channel of a project, if there is one; those that were left long ago go. Only the joiner
    /// calls this, so that none goes between its `news` and its `publish`.
    fn channel(&self, project_id: &Text, now: Micros) -> Option<Arc<Shared>> {
        // A listener who comes after this load reads the archive later still, and so sees the block
        // that was joined before it: the archive's own lock orders the two.
        if self.count.load(Ordering::Acquire) == 0 {
            return None;
        }
        let mut channels = self.channels.lock();
        channels.retain(|_, channel| !channel.is_over(now));
        self.count.store(channels.len(), Ordering::Release);
        channels.get(project_id).map(|channel| channel.shared.clone())
    }
}

impl Channel {
    fn new(now: Micros) -> Self {
        let ring = Mutex::new(Ring::new(MOST_KEPT));
        let texts = Mutex::new(Texts::new(MOST_OUTPUT));
        let shared = Shared { epoch: now.0, ring, texts, grown: watch::Sender::new(()) };
        Self { shared: Arc::new(shared), unheard_since: None }
    }

    fn is_over(&mut self, now: Micros) -> bool {
        if self.shared.grown.receiver_count() > 0 {
            self.unheard_since = None;
            return false;
        }
        now.since(*self.unheard_since.get_or_insert(now)) > LINGER
    }
}

impl Shared {
    /// The number in an id of this channel.
    fn number(&self, id: &str) -> Option<u64> {
        let (epoch, number) = id.rsplit_once('-')?;
        let is_mine = epoch.parse::<i64>().ok()? == self.epoch;
        number.parse::<u64>().ok().filter(|_| is_mine)
    }
}

impl Audience {
    /// Begins to tell it the text of a span's answer; `None` where it is told too many already.
    pub(crate) fn begin(&self, trace_id: &str, span_id: &str) -> Option<Telling> {
        let number = self.shared.texts.lock().begin(trace_id, span_id)?;
        Some(Telling { shared: self.shared.clone(), number })
    }
}

impl Telling {
    /// Whether this audience is told it, and not one that has left.
    pub(crate) fn is_to(&self, audience: &Audience) -> bool {
        Arc::ptr_eq(&self.shared, &audience.shared)
    }

    /// Tells what comes next: as it can be shown, masked.
    pub(crate) fn add(&self, more: &str) {
        let has_grown = self.shared.texts.lock().add(self.number, more);
        if has_grown {
            self.shared.grown.send_replace(());
        }
    }
}

impl Drop for Telling {
    fn drop(&mut self) {
        self.shared.texts.lock().end(self.number);
    }
}

impl Listener {
    /// Waits for what comes next. Dropping the future loses nothing. `None` does not occur: the
    /// channel lives as long as its listeners.
    pub(crate) async fn next(&mut self) -> Option<Heard> {
        if std::mem::take(&mut self.is_lost) {
            return Some(Heard::Lagged(None));
        }
        loop {
            self.is_turn_of_texts = !self.is_turn_of_texts;
            if self.is_turn_of_texts
                && let Some(spoken) = self.text()
            {
                return Some(Heard::Text(spoken));
            }
            let found = self.shared.ring.lock().find(self.next);
            match found {
                Found::Notice { number, notice } => {
                    self.next = number + 1;
                    return Some(Heard::Notice(notice));
                }
                Found::Gone { oldest } => {
                    let missed = oldest - self.next;
                    self.next = oldest;
                    return Some(Heard::Lagged(Some(missed)));
                }
                Found::NotYet => match self.text() {
                    Some(spoken) => return Some(Heard::Text(spoken)),
                    None => self.grown.changed().await.ok()?,
                },
            }
        }
    }

    /// What a text has new for it.
    fn text(&mut self) -> Option<Spoken> {
        self.shared.texts.lock().next(&mut self.hearing)
    }

    /// The id of the place behind what was heard last: to go on from there.
    pub(crate) fn position(&self) -> String {
        format!("{}-{}", self.shared.epoch, self.next - 1)
    }
}

#[cfg(test)]
mod tests;
