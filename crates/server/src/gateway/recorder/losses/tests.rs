use super::*;

const BEGAN: i64 = 1_700_000_000 * Micros::SECOND;

fn after(millis: i64) -> Micros {
    Micros(BEGAN + millis * 1_000)
}

#[test]
fn there_is_a_line_at_once_and_then_one_each_ten_seconds_at_most() {
    let mut lines = Lines::default();
    assert_eq!(lines.due(after(0)), Some(1));
    for millis in [0, 1, 5_000, 9_999] {
        assert_eq!(lines.due(after(millis)), None);
    }
    assert_eq!(lines.due(after(10_000)), Some(5));
    assert_eq!(lines.due(after(19_999)), None);
    assert_eq!(lines.due(after(60_000)), Some(2));
    assert_eq!(lines.due(after(120_000)), Some(1));
}

#[test]
fn a_clock_that_is_set_back_does_not_silence_it() {
    let mut lines = Lines::default();
    assert_eq!(lines.due(after(3_600_000)), Some(1));
    assert_eq!(lines.due(after(0)), Some(1));
    assert_eq!(lines.due(after(1)), None);
}

#[test]
fn each_loss_counts() {
    let metrics = Arc::new(Metrics::new());
    let losses = Losses::new(metrics.clone());
    for millis in 0..7 {
        losses.note("the disk is full", after(millis));
    }
    assert_eq!(metrics.lost_call_records.get(), 7);
}
