use super::*;

/// A whole second, some time in 2026.
const START: i64 = 1_767_225_600_000_000;

fn at(millis: i64) -> Micros {
    Micros(START + millis * 1_000)
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

#[test]
fn what_is_a_minute_old_counts_no_more() {
    let mut window = Window::default();
    window.add(at(0), 3);
    window.add(at(999), 1);
    window.add(at(1_000), 5);
    assert_eq!(window.used(at(1_000)), 9);
    assert_eq!(window.used(at(59_999)), 9);
    assert_eq!(window.used(at(60_000)), 5);
    assert_eq!(window.used(at(60_999)), 5);
    assert_eq!(window.used(at(61_000)), 0);
    assert_eq!(window, Window::default());
}

#[test]
fn it_slides_so_that_a_full_minute_gives_way_bit_by_bit() {
    let mut window = Window::default();
    for second in 0..60 {
        window.add(at(second * 1_000 + 500), 1);
    }
    assert_eq!(window.used(at(59_999)), 60);
    // At the turn of the minute there is room for one more, not for sixty.
    assert_eq!(window.used(at(60_000)), 59);
    assert_eq!(window.used(at(89_000)), 30);
    assert!(window.seconds.len() <= 60);
}

#[test]
fn it_says_when_there_is_room_again() {
    let mut window = Window::default();
    assert_eq!(window.until_below(1, at(0)), Duration::ZERO);
    assert_eq!(window.until_empty(at(0)), Duration::ZERO);
    window.add(at(0), 2);
    window.add(at(10_000), 2);
    assert_eq!(window.until_below(5, at(10_000)), Duration::ZERO);
    assert_eq!(window.until_below(4, at(10_000)), seconds(50));
    assert_eq!(window.until_below(3, at(10_001)), seconds(50));
    assert_eq!(window.until_below(2, at(10_000)), seconds(60));
    assert_eq!(window.until_empty(at(10_000)), seconds(60));
    // And there is, then.
    assert_eq!(window.used(at(59_999)), 4);
    assert_eq!(window.used(at(60_000)), 2);
    assert_eq!(window.until_empty(at(69_999)), seconds(1));
}

#[test]
fn a_count_far_above_the_limit_is_waited_for_as_long_as_it_counts() {
    let mut window = Window::default();
    window.add(at(0), 1_000);
    window.add(at(5_000), 1_000);
    assert_eq!(window.used(at(5_000)), 2_000);
    assert_eq!(window.until_below(10, at(5_000)), seconds(60));
    assert_eq!(window.used(at(65_000)), 0);
}

#[test]
fn a_clock_that_is_set_back_locks_nobody_out() {
    let mut window = Window::default();
    window.add(at(100_000), 4);
    // A moment: it still counts, once.
    window.add(at(99_999), 1);
    assert_eq!(window.used(at(99_999)), 5);
    assert_eq!(window.seconds.len(), 1);
    assert_eq!(window.used(at(41_000)), 5);
    assert_eq!(window.used(at(40_999)), 0);
}
