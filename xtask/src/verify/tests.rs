use rand::SeedableRng as _;
use rand::rngs::StdRng;

use super::*;

fn record(acknowledged: usize) -> Record {
    let trace = |n: usize| SentTrace { trace_id: format!("{n:032x}"), spans: 5 };
    let acknowledged = (0..acknowledged).map(trace).collect();
    Record { acknowledged, unacknowledged: vec![trace(usize::MAX)] }
}

#[test]
fn the_ids_of_one_request_fit_into_a_url() {
    let ids: Vec<String> = record(AT_ONCE).acknowledged.into_iter().map(|t| t.trace_id).collect();
    let filter = json!({ "field": "trace_id", "op": "in", "value": ids }).to_string();
    assert_eq!(percent_encoded(r#"{"a":["b"]}"#), "%7B%22a%22%3A%5B%22b%22%5D%7D");
    // What the `http` crate takes is just below 64 KiB.
    assert!(LIST.len() + percent_encoded(&filter).len() < 60_000);
    const { assert!(AT_ONCE * 2 <= 1_000) };
}

#[test]
fn findings_of_one_trace_count_once() {
    let all = owed(record(3));
    let mut findings = Findings::default();
    findings.found(&all[0], 5, 0);
    assert!(findings.is_clean());
    findings.found(&all[1], 6, 1);
    findings.absent(&all[2]);
    findings.absent(&all[3]);
    assert_eq!((findings.acknowledged, findings.missing, findings.damaged), (3, 1, 1));
    let mut again = Findings::default();
    again.found(&all[1], 6, 1);
    findings.confirm(again);
    assert_eq!((findings.acknowledged, findings.missing, findings.damaged), (3, 1, 1));
    assert_eq!(findings.present.len(), 2);
}

#[test]
fn a_sample_is_of_acknowledged_traces_only_and_never_larger_than_they_are() {
    let mut rng = StdRng::seed_from_u64(1);
    let chosen = sample(&record(10), 4, &mut rng);
    let ids: HashSet<String> = chosen.acknowledged.into_iter().map(|t| t.trace_id).collect();
    assert_eq!(ids.len(), 4);
    let all = sample(&record(10), 100, &mut rng);
    assert_eq!((all.acknowledged.len(), all.unacknowledged.len()), (10, 0));
}
