//! Content codings: what a body is compressed with.
//!
//! A gzip body may be made of several members (RFC 1952, section 2.2) and a zstd body of several
//! frames (RFC 8878, section 3), as senders make them that append to what they have compressed. All
//! are read. Brotli knows one stream. Whatever else stands behind the end makes the body unreadable,
//! so that nothing is left out silently.

use async_compression::tokio::bufread::{BrotliDecoder, GzipDecoder, ZstdDecoder};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_ENCODING;
use tokio::io::{AsyncBufRead, BufReader};

/// The codings that are read, as the header `Accept-Encoding` names them.
pub(super) const ACCEPTED: &str = "zstd, gzip, br";

/// Bytes that are decompressed at once.
const PIECE: usize = 16 * 1_024;

/// What a body is compressed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Identity,
    Gzip,
    Zstd,
    Brotli,
}

impl Coding {
    /// That of a request; `None` where it is not known, or where there are two.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let mut found = Self::Identity;
        for value in headers.get_all(CONTENT_ENCODING) {
            for name in value.to_str().ok()?.split(',') {
                match (found, Self::named(name.trim())?) {
                    (_, Self::Identity) => {}
                    (Self::Identity, coding) => found = coding,
                    _ => return None,
                }
            }
        }
        Some(found)
    }

    /// RFC 9110, section 8.4.1: upper and lower case are the same, and `x-gzip` is `gzip`.
    fn named(name: &str) -> Option<Self> {
        match &*name.to_ascii_lowercase() {
            "" | "identity" => Some(Self::Identity),
            "gzip" | "x-gzip" => Some(Self::Gzip),
            "zstd" => Some(Self::Zstd),
            "br" => Some(Self::Brotli),
            _ => None,
        }
    }

    /// What was compressed, from what was sent, a piece at a time.
    pub(super) fn plain<'a>(
        self,
        sent: &'a mut (impl AsyncBufRead + Send + Unpin),
    ) -> Box<dyn AsyncBufRead + Send + Unpin + 'a> {
        match self {
            Self::Identity => Box::new(sent),
            Self::Gzip => {
                let mut decoder = GzipDecoder::new(sent);
                decoder.multiple_members(true);
                Box::new(BufReader::with_capacity(PIECE, decoder))
            }
            Self::Zstd => {
                let mut decoder = ZstdDecoder::new(sent);
                decoder.multiple_members(true);
                Box::new(BufReader::with_capacity(PIECE, decoder))
            }
            Self::Brotli => Box::new(BufReader::with_capacity(PIECE, BrotliDecoder::new(sent))),
        }
    }
}

#[cfg(test)]
mod tests;
