#![allow(clippy::unwrap_used)]

use std::path::Path;

use arrow::compute::concat_batches;
use tracekeep_model::{
    Field, Kind, Micros, Rank, Register, State, Step, Text, TraceUnit, Unit, UnitKey, Version,
};

use super::*;
use crate::{BatchesBuilder, LARGE, OsDisk, compact, write_segment};

/// So much for a token of input, and a little for each byte of the parameters.
#[derive(Debug)]
struct PerToken(i128);

impl Pricing for PerToken {
    fn price(&self, span: &Span) -> Option<(Cost, Text)> {
        span.model.as_ref()?;
        let long = span.parameters.as_ref().map_or(0, |text| text.len() as i128);
        let parts = span.usage.types();
        let parts =
            parts.map(|(name, count)| (name.into(), Money(i128::from(count) * self.0 + long)));
        let cost =
            Cost { source: CostSource::Computed, parts: parts.collect(), stated_total: None };
        Some((cost, Text::from(format!("per token {}", self.0))))
    }

    fn version(&self) -> Text {
        Text::from(self.0.to_string())
    }
}

const START: i64 = 1_770_000_000_000_000;

/// A generation; of every third the cost is stated, every fourth has no model.
fn span(n: usize) -> State {
    let at = Micros(START + n as i64 * Micros::SECOND);
    let version = Version { rank: Rank::Stated, time: at, step: Step::Start };
    let mut state = State::new(at);
    state.set(Field::Kind, version, if n % 5 == 4 { Kind::Tool } else { Kind::Generation });
    state.set(Field::StartTime, version, at);
    state.set(Field::Input, version, format!("input {n}"));
    if n % 4 != 3 {
        state.set(Field::Model, version, ["m", "k"][n % 2]);
    }
    if n == 2 {
        state.set(Field::Parameters, version, format!("\"{}\"", "x".repeat(LARGE)));
    }
    state.set(Register::Usage("input".into()), version, n as i64);
    state.set(Register::Usage("output".into()), version, 1i64);
    if n % 3 == 1 {
        state.set(Register::Cost("total".into()), version, Money(1_000_000 + n as i128));
    }
    state
}

/// Traces of none to three spans; the sixth is deleted.
fn units() -> Vec<TraceUnit> {
    let mut next = 0;
    let unit = |trace: usize| {
        let received = Micros(START + trace as i64);
        let mut unit = TraceUnit::new(received);
        if trace == 6 {
            unit.join_trace(State::deleted(received));
        }
        for n in 0..trace % 4 {
            unit.join_span(format!("span {n}").into(), span(next));
            next += 1;
        }
        unit
    };
    (0..20).map(unit).collect()
}

fn segment(dir: &Path, price: i128, traces: &[usize]) -> Arc<Segment> {
    let mut builder = BatchesBuilder::new().priced_by(Arc::new(PerToken(price)));
    let units = units();
    for n in traces {
        let key = UnitKey::Trace(format!("trace {n}").into());
        builder.add(&key, &Unit::Trace(units[*n].clone()));
    }
    let batches = builder.finish().unwrap();
    assert_eq!(&*batches.prices, price.to_string());
    let rows = (0..traces.len()).map(|row| (0, row)).collect();
    let written = write_segment(&OsDisk, dir, &[Arc::new(batches)], rows, Vec::new()).unwrap();
    Arc::new(Segment::open(dir, written.facts).unwrap())
}

fn compacted(dir: &Path, sources: &[Source]) -> Segment {
    let facts = compact(&OsDisk, dir, sources).unwrap();
    Segment::open(dir, facts).unwrap()
}

fn source(segment: Arc<Segment>, gone_traces: Vec<u32>, price: Option<i128>) -> Source {
    let pricing = price.map(|price| Arc::new(PerToken(price)) as Arc<dyn Pricing>);
    Source { segment, gone_traces, gone_scores: Vec::new(), pricing }
}

