#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use serde_json::json;
use tracekeep_model::Money;
use tracekeep_query::Cell;

use super::*;

/// The names of an object's members, or of a schema's properties.
fn names(object: &Value) -> BTreeSet<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

fn schema<T: PartialSchema>() -> Value {
    serde_json::to_value(T::schema()).unwrap()
}

#[test]
fn an_interaction_is_made_of_columns() {
    let columns = interaction_columns();
    assert!(columns.len() > Table::Interactions.columns().len());
    for name in &columns {
        let is_known =
            interaction_table(name).is_some() || SAID.iter().any(|(said, _)| said == name);
        assert!(is_known, "{name} is neither a column of a table nor described");
    }
    for column in Table::Interactions.columns() {
        assert!(columns.iter().any(|name| name == column.name), "{} is not answered", column.name);
    }
}

#[test]
fn rows_have_the_columns_of_their_tables() {
    for (table, schema) in
        [(Table::Spans, schema::<SpanRow>()), (Table::Scores, schema::<ScoreRow>())]
    {
        let mut columns: BTreeSet<&str> =
            table.columns().iter().map(|column| column.name).collect();
        if table == Table::Spans {
            columns.extend(SAID.map(|(name, _)| name));
        }
        assert_eq!(names(&schema["properties"]), columns);
        assert_eq!(schema["required"].as_array().unwrap().len(), columns.len());
    }
    let spans = schema::<SpanRow>();
    assert_eq!(spans["properties"]["duration_us"]["type"], json!(["integer", "null"]));
    assert_eq!(spans["properties"]["start_time"]["format"], "date-time");
    assert_eq!(spans["properties"]["status"]["enum"], json!(["pending", "success", "error"]));
    assert_eq!(spans["properties"]["tags"]["type"], "array");
}

#[test]
fn tokens_and_costs_are_described_as_they_are_answered() {
    let row = Row::from([
        ("total_tokens", Cell::Int(17)),
        ("input_tokens", Cell::Int(14)),
        ("total_cost", Cell::from(Money::parse_cost("0.5").unwrap())),
    ]);
    let answered = serde_json::to_value(Interaction::new(row, Texts::default())).unwrap();
    let tokens = schema::<TokensUsed>();
    assert_eq!(names(&answered["tokens_used"]), names(&tokens["properties"]));
    let costs = schema::<CostCalculation>();
    assert_eq!(names(&answered["cost_calculation"]), names(&costs["properties"]));
}
