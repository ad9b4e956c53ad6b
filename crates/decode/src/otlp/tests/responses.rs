//! The answers, byte by byte.

use crate::otlp::{response_json, response_protobuf, status_json, status_protobuf};
use crate::{Decoded, FieldError, MOST_DETAILED};

fn rejected(count: usize) -> Decoded {
    let mut decoded = Decoded::default();
    (0..count).for_each(|index| decoded.reject(index, FieldError::new("name", "is odd")));
    decoded
}

#[test]
fn success_is_empty() {
    assert!(response_protobuf(&Decoded::default()).is_empty());
    assert_eq!(response_json(&Decoded::default()), "{}");
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
fn what_is_not_kept_in_detail_is_counted() {
    let decoded = rejected(MOST_DETAILED + 5);
    assert_eq!((decoded.rejected.len(), decoded.more_rejected), (MOST_DETAILED, 5));
    let response = response_json(&decoded);
    assert!(response.contains("\"1005\"") && response.contains("and 995 more"), "{response}");
}

#[test]
fn failures_are_google_rpc_status() {
    assert_eq!(status_protobuf(3, "no"), &[0x08, 3, 0x12, 2, b'n', b'o'][..]);
    assert_eq!(status_protobuf(-1, "").len(), 13);
    assert_eq!(status_json(14, "busy"), r#"{"code":14,"message":"busy"}"#);
}
