#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn a_step_starts_where_the_calendar_says() {
    let time = Micros::parse("2024-03-03T23:59:58.5Z").unwrap(); // a Sunday
    for (bucket, wanted) in [
        (Bucket::Minute, "2024-03-03T23:59:00Z"),
        (Bucket::Hour, "2024-03-03T23:00:00Z"),
        (Bucket::Day, "2024-03-03T00:00:00Z"),
        (Bucket::Week, "2024-02-26T00:00:00Z"),
        (Bucket::Month, "2024-03-01T00:00:00Z"),
    ] {
        assert_eq!(bucket.start(time), Micros::parse(wanted).unwrap(), "{bucket}");
        assert_eq!(bucket.start(bucket.start(time)), bucket.start(time), "{bucket}");
    }
    let monday = Micros::parse("2024-02-26T00:00:00Z").unwrap();
    assert_eq!(Bucket::Week.start(monday), monday);
}
