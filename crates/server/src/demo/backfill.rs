//! The last day, so that lists and dashboards have something to show.

use std::sync::Arc;

use super::dice::Dice;
use super::otlp::{self, Span};
use super::scenario::{Scenario, Work};
use super::sender::Sender;

const DAY: i64 = 24 * 3_600 * 1_000_000;
const HOUR: i64 = 3_600 * 1_000_000;

/// History ends this long ago, so that all of it is over.
const MARGIN: i64 = 5 * 60 * 1_000_000;

/// At least that many traces are sent.
const TRACES: usize = 360;

/// Traces in one request.
const BATCH: usize = 40;

/// So that history is not what happens next.
const OTHER_SEED: u64 = 0x6869_7374_6f72_7921;

/// Sends the day before `now`, oldest first.
pub(super) async fn send(sender: Arc<Sender>, seed: u64, now: i64) {
    for batch in history(seed, now) {
        if !sender.post(otlp::PATH, &otlp::export(&batch)).await {
            return;
        }
    }
}

/// The spans of each request.
pub(super) fn history(seed: u64, now: i64) -> Vec<Vec<Span>> {
    let mut dice = Dice::new(seed ^ OTHER_SEED);
    let mut works: Vec<(i64, Work)> = Vec::new();
    let mut traces = 0;
    while traces < TRACES {
        let start = moment(&mut dice, now);
        let work = Scenario::draw(&mut dice).play(&mut dice, start);
        traces += work.traces();
        works.push((start, work));
    }
    works.sort_by_key(|(start, _)| *start);
    batches(works)
}

fn batches(works: Vec<(i64, Work)>) -> Vec<Vec<Span>> {
    let mut batches: Vec<Vec<Span>> = Vec::new();
    let mut room = 0;
    for (_, work) in works {
        if room == 0 {
            batches.push(Vec::new());
            room = BATCH;
        }
        room = room.saturating_sub(work.traces());
        if let Some(batch) = batches.last_mut() {
            batch.extend(work.spans());
        }
    }
    batches
}

/// Some time of the day before `now`, less often at night.
fn moment(dice: &mut Dice, now: i64) -> i64 {
    let any = now - dice.between(MARGIN, DAY);
    let hour = any.rem_euclid(DAY) / HOUR;
    if (6..22).contains(&hour) || dice.percent(40) { any } else { now - dice.between(MARGIN, DAY) }
}
