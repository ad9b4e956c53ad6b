#![allow(clippy::unwrap_used)]

use std::path::Path;

use tracekeep_archive::Archive as _;
use tracekeep_model::block::Block;
use tracekeep_model::{Micros, Rank, Step, Version};

use super::*;
use crate::manifest::Manifest;
use crate::memtable::Memtable;
use crate::{Embedded, Options};

const NOON: Micros = Micros(1_770_000_000_000_000);
const NOTHING: Relations = Relations { scores: false, children: false };
const CHILDREN: Relations = Relations { scores: false, children: true };
const SCORES: Relations = Relations { scores: true, children: false };

fn stated(field: Field, at: i64, id: &str) -> State {
    let mut state = State::new(NOON);
    let version = Version { rank: Rank::Stated, time: Micros(NOON.0 + at), step: Step::Update };
    state.set(field, version, id);
    state
}

fn child(id: &str, at: i64, parent: &str) -> (RecordKey, State) {
    (RecordKey::Trace { trace_id: id.into() }, stated(Field::ParentTraceId, at, parent))
}

fn score(id: &str, at: i64, trace: &str) -> (RecordKey, State) {
    (RecordKey::Score { score_id: id.into() }, stated(Field::TargetTraceId, at, trace))
}

fn merge(archive: &Embedded, end: u64, patches: Vec<(RecordKey, State)>) {
    archive.merge(Block { project_id: "p".into(), received: NOON, patches }, end).unwrap();
}

async fn expect(archive: &Embedded, wanted: [(&str, Relations); 3]) {
    for (id, relations) in wanted {
        assert_eq!(archive.relations("p", id).await.unwrap(), relations, "{id}");
    }
}

fn open(dir: &Path) -> Embedded {
    Embedded::open(Options::new(dir)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_points_to_a_trace_is_known_wherever_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let archive = open(dir.path());
    let mut wanted = [("a", NOTHING), ("b", NOTHING), ("c", NOTHING)];
    expect(&archive, wanted).await;
    merge(&archive, 1, vec![child("c", 0, "a"), score("s", 0, "b")]);
    wanted = [("a", CHILDREN), ("b", SCORES), ("c", NOTHING)];
    expect(&archive, wanted).await;
    assert_eq!(archive.relations("other", "a").await.unwrap(), NOTHING);
    archive.seal().unwrap();
    expect(&archive, wanted).await;
    drop(archive);
    let archive = open(dir.path());
    expect(&archive, wanted).await;

    // What is masked may point on, until its segment goes.
    merge(&archive, 2, vec![child("c", 1, "b"), score("s", 1, "c")]);
    expect(&archive, [("a", CHILDREN), ("b", Relations::UNKNOWN), ("c", SCORES)]).await;
    archive.seal().unwrap();
    expect(&archive, [("a", NOTHING), ("b", CHILDREN), ("c", SCORES)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_segment_from_before_may_hold_anything() {
    let dir = tempfile::tempdir().unwrap();
    let archive = open(dir.path());
    merge(&archive, 1, vec![child("c", 0, "a")]);
    archive.seal().unwrap();
    drop(archive);
    let segment = Manifest::load(dir.path()).unwrap().segments[0].dir(dir.path());
    std::fs::remove_file(segment.join("links")).unwrap();
    let archive = open(dir.path());
    assert_eq!(archive.relations("p", "z").await.unwrap(), Relations::UNKNOWN);
}

#[test]
fn what_leaves_the_head_points_from_its_chunk() {
    let mut memtable = Memtable::default();
    for (key, patch) in [child("c", 0, "a"), score("s", 0, "b")] {
        memtable.join(key, patch).unwrap();
    }
    let chunk = memtable.freeze_all(std::sync::Arc::new(tracekeep_model::NoPrices)).unwrap();
    assert!(memtable.head_links.parents.is_empty() && memtable.head_links.judged.is_empty());
    assert!(chunk.links.may_have_children(key_hash("a")));
    assert!(chunk.links.may_have_scores(key_hash("b")));
    // Back in the head, for another reason.
    let (key, _) = child("c", 0, "a");
    memtable.join(key, stated(Field::Name, 1, "name")).unwrap();
    assert!(memtable.head_links.parents.contains(&key_hash("a")));
}
