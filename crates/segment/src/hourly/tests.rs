#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use proptest::prelude::*;
use tracekeep_model::{
    Field, Kind, Money, NoPrices, Rank, Register, State, Status, Step, TraceUnit, Unit, UnitKey,
    Version,
};

use super::*;
use crate::batch::RowReader;
use crate::{Batches, BatchesBuilder, OsDisk, Segment, Source, compact, write_segment};

/// 2026-02-02T02:40:00Z.
const START: i64 = 1_770_000_000_000_000;
/// The columns behind the key.
const SUMS: [&str; 13] = [
    "total_requests",
    "successful_requests",
    "error_requests",
    "duration_sum_us",
    "duration_count",
    "first_token_sum_us",
    "first_token_count",
    "tokens_sum",
    "tokens_count",
    "cost_total",
    "input_tokens",
    "output_tokens",
    "created_at",
];

/// By hour and model: the columns behind them.
type Table = BTreeMap<(i64, String), [i128; 13]>;

#[derive(Clone, Debug)]
struct Call {
    kind: Kind,
    status: Status,
    model: Option<&'static str>,
    start: i64,
    took: Option<i64>,
    first_token: Option<i64>,
    input: Option<i64>,
    output: Option<i64>,
    cost: Option<i128>,
    received: i64,
}

fn call() -> impl Strategy<Value = Call> {
    (
        prop::sample::select(vec![Kind::Generation, Kind::Generation, Kind::Tool]),
        prop::sample::select(Status::ALL),
        prop::sample::select(vec![None, Some(""), Some("m1"), Some("a model with a long name")]),
        0..3 * Micros::HOUR,
        prop::option::of(0i64..100),
        prop::option::of(0i64..100),
        prop::option::of(0i64..100),
        prop::option::of(0i64..100),
        prop::option::of(0i128..100),
        0i64..100,
    )
        .prop_map(
            |(kind, status, model, start, took, first_token, input, output, cost, received)| Call {
                kind,
                status,
                model,
                start: START + start,
                took,
                first_token,
                input,
                output,
                cost,
                received: START + received,
            },
        )
}

fn span(call: &Call) -> State {
    let version = Version { rank: Rank::Stated, time: Micros(call.start), step: Step::Update };
    let mut state = State::new(Micros(call.received));
    let moment = |after: i64| Micros(call.start + after);
    state.set(Field::Kind, version, call.kind);
    state.set(Field::Status, version, call.status);
    state.set(Field::StartTime, version, moment(0));
    if let Some(model) = call.model {
        state.set(Field::Model, version, model);
    }
    if let Some(took) = call.took {
        state.set(Field::EndTime, version, moment(took));
    }
    if let Some(first_token) = call.first_token {
        state.set(Field::FirstTokenTime, version, moment(first_token));
    }
    for (name, count) in [("input", call.input), ("output", call.output)] {
        if let Some(count) = count {
            state.set(Register::Usage(name.into()), version, count);
        }
    }
    if let Some(cost) = call.cost {
        state.set(Register::Cost("total".into()), version, Money(cost));
    }
    state
}

fn trace(calls: &[Call]) -> TraceUnit {
    let mut unit = TraceUnit::new(Micros(START));
    for (n, call) in calls.iter().enumerate() {
        unit.join_span(format!("span {n}").into(), span(call));
    }
    unit
}

fn batches(units: &[TraceUnit], name: &str) -> Arc<Batches> {
    let mut builder = BatchesBuilder::new();
    for (n, unit) in units.iter().enumerate() {
        let key = UnitKey::Trace(format!("{name} {n}").into());
        builder.add(&key, &Unit::Trace(unit.clone()));
    }
    Arc::new(builder.finish().unwrap())
}

