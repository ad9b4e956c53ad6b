use axum::http::StatusCode;

use super::*;

#[test]
fn a_mebibyte_is_read_and_more_is_refused_with_the_limit() {
    assert!(check(1 << 20).is_ok());
    let refused = check((1 << 20) + 1).map_err(|error| (error.status, error.message));
    let Err((status, message)) = refused else { panic!("it is too large") };
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(message.contains("1048576 bytes") && !message.contains("--max-body-mib"), "{message}");
}
