use super::{backoff, rejected};

#[test]
fn pauses_grow_to_ten_seconds_and_no_further() {
    let seconds: Vec<u64> = (0..7).map(|attempt| backoff(attempt).as_secs()).collect();
    assert_eq!(seconds, [1, 2, 4, 8, 10, 10, 10]);
    assert_eq!(backoff(u32::MAX).as_secs(), 10);
}

#[test]
fn a_partial_success_that_rejects_nothing_is_a_success() {
    for answer in ["", "{}", "not json", r#"{"partialSuccess":{}}"#, r#"{"partialSuccess":null}"#] {
        assert_eq!(rejected(answer), None, "{answer}");
    }
    assert_eq!(rejected(r#"{"partialSuccess":{"rejectedSpans":"0"}}"#), None);
    assert_eq!(rejected(r#"{"partialSuccess":{"rejectedSpans":0,"errorMessage":""}}"#), None);
}

#[test]
fn rejected_spans_are_noticed() {
    let text = r#"{"partialSuccess":{"rejectedSpans":"2","errorMessage":"span_id is missing"}}"#;
    assert_eq!(rejected(text).as_deref(), Some("span_id is missing"));
    let number = r#"{"partialSuccess":{"rejectedSpans":2}}"#;
    assert_eq!(rejected(number).as_deref(), Some("spans were rejected"));
}
