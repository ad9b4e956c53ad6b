#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn a_day_as_end_is_inclusive() {
    let range = time_range(Some("2026-01-01"), Some("2026-01-02")).unwrap().unwrap();
    assert_eq!(range.from.to_string(), "2026-01-01T00:00:00.000Z");
    assert_eq!(range.to.to_string(), "2026-01-03T00:00:00.000Z");
}

#[test]
fn moments_are_read_in_every_way() {
    for text in ["2026-01-01T01:00:00+01:00", "2026-01-01T01:00:00 01:00", "1767225600000"] {
        let range = time_range(Some(text), None).unwrap().unwrap();
        assert_eq!(range.from.to_string(), "2026-01-01T00:00:00.000Z", "{text}");
    }
    assert_eq!(time_range(None, None).unwrap(), None);
}

#[test]
fn what_is_no_time_is_refused_by_name() {
    let error = time_range(Some("yesterday"), None).unwrap_err();
    assert!(error.message.contains("startDate") && error.message.contains("yesterday"));
    assert!(time_range(Some("2026-01-02"), Some("2026-01-01")).is_err());
    assert!(time_range(None, Some("1767225600")).unwrap_err().message.contains("endDate"));
}
