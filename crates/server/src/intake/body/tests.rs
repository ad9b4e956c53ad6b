#![allow(clippy::unwrap_used)]

use axum::http::StatusCode;

use super::*;

async fn read(body: Body, limits: &BodyLimits) -> Result<Whole, ApiError> {
    super::read(Coding::Identity, body, limits).await
}

#[tokio::test]
async fn a_body_within_its_limit_is_whole() {
    let limits = BodyLimits::new(10, 10);
    assert_eq!(read(Body::from("0123456789"), &limits).await.unwrap().bytes, "0123456789");
}

#[tokio::test]
async fn a_larger_one_is_refused_with_the_limit() {
    let error = read(Body::from("0123456789a"), &BodyLimits::new(10, 10)).await.unwrap_err();
    assert_eq!(error.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(error.message.contains("10 bytes"));
}

#[tokio::test]
async fn all_bodies_together_are_bounded_and_make_room_again() {
    let limits = BodyLimits::new(4 * UNIT, 4 * UNIT);
    let body = || Body::from(vec![b'x'; 3 * UNIT]);
    let first = read(body(), &limits).await.unwrap();
    assert_eq!(read(body(), &limits).await.unwrap_err().status, StatusCode::SERVICE_UNAVAILABLE);
    drop(first);
    assert!(read(body(), &limits).await.is_ok());
}
