#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn text_and_numbers_meet() {
    let text = Micros::parse("2026-01-31T13:00:00.5+01:00").unwrap();
    assert_eq!(text, Micros::from_millis(1_769_860_800_500).unwrap());
    assert_eq!(text.to_string(), "2026-01-31T12:00:00.500Z");
    assert_eq!(Micros(text.0 + 1).to_string(), "2026-01-31T12:00:00.500001Z");
}

#[test]
fn other_units_are_refused_by_name() {
    for number in [1_769_860_800, 1_769_860_800_500_000, 0, -5] {
        assert_eq!(Micros::from_millis(number), Err(TimeError::NotMillis(number)));
    }
}

#[test]
fn bounds_are_1990_and_a_day_ahead() {
    let now = Micros::parse("2026-01-31T12:00:00Z").unwrap();
    assert!(now.plus(Micros::DAY).check(now).is_ok());
    assert!(matches!(now.plus(Micros::DAY + 1).check(now), Err(TimeError::Future(_))));
    assert!(matches!(Micros(0).check(now), Err(TimeError::TooOld(_))));
    assert!(matches!(Micros(i64::MAX).check(now), Err(TimeError::Future(_))));
}

#[test]
fn nanoseconds_are_floored() {
    assert_eq!(Micros::from_nanos(1_999), Micros(1));
    assert_eq!(Micros::from_nanos(u64::MAX), Micros(18_446_744_073_709_551));
}
