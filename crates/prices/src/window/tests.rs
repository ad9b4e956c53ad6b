#![allow(clippy::unwrap_used)]

use super::*;

fn at(text: &str) -> Micros {
    Micros::parse(text).unwrap()
}

#[test]
fn a_date_begins_at_midnight_utc() {
    let window = Window { from: Micros::parse_day("2026-10-14"), ..Window::default() };
    assert!(!window.holds(at("2026-10-13T23:59:59.999999Z")));
    assert!(window.holds(at("2026-10-14T00:00:00Z")));
    assert!(!window.holds(at("2026-10-14T01:00:00+02:00")));
    assert_eq!(window.name(), "2026-10-14");
    assert_eq!(Window::default().name(), "start");
}

#[test]
fn hours_hold_their_first_minute_and_not_their_last() {
    let window = Window { hours: vec![read_hours("00:30-16:30").unwrap()], ..Window::default() };
    assert!(!window.holds(at("2026-01-01T00:29:59Z")));
    assert!(window.holds(at("2026-01-01T00:30:00Z")));
    assert!(window.holds(at("2026-01-01T16:29:59.999999Z")));
    assert!(!window.holds(at("2026-01-01T16:30:00Z")));
}

#[test]
fn hours_may_go_past_midnight_or_round_the_clock() {
    let window = |text| Window { hours: vec![read_hours(text).unwrap()], ..Window::default() };
    let night = window("16:30-00:30");
    assert!(night.holds(at("2026-01-01T23:00:00Z")) && night.holds(at("2026-01-01T00:29:00Z")));
    assert!(!night.holds(at("2026-01-01T12:00:00Z")));
    assert!(window("00:00-00:00").holds(at("2026-01-01T12:00:00Z")));
}

#[test]
fn days_are_those_of_utc() {
    let days = read_days(&[1, 2, 3, 4, 5]).unwrap();
    let window = Window { days, hours: vec![read_hours("01:00-04:00").unwrap()], from: None };
    assert!(window.holds(at("2026-11-20T02:00:00Z")), "a Friday");
    assert!(!window.holds(at("2026-11-21T02:00:00Z")), "a Saturday");
    assert!(!window.holds(at("2026-11-22T02:00:00Z")), "a Sunday");
    assert!(window.holds(at("2026-11-23T02:00:00Z")), "a Monday");
    assert!(
        window.holds(Micros::parse("1969-12-31T02:00:00Z").unwrap()),
        "a Wednesday before 1970"
    );
    assert_eq!(window.name(), "start,01:00-04:00,d12345");
}

#[test]
fn refuses_what_is_no_time_of_day() {
    for text in ["1:00-04:00", "01:00", "24:00-01:00", "01:60-02:00", "+1:00-02:00", "01:00-02:00Z"]
    {
        assert_eq!(read_hours(text), None, "{text}");
    }
    assert_eq!(read_days(&[0]), None);
    assert_eq!(read_days(&[8]), None);
}
