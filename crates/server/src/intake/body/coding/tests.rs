#![allow(clippy::unwrap_used)]

use async_compression::tokio::bufread::{BrotliEncoder, GzipEncoder, ZstdEncoder};
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode};
use bytes::Bytes;
use tokio::io::AsyncReadExt as _;

use super::super::{BodyLimits, Whole, read};
use super::*;
use crate::error::ApiError;

const ALL: [Coding; 4] = [Coding::Identity, Coding::Gzip, Coding::Zstd, Coding::Brotli];

async fn packed(coding: Coding, text: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    let read = match coding {
        Coding::Identity => return text.to_vec(),
        Coding::Gzip => GzipEncoder::new(text).read_to_end(&mut packed).await,
        Coding::Zstd => ZstdEncoder::new(text).read_to_end(&mut packed).await,
        Coding::Brotli => BrotliEncoder::new(text).read_to_end(&mut packed).await,
    };
    read.unwrap();
    packed
}

async fn received(coding: Coding, body: impl Into<Body>, limit: usize) -> Result<Whole, ApiError> {
    read(coding, body.into(), &BodyLimits::new(limit, limit)).await
}

/// As a slow connection brings it.
fn byte_by_byte(bytes: &[u8]) -> Body {
    let bytes = Vec::from(bytes).into_iter();
    let pieces = bytes.map(|byte| Ok::<_, std::io::Error>(Bytes::copy_from_slice(&[byte])));
    Body::from_stream(futures::stream::iter(pieces))
}

#[test]
fn a_coding_is_known_by_all_its_names() {
    for (sent, wanted) in [
        (vec![], Some(Coding::Identity)),
        (vec![""], Some(Coding::Identity)),
        (vec!["Identity"], Some(Coding::Identity)),
        (vec!["gzip"], Some(Coding::Gzip)),
        (vec!["GZIP"], Some(Coding::Gzip)),
        (vec![" x-GZip "], Some(Coding::Gzip)),
        (vec!["identity, gzip"], Some(Coding::Gzip)),
        (vec!["Zstd"], Some(Coding::Zstd)),
        (vec!["BR", "identity"], Some(Coding::Brotli)),
        (vec!["deflate"], None),
        (vec!["snappy"], None),
        (vec!["gzip, gzip"], None),
        (vec!["gzip", "br"], None),
    ] {
        let mut headers = HeaderMap::new();
        for value in &sent {
            headers.append(CONTENT_ENCODING, HeaderValue::from_str(value).unwrap());
        }
        assert_eq!(Coding::of(&headers), wanted, "{sent:?}");
    }
}

#[tokio::test]
async fn a_body_of_several_members_is_read_to_its_end() {
    let long = "three ".repeat(20_000);
    for coding in [Coding::Gzip, Coding::Zstd] {
        let mut body = Vec::new();
        for text in ["one, ", "", "two, ", long.as_str()] {
            body.extend(packed(coding, text.as_bytes()).await);
        }
        let wanted = format!("one, two, {long}");
        let whole = received(coding, body.clone(), 1_000_000).await.unwrap();
        assert!(whole.bytes == wanted, "{coding:?}: {} bytes", whole.bytes.len());
        let whole = received(coding, byte_by_byte(&body), 1_000_000).await.unwrap();
        assert!(whole.bytes == wanted, "{coding:?}, byte by byte: {} bytes", whole.bytes.len());
    }
}

#[tokio::test]
async fn the_limit_holds_for_all_members_together() {
    for coding in [Coding::Gzip, Coding::Zstd] {
        let member = packed(coding, &[b' '; 600_000]).await;
        let twice = [&member[..], &member[..]].concat();
        assert_eq!(
            received(coding, twice.clone(), 1_200_000).await.unwrap().bytes.len(),
            1_200_000
        );
        let error = received(coding, twice, 1_199_999).await.unwrap_err();
        assert_eq!(error.status, StatusCode::PAYLOAD_TOO_LARGE, "{coding:?}");
    }
}

#[tokio::test]
async fn what_is_torn_or_goes_on_behind_its_end_is_refused() {
    for coding in [Coding::Gzip, Coding::Zstd, Coding::Brotli] {
        let body = packed(coding, b"a text that is long enough to be torn").await;
        assert!(received(coding, body.clone(), 100).await.is_ok(), "{coding:?}");
        let torn = body[..body.len() - 2].to_vec();
        let longer = [&body[..], b"?!"].concat();
        for bytes in [torn, longer] {
            for sent in [Body::from(bytes.clone()), byte_by_byte(&bytes)] {
                let error = received(coding, sent, 100).await.unwrap_err();
                assert_eq!(error.status, StatusCode::BAD_REQUEST, "{coding:?} {bytes:?}");
            }
        }
    }
}

#[tokio::test]
async fn nothing_is_nothing_in_any_coding() {
    for coding in ALL {
        assert!(received(coding, Body::empty(), 100).await.unwrap().bytes.is_empty(), "{coding:?}");
    }
}
