#![allow(clippy::unwrap_used)]

use tracekeep_model::{
    Field, Inherited, Kind, Level, Micros, Money, Rank, Register, Span, State, Status, Step, Text,
    Trace, Version, project_score, project_span, project_trace, totals,
};

use super::*;
use crate::{ColumnType, Table};

fn at(time: i64) -> Version {
    Version { rank: Rank::Stated, time: Micros(time), step: Step::End }
}

fn span(id: &str, fill: impl Fn(&mut State)) -> Span {
    let mut state = State::new(Micros(5));
    fill(&mut state);
    project_span(&"t".into(), &id.into(), &state)
}

/// A row has exactly the table's columns, each of its type.
fn check(table: Table, row: &Row) {
    let mut names: Vec<&str> = table.columns().iter().map(|column| column.name).collect();
    names.sort_unstable();
    assert_eq!(row.keys().copied().collect::<Vec<_>>(), names, "{table}");
    for column in table.columns() {
        let fits = match (column.column_type, &row[column.name]) {
            (_, Cell::Null) => column.nullable,
            (ColumnType::Int, Cell::Int(_))
            | (ColumnType::Float, Cell::Float(_))
            | (ColumnType::Money, Cell::Money(_))
            | (ColumnType::Time, Cell::Time(_))
            | (ColumnType::Bool, Cell::Bool(_))
            | (ColumnType::Text | ColumnType::Json | ColumnType::TextList, Cell::Text(_)) => true,
            (ColumnType::Enum(members), Cell::Text(text)) => members.contains(&&**text),
            _ => false,
        };
        assert!(fits, "{table}.{}: {:?}", column.name, row[column.name]);
    }
}

#[test]
fn empty_records_fill_their_rows() {
    let span = span("s", |_| {});
    let trace = project_trace(&"t".into(), &State::new(Micros(5)));
    check(Table::Spans, &span_row(&span, &trace.inherited));
    check(Table::Traces, &trace_row(&trace, &totals([]), None, None));
    let score = project_score(&"c".into(), &State::new(Micros(5)));
    check(Table::Scores, &score_row(&score));
}

#[test]
fn a_span_fills_its_row() {
    let span = span("s", |state| {
        state.set(Field::StartTime, at(1), Micros(1_000));
        state.set(Field::EndTime, at(1), Micros(2_000));
        state.set(Field::FirstTokenTime, at(1), Micros(1_100));
        state.set(Field::Kind, at(1), Kind::Generation);
        state.set(Field::Level, at(1), Level::Warning);
        state.set(Register::Usage("input".into()), at(1), 7i64);
        state.set(Register::Usage("searches".into()), at(1), 2i64);
        state.set(Register::Cost("output".into()), at(1), Money(250_000_000_000));
        state.set(Register::Cost("input".into()), at(1), Money(1));
        state.set(Register::Metadata("b\"".into()), at(1), "[1, 2]");
        state.set(Register::Metadata("a".into()), at(1), "\"x\"");
    });
    let inherited = Inherited {
        tags: vec![Text::from("b"), Text::from("a\"")],
        session_id: "s1".into(),
        source: "api".into(),
        environment: "default".into(),
        ..Inherited::default()
    };
    let row = span_row(&span, &inherited);
    check(Table::Spans, &row);
    assert_eq!(row["duration_us"], Cell::from(1_000i64));
    assert_eq!(row["duration_bucket"], Cell::from(i64::from(crate::histogram::bucket_of(1_000))));
    assert_eq!(row["first_token_us"], Cell::from(100i64));
    assert_eq!(row["usage_total"], Cell::from(7i64));
    assert_eq!(row["usage_details"], Cell::from(r#"{"searches":2}"#));
    assert_eq!(row["cost_total"], Cell::from(Money(250_000_000_001)));
    assert_eq!(row["cost_details"], Cell::from(r#"{"input":0.000000000001,"output":0.25}"#));
    assert_eq!(row["metadata"], Cell::from(r#"{"a":"x","b\"":[1, 2]}"#));
    assert_eq!(row["tags"], Cell::from(r#"["a\"","b"]"#));
}

#[test]
fn a_trace_is_seen_through_its_root_and_generation() {
    let root = span("r", |state| {
        state.set(Field::StartTime, at(1), Micros(100));
        state.set(Field::Name, at(1), "handle");
        state.set(Field::ErrorMessage, at(1), "late");
        state.set(Field::Ip, at(1), "10.0.0.1");
        state.set(Field::PromptId, at(1), "p-root");
        state.set(Field::Model, at(1), "no generation");
    });
    let generation = span("g", |state| {
        state.set(Field::StartTime, at(1), Micros(200));
        state.set(Field::EndTime, at(1), Micros(300));
        state.set(Field::ParentSpanId, at(1), "r");
        state.set(Field::Kind, at(1), Kind::Generation);
        state.set(Field::Model, at(1), "m");
        state.set(Field::PromptId, at(1), "p-generation");
        state.set(Field::ErrorMessage, at(1), "other");
        state.set(Field::ErrorCode, at(1), "429");
    });
    let trace = project_trace(&"t".into(), &State::new(Micros(5)));
    let row = trace_row(&trace, &totals([&root, &generation]), Some(&root), Some(&generation));
    check(Table::Traces, &row);
    for (column, wanted) in [
        ("name", Cell::from("handle")),
        ("model", Cell::from("m")),
        ("prompt_id", Cell::from("p-generation")),
        ("ip", Cell::Null),
        ("error_message", Cell::from("late")),
        ("error_code", Cell::Null),
        ("root_span_id", Cell::from("r")),
        ("generation_span_id", Cell::from("g")),
        ("start_time", Cell::from(Micros(100))),
        ("duration_us", Cell::from(200i64)),
        ("spans", Cell::from(2i64)),
        ("status", Cell::from(Status::Pending.as_str())),
    ] {
        assert_eq!(row[column], wanted, "{column}");
    }
}

#[test]
fn a_trace_without_a_generation_is_seen_through_its_root() {
    let root = span("r", |state| {
        state.set(Field::Ip, at(1), "10.0.0.1");
        state.set(Field::Streaming, at(1), true);
        state.set(Field::Model, at(1), "m");
    });
    let trace =
        Trace { input: Some("q".into()), ..project_trace(&"t".into(), &State::new(Micros(5))) };
    let row = trace_row(&trace, &totals([&root]), Some(&root), None);
    check(Table::Traces, &row);
    assert_eq!(row["ip"], Cell::from("10.0.0.1"));
    assert_eq!(row["streaming"], Cell::from(true));
    assert_eq!(row["model"], Cell::Null);
    assert_eq!(row["input"], Cell::from("q"));
}

#[test]
fn a_trace_without_spans_has_the_time_it_says() {
    let mut trace = Trace { trace_id: "t".into(), received_at: Micros(9), ..Trace::default() };
    let start = |trace: &Trace| trace_row(trace, &totals([]), None, None)["start_time"].clone();
    assert_eq!(start(&trace), Cell::from(Micros(9)));
    trace.timestamp = Some(Micros(3));
    assert_eq!(start(&trace), Cell::from(Micros(3)));
}
