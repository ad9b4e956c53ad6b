//! What happens now, for those who watch.
//!
//! Around each join the joiner tells the [`Hub`]: [`Hub::news`] before the block goes into the
//! archive, [`Hub::publish`] when readers see it. Per project the hub keeps the last events in a
//! ring; every [`Listener`] reads it at its own pace, from where it stands. So nobody waits for a
//! slow listener, memory is bounded however many listen, and who comes back goes on where it left.
//!
//! Nobody listening costs one atomic load a block.

mod event;
mod hub;
mod ring;

pub(crate) use event::Notice;
pub(crate) use hub::{Heard, Hub, Listener};
