use super::*;

fn speaker(bytes: u64, chunk: usize, is_ambiguous: bool) -> Speaker {
    let (trace_id, span_id) = (Text::from_static("t"), Text::from_static("s"));
    Speaker { trace_id, span_id, start: Micros(1), bytes, chunk, is_ambiguous }
}

fn sizes(speakers: &[Speaker]) -> Vec<Vec<u64>> {
    let bytes = |group: &[Speaker]| group.iter().map(|speaker| speaker.bytes).collect::<Vec<u64>>();
    groups(speakers).into_iter().map(bytes).collect()
}

#[test]
fn spans_are_read_together_as_long_as_they_fit() {
    let half = READ_AT_ONCE / 2;
    let of = |bytes: &[u64]| -> Vec<Speaker> {
        bytes.iter().map(|bytes| speaker(*bytes, 0, false)).collect()
    };
    assert!(sizes(&[]).is_empty());
    assert_eq!(sizes(&of(&[1, half, 2])), [vec![1, half, 2]]);
    assert_eq!(sizes(&of(&[half, half, 1])), [vec![half, half], vec![1]]);
    let huge = 2 * READ_AT_ONCE;
    assert_eq!(sizes(&of(&[huge, 1, huge, u64::MAX])), [[huge], [1], [huge], [u64::MAX]]);
}

#[test]
fn look_ups_are_not_mixed_and_ambiguous_ones_go_alone() {
    let speakers =
        [speaker(1, 0, false), speaker(2, 0, false), speaker(3, 1, true), speaker(4, 1, true)];
    assert_eq!(sizes(&speakers), [vec![1, 2], vec![3], vec![4]]);
}
