//! Statements over one snapshot.

use std::sync::Arc;

use arrow::array::{AsArray as _, RecordBatch};
use datafusion::common::{DataFusionError, internal_err};
use datafusion::execution::{SessionState, TaskContext};
use datafusion::physical_plan::{ExecutionPlan, collect};
use datafusion::prelude::SessionContext;
use tracekeep_query::{DataFusion, Literal, Query, QueryError, compile};

use crate::blobs::Blobs;
use crate::hourly::{HourlyTable, KeptHours};
use crate::late::late;
use crate::newest::{Found, newest};
use crate::partials::{Merging, Partials, Question};
use crate::provider::{Part, SnapshotTable, external};
use crate::snapshot::Snapshot;
use crate::{large, views};

/// Asks about one snapshot.
pub(crate) struct Asking {
    pub(crate) state: SessionState,
    pub(crate) project: String,
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) kept: Kept,
    blobs: Arc<Blobs>,
}

/// What one query leaves for the next.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept {
    pub(crate) hours: Arc<KeptHours>,
    pub(crate) partials: Arc<Partials>,
}

/// A plan, and what it runs in.
pub(crate) struct Planned {
    pub(crate) plan: Arc<dyn ExecutionPlan>,
    pub(crate) context: Arc<TaskContext>,
}

impl Asking {
    pub(crate) fn new(
        state: SessionState,
        project: String,
        snapshot: Snapshot,
        kept: Kept,
    ) -> Self {
        let snapshot = Arc::new(snapshot);
        let blobs = Arc::new(Blobs::new(&snapshot, &state.runtime_env().memory_pool));
        Self { state, project, snapshot, kept, blobs }
    }

    /// The rows that a query asks for, with the columns of its plan.
    pub(crate) async fn rows(&self, query: &Query) -> Result<Vec<RecordBatch>, DataFusionError> {
        if let Some(question) = Question::of(&query.plan().map_err(external)?)
            && let Some(merging) = self.kept.partials.merging(self, &question, &sql(query)?).await?
        {
            let Merging { planned, memory: _held } = merging;
            return self.run(planned).await;
        }
        let Some(keys) = query.for_keys() else {
            return self.all(&sql(query)?).await;
        };
        let found = match newest(self, &keys).await? {
            Some(found) => found,
            None => Found { ids: first_texts(&self.all(&sql(&keys)?).await?)?, time: None },
        };
        if found.ids.is_empty() {
            return Ok(Vec::new());
        }
        self.all(&sql(&query.of_keys(found.ids, found.time))?).await
    }

    /// Runs one statement.
    pub(crate) async fn all(&self, sql: &str) -> Result<Vec<RecordBatch>, DataFusionError> {
        self.run(self.planned(&self.state, &self.snapshot, sql).await?).await
    }

    async fn run(&self, planned: Planned) -> Result<Vec<RecordBatch>, DataFusionError> {
        self.blobs.finish(collect(planned.plan, planned.context).await?)
    }

    /// Plans one statement over a part of the snapshot, in a session made of the query's own.
    pub(crate) async fn planned(
        &self,
        state: &SessionState,
        part: &Arc<Snapshot>,
        sql: &str,
    ) -> Result<Planned, DataFusionError> {
        let context = self.tables(state.clone(), part, sql).await?;
        let (state, plan) = context.sql(sql).await?.into_parts();
        let plan = late(&state.optimize(&plan)?)?;
        let plan = state.query_planner().create_physical_plan(&plan, &state).await?;
        Ok(Planned { plan, context: state.task_ctx() })
    }

    /// The stored tables and those views over them that a statement may name.
    async fn tables(
        &self,
        state: SessionState,
        snapshot: &Arc<Snapshot>,
        statement: &str,
    ) -> Result<SessionContext, DataFusionError> {
        let context = SessionContext::new_with_state(state);
        for function in large::for_query(&self.blobs) {
            context.register_udf(function);
        }
        let catalog = Arc::new(datafusion::catalog::MemoryCatalogProvider::new());
        let schema = Arc::new(datafusion::catalog::MemorySchemaProvider::new());
        datafusion::catalog::CatalogProvider::register_schema(&*catalog, "public", schema)?;
        context.register_catalog("tracekeep", catalog);
        for (name, part) in [
            ("stored_spans", Part::Spans),
            ("stored_traces", Part::Traces),
            ("stored_scores", Part::Scores),
        ] {
            context.register_table(name, Arc::new(SnapshotTable::new(snapshot.clone(), part)))?;
        }
        let hourly = HourlyTable::new(snapshot.clone(), self.kept.hours.clone());
        context.register_table("stored_hourly", Arc::new(hourly))?;
        // Planning a view takes as long as planning a small query.
        for (name, sql) in views::all().iter().filter(|(name, _)| statement.contains(name)) {
            let view = context.sql(sql).await?.into_view();
            context.register_table(*name, view)?;
        }
        Ok(context)
    }
}

/// A query in SQL.
pub(crate) fn sql(query: &Query) -> Result<String, DataFusionError> {
    let sql = || Ok::<_, QueryError>(compile(&query.plan()?, &DataFusion).text);
    sql().map_err(external)
}

/// The first column of an answer.
fn first_texts(batches: &[RecordBatch]) -> Result<Vec<Literal>, DataFusionError> {
    let mut found = Vec::new();
    for batch in batches {
        let Some(texts) = batch.column(0).as_string_view_opt() else {
            return internal_err!("ids came as {}", batch.schema());
        };
        found.extend(texts.iter().flatten().map(Literal::from));
    }
    Ok(found)
}
