//! What a question finds in each of some segments by itself.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::object_store::path::Path as ObjectPath;
use datafusion::physical_plan::ExecutionPlan;
use futures::StreamExt as _;
use hashbrown::HashMap;
use tokio::task::JoinSet;

use super::compact::compact;
use super::kept::{Key, State};
use super::{Partials, Question, physical};
use crate::asking::Asking;
use crate::snapshot::{MaskedSegment, Snapshot};

/// Segments that are read at once, as by a scan.
const AT_ONCE: usize = 2;
/// Rows of a state, at most.
const MOST_ROWS: usize = 4_096;
/// Bytes of a state, at most.
const MOST_BYTES: usize = 256 << 10;

impl Partials {
    /// The states of a question in some segments, each kept as soon as it is known. Once one is too
    /// large, so are the others, most likely, and they are left to the scan.
    ///
    /// `None`: the plan is not as expected.
    pub(super) async fn ask_each(
        &self,
        asking: &Asking,
        question: &Question,
        key: &Key,
        segments: Vec<MaskedSegment>,
    ) -> Result<Option<HashMap<u64, State>>> {
        let path = |masked: &MaskedSegment| {
            ObjectPath::from_absolute_path(question.part.file(&masked.segment).path)
        };
        let paths: Vec<ObjectPath> = segments.iter().map(path).collect::<Result<_, _>>()?;
        // The head is in the plan, but not asked.
        let head = asking.snapshot.head.clone();
        let part = Snapshot { head, chunks: Vec::new(), segments: segments.clone() };
        let session = physical::apart(&asking.state, segments.len());
        let planned = asking.planned(&session, &Arc::new(part), &question.timeless).await?;
        let aggregate = physical::aggregate(&planned.plan);
        let aggregate = aggregate.and_then(|aggregate| {
            let partitions = physical::partitions(&aggregate, &paths)?;
            Some((aggregate, partitions))
        });
        let Some((aggregate, partitions)) = aggregate else {
            tracing::debug!(part = ?question.part, "a plan of segments is not as expected");
            return Ok(None);
        };
        let mut found = HashMap::new();
        let mut running = JoinSet::new();
        let mut waiting = segments.into_iter().zip(partitions);
        let mut goes_on = true;
        loop {
            while goes_on && running.len() < AT_ONCE {
                let Some((masked, partition)) = waiting.next() else { break };
                let (aggregate, context) = (aggregate.clone(), planned.context.clone());
                running.spawn(async move {
                    let state = state(aggregate, partition, context).await;
                    state.map(|state| (masked, state))
                });
            }
            let Some(done) = running.join_next().await else { return Ok(Some(found)) };
            let done = done.map_err(|error| DataFusionError::ExecutionJoin(Box::new(error)))?;
            let (masked, state) = done?;
            goes_on &= !matches!(state, State::TooLarge);
            self.computed.fetch_add(1, Ordering::Relaxed);
            self.kept.keep(key, masked.number, masked.mask.traces.len(), state.clone());
            found.insert(masked.number, state);
        }
    }
}

/// The state that one partition gives; of a segment that the scan leaves out, none.
async fn state(
    aggregate: Arc<dyn ExecutionPlan>,
    partition: Option<usize>,
    context: Arc<TaskContext>,
) -> Result<State> {
    let schema = aggregate.schema();
    let Some(partition) = partition else {
        return Ok(State::Rows(RecordBatch::new_empty(schema)));
    };
    let mut stream = aggregate.execute(partition, context)?;
    let (mut batches, mut rows) = (Vec::new(), 0);
    while let Some(batch) = stream.next().await {
        let batch = batch?;
        rows += batch.num_rows();
        if rows > MOST_ROWS {
            return Ok(State::TooLarge);
        }
        batches.push(batch);
    }
    let state = compact(&concat_batches(&schema, &batches)?)?;
    if state.get_array_memory_size() > MOST_BYTES {
        return Ok(State::TooLarge);
    }
    Ok(State::Rows(state))
}
