//! Rows, made from the columns that queries know. Every column of a row is always there.

use std::collections::BTreeMap;

use serde_json::Value;
use tracekeep_query::{Column, ColumnType, Row, Table};
use utoipa::openapi::schema::{
    ArrayBuilder, KnownFormat, ObjectBuilder, OneOfBuilder, SchemaFormat, SchemaType, Type,
};
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::api::interaction::{Interaction, TOKENS_ESTIMATED, Texts};

/// A trace: the columns of `ai_interaction_traces`, then other columns of `traces`.
pub(crate) struct InteractionRow;

/// A span: the columns of `spans`.
pub(crate) struct SpanRow;

/// A score: the columns of `scores`.
pub(crate) struct ScoreRow;

/// Tokens of all spans of a trace.
#[derive(ToSchema)]
pub(crate) struct TokensUsed {
    /// Input tokens, cached included.
    #[schema(required)]
    input: Option<i64>,
    /// Output tokens.
    #[schema(required)]
    output: Option<i64>,
    /// Tokens in all.
    total: i64,
    /// Tokens by usage type.
    details: BTreeMap<String, i64>,
}

/// US dollars of all spans of a trace, with all their digits.
#[derive(ToSchema)]
pub(crate) struct CostCalculation {
    /// Of all input.
    #[schema(required)]
    input_cost: Option<f64>,
    /// Of all output.
    #[schema(required)]
    output_cost: Option<f64>,
    /// In all.
    total_cost: f64,
    /// By usage type.
    details: BTreeMap<String, f64>,
}

impl PartialSchema for InteractionRow {
    fn schema() -> RefOr<Schema> {
        let about = "A trace: the columns of `ai_interaction_traces`, then others. Model and texts \
                     are those of its root generation, else of its earliest one.";
        let mut row = ObjectBuilder::new().description(Some(about));
        for name in interaction_columns() {
            row = row.property(&name, interaction_column(&name)).required(name);
        }
        row.into()
    }
}

impl ToSchema for InteractionRow {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((TokensUsed::name().into_owned(), TokensUsed::schema()));
        schemas.push((CostCalculation::name().into_owned(), CostCalculation::schema()));
    }
}

impl PartialSchema for SpanRow {
    fn schema() -> RefOr<Schema> {
        let mut span = row(Table::Spans, "A span, with what it inherits from its trace.");
        for (name, _) in SAID {
            span = span.property(name, said(name)).required(name);
        }
        span.into()
    }
}

impl ToSchema for SpanRow {}

impl PartialSchema for ScoreRow {
    fn schema() -> RefOr<Schema> {
        row(Table::Scores, "A judgement of a trace, a span, a session or a dataset run.").into()
    }
}

impl ToSchema for ScoreRow {}

fn row(table: Table, about: &str) -> ObjectBuilder {
    let mut row = ObjectBuilder::new().description(Some(about));
    for column in table.columns() {
        row = row.property(column.name, cell(table, column)).required(column.name);
    }
    row
}

/// The names of an interaction's columns, from an empty one as it is answered.
fn interaction_columns() -> Vec<String> {
    match serde_json::to_value(Interaction::new(Row::new(), Texts::default())) {
        Ok(Value::Object(columns)) => columns.into_iter().map(|(name, _)| name).collect(),
        _ => Vec::new(),
    }
}

/// The table that one of these columns is of.
fn interaction_table(name: &str) -> Option<(Table, &'static Column)> {
    [Table::Interactions, Table::Traces]
        .into_iter()
        .find_map(|table| Some((table, table.column(name)?)))
}

fn interaction_column(name: &str) -> RefOr<Schema> {
    match name {
        "tokens_used" => or_null(&TokensUsed::name(), Table::Interactions.about(name)),
        "cost_calculation" => or_null(&CostCalculation::name(), Table::Interactions.about(name)),
        TOKENS_ESTIMATED => estimated_or_null(),
        _ if SAID.iter().any(|(said, _)| *said == name) => said(name),
        _ => match interaction_table(name) {
            Some((table, column)) => cell(table, column),
            None => ObjectBuilder::new().schema_type(SchemaType::AnyValue).into(),
        },
    }
}

/// What an answer says of a row: no columns, but there in every row.
const SAID: [(&str, &str); 3] = [
    (
        TOKENS_ESTIMATED,
        "Tracekeep counted its tokens, as its sender counted none: `usage_given` says by which \
         vocabulary.",
    ),
    ("content_cut", "A text is longer than what is shown of it."),
    ("content_omitted", "Texts or long JSON are left out, if there are any."),
];

fn said(name: &str) -> RefOr<Schema> {
    let about = SAID.iter().find(|(said, _)| *said == name).map(|(_, about)| *about);
    ObjectBuilder::new().schema_type(Type::Boolean).description(about).into()
}

/// Of a trace it is known where its span was looked at.
fn estimated_or_null() -> RefOr<Schema> {
    let about = "Tracekeep counted the tokens of the generation that stands for it, as its sender \
                 counted none. Null where there is no span, and in lists without content.";
    let kind = SchemaType::from_iter([Type::Boolean, Type::Null]);
    ObjectBuilder::new().schema_type(kind).description(Some(about)).into()
}

/// What has a schema of its own, where it is there.
fn or_null(schema: &str, about: &str) -> RefOr<Schema> {
    let mut reference = Ref::from_schema_name(schema);
    reference.description = about.to_owned();
    let null = ObjectBuilder::new().schema_type(Type::Null);
    OneOfBuilder::new().item(reference).item(null).into()
}

/// What a cell of a column is in JSON.
fn cell(table: Table, column: &Column) -> RefOr<Schema> {
    let about = Some(table.about(column.name));
    let of = |kind: Type| {
        if column.nullable {
            SchemaType::from_iter([kind, Type::Null])
        } else {
            SchemaType::new(kind)
        }
    };
    let plain = |kind: Type| ObjectBuilder::new().schema_type(of(kind)).description(about);
    let format = |format| Some(SchemaFormat::KnownFormat(format));
    match column.column_type {
        ColumnType::Text => plain(Type::String).into(),
        ColumnType::Int => plain(Type::Integer).format(format(KnownFormat::Int64)).into(),
        ColumnType::Float | ColumnType::Money => {
            plain(Type::Number).format(format(KnownFormat::Double)).into()
        }
        ColumnType::Time => plain(Type::String).format(format(KnownFormat::DateTime)).into(),
        ColumnType::Bool => plain(Type::Boolean).into(),
        ColumnType::Enum(names) => {
            plain(Type::String).enum_values(Some(names.iter().copied())).into()
        }
        ColumnType::TextList => ArrayBuilder::new()
            .schema_type(of(Type::Array))
            .items(ObjectBuilder::new().schema_type(Type::String))
            .description(about)
            .into(),
        // Mostly an object, but whatever its sender wrote.
        ColumnType::Json => {
            ObjectBuilder::new().schema_type(SchemaType::AnyValue).description(about).into()
        }
    }
}

#[cfg(test)]
mod tests;
