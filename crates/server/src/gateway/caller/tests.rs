#![allow(clippy::unwrap_used)]

use super::*;

const SECRET: &str = "sk-tk-test-0000";

fn keys(
    headers: &[(&'static str, &'static str)],
    parameter: Option<&str>,
) -> Vec<(String, String)> {
    let headers = headers.iter().map(|&(name, value)| {
        (HeaderName::from_static(name), axum::http::HeaderValue::from_static(value))
    });
    let brought = brought(&headers.collect(), parameter, SECRET);
    brought.into_iter().map(|(name, value)| (name.to_string(), value)).collect()
}

fn of(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[test]
fn a_client_s_own_keys_go_on_in_the_headers_they_came_in() {
    let sent = [("authorization", "Bearer sk-theirs"), ("x-api-key", "sk-ant-theirs")];
    let expected = [of("authorization", "Bearer sk-theirs"), of("x-api-key", "sk-ant-theirs")];
    assert_eq!(keys(&sent, None), expected);
}

#[test]
fn the_parameter_of_gemini_s_clients_goes_on_in_its_header() {
    assert_eq!(keys(&[], Some("AIza-theirs")), [of("x-goog-api-key", "AIza-theirs")]);
    let sent = [("authorization", "Bearer sk-theirs")];
    let expected = [of("authorization", "Bearer sk-theirs"), of("x-goog-api-key", "AIza-theirs")];
    assert_eq!(keys(&sent, Some("AIza-theirs")), expected);
}

#[test]
fn a_key_in_the_header_goes_before_the_parameter() {
    let sent = [("x-goog-api-key", "AIza-header")];
    assert_eq!(keys(&sent, Some("AIza-parameter")), [of("x-goog-api-key", "AIza-header")]);
    // Ours is none of theirs.
    let sent = [("x-goog-api-key", SECRET)];
    assert_eq!(keys(&sent, Some("AIza-parameter")), [of("x-goog-api-key", "AIza-parameter")]);
}

#[test]
fn our_own_keys_are_never_sent_on() {
    let sent = [("authorization", "Bearer sk-tk-test-0000"), ("api-key", "sk-tk-other")];
    assert!(keys(&sent, Some(SECRET)).is_empty());
    assert!(keys(&[], Some("sk-tk-other")).is_empty());
}
