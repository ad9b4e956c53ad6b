//! What happens now, for those who watch.
//!
//! Around each join the joiner tells the [`Hub`]: [`Hub::news`] before the block goes into the
//! archive, [`Hub::publish`] when readers see it. Per project the hub keeps the last events in a
//! ring; every [`Listener`] reads it at its own pace, from where it stands. So nobody waits for a
//! slow listener, and who comes back goes on where it left. A deletion is an event too, and what it
//! covers goes from the ring: its numbers are skipped, and nobody who comes to them has missed anything.
//!
//! Memory is bounded however many listen: an event holds at most 64 KiB of an answer and a few names
//! of 1 KiB, a ring at most 4,096 events and 16 MiB, a listener at most the one event that it sends.
//! While a block is joined its events are held too, which are no larger than the block.
//!
//! Nobody listening costs one atomic load a block.

mod event;
mod hub;
mod ring;

pub(crate) use event::Notice;
pub(crate) use hub::{Heard, Hub, Listener, News};
