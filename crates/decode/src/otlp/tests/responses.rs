//! The answers, byte by byte.

use crate::otlp::{response_json, response_protobuf, status_json, status_protobuf};
use crate::{FieldError, Rejected};

fn rejected(count: usize) -> Vec<Rejected> {
    (0..count).map(|index| Rejected { index, error: FieldError::new("name", "is odd") }).collect()
}

#[test]
fn success_is_empty() {
    assert!(response_protobuf(&[]).is_empty());
    assert_eq!(response_json(&[]), "{}");
}

#[test]
fn partial_success_counts_and_explains() {
    let message = b"span 0: name is odd; span 1: name is odd";
    let mut expected = vec![0x0a, 44, 0x08, 2, 0x12, 40];
    expected.extend(message);
    assert_eq!(response_protobuf(&rejected(2)), expected);
    assert_eq!(
        response_json(&rejected(1)),
        r#"{"partialSuccess":{"rejectedSpans":"1","errorMessage":"span 0: name is odd"}}"#
    );
}

#[test]
fn long_explanations_end() {
    let response = response_json(&rejected(1_000));
    assert!(response.contains("\"1000\"") && response.contains("and 990 more"), "{response}");
    assert!(response.len() < 500);
}

#[test]
fn failures_are_google_rpc_status() {
    assert_eq!(status_protobuf(3, "no"), &[0x08, 3, 0x12, 2, b'n', b'o'][..]);
    assert_eq!(status_protobuf(-1, "").len(), 13);
    assert_eq!(status_json(14, "busy"), r#"{"code":14,"message":"busy"}"#);
}
