use super::*;

fn speaker(bytes: u64, chunk: usize, beside: u64) -> Speaker {
    let (trace_id, span_id) = (Text::from_static("t"), Text::from_static("s"));
    Speaker { trace_id, span_id, start: Micros(1), bytes, chunk, beside }
}

fn sizes(speakers: &[Speaker]) -> Vec<Vec<u64>> {
    let bytes = |group: &[Speaker]| group.iter().map(|speaker| speaker.bytes).collect::<Vec<u64>>();
    groups(speakers).into_iter().map(bytes).collect()
}

#[test]
fn spans_are_read_together_as_long_as_they_fit() {
    let half = READ_AT_ONCE / 2;
    let of = |bytes: &[u64]| -> Vec<Speaker> {
        bytes.iter().map(|bytes| speaker(*bytes, 0, 0)).collect()
    };
    assert!(sizes(&[]).is_empty());
    assert_eq!(sizes(&of(&[1, half, 2])), [vec![1, half, 2]]);
    assert_eq!(sizes(&of(&[half, half, 1])), [vec![half, half], vec![1]]);
    let huge = 2 * READ_AT_ONCE;
    assert_eq!(sizes(&of(&[huge, 1, huge, u64::MAX])), [[huge], [1], [huge], [u64::MAX]]);
}

#[test]
fn look_ups_are_not_mixed() {
    let speakers = [speaker(1, 0, 0), speaker(2, 0, 0), speaker(3, 1, 0), speaker(4, 1, 0)];
    assert_eq!(sizes(&speakers), [vec![1, 2], vec![3, 4]]);
}

#[test]
fn what_is_read_beside_them_counts() {
    // Traces whose spans share their ids are still read together.
    assert_eq!(sizes(&[speaker(1, 0, 10), speaker(2, 0, 10), speaker(3, 0, 10)]), [[1, 2, 3]]);
    let half = READ_AT_ONCE / 2;
    let large = [speaker(1, 0, half), speaker(2, 0, half), speaker(3, 0, u64::MAX)];
    assert_eq!(sizes(&large), [[1], [2], [3]]);
}

#[test]
fn the_time_of_traces_and_what_is_behind_it_make_up_all_that_follows() {
    let trace = |start: i64, end: Option<i64>, open: i64| -> Row {
        [
            ("start_time", Cell::from(Micros(start))),
            ("end_time", end.map_or(Cell::Null, |end| Cell::from(Micros(end)))),
            ("open_spans", Cell::from(open)),
        ]
        .into_iter()
        .collect()
    };
    let closed = time_of(&[trace(5, Some(9), 0), trace(3, Some(4), 0)]);
    assert_eq!(closed, TimeRange { from: Micros(3), to: Micros(10) });
    assert_eq!(behind(closed), Some(TimeRange { from: Micros(10), to: LATEST }));
    for other in [trace(5, Some(9), 1), trace(5, None, 0)] {
        let open = time_of(&[trace(3, Some(4), 0), other]);
        assert_eq!(open, TimeRange { from: Micros(3), to: LATEST });
        assert_eq!(behind(open), None);
    }
}
