use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{ALL, NOW, interactions, nanos, spans};
use crate::demo::dice::Dice;
use crate::demo::models::{self, Cost, Usage};
use crate::demo::otlp;
use crate::demo::{backfill, step::Step};

const DAY: i64 = 24 * 3_600 * 1_000_000;

#[test]
fn a_seed_and_a_clock_decide_everything() {
    assert_eq!(interactions(7, NOW, 60), interactions(7, NOW, 60));
    assert_ne!(interactions(7, NOW, 60), interactions(8, NOW, 60));
    let export = |batch: &Vec<otlp::Span>| otlp::export(batch);
    let first: Vec<Value> = backfill::history(7, NOW).iter().map(export).collect();
    let second: Vec<Value> = backfill::history(7, NOW).iter().map(export).collect();
    assert_eq!(first, second);
}

#[test]
fn a_second_run_adds_to_the_first() {
    let first = trace_ids(&interactions(7, NOW, 40));
    let second = trace_ids(&interactions(7, NOW + 1, 40));
    assert!(first.len() > 40);
    assert!(first.is_disjoint(&second));
}

#[test]
fn costs_are_exact() {
    assert_eq!(models::dollars(0), "0");
    assert_eq!(models::dollars(1), "0.000000001");
    assert_eq!(models::dollars(1_500_000), "0.0015");
    assert_eq!(models::dollars(2_000_000_000), "2");
    assert_eq!(models::dollars(12_340_000_000), "12.34");
    let usage = Usage { input: 1_000, cached: 200, output: 30 };
    assert_eq!(models::GPT.cost(usage), Cost { input: 1_785_000, output: 420_000 });
}

#[test]
fn stated_costs_add_up() {
    let mut costs = 0;
    for step in interactions(3, NOW, 80).iter().flatten() {
        let cost = &step.body["result"]["cost"];
        if cost.is_object() {
            let parts = nanos(&cost["input_cost"]) + nanos(&cost["output_cost"]);
            assert_eq!(parts, nanos(&cost["total_cost"]));
            costs += 1;
        }
    }
    assert!(costs > 20);
}

#[test]
fn spans_are_well_formed_and_their_parents_exist() {
    for (seed, scenario) in (1..).zip(ALL) {
        let mut dice = Dice::new(seed);
        let export = otlp::export(&scenario.play(&mut dice, NOW).spans());
        let all = spans(&export);
        assert!(!all.is_empty());
        let ids: BTreeSet<(&str, &str)> =
            all.iter().map(|span| (text(span, "traceId"), text(span, "spanId"))).collect();
        assert_eq!(ids.len(), all.len(), "span ids are unique");
        let mut roots: BTreeMap<&str, u32> = BTreeMap::new();
        for span in &all {
            let trace_id = text(span, "traceId");
            assert!(is_hex(trace_id, 32) && is_hex(text(span, "spanId"), 16));
            match span["parentSpanId"].as_str() {
                Some(parent) => assert!(ids.contains(&(trace_id, parent)), "{parent} exists"),
                None => *roots.entry(trace_id).or_default() += 1,
            }
            let start: i64 = text(span, "startTimeUnixNano").parse().unwrap();
            let end: i64 = text(span, "endTimeUnixNano").parse().unwrap();
            assert!(start >= NOW * 1_000 && start < end, "{}", span["name"]);
        }
        assert!(roots.values().all(|count| *count == 1), "a trace has one root");
    }
}

#[test]
fn a_streamed_answer_grows_until_it_is_complete() {
    let mut dice = Dice::new(11);
    let steps = ALL[0].play(&mut dice, NOW).steps();
    let first = text(&steps[0].body, "traceId");
    let of_first: Vec<&Step> =
        steps.iter().filter(|step| text(&step.body, "traceId") == first).collect();
    assert_eq!(of_first[0].path, "/api/tracing/start");
    assert_eq!(of_first[0].at, NOW);
    let mut seen = String::new();
    let mut updates = 0;
    for step in of_first.iter().filter(|step| step.path == "/api/tracing/update") {
        let grown = step.body["updates"]["response_content"].as_str().unwrap();
        assert!(grown.starts_with(&seen) && grown.len() >= seen.len());
        seen = grown.to_owned();
        updates += 1;
    }
    assert!(updates > 0);
    let complete = of_first.iter().find(|step| step.path == "/api/tracing/complete").unwrap();
    let answer = complete.body["result"]["response"].as_str().unwrap();
    assert!(answer.starts_with(&seen));
}

#[test]
fn history_fills_the_day_and_is_over() {
    let batches = backfill::history(5, NOW);
    let all: Vec<&otlp::Span> = batches.iter().flatten().collect();
    let traces: BTreeSet<&str> = all.iter().map(|span| span.trace_id.as_str()).collect();
    assert!((300..600).contains(&traces.len()), "{} traces", traces.len());
    assert!(all.iter().all(|span| span.end < NOW && span.start >= NOW - DAY));
    let roots = all.iter().filter(|span| span.parent.is_none());
    let failed = roots.filter(|span| span.failure.is_some()).count() * 100 / traces.len();
    assert!((1..10).contains(&failed), "{failed} % failed");
    let hours: BTreeSet<i64> = all.iter().map(|span| span.start / 3_600_000_000).collect();
    assert!(hours.len() >= 20, "{} hours", hours.len());
}

#[test]
fn every_text_is_complete() {
    for step in interactions(9, NOW, 300).iter().flatten() {
        let body = step.body.to_string();
        for mark in ["<order>", "<amount>", "<days>", "<percent>", "<city>", "<product>"] {
            assert!(!body.contains(mark), "{mark} in {body}");
        }
        for span in spans(&step.body) {
            let attributes = span["attributes"].as_array().unwrap();
            assert!(attributes.iter().all(|one| one["value"]["stringValue"] != "null"));
        }
    }
}

#[test]
fn requests_are_in_the_order_they_are_due() {
    for steps in interactions(13, NOW, 100) {
        assert!(steps.is_sorted_by_key(|step| step.at));
        assert!(steps.iter().all(|step| step.at >= NOW));
    }
}

fn trace_ids(interactions: &[Vec<Step>]) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for step in interactions.iter().flatten() {
        let natives = step.body["traceId"].as_str().into_iter();
        let of_spans = spans(&step.body).into_iter().filter_map(|span| span["traceId"].as_str());
        ids.extend(natives.chain(of_spans).map(str::to_owned));
    }
    ids
}

fn text<'a>(json: &'a Value, key: &str) -> &'a str {
    json[key].as_str().unwrap()
}

fn is_hex(id: &str, length: usize) -> bool {
    id.len() == length
        && id.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}
