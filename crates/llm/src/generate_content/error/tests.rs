#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn a_quota_says_when_to_come_again() {
    let body = json!({"error": {
        "code": 429,
        "message": "You exceeded your current quota.",
        "status": "RESOURCE_EXHAUSTED",
        "details": [
            {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": []},
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.5s"},
        ],
    }});
    let expected = ApiError {
        status: 429,
        kind: ErrorKind::RateLimited,
        message: "You exceeded your current quota.".to_owned(),
        r#type: Some("RESOURCE_EXHAUSTED".to_owned()),
        code: None,
        param: None,
        retry_after: Some(Duration::from_millis(34_500)),
    };
    assert_eq!(read_error(429, body.to_string().as_bytes()), expected);
    // So it comes where a stream was asked for as an array.
    assert_eq!(read_error(429, json!([body]).to_string().as_bytes()), expected);
}

#[test]
fn an_unknown_key_is_about_the_credential() {
    let body = json!({"error": {
        "code": 400,
        "message": "API key not valid. Please pass a valid API key.",
        "status": "INVALID_ARGUMENT",
        "details": [{
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "API_KEY_INVALID",
            "domain": "googleapis.com",
        }],
    }});
    let error = read_error(400, body.to_string().as_bytes());
    assert_eq!((error.status, error.kind), (400, ErrorKind::Unauthenticated));
    assert_eq!(error.code.as_deref(), Some("API_KEY_INVALID"));
}

#[test]
fn a_wrong_field_is_named() {
    let body = json!({"error": {
        "code": 400,
        "message": "Invalid value",
        "status": "INVALID_ARGUMENT",
        "details": [{
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            "fieldViolations": [{"field": "contents[0].parts", "description": "Invalid value"}],
        }],
    }});
    let error = read_error(400, body.to_string().as_bytes());
    assert_eq!(error.param.as_deref(), Some("contents[0].parts"));
    assert_eq!(write_error(&error), body);
}

#[test]
fn what_is_written_is_read_again() {
    for kind in [
        ErrorKind::BadRequest,
        ErrorKind::Unauthenticated,
        ErrorKind::Forbidden,
        ErrorKind::NotFound,
        ErrorKind::RateLimited,
        ErrorKind::Overloaded,
        ErrorKind::Timeout,
        ErrorKind::Provider,
    ] {
        let mut error = ApiError::new(kind, "no");
        error.r#type = Some(status_of(kind).to_owned());
        error.code = Some("budget_used_up".to_owned());
        error.param = Some("model".to_owned());
        error.retry_after = Some(Duration::from_millis(1_250));
        let written = write_error(&error).to_string();
        assert_eq!(read_error(error.status, written.as_bytes()), error);
    }
}

#[test]
fn another_providers_type_is_not_said_as_googles() {
    let mut error = ApiError::new(ErrorKind::Overloaded, "busy");
    error.r#type = Some("overloaded_error".to_owned());
    let expected = json!({"error": {"code": 503, "message": "busy", "status": "UNAVAILABLE"}});
    assert_eq!(write_error(&error), expected);
}

#[test]
fn anything_else_gives_the_status_and_the_beginning_of_the_text() {
    let page = format!("<html>{}</html>", "ü".repeat(1000));
    let error = read_error(502, page.as_bytes());
    assert_eq!((error.status, error.kind), (502, ErrorKind::Provider));
    assert_eq!(error.message.chars().count(), 500);
    assert!(error.message.starts_with("<html>ü"));
    for body in [b"".as_slice(), b"null", b"[]", b"[1]", b"{\"error\":\"x\"}", b"\xff"] {
        assert_eq!(read_error(404, body).kind, ErrorKind::NotFound);
    }
}

#[test]
fn waits_without_sense_are_left_out() {
    for wait in ["-1s", "1e300s", "NaNs", "5", "s", ""] {
        assert_eq!(read_duration(wait), None, "{wait}");
    }
    assert_eq!(read_duration("0s"), Some(Duration::ZERO));
}
