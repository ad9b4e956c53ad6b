//! What is answered where there is no memory for states.

use std::fmt;

use datafusion::execution::SessionStateBuilder;
use datafusion::execution::memory_pool::{MemoryPool, UnboundedMemoryPool};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use parking_lot::Mutex;

use super::*;
use crate::asking::sql;

/// Who puts together what is remembered.
const STATES: &str = "aggregates of segments";
/// Who counts without groups: the first who does that for a question asks one segment by itself.
const COUNTS: &str = "AggregateStream";

/// Memory without end, but that those with this name get none the next few times.
#[derive(Debug)]
struct Scarce {
    to: &'static str,
    refusals: Mutex<usize>,
    rest: UnboundedMemoryPool,
}

impl Scarce {
    fn new(to: &'static str) -> Arc<Self> {
        let (refusals, rest) = (Mutex::new(0), UnboundedMemoryPool::default());
        Arc::new(Self { to, refusals, rest })
    }

    fn refuse(&self, times: usize) {
        *self.refusals.lock() = times;
    }

    /// How often it will still refuse.
    fn left(&self) -> usize {
        *self.refusals.lock()
    }
}

impl fmt::Display for Scarce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "none for {}", self.to)
    }
}

impl MemoryPool for Scarce {
    fn name(&self) -> &str {
        "scarce"
    }

    fn grow(&self, reservation: &MemoryReservation, additional: usize) {
        self.rest.grow(reservation, additional);
    }

    fn shrink(&self, reservation: &MemoryReservation, shrink: usize) {
        self.rest.shrink(reservation, shrink);
    }

    fn try_grow(&self, reservation: &MemoryReservation, additional: usize) -> Result<()> {
        let mut left = self.refusals.lock();
        if *left > 0 && reservation.consumer().name().starts_with(self.to) {
            *left -= 1;
            return Err(DataFusionError::ResourcesExhausted("it is scarce".into()));
        }
        self.rest.try_grow(reservation, additional)
    }

    fn reserved(&self) -> usize {
        self.rest.reserved()
    }
}

/// Asks with this memory, and with what the story remembers.
fn asking(story: &Story, memory: &Arc<Scarce>) -> Asking {
    let memory: Arc<dyn MemoryPool> = memory.clone();
    let environment = RuntimeEnvBuilder::new().with_memory_pool(memory).build_arc().unwrap();
    let mut asking = story.asking();
    asking.state = SessionStateBuilder::new_from_existing(asking.state.clone())
        .with_runtime_env(environment)
        .build();
    asking
}

/// Whether a query goes on from what is remembered.
async fn is_merged(asking: &Asking, query: &Query) -> bool {
    let question = Question::of(&query.plan().unwrap()).unwrap();
    let merging = asking.kept.partials.merging(asking, &question, &sql(query).unwrap()).await;
    merging.unwrap().is_some()
}

#[tokio::test(flavor = "multi_thread")]
async fn states_that_find_no_memory_are_left_to_a_scan() {
    let mut story = four_days();
    story.mask();
    for query in [count(Table::Traces), count(Table::Spans), figures()] {
        let memory = Scarce::new(STATES);
        let asking = asking(&story, &memory);
        let before = story.partials().computed();
        memory.refuse(2);
        assert!(!is_merged(&asking, &query).await, "{query:?}");
        assert_eq!(memory.left(), 1, "{query:?}");
        story.check_by(&asking, &query).await;
        assert_eq!(memory.left(), 0, "{query:?}");
        // What could not be put together was kept, and is of use once there is memory.
        assert!(is_merged(&asking, &query).await, "{query:?}");
        story.check_by(&asking, &query).await;
        assert_eq!(story.partials().computed() - before, 4, "{query:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_segment_that_finds_no_memory_by_itself_is_left_to_a_scan() {
    for table in [Table::Traces, Table::Spans] {
        let story = four_days();
        let query = count(table);
        let memory = Scarce::new(COUNTS);
        let asking = asking(&story, &memory);
        memory.refuse(1);
        story.check_by(&asking, &query).await;
        assert_eq!(memory.left(), 0, "{query:?}");
        let computed = story.partials().computed();
        assert!(computed < 4, "{computed} of four were computed for {query:?}");
        // Nothing half-done was kept: the others are computed now, each once.
        story.check_by(&asking, &query).await;
        assert_eq!(story.partials().computed(), 4, "{query:?}");
        assert!(is_merged(&asking, &query).await, "{query:?}");
        story.check(&query).await;
        assert_eq!(story.partials().computed(), 4, "{query:?}");
    }
}