/// The slow and obvious way: from what people see of each span.
fn wanted<'a>(units: impl Iterator<Item = &'a TraceUnit>) -> Table {
    let mut table = Table::new();
    for unit in units {
        for (_, span) in unit.project(&"t".into(), &NoPrices).1 {
            if span.kind != Kind::Generation {
                continue;
            }
            let hour = span.start_time.0 / Micros::HOUR * Micros::HOUR;
            let model = span.model.as_deref().unwrap_or("").to_owned();
            let mut nothing = [0i128; 13];
            nothing[12] = i64::MAX.into();
            let sums = table.entry((hour, model)).or_insert(nothing);
            let counts = [true, span.status == Status::Success, span.status == Status::Error]
                .map(i128::from);
            let mean =
                |value: Option<i64>| [value.map_or(0, i128::from), i128::from(value.is_some())];
            let means = [span.duration(), span.first_token_latency(), span.usage.total()];
            let cost = span.cost.total().map_or(0, |cost| cost.0);
            let sides = [span.usage.input_total(), span.usage.output_total()];
            let sides = sides.map(|tokens| tokens.map_or(0, i128::from));
            let added = counts.into_iter().chain(means.into_iter().flat_map(mean));
            let added = added.chain([cost]).chain(sides);
            for (sum, value) in sums.iter_mut().zip(added) {
                *sum += value;
            }
            sums[12] = sums[12].min(span.received_at.0.into());
        }
    }
    table
}

fn found(rows: &RecordBatch) -> Table {
    let mut table = Table::new();
    for n in 0..rows.num_rows() {
        let row = RowReader::new(rows, n);
        let number = |name: &str| {
            let int = row.int(name).map(i128::from);
            let decimal = row.money(name).map(|sum| sum.0);
            let time = row.time(name).map(|time| i128::from(time.0));
            int.or(decimal).or(time).unwrap()
        };
        let key = (row.time("hour_bucket").unwrap().0, row.text("model_id").unwrap().to_string());
        assert!(table.insert(key, SUMS.map(number)).is_none(), "an hour and model is there twice");
    }
    assert_eq!(table.len(), rows.num_rows());
    table
}

fn hours() -> Hours {
    Hours::within(MOST_HOURLY_BYTES)
}

fn finished(hours: &Hours) -> Table {
    found(&hours.finish().unwrap().unwrap())
}

/// What is left of some units.
fn left<'a>(units: &'a [TraceUnit], gone: &'a [bool]) -> impl Iterator<Item = &'a TraceUnit> {
    units.iter().zip(gone).filter(|(_, gone)| !**gone).map(|(unit, _)| unit)
}

/// A segment of all units, and the trace rows of those that are gone.
fn segment(
    dir: &std::path::Path,
    units: &[TraceUnit],
    name: &str,
    gone: &[bool],
) -> (Arc<Segment>, Vec<u32>) {
    let rows = (0..units.len()).map(|row| (0, row)).collect();
    let written =
        write_segment(&OsDisk, &dir.join(name), &[batches(units, name)], rows, Vec::new()).unwrap();
    let places = written.traces.iter().zip(0u32..);
    let gone = places.filter(|((_, unit), _)| gone[*unit]).map(|(_, row)| row).collect();
    (Arc::new(Segment::open(&dir.join(name), written.facts).unwrap()), gone)
}

fn gone_spans(segment: &Segment, gone: &[u32]) -> Vec<Range<usize>> {
    gone.iter().map(|row| segment.index().spans(*row)).collect()
}

