use tracekeep_model::Micros;

use super::*;

const MIB: u64 = 1 << 20;

/// Traces whose spans are so large, a trace each.
fn known(sizes: &[u64]) -> (Vec<Row>, Known) {
    let ids: Vec<Text> = (0..sizes.len()).map(|n| Text::from(format!("t{n}"))).collect();
    let row =
        |id: &Text| Row::from([("trace_id", Cell::from(id)), ("root_span_id", Cell::from(id))]);
    let speaker = |(id, bytes): (&Text, &u64)| {
        let speaker = Speaker {
            trace_id: id.clone(),
            span_id: id.clone(),
            start: Micros(1),
            bytes: *bytes,
            chunk: 0,
            beside: 0,
        };
        (id.clone(), speaker)
    };
    let speakers = ids.iter().zip(sizes).map(speaker).collect();
    let own = Own { texts: HashMap::new(), seen: sizes.len() };
    (ids.iter().map(row).collect(), Known { speakers, own })
}

fn count(sizes: &[u64], content: Content) -> usize {
    let (traces, known) = known(sizes);
    fitting(&traces, &known, content)
}

#[test]
fn as_many_rows_as_fit_and_one_at_least() {
    assert_eq!(count(&[], Content::Full), 0);
    assert_eq!(count(&[MIB; 100], Content::Full), 31);
    assert_eq!(count(&[100 * MIB, 1, 1], Content::Full), 1);
    assert_eq!(count(&[1, 100 * MIB, 1], Content::Full), 1);
    assert_eq!(count(&[u64::MAX, u64::MAX], Content::Full), 1);
}

#[test]
fn previews_are_bounded_by_what_is_read_for_them() {
    assert_eq!(count(&[MIB; 100], Content::Preview), 100);
    assert_eq!(count(&[MIB; 300], Content::Preview), 256);
    assert_eq!(count(&[1_000 * MIB, 1], Content::Preview), 1);
    assert_eq!(count(&[1_000 * MIB; 5], Content::None), 5);
}

#[test]
fn what_stands_in_the_rows_counts_in_every_answer() {
    let (mut traces, known) = known(&[0; 4]);
    let metadata = format!("{{\"k\":\"{}\"}}", "x".repeat(12 << 20));
    for trace in &mut traces {
        trace.insert("metadata", Cell::from(metadata.as_str()));
    }
    for content in [Content::Full, Content::Preview, Content::None] {
        assert_eq!(fitting(&traces, &known, content), 2, "{content:?}");
    }
}

#[test]
fn rows_whose_own_texts_were_not_looked_at_wait() {
    let (traces, mut known) = known(&[1; 5]);
    known.own.seen = 3;
    assert_eq!(fitting(&traces, &known, Content::Full), 3);
}

#[test]
fn a_trace_shows_its_own_texts_before_its_root_spans() {
    let text = |text: &str| Some(Text::from(text));
    let (traces, _) = known(&[1]);
    let of_span = || Texts::of(Content::Full, text("asked"), text("system"), text("answered"));
    let own = Texts::of(Content::Full, text("own"), None, None);
    let row = |texts: Texts| {
        serde_json::to_value(Interaction::new(traces[0].clone(), texts)).unwrap_or_default()
    };
    let both = row(shown(&traces[0], Some(of_span()), Some(own)));
    assert_eq!(both["prompt_content"], "own");
    assert_eq!(both["response_content"], "answered");
    assert_eq!(both["content_omitted"], false);
    // The span was looked for and is gone.
    let gone = row(shown(&traces[0], None, None));
    assert_eq!(gone["prompt_content"], "");
    assert_eq!(gone["content_omitted"], true);
}
