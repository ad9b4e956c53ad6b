//! Bodies of settings, which are small: read as JSON, one takes many times its size in memory.

use std::sync::Arc;

use axum::extract::{FromRequest, Request};

use crate::app::App;
use crate::error::ApiError;
use crate::intake::body::Whole;

/// Bytes of a body, decompressed. All that a project may set fits.
const MOST_BYTES: usize = 1 << 20;

/// A body of at most a mebibyte. As a handler's argument it comes last.
#[derive(Debug)]
pub(crate) struct SmallBody(pub(super) Whole);

impl FromRequest<Arc<App>> for SmallBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, ApiError> {
        let whole = Whole::from_request(request, app).await?;
        check(whole.bytes.len())?;
        Ok(Self(whole))
    }
}

fn check(length: usize) -> Result<(), ApiError> {
    if length <= MOST_BYTES {
        return Ok(());
    }
    let mut error = ApiError::too_large(MOST_BYTES);
    error.message = format!(
        "the body is larger than the {MOST_BYTES} bytes that it may have here after decompression; \
         send less"
    );
    Err(error)
}

#[cfg(test)]
mod tests;
