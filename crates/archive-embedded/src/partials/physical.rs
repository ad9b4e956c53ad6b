//! What is done to plans of the engine.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::common::Result;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::datasource::physical_plan::FileScanConfig;
use datafusion::datasource::source::DataSourceExec;
use datafusion::execution::{SessionState, SessionStateBuilder};
use datafusion::object_store::path::Path as ObjectPath;
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode};
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::coop::CooperativeExec;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::union::UnionExec;
use datafusion::physical_plan::{
    ExecutionPlan, ExecutionPlanProperties as _, replace_children_if_necessary,
};

/// Rules that put something else in the place of the aggregate that makes states, or let it leave out
/// groups that are not among the first.
pub(super) const IN_THE_WAY: [&str; 4] = [
    "aggregate_statistics",
    "CombinePartialFinalAggregate",
    "LimitedDistinctAggregation",
    "LimitAggregation",
];

/// A session in which aggregates are planned in two steps, the first of which depends on nothing but
/// its rows.
pub(super) fn merging(state: &SessionState) -> SessionState {
    let rules = state.physical_optimizers().iter();
    let rules = rules.filter(|rule| !IN_THE_WAY.contains(&rule.name())).cloned().collect();
    let mut config = state.config().clone();
    // What one part of the rows has would decide on what is read of another.
    let optimizer = &mut config.options_mut().optimizer;
    optimizer.enable_dynamic_filter_pushdown = false;
    optimizer.enable_aggregate_dynamic_filter_pushdown = false;
    optimizer.enable_topk_dynamic_filter_pushdown = false;
    SessionStateBuilder::new_from_existing(state.clone())
        .with_config(config)
        .with_physical_optimizer_rules(rules)
        .build()
}

/// A session in which also each of so many files is a partition by itself.
pub(super) fn apart(state: &SessionState, files: usize) -> SessionState {
    let state = merging(state);
    let mut config = state
        .config()
        .clone()
        .with_target_partitions(files)
        .with_repartition_file_scans(false)
        .with_repartition_aggregations(false)
        .with_round_robin_repartition(false);
    config.options_mut().execution.enable_file_stream_work_stealing = false;
    SessionStateBuilder::new_from_existing(state).with_config(config).build()
}

/// The aggregate of a plan that makes states from rows: below it is nothing but a scan, above it a
/// single line of operators.
pub(super) fn aggregate(plan: &Arc<dyn ExecutionPlan>) -> Option<Arc<dyn ExecutionPlan>> {
    let (mut node, mut found) = (plan, None);
    loop {
        let aggregate = node.downcast_ref::<AggregateExec>();
        if aggregate.is_some_and(|aggregate| *aggregate.mode() == AggregateMode::Partial) {
            found = Some(node);
        }
        let [child] = node.children()[..] else { break };
        node = child;
    }
    found.filter(|found| found.children().into_iter().all(only_scans)).cloned()
}

fn only_scans(plan: &Arc<dyn ExecutionPlan>) -> bool {
    let is_known = plan.is::<DataSourceExec>()
        || plan.is::<UnionExec>()
        || plan.is::<FilterExec>()
        || plan.is::<ProjectionExec>()
        || plan.is::<CooperativeExec>()
        || plan.is::<RepartitionExec>();
    is_known && plan.children().into_iter().all(only_scans)
}

/// Which partition of an aggregate reads which of these files; a file that the scan leaves out has
/// none. `None`: some partition reads another file, or none as a whole.
pub(super) fn partitions(
    aggregate: &Arc<dyn ExecutionPlan>,
    files: &[ObjectPath],
) -> Option<Vec<Option<usize>>> {
    let mut partitions = vec![None; files.len()];
    let [input] = aggregate.children()[..] else { return None };
    for (partition, source) in sources(input)?.into_iter().enumerate() {
        let Source::File(path) = source else { continue };
        let file = files.iter().position(|file| *file == path)?;
        if partitions[file].replace(partition).is_some() {
            return None;
        }
    }
    Some(partitions)
}

/// What a partition reads.
enum Source {
    Memory,
    /// A whole file.
    File(ObjectPath),
}

/// What the partitions of a scan read; `None`: parts of files, or several.
fn sources(plan: &Arc<dyn ExecutionPlan>) -> Option<Vec<Source>> {
    let count = plan.output_partitioning().partition_count();
    if let Some(source) = plan.downcast_ref::<DataSourceExec>() {
        let Some(scan) = source.data_source().downcast_ref::<FileScanConfig>() else {
            return Some((0..count).map(|_| Source::Memory).collect());
        };
        let groups = scan.file_groups.iter().map(|group| match group.files() {
            [file] if file.range.is_none() => Some(Source::File(file.object_meta.location.clone())),
            _ => None,
        });
        return groups.collect();
    }
    if plan.is::<RepartitionExec>() {
        return None;
    }
    let mut all = Vec::new();
    for child in plan.children() {
        all.extend(sources(child)?);
    }
    (all.len() == count).then_some(all)
}

/// The plan, going on from these states as well as from those that its scan gives. `None`: it has no
/// such aggregate, or with other states.
pub(super) fn with_states(
    plan: &Arc<dyn ExecutionPlan>,
    states: &[RecordBatch],
) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let Some(aggregate) = aggregate(plan) else { return Ok(None) };
    let schema = aggregate.schema();
    let states: Option<Vec<_>> = states.iter().map(|state| alike(state, &schema)).collect();
    let Some(states) = states else { return Ok(None) };
    let states = MemorySourceConfig::try_new_exec(&[states], schema, None)?;
    let all = UnionExec::try_new(vec![aggregate.clone(), states])?;
    // In one partition, which what comes next can do with, whatever it had before: states of one group
    // must not be in two if nothing brings them together.
    let all: Arc<dyn ExecutionPlan> = Arc::new(CoalescePartitionsExec::new(all));
    replaced(plan, &aggregate, &all).map(Some)
}

/// A state under a schema that differs from its own in no name and no type.
fn alike(state: &RecordBatch, schema: &SchemaRef) -> Option<RecordBatch> {
    let own = state.schema();
    let same =
        own.fields().len() == schema.fields().len()
            && own.fields().iter().zip(schema.fields()).all(|(own, other)| {
                own.name() == other.name() && own.data_type() == other.data_type()
            });
    // This looks for nulls where the schema has none.
    same.then(|| RecordBatch::try_new(schema.clone(), state.columns().to_vec()).ok()).flatten()
}

/// The plan with another operator in the place of one that it has on a single line.
fn replaced(
    plan: &Arc<dyn ExecutionPlan>,
    old: &Arc<dyn ExecutionPlan>,
    new: &Arc<dyn ExecutionPlan>,
) -> Result<Arc<dyn ExecutionPlan>> {
    if Arc::ptr_eq(plan, old) {
        return Ok(new.clone());
    }
    let children = plan.children().into_iter().map(|child| replaced(child, old, new));
    replace_children_if_necessary(plan.clone(), children.collect::<Result<_>>()?)
}
