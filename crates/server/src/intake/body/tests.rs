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

#[tokio::test]
async fn a_body_takes_memory_of_its_size() {
    let limits = BodyLimits::new(1 << 20, 1 << 20);
    let pieces = (0..300).map(|_| Ok::<_, io::Error>(Bytes::from(vec![b'x'; 1_000])));
    let unsaid = Body::from_stream(futures::stream::iter(pieces));
    let said = Body::from(vec![b'x'; 300_000]);
    for body in [unsaid, said] {
        let bytes = read(body, &limits).await.unwrap().bytes;
        assert_eq!(bytes.len(), 300_000);
        let taken = bytes.try_into_mut().unwrap().capacity();
        assert!(taken < 340_000, "{taken}");
    }
}
