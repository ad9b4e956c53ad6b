#![allow(clippy::unwrap_used)]

use super::*;
use crate::client::tests::{send, server};

const HALF: &[&str] = &["HTTP/1.1 500 No\r\ncontent-length: 9\r\n\r\nhalf"];
const WHOLE: &[&str] = &["HTTP/1.1 500 No\r\ncontent-length: 9\r\n\r\nhalf", "-half"];

async fn body(pieces: &'static [&'static str]) -> Body {
    send(server(pieces).await).await.unwrap().body
}

#[tokio::test]
async fn what_is_collected_counts_until_the_last_slice_of_it_is_dropped() {
    let mut body = body(WHOLE).await;
    let room = Room::of(3 * UNIT);
    let free = || room.0.available_permits();
    body.room = room.clone();
    let all = body.collect(9).await.unwrap();
    assert_eq!(all, "half-half");
    assert_eq!(free(), 2);
    let slice = all.slice(4..5);
    drop(all);
    assert_eq!(slice, "-");
    assert_eq!(free(), 2);
    drop(slice);
    assert_eq!(free(), 3);
}

#[tokio::test]
async fn without_room_nothing_is_collected() {
    let mut full = body(WHOLE).await;
    full.room = Room::of(0);
    let error = full.collect(9).await.unwrap_err();
    assert!(matches!(error, CallError::TooMuch), "{error}");
    let mut full = body(WHOLE).await;
    full.room = Room::of(0);
    assert_eq!(full.first(9).await, "");
}

#[tokio::test]
async fn of_what_is_too_large_the_beginning_is_kept() {
    let mut large = body(WHOLE).await;
    let room = Room::of(3 * UNIT);
    large.room = room.clone();
    let first = large.first(6).await;
    assert_eq!(first, "half-h");
    assert_eq!(room.0.available_permits(), 2);
    drop(first);
    assert_eq!(room.0.available_permits(), 3);
    assert_eq!(body(WHOLE).await.first(100).await, "half-half");
    assert_eq!(body(HALF).await.first(9).await, "half", "what comes before it breaks off");
}

#[tokio::test]
async fn who_looks_at_the_first_piece_takes_nothing_away() {
    let mut body = body(&[
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        "3\r\none\r\n",
        "3\r\ntwo\r\n",
        "0\r\n\r\n",
    ])
    .await;
    assert_eq!(body.peek().await.unwrap().unwrap(), "one");
    assert_eq!(body.peek().await.unwrap().unwrap(), "one");
    assert_eq!(body.next().await.unwrap().unwrap(), "one");
    assert_eq!(body.next().await.unwrap().unwrap(), "two");
    assert!(body.peek().await.is_none());
    assert!(body.next().await.is_none());
}

#[tokio::test]
async fn what_was_looked_at_is_collected_too() {
    let mut whole = body(WHOLE).await;
    assert!(whole.peek().await.unwrap().unwrap().starts_with(b"half"));
    assert_eq!(whole.collect(9).await.unwrap(), "half-half");
}

#[tokio::test]
async fn after_a_failure_nothing_comes() {
    let mut broken = body(&["HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n"]).await;
    let error = broken.peek().await.unwrap().unwrap_err();
    assert!(matches!(error, CallError::Timeout { what: "go on", .. }), "{error}");
    assert!(broken.next().await.is_none());
    assert!(broken.peek().await.is_none());
}
