//! How much memory the patches of one request may take.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::Receipt;

/// Reads the request in both encodings, which must say the same, with so many bytes for its patches.
fn within(most_memory: usize, groups: &[Group]) -> Decoded {
    let receipt = || Receipt { most_memory, ..Receipt::from(RECEIVED) };
    let protobuf = decode_protobuf(&build::protobuf(groups), receipt()).unwrap();
    let json = decode_json(&build::json(groups), receipt()).unwrap();
    assert_eq!(protobuf.patches, json.patches);
    assert_eq!(protobuf.rejected, json.rejected);
    protobuf
}

/// Bytes that the patches take.
fn memory(decoded: &Decoded) -> usize {
    decoded.patches.iter().map(|(key, state)| key.memory() + state.memory()).sum()
}

/// A span without attributes, of its own id.
fn tiny(at: u8) -> RawSpan {
    let mut sent = span(&[]);
    sent.span_id[0] = at;
    sent
}

fn tiny_spans(count: u8) -> Vec<RawSpan> {
    (1..=count).map(tiny).collect()
}

/// What one such span takes.
fn of_tiny() -> usize {
    memory(&decode(&[group(tiny_spans(1))]))
}

/// Which spans were refused, all for the same reason.
fn refused(decoded: &Decoded, most: usize) -> Vec<usize> {
    let wanted = format!(
        "request is full: with this span or one before it, what it says would take more than {most} \
         bytes of memory; send this span and those after it in smaller requests"
    );
    for rejected in &decoded.rejected {
        assert_eq!(rejected.error.to_string(), wanted);
    }
    decoded.rejected.iter().map(|rejected| rejected.index).collect()
}

#[test]
fn spans_are_taken_until_memory_is_full() {
    let request = [group(tiny_spans(5))];
    for (most, kept) in [(3 * of_tiny(), 3), (3 * of_tiny() - 1, 2), (5 * of_tiny(), 5), (0, 0)] {
        let decoded = within(most, &request);
        assert_eq!(decoded.patches.len(), kept);
        assert_eq!(refused(&decoded, most), (kept..5).collect::<Vec<_>>());
    }
}

#[test]
fn registers_count_and_not_only_bytes() {
    let sent = build::protobuf(&[group(tiny_spans(1))]).len();
    assert!(of_tiny() > 5 * sent, "{} of {sent}", of_tiny());
}

#[test]
fn groups_are_counted_together() {
    let most = 2 * of_tiny();
    let decoded = within(most, &[group(vec![tiny(1)]), group(vec![tiny(2)]), group(vec![tiny(3)])]);
    assert_eq!(decoded.patches.len(), 2);
    assert_eq!(refused(&decoded, most), [2]);
}

#[test]
fn what_comes_after_the_first_that_does_not_fit_is_refused_unread() {
    let large = "x".repeat(10_000);
    let mut spans = tiny_spans(5);
    spans[1].attributes = vec![attribute("large", &*large)];
    spans[3].start_nanos = 0;
    let most = 5 * of_tiny();
    let decoded = within(most, &[group(spans)]);
    assert_eq!(decoded.patches.len(), 1);
    assert_eq!(refused(&decoded, most), [1, 2, 3, 4]);
}

#[test]
fn what_is_refused_takes_no_memory() {
    let mut spans = tiny_spans(4);
    spans[0].start_nanos = 0;
    spans[2].start_nanos = 0;
    let decoded = within(2 * of_tiny(), &[group(spans)]);
    let indices: Vec<_> = decoded.rejected.iter().map(|rejected| rejected.index).collect();
    assert_eq!((decoded.patches.len(), indices), (2, vec![0, 2]));
}

#[test]
fn what_a_resource_says_counts_for_each_of_its_spans() {
    let large = "x".repeat(10_000);
    let resource = vec![attribute("large", &*large)];
    let most = 50_000;
    let decoded = within(most, &[Group { resource, ..group(tiny_spans(10)) }]);
    assert_eq!(decoded.patches.len(), 4);
    assert_eq!(refused(&decoded, most), [4, 5, 6, 7, 8, 9]);
}

#[test]
fn what_a_resource_says_of_traces_counts_for_each_trace() {
    let keys: Vec<_> = (0..100).map(|n| format!("tracekeep.metadata.k{n:02}")).collect();
    let resource: Vec<_> = keys.iter().map(|key| attribute(key, "v")).collect();
    let most = 60_000;
    let of = |spans| within(most, &[Group { resource: resource.clone(), ..group(spans) }]);

    let together = of(tiny_spans(10));
    assert_eq!((together.patches.len(), together.refused()), (11, 0));
    assert!(memory(&together) <= most);

    let mut spans = tiny_spans(10);
    for (at, sent) in spans.iter_mut().enumerate() {
        sent.trace_id[0] = 100 + at as u8;
    }
    let apart = of(spans);
    let kept = apart.patches.len() / 2;
    assert!((1..10).contains(&kept), "{kept}");
    assert_eq!(refused(&apart, most), (kept..10).collect::<Vec<_>>());
    let taken = memory(&apart);
    assert!(taken > most / 2 && taken <= most, "{taken}");
}

#[test]
fn longer_texts_of_a_trace_count() {
    // The second is greater, and so replaces the first: no register more, and a longer text.
    let said = |at: u8, text: &str| RawSpan {
        attributes: vec![attribute("tracekeep.trace.name", text)],
        ..tiny(at)
    };
    let (short, long) = (said(1, "a"), said(2, &"b".repeat(10_000)));
    let alone = memory(&decode(&[group(vec![short.clone()])]));
    let most = alone + of_tiny() + 9_000;
    let decoded = within(most, &[group(vec![short, long])]);
    assert_eq!(decoded.patches.len(), 2, "the first span, and its trace");
    assert_eq!(refused(&decoded, most), [1]);
}
