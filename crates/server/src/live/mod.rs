//! What happens now, for those who watch.
//!
//! Around each join the joiner tells the [`Hub`]: [`Hub::news`] before the block goes into the
//! archive, [`Hub::publish`] when readers see it. Per project the hub keeps the last events in a
//! ring; every [`Listener`] reads it at its own pace, from where it stands. So nobody waits for a
//! slow listener, and who comes back goes on where it left. A deletion is an event too, and what it
//! covers goes from the ring: its numbers are skipped, and nobody who comes to them has missed anything.
//!
//! Beside the events there are the texts of answers that are on their way: who makes one tells it as it
//! grows to those who listen to its project ([`Hub::audience`]), and each of them hears what it has not
//! heard of it yet. That is for watching alone: the text comes as events too, when it is written.
//!
//! Memory is bounded however many listen: an event holds at most 64 KiB of an answer and a few names
//! of 1 KiB, a ring at most 4,096 events and 16 MiB, and beside it there are at most 256 texts of 64 KiB.
//! A listener holds at most the one event that it sends, and how much it has heard of 512 texts. While a
//! block is joined its events are held too, which are no larger than the block.
//!
//! Nobody listening costs one atomic load a block, and one each time that a text would be told.

mod event;
mod hub;
mod ring;
mod texts;

pub(crate) use event::{MOST_OUTPUT, Notice};
pub(crate) use hub::{Heard, Hub, Listener, News, Telling};
pub(crate) use texts::Spoken;
