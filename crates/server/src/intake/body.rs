//! A request's body, whole and decompressed, within its limits.

mod coding;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use axum::extract::{FromRequest, Request};
use bytes::{Bytes, BytesMut};
use futures::TryStreamExt as _;
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_util::io::StreamReader;

use self::coding::Coding;
use crate::app::App;
use crate::error::ApiError;

/// Counted in KiB, so that a permit count fits.
const UNIT: usize = 1_024;

/// Bytes that are reserved for a body of which nothing came yet, at most.
const MOST_RESERVED: usize = 1 << 20;

/// How long a sender may pause within a body.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Bounds the memory of bodies: each, and all together.
#[derive(Clone, Debug)]
pub(crate) struct BodyLimits {
    /// Bytes of one body after decompression.
    pub(crate) each: usize,
    in_flight: Arc<Semaphore>,
}

impl BodyLimits {
    /// In bytes.
    pub(crate) fn new(each: usize, in_flight: usize) -> Self {
        // One body of the largest size must always fit.
        let permits = in_flight.max(each).div_ceil(UNIT) + 1;
        Self { each, in_flight: Arc::new(Semaphore::new(permits)) }
    }

    /// The share of a body that is in memory already.
    pub(crate) fn share(&self, bytes: usize) -> Result<OwnedSemaphorePermit, ApiError> {
        take(self, bytes.div_ceil(UNIT))
    }
}

/// A body in memory; its share of the limit is given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Whole {
    pub(crate) bytes: Bytes,
    _share: OwnedSemaphorePermit,
}

impl FromRequest<Arc<App>> for Whole {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, ApiError> {
        let coding = Coding::of(request.headers())
            .ok_or_else(|| ApiError::content_coding(coding::ACCEPTED))?;
        read(coding, request.into_body(), &app.bodies).await
    }
}

async fn read(coding: Coding, body: Body, limits: &BodyLimits) -> Result<Whole, ApiError> {
    let mut share = take(limits, 0)?;
    let mut buffer = BytesMut::with_capacity(reserved(coding, &body, limits));
    let mut sent = StreamReader::new(body.into_data_stream().map_err(io::Error::other));
    // A body of nothing is nothing in any coding.
    if !more(&mut sent).await?.is_empty() {
        let mut plain = coding.plain(&mut sent);
        loop {
            let bytes = more(&mut plain).await?;
            let read = bytes.len();
            if read == 0 {
                break;
            }
            if buffer.len() + read > limits.each {
                return Err(ApiError::too_large(limits.each));
            }
            buffer.extend_from_slice(bytes);
            plain.consume(read);
            let needed = buffer.len().div_ceil(UNIT).saturating_sub(share.num_permits());
            if needed > 0 {
                share.merge(take(limits, needed)?);
            }
        }
    }
    if !more(&mut sent).await?.is_empty() {
        return Err(unreadable("it goes on behind its end"));
    }
    Ok(Whole { bytes: exact(buffer), _share: share })
}

/// What to reserve for a body: what it says that it takes.
fn reserved(coding: Coding, body: &Body, limits: &BodyLimits) -> usize {
    let said = if coding == Coding::Identity { body.size_hint().exact() } else { None };
    let said = usize::try_from(said.unwrap_or(0)).unwrap_or(usize::MAX);
    said.min(limits.each).min(MOST_RESERVED)
}

/// The body in memory of its size: as long as texts of it are kept, all of that memory is.
fn exact(buffer: BytesMut) -> Bytes {
    let room = buffer.capacity() - buffer.len();
    if room > buffer.len() / 8 { Bytes::copy_from_slice(&buffer) } else { buffer.freeze() }
}

/// What comes next and is not consumed yet; nothing at the end.
async fn more<R: AsyncBufRead + Unpin>(reader: &mut R) -> Result<&[u8], ApiError> {
    timeout(LONGEST_PAUSE, reader.fill_buf()).await.map_err(paused)?.map_err(unreadable)
}

fn unreadable(error: impl std::fmt::Display) -> ApiError {
    ApiError::unreadable(format!("the body could not be read or decompressed: {error}"))
}

/// A sender that pauses holds memory that others need.
fn paused(_: tokio::time::error::Elapsed) -> ApiError {
    ApiError::unreadable(format!("the body stopped for longer than {LONGEST_PAUSE:?}"))
}

/// Refuses at once instead of waiting: a waiting sender would hold what it has already sent.
fn take(limits: &BodyLimits, units: usize) -> Result<OwnedSemaphorePermit, ApiError> {
    let units = u32::try_from(units).unwrap_or(u32::MAX);
    limits.in_flight.clone().try_acquire_many_owned(units).map_err(|_| {
        ApiError::busy("too many requests are being read at once; send this one again in a second")
    })
}

#[cfg(test)]
mod tests;
