//! Nothing acknowledged is lost and nothing is made up, whatever fails and whenever it stops.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::model::{Disk, Fault, Trouble};
use crate::story::{Outcome, Story, small_options};

#[derive(Clone, Copy, Debug)]
enum Step {
    Append { size: usize },
    Burst { count: usize, size: usize },
    Checkpoint { share: u8 },
    Rest,
    Reopen,
    GoDown(Trouble),
}

fn size() -> impl Strategy<Value = usize> {
    prop_oneof![5 => 8..200_usize, 3 => 200..1500_usize, 1 => 1500..9000_usize]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => size().prop_map(|size| Step::Append { size }),
        4 => (1..6_usize, size()).prop_map(|(count, size)| Step::Burst { count, size }),
        2 => any::<u8>().prop_map(|share| Step::Checkpoint { share }),
        2 => Just(Step::Rest),
        1 => Just(Step::Reopen),
        1 => Just(Step::GoDown(Trouble::Kill)),
        1 => Just(Step::GoDown(Trouble::PowerCut)),
    ]
}

fn fault() -> impl Strategy<Value = Fault> {
    let calls = prop_oneof![4 => 1..3_u64, 1 => 3..20_u64];
    prop_oneof![
        3 => (0..400_u64, calls.clone()).prop_map(|(from, calls)| (from, calls, Trouble::Fail)),
        1 => (0..400_u64, calls).prop_map(|(from, calls)| (from, calls, Trouble::DiskFull)),
        2 => (0..400_u64).prop_map(|from| (from, 1, Trouble::Kill)),
        2 => (0..400_u64).prop_map(|from| (from, 1, Trouble::PowerCut)),
    ]
    .prop_map(|(from, calls, trouble)| Fault { from, calls, trouble })
}

fn run(story: &mut Story, step: Step) {
    match step {
        Step::Append { size } => {
            // Refused, failed or durable: the story keeps the books.
            let _ = story.append(size);
        }
        Step::Burst { count, size } => {
            let _ = story.burst(count, size);
        }
        Step::Checkpoint { share } => story.checkpoint(share),
        Step::Rest => story.rest(),
        Step::Reopen => {
            story.close();
            story.disk.restart();
            story.open_at_last();
        }
        Step::GoDown(trouble) => {
            story.go_down(trouble);
            story.open_at_last();
        }
    }
    if story.disk.is_down() {
        story.close();
        story.disk.restart();
        story.open_at_last();
    }
}

/// After all that, an undisturbed journal keeps what it has and takes more.
fn end_well(story: &mut Story) {
    story.disk.heal();
    story.go_down(Trouble::PowerCut);
    story.open().unwrap();
    let outcome = story.append(100).unwrap();
    assert!(matches!(outcome, Outcome::Durable { .. }), "{outcome:?}");
    story.go_down(Trouble::PowerCut);
    story.open().unwrap();
    story.close();
    story.open().unwrap();
}

proptest! {
    #[test]
    fn what_is_acknowledged_survives_everything(
        steps in vec(step(), 1..30),
        faults in vec(fault(), 0..6),
        page in prop_oneof![Just(64_usize), Just(512), Just(4096)],
        seed in any::<u64>(),
    ) {
        let disk = Disk::new(page, seed);
        for fault in faults {
            disk.plan(fault);
        }
        let mut story = Story::new(disk, small_options());
        story.open_at_last();
        for step in steps {
            run(&mut story, step);
        }
        end_well(&mut story);
    }
}

/// Appends, bursts over several segments, a checkpoint and a restart.
fn everyday_life(story: &mut Story) {
    story.open_at_last();
    let steps = [
        Step::Append { size: 300 },
        Step::Burst { count: 3, size: 700 },
        Step::Append { size: 3000 },
        Step::Append { size: 50 },
        Step::Reopen,
        Step::Burst { count: 2, size: 1200 },
        Step::Append { size: 1000 },
        Step::Checkpoint { share: 128 },
        Step::Append { size: 20 },
    ];
    for step in steps {
        run(story, step);
    }
}

/// Little to do, and rests in between, also right after a start.
fn quiet_life(story: &mut Story) {
    story.open_at_last();
    let steps = [
        Step::Append { size: 300 },
        Step::Rest,
        Step::Append { size: 3000 },
        Step::Append { size: 2000 },
        Step::Rest,
        Step::Rest,
        Step::Reopen,
        Step::Reopen,
        Step::Append { size: 50 },
        Step::Reopen,
        Step::Rest,
        Step::GoDown(Trouble::Kill),
        Step::Append { size: 700 },
        Step::Rest,
    ];
    for step in steps {
        run(story, step);
    }
}

/// Lives again and again, each time with trouble at another system call.
fn live_with_trouble(life: fn(&mut Story)) {
    let mut undisturbed = Story::new(Disk::new(512, 0), small_options());
    life(&mut undisturbed);
    let calls = undisturbed.disk.calls();
    assert!(calls > 30, "{calls}");
    for trouble in [Trouble::Kill, Trouble::PowerCut, Trouble::Fail, Trouble::DiskFull] {
        for from in 0..calls {
            for seed in 0..4 {
                let disk = Disk::new(512, seed);
                disk.plan(Fault { from, calls: 1, trouble });
                let mut story = Story::new(disk, small_options());
                life(&mut story);
                end_well(&mut story);
            }
        }
    }
}

#[test]
fn a_stop_or_a_failure_at_any_system_call_loses_nothing() {
    live_with_trouble(everyday_life);
}

#[test]
fn a_stop_or_a_failure_at_any_system_call_of_a_quiet_life_loses_nothing() {
    live_with_trouble(quiet_life);
}
