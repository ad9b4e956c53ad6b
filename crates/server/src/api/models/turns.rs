//! A few at a time, and a few that wait.

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::error::ApiError;

/// Bounds how many requests do something at once, and how many wait for that.
#[derive(Debug)]
pub(super) struct Turns {
    at_once: Semaphore,
    waiting: Semaphore,
}

impl Turns {
    /// So many at once, and so many waiting.
    pub(super) const fn new(at_once: usize, waiting: usize) -> Self {
        Self { at_once: Semaphore::const_new(at_once), waiting: Semaphore::const_new(waiting) }
    }

    /// Waits for a turn, which ends when the permit is dropped.
    ///
    /// # Errors
    /// Too many wait already; `busy` says of what.
    pub(super) async fn take(&self, busy: &str) -> Result<SemaphorePermit<'_>, ApiError> {
        if let Ok(turn) = self.at_once.try_acquire() {
            return Ok(turn);
        }
        let _place = self.waiting.try_acquire().map_err(|_| ApiError::busy(busy))?;
        self.at_once.acquire().await.map_err(|_| ApiError::busy(busy))
    }
}

#[cfg(test)]
mod tests;
