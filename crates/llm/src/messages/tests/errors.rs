use serde_json::{Value, json};

use super::fixture;
use crate::chat::{ApiError, ErrorKind};
use crate::messages::{read_error, read_token_count, write_error, write_token_count};

#[test]
fn what_the_provider_says_is_understood() {
    let error = read_error(529, fixture!("responses/error_overloaded.json").as_bytes());
    assert_eq!((error.status, error.kind), (529, ErrorKind::Overloaded));
    assert_eq!(error.message, "Overloaded");
    assert_eq!(error.r#type.as_deref(), Some("overloaded_error"));
    let error = read_error(400, fixture!("responses/error_image.json").as_bytes());
    assert_eq!(error.kind, ErrorKind::BadRequest);
    assert_eq!(error.code.as_deref(), Some("image_dimensions_too_large"));
}

#[test]
fn any_body_gives_a_status_and_a_reason() {
    let page = "<html>".repeat(200);
    for (body, message) in [
        ("", "the provider answered 502 without a reason"),
        (" bad gateway\n", "bad gateway"),
        (page.as_str(), &page[..500]),
        ("[1]", "[1]"),
        ("{\"error\":\"no\"}", "no"),
        ("{\"message\":\"gone\"}", "gone"),
        ("{\"message\":\" \"}", "{\"message\":\" \"}"),
        ("{\"error\":{\"message\":5}}", "{\"error\":{\"message\":5}}"),
    ] {
        let error = read_error(502, body.as_bytes());
        assert_eq!((error.status, error.kind), (502, ErrorKind::Provider), "{body}");
        assert_eq!(error.message, message);
    }
    assert_eq!(read_error(401, b"\xff").kind, ErrorKind::Unauthenticated);
}

#[test]
fn clients_get_the_protocols_own_types() {
    let mut error = ApiError::new(ErrorKind::RateLimited, "The budget is used up.");
    // OpenAI's type for most: not what this protocol calls it.
    error.r#type = Some("invalid_request_error".into());
    error.code = Some("budget_exceeded".into());
    let expected: Value = serde_json::from_str(fixture!("written/error_rate_limit.json")).unwrap();
    assert_eq!(write_error(&error), expected);
    for (kind, status, expected) in [
        (ErrorKind::BadRequest, 400, "invalid_request_error"),
        (ErrorKind::BadRequest, 413, "request_too_large"),
        (ErrorKind::BadRequest, 422, "invalid_request_error"),
        (ErrorKind::Unauthenticated, 401, "authentication_error"),
        (ErrorKind::Forbidden, 403, "permission_error"),
        (ErrorKind::Forbidden, 402, "billing_error"),
        (ErrorKind::NotFound, 404, "not_found_error"),
        (ErrorKind::Overloaded, 503, "overloaded_error"),
        (ErrorKind::Timeout, 504, "timeout_error"),
        (ErrorKind::Provider, 502, "api_error"),
    ] {
        let error = ApiError { status, ..ApiError::new(kind, "x") };
        assert_eq!(write_error(&error)["error"]["type"], expected, "{status}");
    }
}

#[test]
fn an_error_survives_writing_and_reading() {
    let sent: Value = serde_json::from_str(fixture!("responses/error_image.json")).unwrap();
    let mut expected = sent.clone();
    expected.as_object_mut().unwrap().shift_remove("request_id");
    let error = read_error(400, sent.to_string().as_bytes());
    assert_eq!(write_error(&error), expected);
}

#[test]
fn tokens_are_counted_in_the_protocols_shape() {
    let expected: Value =
        serde_json::from_str(fixture!("written/response_token_count.json")).unwrap();
    assert_eq!(write_token_count(14), expected);
    assert_eq!(read_token_count(fixture!("responses/token_count.json").as_bytes()), Ok(14));
    for body in ["{}", "[]", "{\"input_tokens\":\"14\"}", "{\"input_tokens\":1.5}"] {
        assert_eq!(read_token_count(body.as_bytes()).unwrap_err().field, "input_tokens", "{body}");
    }
    assert_eq!(read_token_count(b"x").unwrap_err().field, "body");
    assert_eq!(write_token_count(0), json!({"input_tokens": 0}));
}
