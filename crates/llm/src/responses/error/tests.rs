#![allow(clippy::unwrap_used)]

use super::*;
use crate::responses::tests::fixture;

#[test]
fn an_error_is_read_and_written_again() {
    let body = fixture("responses/error.json");
    let error = read_error(429, body.as_bytes());
    assert_eq!((error.status, error.kind), (429, ErrorKind::RateLimited));
    assert_eq!(error.message, "Too fast.");
    assert_eq!(error.r#type.as_deref(), Some("rate_limit_error"));
    assert_eq!(error.code.as_deref(), Some("rate_limit_exceeded"));
    assert_eq!(error.param, None);
    let expected: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(write_error(&error), expected);
}

#[test]
fn other_shapes_have_their_message_too() {
    for (body, message) in [
        (r#"{"error":"no such model"}"#, "no such model"),
        (r#"{"message":"denied","code":7}"#, "denied"),
        (r#"{"detail":"Not Found"}"#, "Not Found"),
        ("<html>bad gateway</html>", "<html>bad gateway</html>"),
        (" \n", "the provider answered 502 without a message"),
        ("{\"error\":{\"message\":\"\"}}", "{\"error\":{\"message\":\"\"}}"),
    ] {
        let error = read_error(502, body.as_bytes());
        assert_eq!(error.message, message, "{body}");
        assert_eq!((error.status, error.kind), (502, ErrorKind::Provider));
    }
    assert_eq!(read_error(403, br#"{"message":"denied","code":7}"#).code.as_deref(), Some("7"));
}

#[test]
fn of_a_long_body_the_start_is_shown() {
    let body = "ü".repeat(10_000);
    let error = read_error(500, body.as_bytes());
    assert_eq!(error.message, "ü".repeat(500));
    let error = read_error(500, &[0xff; 3000]);
    assert_eq!(error.message.chars().count(), 500);
}

#[test]
fn what_tracekeep_reports_has_a_type() {
    for (kind, expected) in [
        (ErrorKind::BadRequest, "invalid_request_error"),
        (ErrorKind::Unauthenticated, "authentication_error"),
        (ErrorKind::Forbidden, "permission_error"),
        (ErrorKind::RateLimited, "rate_limit_error"),
        (ErrorKind::Overloaded, "server_error"),
    ] {
        let written = write_error(&ApiError::new(kind, "m"));
        let error = json!({"message": "m", "type": expected, "param": null, "code": null});
        assert_eq!(written, json!({"error": error}));
    }
}

#[test]
fn codes_midway_have_their_status() {
    for (code, status) in [
        ("server_error", 500),
        ("rate_limit_exceeded", 429),
        ("context_length_exceeded", 400),
        ("invalid_image_url", 400),
        ("image_too_small", 400),
        ("model_not_found", 404),
        ("something_new", 500),
    ] {
        let failure = midway(&json!({"type": "error", "code": code, "message": "m"}));
        assert_eq!((failure.status, failure.code.as_deref()), (status, Some(code)));
        assert_eq!(failure.kind, ErrorKind::of_status(status));
        assert_eq!(failure.r#type, None);
    }
}

#[test]
fn a_failure_midway_has_a_code() {
    let code = |kind| write_midway(&ApiError::new(kind, "m"))["code"].clone();
    assert_eq!(code(ErrorKind::RateLimited), "rate_limit_exceeded");
    assert_eq!(code(ErrorKind::Timeout), "server_error");
    let known = ApiError { code: Some("x".into()), ..ApiError::new(ErrorKind::Provider, "m") };
    assert_eq!(write_midway(&known), json!({"code": "x", "message": "m"}));
}
