#![allow(clippy::unwrap_used)]

use axum::http::StatusCode;
use futures::FutureExt as _;

use super::*;

#[tokio::test]
async fn who_comes_too_many_is_refused_and_who_waits_gets_a_turn() {
    let turns = Turns::new(1, 1);
    let first = turns.take("busy").await.unwrap();
    let mut second = Box::pin(turns.take("busy"));
    assert!((&mut second).now_or_never().is_none(), "it waits");
    let third = turns.take("too many of them").now_or_never().unwrap().unwrap_err();
    assert_eq!(third.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(third.message, "too many of them");
    drop(first);
    let second = second.await.unwrap();
    let mut fourth = Box::pin(turns.take("busy"));
    assert!((&mut fourth).now_or_never().is_none(), "its place was free again");
    drop(second);
    assert!(fourth.await.is_ok());
}
