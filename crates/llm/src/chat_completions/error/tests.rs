#![allow(clippy::unwrap_used)]

use super::super::fixtures;
use super::*;

#[test]
fn every_provider_says_errors_in_a_form_of_its_own() {
    let openai = read_error(
        429,
        br#"{"error":{"message":"slow down","type":"requests","param":null,"code":"rate_limit_exceeded"}}"#,
    );
    assert_eq!((openai.status, openai.kind), (429, ErrorKind::RateLimited));
    assert_eq!(openai.message, "slow down");
    assert_eq!(openai.r#type.as_deref(), Some("requests"));
    assert_eq!(openai.code.as_deref(), Some("rate_limit_exceeded"));
    assert_eq!(openai.param, None);

    let messages = [
        (r#"{"error":{"code":"429","message":"Azure is full","innererror":{}}}"#, "Azure is full"),
        (r#"{"error":"model not found"}"#, "model not found"),
        (r#"{"object":"error","message":"no","type":"BadRequestError","code":400}"#, "no"),
        (r#"{"detail":"Not Found"}"#, "Not Found"),
        (r#"[{"error":{"code":400,"message":"Google","status":"INVALID_ARGUMENT"}}]"#, "Google"),
        (
            r#"{"error":{"message":"Provider returned error","metadata":{"raw":"too long"}}}"#,
            "Provider returned error: too long",
        ),
        (
            r#"{"object":"error","message":{"detail":[{"msg":"extra"}]}}"#,
            r#"{"detail":[{"msg":"extra"}]}"#,
        ),
        ("\n<html>busy</html> ", "<html>busy</html>"),
        (r#"{"ok":false}"#, r#"{"ok":false}"#),
        ("", "the provider answered 400 and gave no reason"),
        ("null", "the provider answered 400 and gave no reason"),
    ];
    for (body, message) in messages {
        let error = read_error(400, body.as_bytes());
        assert_eq!(error.message, message, "{body}");
        assert_eq!(error.kind, ErrorKind::BadRequest, "{body}");
    }
    let google = read_error(400, br#"[{"error":{"code":400,"message":"Google"}}]"#);
    assert_eq!(google.code.as_deref(), Some("400"));
}

#[test]
fn of_a_long_text_only_the_beginning_is_kept() {
    let error = read_error(502, "é".repeat(10_000).as_bytes());
    assert_eq!(error.message, "é".repeat(500));
    assert_eq!(read_error(502, b"\xff\xfe").message, "\u{fffd}\u{fffd}");
}

#[test]
fn an_error_in_a_stream_says_by_itself_what_it_is() {
    let kinds = [
        (json!({"error": {"message": "x", "code": 502}}), 502, ErrorKind::Provider),
        (json!({"error": {"message": "x", "code": "429"}}), 429, ErrorKind::RateLimited),
        (
            json!({"error": {"message": "x", "type": "rate_limit_error"}}),
            429,
            ErrorKind::RateLimited,
        ),
        (
            json!({"error": {"message": "x", "type": "overloaded_error"}}),
            503,
            ErrorKind::Overloaded,
        ),
        (
            json!({"error": {"message": "x", "code": "context_length_exceeded"}}),
            400,
            ErrorKind::BadRequest,
        ),
        (json!({"error": {"message": "x", "code": 3}}), 500, ErrorKind::Provider),
        (json!({"error": {"message": "x"}}), 500, ErrorKind::Provider),
    ];
    for (body, status, kind) in kinds {
        let error = read_streamed(&body);
        assert_eq!((error.status, error.kind), (status, kind), "{body}");
        assert_eq!(error.message, "x");
    }
}

#[test]
fn an_error_is_written_as_the_sdk_reads_it() {
    let mut error = ApiError::new(ErrorKind::RateLimited, "slow down");
    error.code = Some("rate_limit_exceeded".to_owned());
    assert_eq!(write_error(&error), fixtures::json("written/error.json"));
    error.r#type = Some("tokens".to_owned());
    let again = read_error(429, write_error(&error).to_string().as_bytes());
    assert_eq!(again, error);
}
