use std::collections::BTreeSet;

use tracekeep_model::{Kind, Level, Status};

use super::*;

fn members(table: Table, column: &str) -> Vec<&'static str> {
    match table.column(column).map(|column| column.column_type) {
        Some(ColumnType::Enum(members)) => members.to_vec(),
        other => panic!("{table}.{column} is {other:?}"),
    }
}

#[test]
fn names_are_unique() {
    for table in Table::ALL {
        let names: BTreeSet<&str> = table.columns().iter().map(|column| column.name).collect();
        assert_eq!(names.len(), table.columns().len(), "{table}");
    }
}

#[test]
fn keys_and_times_are_never_missing() {
    for table in Table::ALL {
        assert_eq!(table.time_column().column_type, ColumnType::Time);
        assert!(!table.time_column().nullable);
        assert!(!table.key().is_empty(), "{table}");
        assert!(table.key().iter().all(|column| !column.nullable), "{table}");
    }
    assert_eq!(Table::Spans.key().len(), 2);
    assert_eq!(Table::MetricsHourly.key().len(), 2);
}

#[test]
fn closed_sets_are_those_of_the_model() {
    let names = |all: &[Status]| all.iter().map(|status| status.as_str()).collect::<Vec<_>>();
    assert_eq!(members(Table::Spans, "status"), names(Status::ALL));
    assert_eq!(members(Table::Traces, "status"), names(Status::ALL));
    let kinds: Vec<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(members(Table::Spans, "kind"), kinds);
    let levels: Vec<&str> = Level::ALL.iter().map(|level| level.as_str()).collect();
    assert_eq!(members(Table::Spans, "level"), levels);
}

#[test]
fn searched_columns_exist() {
    assert_eq!(Table::Spans.searched().len(), 7);
    assert_eq!(Table::Traces.searched().len(), 4);
    assert_eq!(Table::Scores.searched().len(), 4);
    assert_eq!(Table::Interactions.searched().len(), 4);
}
