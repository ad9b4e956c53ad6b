//! Random queries: the archive against the oracle.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tracekeep_query::{ColumnType, Query, Row, Table, arbitrary};

use super::answers::{compare, compare_pages};
use super::coverage::{Coverage, ENOUGH};
use super::data::{Blocks, PROJECTS};
use super::model::Tables;
use super::run::Run;
use super::settings::{queries, seed};
use super::views::verify_views;
use super::{Disturbance, Subject};

/// Blocks merged before each part of the queries.
const BLOCKS: usize = 24;
/// One query of rows in so many is asked in pages too.
const PAGED: usize = 4;

/// Random queries of all tables and views are answered as the oracle answers them, whole and in
/// pages: from memory, from segments, from both, after compaction and after a start.
///
/// # Panics
/// Where an answer differs.
pub async fn random_queries(subject: &mut dyn Subject) {
    let questions = questions(seed(), queries());
    if questions.len() >= ENOUGH {
        let missing = Coverage::of(&questions).missing();
        assert!(missing.is_empty(), "no query asks for {missing:?}");
    }
    let mut run = Run::new(subject);
    let mut blocks = Blocks::new(seed());
    let stages: [&[Disturbance]; 4] = [
        &[],
        &[Disturbance::Seal],
        &[Disturbance::Seal, Disturbance::Compact],
        &[Disturbance::Seal, Disturbance::Reopen],
    ];
    let questions: Vec<(usize, &Query)> = questions.iter().enumerate().collect();
    let part = questions.len().div_ceil(stages.len()).max(1);
    let mut before: Vec<(usize, &Query)> = Vec::new();
    for (disturbances, questions) in stages.into_iter().zip(questions.chunks(part)) {
        run.merge_random(&mut blocks, BLOCKS).await;
        for how in disturbances {
            run.disturb(*how).await;
        }
        // Some of it is in memory again, and masks some of what is sealed.
        run.merge_random(&mut blocks, BLOCKS / 4).await;
        // Aggregates once more, of what has changed since: a store may remember some of them.
        before.retain(|(_, query)| query.is_grouped());
        before.extend(questions);
        ask_all(&run, &before).await;
        before = questions.to_vec();
    }
}

/// What queries of one project are answered from.
struct Known {
    tables: Tables,
    interactions: Vec<Row>,
    hours: Vec<Row>,
}

impl Known {
    /// Of a view the archive's own rows, once they agree with the tables.
    async fn of(run: &Run<'_>, project: &str) -> Self {
        verify_views(run, project).await;
        Self {
            tables: run.model.tables(project),
            interactions: run.stored_rows(project, Table::Interactions).await,
            hours: run.stored_rows(project, Table::MetricsHourly).await,
        }
    }

    fn rows(&self, table: Table) -> &[Row] {
        match table {
            Table::Interactions => &self.interactions,
            Table::MetricsHourly => &self.hours,
            Table::Spans | Table::Traces | Table::Scores => self.tables.rows(table),
        }
    }
}

async fn ask_all(run: &Run<'_>, questions: &[(usize, &Query)]) {
    let (first, second) = (PROJECTS[0], PROJECTS[1]);
    let known = [Known::of(run, first).await, Known::of(run, second).await];
    for (number, query) in questions {
        let which = usize::from(number % 5 == 0);
        let answer = ask(run, PROJECTS[which], &known[which], query, number % PAGED == 0).await;
        if let Err(difference) = answer {
            run.fail(&format!("query {number} of project {}: {difference}", PROJECTS[which]));
        }
    }
}

async fn ask(
    run: &Run<'_>,
    project: &str,
    known: &Known,
    query: &Query,
    paged: bool,
) -> Result<(), String> {
    let archive = run.archive().await;
    let (rows, related) = (known.rows(query.table), known.tables.related());
    compare(archive.as_ref(), project, query, rows, &related).await?;
    if query.is_grouped() {
        // Again, of what may be remembered by now.
        compare(archive.as_ref(), project, query, rows, &related).await?;
    } else if paged {
        compare_pages(archive.as_ref(), project, query, rows, &related).await?;
    }
    Ok(())
}

/// So many random queries.
pub(super) fn questions(seed: u64, count: usize) -> Vec<Query> {
    let mut bytes = [0u8; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), random);
    let any = arbitrary::query();
    let mut questions = Vec::with_capacity(count);
    for _ in 0..count {
        let query = any.new_tree(&mut runner).unwrap().current();
        questions.push(with_one_order(query));
    }
    questions
}

/// The columns of the hours are averages, whose sums have no certain last digit: nothing is ordered by
/// such a sum. All other sums of floats are exact, as the data is.
fn with_one_order(mut query: Query) -> Query {
    if query.table == Table::MetricsHourly && query.is_grouped() {
        let columns = query.plan().unwrap().columns();
        query.order.retain(|order| {
            let holds = columns.iter().find(|(name, _)| *name == order.by).map(|(_, holds)| *holds);
            holds != Some(ColumnType::Float)
        });
    }
    query
}
