//! Work on many bytes, off the threads that serve other calls.

use tracekeep_llm::chat::{ApiError, ErrorKind};

/// Bytes that are worked on where their call is served.
const MOST_BYTES: usize = 1 << 20;

/// What `work` gives, which has about that many bytes to do with.
///
/// # Errors
/// It broke off.
pub(super) async fn work<T: Send + 'static>(
    bytes: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ApiError> {
    if bytes <= MOST_BYTES {
        return Ok(work());
    }
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| ApiError::new(ErrorKind::Provider, "the gateway broke off; ask again"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::thread;

    use super::*;

    #[tokio::test]
    async fn what_is_large_is_done_elsewhere() {
        let here = thread::current().id();
        let on = |bytes| work(bytes, || thread::current().id());
        assert_eq!(on(MOST_BYTES).await.unwrap(), here);
        assert_ne!(on(MOST_BYTES + 1).await.unwrap(), here);
    }
}
