#![allow(clippy::unwrap_used)]

use tracekeep_archive::Archive as _;
use tracekeep_model::block::Block;
use tracekeep_model::{Field, Kind, Rank, RecordKey, State, Step, Version};
use tracekeep_query::Table;

use super::*;
use crate::store::Embedded;

fn too_large() -> DataFusionError {
    let words = "Failed to allocate additional 3.2 KB for TopK[0] with 0.0 B already allocated";
    DataFusionError::ResourcesExhausted(words.to_owned()).context("while sorting")
}

#[test]
fn a_query_that_is_too_large_by_itself_is_over_its_budget_in_our_words() {
    let turns = Arc::new(Turns::default());
    let turn = turns.begin();
    let error = refused(&turn, too_large(), &Opened::default());
    assert!(matches!(error, ArchiveError::Budget(_)), "{error:?}");
    assert!(!error.to_string().contains("TopK"), "{error}");
}

#[test]
fn one_that_shared_the_memory_with_others_may_come_again() {
    let turns = Arc::new(Turns::default());
    let (turn, other) = (turns.begin(), turns.begin());
    for turn in [&turn, &other] {
        let error = refused(turn, too_large(), &Opened::default());
        assert!(matches!(error, ArchiveError::Busy(_)), "{error:?}");
        assert!(!error.to_string().contains("TopK"), "{error}");
    }
}

#[test]
fn what_else_goes_wrong_is_a_failure() {
    let turns = Arc::new(Turns::default());
    let error = DataFusionError::Execution("no such file".to_owned());
    let error = refused(&turns.begin(), error, &Opened::default());
    assert!(matches!(error, ArchiveError::Failed(_)), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_engine_itself_runs_out_of_memory_so() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options { query_memory_bytes: 1, ..Options::new(dir.path()) };
    let archive = Embedded::open(options).unwrap();
    let mut state = State::new(Micros(1));
    let version = Version { rank: Rank::Stated, time: Micros(1), step: Step::Start };
    state.set(Field::Kind, version, Kind::Generation);
    let key = RecordKey::Span { trace_id: "t".into(), span_id: "s".into() };
    let patches = vec![(key, state)];
    archive.merge(Block { project_id: "p".into(), received: Micros(1), patches }, 1).unwrap();
    let error = archive.query("p", &Query::new(Table::Spans)).await.unwrap_err();
    assert!(matches!(error, ArchiveError::Budget(_)), "{error:?}");
}
