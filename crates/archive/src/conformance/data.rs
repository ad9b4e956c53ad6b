//! Random blocks: few records and few values, so that patches of one record, equal versions and equal
//! values meet again and again. The values are those that random queries ask for.

mod pools;
mod statement;

use tracekeep_model::block::Block;
use tracekeep_model::{Micros, RecordKey, State, Text};
use tracekeep_query::arbitrary::{START, WORDS};

use super::random::Random;
use statement::Statement;

/// The projects that blocks are of, the first more often.
pub(super) const PROJECTS: [&str; 2] = ["one", "two"];

/// How many traces there are; the last few may be deleted.
const TRACES: usize = 24;
const DELETED_TRACES: usize = 4;
/// How many scores there are; the last few may be deleted.
const SCORES: usize = 16;
const DELETED_SCORES: usize = 2;
/// The spans of each trace.
const SPANS: [&str; 5] = ["a", "b", "c", "it's", "a\"\\ä"];
/// Between the receipts of two blocks.
const STEP: i64 = 37 * 60 * Micros::SECOND;

/// Makes blocks: from one seed always the same.
pub(super) struct Blocks {
    random: Random,
    /// Of the latest block.
    received: Micros,
    made: Vec<Block>,
}

impl Blocks {
    pub(super) fn new(seed: u64) -> Self {
        Self { random: Random::new(seed), received: START, made: Vec::new() }
    }

    /// Some blocks in any order: new ones, and a few that were there before.
    pub(super) fn batch(&mut self, count: usize) -> Vec<Block> {
        let mut batch: Vec<Block> = Vec::new();
        for _ in 0..count {
            let block = self.make();
            self.made.push(block.clone());
            batch.push(block);
        }
        for _ in 0..count / 4 {
            let again = self.random.below(self.made.len());
            batch.push(self.made[again].clone());
        }
        self.random.shuffle(&mut batch);
        batch
    }

    fn make(&mut self) -> Block {
        self.received = self.received.plus(STEP);
        let project = PROJECTS[usize::from(self.random.one_in(4))];
        let mut patches = Vec::new();
        for _ in 0..1 + self.random.below(8) {
            patches.push(self.patch());
        }
        Block { project_id: Text::from(project), received: self.received, patches }
    }

    fn patch(&mut self) -> (RecordKey, State) {
        let random = &mut self.random;
        match random.below(40) {
            0 => deletion(random, self.received),
            1..=6 => {
                let trace_id = trace_id(random.below(TRACES));
                (RecordKey::Trace { trace_id }, Statement::new(random, self.received).trace())
            }
            7..=12 => {
                let score_id = score_id(random.below(SCORES));
                (RecordKey::Score { score_id }, Statement::new(random, self.received).score())
            }
            _ => span(random, self.received),
        }
    }
}

fn deletion(random: &mut Random, received: Micros) -> (RecordKey, State) {
    let key = if random.coin() {
        let number = TRACES - 1 - random.below(DELETED_TRACES);
        RecordKey::Trace { trace_id: trace_id(number) }
    } else {
        let number = SCORES - 1 - random.below(DELETED_SCORES);
        RecordKey::Score { score_id: score_id(number) }
    };
    (key, State::deleted(received))
}

fn span(random: &mut Random, received: Micros) -> (RecordKey, State) {
    let (trace, span) = (random.below(TRACES), random.below(SPANS.len()));
    let key = RecordKey::Span { trace_id: trace_id(trace), span_id: Text::from(SPANS[span]) };
    // Each span has its time, on one of four days; spans of a trace may lie on two.
    let hours = i64::try_from((trace * 5 + span * 3) % 96).unwrap();
    let start = START.plus(hours * Micros::HOUR);
    let whole = random.one_in(3);
    let statement = Statement::new(random, received);
    (key, if whole { statement.whole_span(start) } else { statement.span(start) })
}

/// The first have ids that queries ask for; some of those are hostile.
fn trace_id(number: usize) -> Text {
    match WORDS.get(number) {
        Some(word) => Text::from(*word),
        None => Text::from(format!("trace {number}")),
    }
}

fn score_id(number: usize) -> Text {
    Text::from(format!("score {number}"))
}
