use super::*;

const DAY: i64 = 86_400_000_000;

fn days(count: i64, each: u64) -> Vec<Rows> {
    let day = |n: i64| Rows { earliest: n * DAY, latest: n * DAY + DAY - 1, count: each };
    (0..count).map(day).collect()
}

#[test]
fn the_first_range_holds_some_times_what_is_needed_and_the_next_ones_more() {
    let windows: Vec<Range> = Windows::new(days(30, 60_000), (0, 30 * DAY), 100).collect();
    let lengths: Vec<i64> = windows.iter().map(|(from, to)| to - from).collect();
    // 800 of 60,000 a day.
    assert!((lengths[0] - DAY / 75).abs() < DAY / 1_000, "{lengths:?}");
    assert!((lengths[1] - 8 * DAY / 75).abs() < DAY / 1_000, "{lengths:?}");
    assert_eq!(windows.len(), 5, "{lengths:?}");
}

#[test]
fn times_of_which_nothing_is_there_are_passed_over() {
    let mut segments = days(1, 10_000);
    segments.push(Rows { earliest: 900 * DAY, latest: 900 * DAY, count: 3 });
    let windows: Vec<Range> = Windows::new(segments, (-DAY, 2_000 * DAY), 100).collect();
    assert_eq!(windows.first().map(|window| window.1), Some(2_000 * DAY));
    assert!(windows[0].0 < DAY && windows[0].0 > 0, "{windows:?}");
    let none: Vec<Range> = Windows::new(Vec::new(), (5, 9), 100).collect();
    assert_eq!(none, [(5, 9)]);
    assert_eq!(Windows::new(Vec::new(), (9, 9), 100).next(), None);
    // All is later, or earlier, than what is asked about.
    assert_eq!(Windows::new(days(3, 10), (-9, -5), 1).collect::<Vec<_>>(), [(-9, -5)]);
    let after = (8 * DAY, 9 * DAY);
    assert_eq!(Windows::new(days(3, 10), after, 1).collect::<Vec<_>>(), [after]);
}

#[test]
fn the_ranges_are_all_of_the_time() {
    let mut seed = 7u64;
    let mut below = |limit: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % limit
    };
    for _ in 0..300 {
        let segments: Vec<Rows> = (0..below(20))
            .map(|_| {
                let earliest = below(1_000) as i64 - 200;
                Rows { earliest, latest: earliest + below(90) as i64, count: below(500) }
            })
            .collect();
        let all = match below(3) {
            0 => (i64::MIN / 4, i64::MAX / 4),
            _ => (below(500) as i64 - 300, 400 + below(900) as i64),
        };
        let windows: Vec<Range> = Windows::new(segments, all, below(40) as usize).collect();
        assert_eq!(windows.first().map(|window| window.1), Some(all.1));
        assert_eq!(windows.last().map(|window| window.0), Some(all.0));
        for (later, earlier) in windows.iter().zip(windows.iter().skip(1)) {
            assert_eq!(later.0, earlier.1);
        }
        assert!(windows.iter().all(|(from, to)| from < to), "{windows:?}");
        assert!(windows.len() < 60, "{}", windows.len());
    }
}
