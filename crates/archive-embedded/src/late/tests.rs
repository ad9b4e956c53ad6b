#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringViewArray};
use arrow::datatypes::{DataType, Field, Schema};
use datafusion::datasource::MemTable;
use datafusion::prelude::SessionContext;

use super::*;
use crate::blobs::Blobs;
use crate::large;
use crate::snapshot::Snapshot;
use crate::story::no_prices;

/// A table of texts that may be references, and the view over it that gives them whole.
async fn context() -> SessionContext {
    let context = SessionContext::new();
    let field = |name| Field::new(name, DataType::Utf8View, true);
    let schema = Arc::new(Schema::new(vec![field("id"), field("input"), field("metadata")]));
    let column = || Arc::new(StringViewArray::from(vec!["{}"])) as ArrayRef;
    let rows = RecordBatch::try_new(schema.clone(), vec![column(), column(), column()]).unwrap();
    let table = MemTable::try_new(schema, vec![vec![rows]]).unwrap();
    context.register_table("stored", Arc::new(table)).unwrap();
    let head = Arc::new(crate::chunk::build(&[], &no_prices()).unwrap());
    let snapshot = Snapshot { head, chunks: vec![], segments: vec![] };
    let memory = context.runtime_env().memory_pool.clone();
    for function in large::for_query(&Arc::new(Blobs::new(&snapshot, &memory))) {
        context.register_udf(function);
    }
    let view = "SELECT id, whole(input) AS input, whole(coalesce(metadata, '{}')) AS metadata
                FROM stored";
    let view = context.sql(view).await.unwrap().into_view();
    context.register_table("texts", view).unwrap();
    context
}

/// How often a query reads texts whole before its answer.
async fn reads(sql: &str) -> usize {
    let (state, plan) = context().await.sql(sql).await.unwrap().into_parts();
    let optimized = state.optimize(&plan).unwrap();
    let plan = late(&optimized).unwrap();
    assert_eq!(plan.schema().field_names(), optimized.schema().field_names(), "{sql}");
    let plan = state.query_planner().create_physical_plan(&plan, &state).await.unwrap();
    let shown = datafusion::physical_plan::displayable(plan.as_ref()).indent(true).to_string();
    shown.matches("whole(").count()
}

#[tokio::test]
async fn what_is_only_answered_or_searched_is_not_read_before() {
    for sql in [
        "SELECT * FROM texts",
        "SELECT id, input AS i, metadata FROM texts ORDER BY id DESC LIMIT 5",
        "SELECT id FROM texts WHERE text_contains_ci(input, 'x')",
        "SELECT input FROM texts WHERE contains(input, 'x') ORDER BY id LIMIT 5",
        "SELECT input FROM texts WHERE input IS NOT NULL AND metadata <> '{}'",
        "SELECT input FROM texts WHERE input = 'x' OR input IN ('a', 'b', 'c', 'd', 'e')",
        "SELECT id FROM texts WHERE input IS DISTINCT FROM 'x'",
        "SELECT metadata FROM texts WHERE json_get_text(metadata, 'a') = '1'
           AND json_get_text(metadata, 'b') = '2' ORDER BY id LIMIT 5",
        "SELECT json_get_text(metadata, 'a') AS a, count(*) AS n FROM texts GROUP BY 1 ORDER BY 1",
        "SELECT input FROM texts WHERE id IN (SELECT id FROM texts WHERE contains(input, 'x'))",
        "SELECT input FROM texts WHERE contains(input, 'y')
           OR id IN (SELECT id FROM texts WHERE contains(input, 'x')) ORDER BY id LIMIT 5",
        "SELECT a.input, b.input AS other FROM texts a LEFT JOIN texts b ON a.id = b.id",
    ] {
        assert_eq!(reads(sql).await, 0, "{sql}");
    }
}

#[tokio::test]
async fn what_is_compared_sorted_grouped_or_computed_with_is_read() {
    for sql in [
        "SELECT id FROM texts WHERE input = id",
        "SELECT id FROM texts WHERE input < 'x'",
        "SELECT id FROM texts WHERE starts_with(input, 'x')",
        "SELECT input FROM texts ORDER BY input LIMIT 5",
        "SELECT input, count(*) AS n FROM texts GROUP BY input",
        "SELECT count(DISTINCT input) AS n FROM texts",
        "SELECT min(input) AS least FROM texts",
        "SELECT concat(input, 'x') AS more FROM texts",
        "SELECT coalesce(input, metadata) AS either FROM texts",
        "SELECT DISTINCT input FROM texts",
        "SELECT input FROM texts UNION ALL SELECT metadata FROM texts",
        "SELECT a.id FROM texts a JOIN texts b ON a.input = b.input",
    ] {
        assert!(reads(sql).await > 0, "{sql}");
    }
}
