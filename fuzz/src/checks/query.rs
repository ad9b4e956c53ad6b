//! Queries: their JSON, their plan, their SQL and their answer.

mod rows;

use std::ops::RangeInclusive;

use tracekeep_model::Micros;
use tracekeep_query::{
    Cell, ColumnType, DataFusion, Plan, Query, QueryError, ResultTable, compile, evaluate_plan,
};

use super::Outcome;

/// Moments that RFC 3339 can write, which has four digits for a year.
const WRITABLE: RangeInclusive<Micros> =
    Micros(-62_167_219_200_000_000)..=Micros(253_402_300_799_999_999);

/// Bytes of a refusal, beside the names that it takes from the query.
const LONGEST_REFUSAL: usize = 4_096;

/// Checks text that may be a query.
pub(super) fn query(input: &[u8]) -> Outcome {
    let Ok(json) = std::str::from_utf8(input) else { return Outcome::REFUSED };
    match planned(json) {
        Ok((query, plan)) => {
            survives_its_json(&query);
            is_one_statement(&plan);
            is_answered(&query, &plan);
            Outcome::ACCEPTED
        }
        Err(error) => {
            assert!(!error.path.is_empty() && !error.reason.is_empty(), "{error:?}");
            assert!(error.to_string().len() < LONGEST_REFUSAL + json.len(), "{error}");
            Outcome::REFUSED
        }
    }
}

fn planned(json: &str) -> Result<(Query, Plan), QueryError> {
    let query = Query::from_json(json)?;
    let plan = query.plan()?;
    Ok((query, plan))
}

fn survives_its_json(query: &Query) {
    let writable =
        query.time.is_none_or(|time| WRITABLE.contains(&time.from) && WRITABLE.contains(&time.to));
    if writable {
        let json = serde_json::to_string(query).expect("a query has a JSON form");
        assert_eq!(Query::from_json(&json).as_ref(), Ok(query), "{json}");
    }
}

/// What people sent stands within quotes, and every quote is closed.
fn is_one_statement(plan: &Plan) {
    let sql = compile(plan, &DataFusion);
    assert_eq!(sql.columns, plan.columns());
    let mut open = None;
    let mut outside = String::new();
    for character in sql.text.chars() {
        match open {
            Some(quote) if quote == character => open = None,
            Some(_) => {}
            None if matches!(character, '\'' | '"') => {
                open = Some(character);
                outside.push(' ');
            }
            None => outside.push(character),
        }
    }
    assert_eq!(open, None, "{}", sql.text);
    assert!(outside.is_ascii(), "{}", sql.text);
    for mark in [";", "--", "/*", "\\"] {
        assert!(!outside.contains(mark), "{mark} in {}", sql.text);
    }
}

/// The answer is as large and of the columns that the plan says, and the next page goes on after it.
fn is_answered(query: &Query, plan: &Plan) {
    let mut first = answer(plan);
    let Some(next) = plan.finish(first.clone()).next else { return };
    // One row more was read than is answered: it tells that there is a next page, which begins with it.
    let further = first.rows.pop();
    let next = Query { cursor: Some(next), offset: None, ..query.clone() };
    let second = answer(&next.plan().expect("a cursor is taken back"));
    assert_eq!(second.rows.first(), further.as_ref(), "{query:?}");
    assert!(second.rows.iter().all(|row| !first.rows.contains(row)), "{query:?}");
}

fn answer(plan: &Plan) -> ResultTable {
    let (rows, related) = rows::of(plan.table);
    let answer = evaluate_plan(plan, rows, &related);
    assert_eq!(answer.columns, plan.columns());
    assert!(answer.rows.len() as u64 <= plan.rows_read());
    for row in &answer.rows {
        assert_eq!(row.len(), answer.columns.len());
        for (cell, (name, column_type)) in row.iter().zip(&answer.columns) {
            assert!(has_type(cell, *column_type), "{name}: {cell:?}");
        }
    }
    answer
}

fn has_type(cell: &Cell, column_type: ColumnType) -> bool {
    match cell {
        Cell::Null => true,
        Cell::Bool(_) => column_type == ColumnType::Bool,
        Cell::Int(_) => column_type == ColumnType::Int,
        Cell::Float(_) => column_type == ColumnType::Float,
        Cell::Money(_) => column_type == ColumnType::Money,
        Cell::Time(_) => column_type == ColumnType::Time,
        Cell::Text(text) => match column_type {
            ColumnType::Text | ColumnType::Json | ColumnType::TextList => true,
            ColumnType::Enum(members) => members.contains(&&**text),
            _ => false,
        },
    }
}
