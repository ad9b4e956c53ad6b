#![allow(clippy::unwrap_used)]

use tracekeep_archive_embedded::Embedded;
use tracekeep_model::{Field, Rank, Step, Version};

use super::*;
use crate::config::Switch;

const NOON: i64 = 1_770_000_000_000_000;

/// An archive in a folder.
pub(super) fn archive(dir: &Path) -> Embedded {
    Embedded::open(tracekeep_archive_embedded::Options::new(dir)).unwrap()
}

/// What the span of a trace answered at a moment.
pub(super) fn answer(trace: usize, at: i64) -> Block {
    let mut state = State::new(Micros(NOON));
    let version = Version { rank: Rank::Stated, time: Micros(NOON + at), step: Step::Update };
    state.set(Field::Output, version, format!("answer {at}"));
    let key = RecordKey::Span { trace_id: format!("t{trace}").into(), span_id: "s".into() };
    Block { project_id: "p".into(), received: Micros(NOON), patches: vec![(key, state)] }
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_that_wait_are_joined_together_and_each_block_is_answered() {
    let dir = tempfile::tempdir().unwrap();
    let archive = archive(dir.path());
    for trace in 0..20 {
        archive.merge(answer(trace, 0), trace as u64 + 1).unwrap();
    }
    archive.seal().unwrap();
    let in_flight = InFlight::new(MOST_IN_FLIGHT);
    let (send, groups) = sync_channel(GROUPS_AHEAD);
    let mut outcomes = Vec::new();
    for group in 0..GROUPS_AHEAD {
        let mut blocks = Vec::new();
        for n in group * 5..group * 5 + 5 {
            let block = answer(n % 20, 1 + n as i64);
            let (done, outcome) = oneshot::channel();
            outcomes.push(outcome);
            let share = in_flight.share(&block.patches).unwrap();
            blocks.push(Durable {
                position: Position::new(20 + n as u64),
                end: Position::new(21 + n as u64),
                block: block.encode(),
                item: Waiting { block, share, done },
            });
        }
        send.send(blocks).unwrap();
    }
    drop(send);
    let (ear, _) = Ear::of(Switch::Off, &Metrics::new());
    join(&groups, &archive, &Hub::default(), &ear);
    assert_eq!(in_flight.taken(), 0, "what is joined is on its way no longer");
    for outcome in outcomes {
        outcome.await.unwrap().unwrap();
    }
    for trace in 0..20 {
        let unit = archive.trace("p", &format!("t{trace}")).await.unwrap().unwrap();
        let output = unit.spans["s"].text(Field::Output).unwrap();
        assert_eq!(&**output, format!("answer {}", 21 + trace), "the later of its two updates");
    }
    archive.seal().unwrap();
    assert_eq!(archive.checkpoint(), 60);
    assert_eq!(archive.status().stored_spans, 20, "each is there once");
}

#[test]
fn a_panic_stays_where_it_was() {
    assert_eq!(unharmed("nothing", || 7), Some(7));
    assert_eq!(unharmed("a test", || -> u32 { panic!("on purpose") }), None);
}