/// All rows of a table, with their large cells.
fn rows(segment: &Segment, table: &Table) -> RecordBatch {
    let mut batches = Vec::new();
    let all = table.each_batch_of(Columns::Without(&[]), &[], 10_000, |batch| {
        batches.push(bring_back(batch, segment)?);
        Ok(())
    });
    all.unwrap();
    concat_batches(&batches[0].schema(), &batches).unwrap()
}

fn assert_same(one: &Segment, other: &Segment) {
    let columns = |segment: &Segment, table: &Table| {
        let rows = rows(segment, table);
        let named =
            rows.schema().fields().iter().map(|field| field.name().clone()).collect::<Vec<_>>();
        named.into_iter().zip(rows.columns().to_vec()).collect::<Vec<_>>()
    };
    assert_eq!(columns(one, one.spans_table()), columns(other, other.spans_table()));
    assert_eq!(columns(one, one.traces_table()), columns(other, other.traces_table()));
    let hours = one.stored_hourly().unwrap();
    assert!(hours.as_ref().is_some_and(|hours| hours.num_rows() > 0));
    assert_eq!(hours, other.stored_hourly().unwrap());
    one.check().unwrap();
}

#[test]
fn rows_are_as_if_they_had_been_built_by_the_new_prices() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let all: Vec<usize> = (0..20).collect();
    let old = segment(&at("old"), 2, &all);
    // Traces with spans, and not the one whose parameters lie apart.
    let gone = vec![1, 8];
    let kept: Vec<usize> = {
        let ids = |row: &u32| {
            let found = |n: &usize| {
                old.find_trace(&format!("trace {n}").into(), |_| false).unwrap() == Some(*row)
            };
            all.iter().copied().find(found).unwrap()
        };
        let gone: Vec<usize> = gone.iter().map(ids).collect();
        all.iter().copied().filter(|n| !gone.contains(n)).collect()
    };
    let anew = compacted(&at("anew"), &[source(old.clone(), gone.clone(), Some(3))]);
    let wanted = segment(&at("wanted"), 3, &kept);
    let wanted = compacted(&at("wanted, compacted"), &[source(wanted, Vec::new(), None)]);
    assert_same(&anew, &wanted);
    // Nothing happens to costs that are not to be computed anew.
    let copied = compacted(&at("copied"), &[source(old, gone, None)]);
    let as_before = segment(&at("as before"), 2, &kept);
    let as_before = compacted(&at("as before, compacted"), &[source(as_before, Vec::new(), None)]);
    assert_same(&copied, &as_before);
    let units = units();
    for n in kept {
        let row = anew.find_trace(&format!("trace {n}").into(), |_| false).unwrap().unwrap();
        assert_eq!(anew.trace_unit(row).unwrap().spans, units[n].spans, "trace {n}");
    }
}

#[test]
fn one_segment_is_computed_anew_and_another_copied() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let first: Vec<usize> = (0..10).collect();
    let second: Vec<usize> = (10..20).collect();
    let (old, new) = (segment(&at("old"), 2, &first), segment(&at("new"), 3, &second));
    let found =
        compacted(&at("found"), &[source(old, vec![], Some(3)), source(new.clone(), vec![], None)]);
    let fresh = segment(&at("fresh"), 3, &first);
    let wanted =
        compacted(&at("wanted"), &[source(fresh, vec![], None), source(new, vec![], None)]);
    assert_same(&found, &wanted);
}

#[test]
fn costs_are_compared_where_none_was_stated() {
    let dir = tempfile::tempdir().unwrap();
    let old = segment(&dir.path().join("old"), 2, &[5, 3]);
    let mut seen = Vec::new();
    compare_costs(&source(old, Vec::new(), None), &PerToken(3), |change| {
        let after = change.span.cost.total();
        seen.push((change.span.model.as_deref().map(str::to_owned), change.before, after));
    })
    .unwrap();
    // Of the span between these the cost was stated.
    let nameless = (None, None, None);
    let fifth = (Some("k".to_owned()), Some(Money(12)), Some(Money(18)));
    let sixth = (Some("m".to_owned()), Some(Money(14)), Some(Money(21)));
    assert_eq!(seen, [nameless, fifth, sixth]);
}
