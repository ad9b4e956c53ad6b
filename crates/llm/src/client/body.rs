//! The body of an answer, as it comes.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::{CallError, described};

/// Bytes of answers that are collected at one time, of all calls, until nobody holds them any more.
const MOST_COLLECTED: usize = 256 << 20;
/// Counted in KiB, so that a permit count fits.
const UNIT: usize = 1_024;

/// The body of an answer. Dropping it ends the call.
#[derive(Debug)]
pub struct Body {
    incoming: Incoming,
    silence: Duration,
    room: Room,
    /// The next piece, where someone has looked at it.
    peeked: Option<Bytes>,
    /// Nothing more comes: it is complete, or failed.
    is_over: bool,
}

/// The memory for answers that are collected. A clone is the same memory.
#[derive(Clone, Debug)]
pub(super) struct Room(Arc<Semaphore>);

/// A part of an answer, and its share of the memory, which it gives back when it is dropped.
struct Collected {
    bytes: BytesMut,
    share: OwnedSemaphorePermit,
}

impl Body {
    /// `silence` may pass between two pieces.
    pub(super) fn new(incoming: Incoming, silence: Duration, room: Room) -> Self {
        Self { incoming, silence, room, peeked: None, is_over: false }
    }

    /// The next piece, as soon as it comes. `None`: the answer is complete, or has failed before.
    ///
    /// # Errors
    /// It broke off, or nothing came for too long.
    pub async fn next(&mut self) -> Option<Result<Bytes, CallError>> {
        if let Some(piece) = self.peeked.take() {
            return Some(Ok(piece));
        }
        if self.is_over {
            return None;
        }
        let read = self.read().await;
        self.is_over = !matches!(read, Some(Ok(_)));
        read
    }

    /// The next piece, which [`Body::next`] then gives.
    ///
    /// # Errors
    /// As [`Body::next`], which then gives `None`.
    pub async fn peek(&mut self) -> Option<Result<&Bytes, CallError>> {
        if self.peeked.is_none() {
            match self.next().await? {
                Ok(piece) => self.peeked = Some(piece),
                Err(error) => return Some(Err(error)),
            }
        }
        self.peeked.as_ref().map(Ok)
    }

    async fn read(&mut self) -> Option<Result<Bytes, CallError>> {
        loop {
            let after = self.silence;
            let frame = match timeout(after, self.incoming.frame()).await {
                Ok(frame) => frame?,
                Err(_) => return Some(Err(CallError::Timeout { what: "go on", after })),
            };
            match frame.map(http_body::Frame::into_data) {
                Ok(Ok(data)) if !data.is_empty() => return Some(Ok(data)),
                // Trailers, and pieces of nothing.
                Ok(_) => {}
                Err(error) => return Some(Err(CallError::Cut(described(&error)))),
            }
        }
    }

    /// All of it, `most` bytes at most. It counts as collected until the last clone and the last
    /// slice of it are dropped.
    ///
    /// # Errors
    /// As [`Body::next`]; [`CallError::TooLarge`], [`CallError::TooMuch`].
    pub async fn collect(mut self, most: usize) -> Result<Bytes, CallError> {
        let mut all = self.room.collected()?;
        while let Some(piece) = self.next().await {
            let piece = piece?;
            if piece.len() > most - all.bytes.len() {
                return Err(CallError::TooLarge(most));
            }
            self.room.add(&mut all, &piece)?;
        }
        Ok(all.into_bytes())
    }

    /// Its first `most` bytes; the rest is not read. Less, where it breaks off or there is no room for
    /// more: a part of it is worth more than nothing. They count as those of [`Body::collect`] do.
    pub async fn first(mut self, most: usize) -> Bytes {
        let Ok(mut kept) = self.room.collected() else { return Bytes::new() };
        while kept.bytes.len() < most
            && let Some(Ok(piece)) = self.next().await
        {
            let length = piece.len().min(most - kept.bytes.len());
            if self.room.add(&mut kept, &piece[..length]).is_err() {
                break;
            }
        }
        kept.into_bytes()
    }
}

impl Room {
    pub(super) fn new() -> Self {
        Self::of(MOST_COLLECTED)
    }

    fn of(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new(bytes / UNIT)))
    }

    /// Nothing yet.
    fn collected(&self) -> Result<Collected, CallError> {
        Ok(Collected { bytes: BytesMut::new(), share: self.take(0)? })
    }

    fn add(&self, to: &mut Collected, piece: &[u8]) -> Result<(), CallError> {
        let length = to.bytes.len() + piece.len();
        let needed = length.div_ceil(UNIT).saturating_sub(to.share.num_permits());
        if needed > 0 {
            to.share.merge(self.take(needed)?);
        }
        to.bytes.extend_from_slice(piece);
        Ok(())
    }

    /// Does not wait: who waits holds what it has collected.
    fn take(&self, units: usize) -> Result<OwnedSemaphorePermit, CallError> {
        let units = u32::try_from(units).unwrap_or(u32::MAX);
        self.0.clone().try_acquire_many_owned(units).map_err(|_| CallError::TooMuch)
    }
}

impl Collected {
    fn into_bytes(self) -> Bytes {
        Bytes::from_owner(self)
    }
}

impl AsRef<[u8]> for Collected {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests;
