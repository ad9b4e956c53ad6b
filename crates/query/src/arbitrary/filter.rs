use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;
use tracekeep_model::Micros;

use super::{NUMBERS, SCORE, START, TAGS, WORDS, json_keys};
use crate::{ColumnType, Condition, Filter, FilterValue, Literal, Op, Table};

/// Names that the answers of lists have for columns of `traces` and for texts of spans.
const PLANNED: &[(&str, ColumnType)] = &[
    ("model_id", ColumnType::Text),
    ("prompt_content", ColumnType::Text),
    ("response_content", ColumnType::Text),
    ("system_prompt", ColumnType::Text),
    ("duration_ms", ColumnType::Int),
    ("streaming_enabled", ColumnType::Bool),
    ("tokens_used.total", ColumnType::Int),
    ("cost_calculation.total_cost", ColumnType::Money),
];

/// A filter of this table, up to five levels deep.
pub fn filter(table: Table) -> BoxedStrategy<Filter> {
    leaf(table)
        .prop_recursive(4, 16, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Filter::And),
                prop::collection::vec(inner.clone(), 0..4).prop_map(Filter::Or),
                inner.prop_map(|filter| Filter::Not(Box::new(filter))),
            ]
        })
        .boxed()
}

fn leaf(table: Table) -> BoxedStrategy<Filter> {
    let mut leaves: Vec<BoxedStrategy<Filter>> = Vec::new();
    for column in table.columns() {
        // There is one column of tags, with operators of its own.
        let weight = if column.column_type == ColumnType::TextList { 8 } else { 1 };
        let leaf = condition(column.name.to_owned(), column.column_type);
        leaves.extend(std::iter::repeat_n(leaf, weight));
    }
    for key in json_keys(table) {
        leaves.push(condition(key.clone(), ColumnType::Text));
        leaves.push(condition(key, ColumnType::Float));
    }
    if table == Table::Traces {
        for (name, holds) in PLANNED {
            leaves.push(condition((*name).to_owned(), *holds));
        }
    }
    if table.trace_column().is_some() {
        leaves.push(condition(format!("scores.{SCORE}"), ColumnType::Float));
    }
    if !table.searched().is_empty() {
        leaves.push(select(WORDS).prop_map(|word| Filter::Search(word.to_owned())).boxed());
    }
    Union::new(leaves).boxed()
}

fn condition(field: String, holds: ColumnType) -> BoxedStrategy<Filter> {
    select(holds.operators())
        .prop_flat_map(move |op| value(holds, op).prop_map(move |value| (op, value)))
        .prop_map(move |(op, value)| {
            Filter::Condition(Condition { field: field.clone(), op, value })
        })
        .boxed()
}

fn value(holds: ColumnType, op: Op) -> BoxedStrategy<Option<FilterValue>> {
    match op {
        Op::Exists | Op::Missing => Just(None).boxed(),
        Op::In | Op::NotIn => many(literal(holds)),
        Op::ContainsAny | Op::ContainsAll => many(text(TAGS)),
        Op::Contains | Op::NotContains if holds == ColumnType::TextList => one(text(TAGS)),
        Op::Contains | Op::NotContains | Op::StartsWith | Op::EndsWith => one(needle()),
        Op::Eq | Op::Ne | Op::Lt | Op::Le | Op::Gt | Op::Ge => one(literal(holds)),
    }
}

fn one(literal: BoxedStrategy<Literal>) -> BoxedStrategy<Option<FilterValue>> {
    literal.prop_map(|literal| Some(FilterValue::One(literal))).boxed()
}

fn many(literal: BoxedStrategy<Literal>) -> BoxedStrategy<Option<FilterValue>> {
    let list = prop::collection::vec(literal, 0..4);
    list.prop_map(|list| Some(FilterValue::Many(list))).boxed()
}

fn text(pool: &'static [&'static str]) -> BoxedStrategy<Literal> {
    select(pool).prop_map(Literal::from).boxed()
}

/// A part of a text.
fn needle() -> BoxedStrategy<Literal> {
    text(&["a", "alpha", "et", "'", "\"", "%", "\\", "ä", "team", "zzz"])
}

fn literal(holds: ColumnType) -> BoxedStrategy<Literal> {
    match holds {
        ColumnType::Text | ColumnType::Json | ColumnType::TextList => text(WORDS),
        ColumnType::Int => select(NUMBERS).prop_map(Literal::Int).boxed(),
        ColumnType::Float => prop_oneof![
            select(vec![-1.0, 0.0, 0.1, 0.5, 0.9, 1e9]).prop_map(Literal::Float),
            select(NUMBERS).prop_map(Literal::Int),
        ]
        .boxed(),
        ColumnType::Money => prop_oneof![
            select(vec![0.0, 0.000_001, 0.1, 0.3, 12.5]).prop_map(Literal::Float),
            text(&["0.000000000001", "0.1", "3"]),
        ]
        .boxed(),
        ColumnType::Time => {
            let time = (0i64..144).prop_map(|hours| START.plus(hours * Micros::HOUR));
            prop_oneof![
                time.clone().prop_map(|time| Literal::Text(time.to_string())),
                time.prop_map(|time| Literal::Int(time.0 / 1_000)),
            ]
            .boxed()
        }
        ColumnType::Bool => any::<bool>().prop_map(Literal::Bool).boxed(),
        ColumnType::Enum(members) => text(members),
    }
}
