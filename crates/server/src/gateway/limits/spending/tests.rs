#![allow(clippy::unwrap_used)]

use super::*;

fn time(text: &str) -> Micros {
    Micros::parse(text).unwrap()
}

fn stretch(period: Period, at: &str) -> (String, String) {
    let Stretch { start, end } = Stretch::of(period, time(at));
    (start.to_string(), end.to_string())
}

fn pair(start: &str, end: &str) -> (String, String) {
    (format!("{start}T00:00:00.000Z"), format!("{end}T00:00:00.000Z"))
}

#[test]
fn periods_begin_at_midnight_on_monday_and_on_the_first() {
    // 2026-02-28 is a Saturday.
    let late = "2026-02-28T23:59:59.999999Z";
    assert_eq!(stretch(Period::Day, late), pair("2026-02-28", "2026-03-01"));
    assert_eq!(stretch(Period::Week, late), pair("2026-02-23", "2026-03-02"));
    assert_eq!(stretch(Period::Month, late), pair("2026-02-01", "2026-03-01"));
    let first = "2026-03-01T00:00:00Z";
    assert_eq!(stretch(Period::Day, first), pair("2026-03-01", "2026-03-02"));
    assert_eq!(stretch(Period::Week, first), pair("2026-02-23", "2026-03-02"));
    assert_eq!(stretch(Period::Month, first), pair("2026-03-01", "2026-04-01"));
    assert_eq!(stretch(Period::Week, "2026-03-02T00:00:00Z"), pair("2026-03-02", "2026-03-09"));
    assert_eq!(stretch(Period::Month, "2026-12-31T12:00:00Z"), pair("2026-12-01", "2027-01-01"));
    assert_eq!(stretch(Period::Month, "2028-01-31T00:00:00Z"), pair("2028-01-01", "2028-02-01"));
}

#[test]
fn a_period_has_its_first_moment_and_not_its_last() {
    let day = Stretch::of(Period::Day, time("2026-01-01T12:00:00Z"));
    assert!(day.contains(time("2026-01-01T00:00:00Z")));
    assert!(!day.contains(time("2026-01-02T00:00:00Z")));
    assert!(!day.contains(time("2025-12-31T23:59:59.999999Z")));
    assert_eq!(day.days(), 20_454..20_455);
    let month = Stretch::of(Period::Month, time("2026-01-15T12:00:00Z"));
    assert_eq!(month.days(), 20_454..20_485);
}

#[test]
fn what_is_not_stored_is_kept_by_key_and_day() {
    let (one, other): (Arc<str>, Arc<str>) = (Arc::from("one"), Arc::from("other"));
    let (monday, tuesday) = (time("2026-01-05T23:59:59Z"), time("2026-01-06T00:00:00Z"));
    let day = tuesday.0 / Micros::DAY;
    let mut unstored = Unstored::default();
    unstored.add(&one, monday, Money(1));
    unstored.add(&one, tuesday, Money(20));
    unstored.add(&one, tuesday, Money(300));
    unstored.add(&other, tuesday, Money(4_000));
    assert_eq!(unstored.sum("one", day - 1..day), Money(1));
    assert_eq!(unstored.sum("one", day..day + 1), Money(320));
    assert_eq!(unstored.sum("one", day - 1..day + 1), Money(321));
    assert_eq!(unstored.sum("none", day - 1..day + 1), Money::ZERO);
    assert_eq!(unstored.rows().len(), 3);

    let taken = unstored.take();
    assert_eq!(unstored, Unstored::default());
    unstored.add(&one, tuesday, Money(5));
    unstored.put_back(taken);
    assert_eq!(unstored.sum("one", day..day + 1), Money(325));
    let mut rows = unstored.rows();
    rows.sort_by_key(|row| row.amount);
    let last = Spent { key_id: "other".to_owned(), day, amount: 4_000 };
    assert_eq!(rows.last(), Some(&last));
}