fn units() -> impl Strategy<Value = (Vec<TraceUnit>, Vec<bool>)> {
    let units = prop::collection::vec((prop::collection::vec(call(), 0..5), any::<bool>()), 0..12);
    units.prop_map(|units| {
        let units = units.into_iter().map(|(calls, gone)| (trace(&calls), gone));
        units.unzip::<_, _, Vec<_>, Vec<_>>()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn hours_are_what_a_scan_finds((units, gone) in units(), (more, more_gone) in units()) {
        let (rows, more_rows) = (batches(&units, "a"), batches(&more, "b"));
        let mut all = hours();
        all.add_spans(&rows.spans, &[]);
        prop_assert_eq!(finished(&all), wanted(units.iter()));

        // Those of two parts, added up.
        let mut joined = hours();
        for part in [&rows, &more_rows] {
            let mut hours = hours();
            hours.add_spans(&part.spans, &[]);
            joined.add_hours(&hours.finish().unwrap().unwrap());
        }
        prop_assert_eq!(finished(&joined), wanted(units.iter().chain(&more)));

        // Without some.
        let first = |n: usize| rows.first_spans[n] as usize;
        let ranges: Vec<_> =
            (0..units.len()).filter(|n| gone[*n]).map(|n| first(n)..first(n + 1)).collect();
        let mut some = hours();
        some.add_spans(&rows.spans, &ranges);
        prop_assert_eq!(finished(&some), wanted(left(&units, &gone)));

        // Of segments: from the file, without some, and after compaction.
        let dir = tempfile::tempdir().unwrap();
        let (a, gone_of_a) = segment(dir.path(), &units, "a", &gone);
        let (b, gone_of_b) = segment(dir.path(), &more, "b", &more_gone);
        prop_assert_eq!(found(&a.stored_hourly().unwrap().unwrap()), wanted(units.iter()));
        let some = a.hourly(&gone_spans(&a, &gone_of_a)).unwrap().unwrap();
        prop_assert_eq!(found(&some), wanted(left(&units, &gone)));
        let source = |segment: Arc<Segment>, gone_traces| Source {
            segment,
            gone_traces,
            gone_scores: Vec::new(),
            pricing: None,
        };
        let sources = [source(a, gone_of_a), source(b, gone_of_b)];
        let facts = compact(&OsDisk, &dir.path().join("c"), &sources).unwrap();
        let c = Segment::open(&dir.path().join("c"), facts).unwrap();
        let both = left(&units, &gone).chain(left(&more, &more_gone));
        prop_assert_eq!(found(&c.stored_hourly().unwrap().unwrap()), wanted(both));
    }
}

fn one_call() -> Call {
    Call {
        kind: Kind::Generation,
        status: Status::Success,
        model: Some("m1"),
        start: START,
        took: Some(5),
        first_token: None,
        input: Some(7),
        output: None,
        cost: None,
        received: START,
    }
}

#[test]
fn a_segment_from_before_there_was_a_file_is_computed() {
    let dir = tempfile::tempdir().unwrap();
    let units = [trace(&[one_call()])];
    let (segment, _) = segment(dir.path(), &units, "a", &[false]);
    std::fs::remove_file(dir.path().join("a").join("hourly.parquet")).unwrap();
    assert!(segment.stored_hourly().unwrap().is_none());
    let rows = segment.hourly(&[]).unwrap().unwrap();
    assert_eq!(found(&rows), wanted(units.iter()));
    assert_eq!(rows.num_rows(), 1);
}

#[test]
fn a_damaged_file_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let (segment, _) = segment(dir.path(), &[trace(&[one_call()])], "a", &[false]);
    std::fs::write(dir.path().join("a").join("hourly.parquet"), b"PAR1").unwrap();
    let error = segment.hourly(&[]).unwrap_err().to_string();
    assert!(error.contains("hourly.parquet") && error.contains("remove it"), "{error}");
}

#[test]
fn no_sum_turns_over() {
    let most = Call { input: Some(i64::MAX), ..one_call() };
    let rows = batches(&[trace(&[most.clone(), most])], "a");
    let mut hours = hours();
    hours.add_spans(&rows.spans, &[]);
    hours.add_hours(&hours.finish().unwrap().unwrap());
    let sums = finished(&hours).into_values().next().unwrap();
    let sum = |name: &str| sums[SUMS.iter().position(|column| *column == name).unwrap()];
    assert_eq!(sum("input_tokens"), i128::from(i64::MAX));
    assert_eq!(sum("tokens_sum"), 4 * i128::from(i64::MAX));
    assert_eq!(sum("tokens_count"), 4);
}

#[test]
fn more_than_the_most_is_none_at_all() {
    let call = |n: i64| Call { start: START + n * Micros::HOUR, ..one_call() };
    let calls: Vec<Call> = (0..10).map(call).collect();
    let rows = batches(&[trace(&calls)], "a");
    let add = |most: usize| {
        let mut hours = Hours::within(most);
        hours.add_spans(&rows.spans, &[]);
        hours.add_spans(&rows.spans, &[]);
        hours.finish().unwrap().map(|rows| rows.num_rows())
    };
    assert_eq!(add(10 * (ROW_BYTES + 2)), Some(10));
    assert_eq!(add(10 * (ROW_BYTES + 2) - 1), None);
}
