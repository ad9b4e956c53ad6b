//! One store under test, with the model beside it and its journal.

use std::collections::BTreeSet;
use std::sync::Arc;

use tracekeep_model::Text;
use tracekeep_model::block::Block;
use tracekeep_query::bounds::MAX_LIMIT;
use tracekeep_query::{Cell, Direction, Function, Measure, Order, Query, Row, Table};

use super::answers::{compare, trace_difference};
use super::data::Blocks;
use super::model::{Model, Records, Tables};
use super::patch::{NOON, Patch};
use super::settings::seed;
use super::{Disturbance, Subject};
use crate::{Archive, Position};

/// The tables whose rows the model knows.
const STORED: [Table; 3] = [Table::Spans, Table::Traces, Table::Scores];
/// How much of what was done a failure shows.
const REMEMBERED: usize = 24;

pub(super) struct Run<'s> {
    subject: &'s mut dyn Subject,
    pub(super) model: Model,
    /// Every block, and the journal's position behind it.
    journal: Vec<(Block, Position)>,
    /// What was done.
    story: Vec<String>,
}

impl<'s> Run<'s> {
    pub(super) fn new(subject: &'s mut dyn Subject) -> Self {
        Self { subject, model: Model::default(), journal: Vec::new(), story: Vec::new() }
    }

    pub(super) async fn archive(&self) -> Arc<dyn Archive> {
        self.subject.archive().await
    }

    /// Merges one block of these patches.
    pub(super) async fn merge(&mut self, project: &str, patches: impl IntoIterator<Item = Patch>) {
        let patches = patches.into_iter().map(Patch::into_parts).collect();
        let block = Block { project_id: Text::from(project), received: NOON, patches };
        self.merge_block(block).await;
    }

    /// Merges some random blocks.
    pub(super) async fn merge_random(&mut self, blocks: &mut Blocks, count: usize) {
        self.merge_all(blocks.batch(count)).await;
    }

    /// Merges blocks of which the archive was told, or was not.
    pub(super) async fn merge_all(&mut self, blocks: Vec<Block>) {
        for block in blocks {
            self.merge_block(block).await;
        }
    }

    /// Tells the archive which blocks are merged next.
    pub(super) async fn announce(&mut self, blocks: &[Block]) {
        self.story.push(format!("announce {} blocks", blocks.len()));
        let blocks: Vec<&Block> = blocks.iter().collect();
        let ready = self.archive().await.prepare(&blocks);
        if !(1..=blocks.len()).contains(&ready) {
            self.fail(&format!("of {} blocks it made ready for {ready}", blocks.len()));
        }
    }

    pub(super) async fn merge_block(&mut self, block: Block) {
        let end = self.end() + block.encode().len() as u64;
        self.story.push(format!("merge {} patches of {}", block.patches.len(), block.project_id));
        self.model.join(&block);
        let archive = self.archive().await;
        if let Err(error) = archive.merge(block.clone(), end) {
            self.fail(&format!("merging: {error}"));
        }
        self.journal.push((block, end));
    }

    /// Behind the last block.
    fn end(&self) -> Position {
        self.journal.last().map_or(0, |(_, end)| *end)
    }

    pub(super) async fn disturb(&mut self, how: Disturbance) {
        self.story.push(format!("{how:?}"));
        self.subject.disturb(how).await;
        let archive = self.archive().await;
        let checkpoint = archive.checkpoint();
        if how == Disturbance::Seal && checkpoint != self.end() {
            self.fail(&format!("the checkpoint is {checkpoint}, not {}", self.end()));
        }
        if checkpoint > self.end() {
            self.fail(&format!("the checkpoint {checkpoint} is beyond the end {}", self.end()));
        }
        if how != Disturbance::Reopen {
            return;
        }
        for (block, end) in &self.journal {
            if *end > checkpoint
                && let Err(error) = archive.merge(block.clone(), *end)
            {
                self.fail(&format!("replaying: {error}"));
            }
        }
    }

    /// Compares every trace and every row with the model.
    pub(super) async fn verify(&self) {
        let archive = self.archive().await;
        for (project, records) in self.model.projects() {
            self.verify_traces(archive.as_ref(), project, records).await;
            let tables = self.model.tables(project);
            self.verify_relations(archive.as_ref(), project, &tables).await;
            for table in STORED {
                for query in [all_rows(table), count(table)] {
                    self.verify_answer(archive.as_ref(), project, &tables, &query).await;
                }
            }
        }
    }

    /// Compares every trace with the model, and how many rows there are.
    pub(super) async fn verify_briefly(&self) {
        let archive = self.archive().await;
        for (project, records) in self.model.projects() {
            self.verify_traces(archive.as_ref(), project, records).await;
            let tables = self.model.tables(project);
            for table in STORED {
                self.verify_answer(archive.as_ref(), project, &tables, &count(table)).await;
            }
        }
    }

    async fn verify_answer(
        &self,
        archive: &dyn Archive,
        project: &str,
        tables: &Tables,
        query: &Query,
    ) {
        let table = query.table;
        let answer = compare(archive, project, query, tables.rows(table), &tables.related()).await;
        if let Err(difference) = answer {
            self.fail(&format!("{table} of project {project}: {difference}"));
        }
    }

    async fn verify_traces(&self, archive: &dyn Archive, project: &str, records: &Records) {
        for (id, unit) in &records.traces {
            let wanted = if unit.state.deleted_at().is_none() { Some(unit) } else { None };
            let found = match archive.trace(project, id).await {
                Ok(found) => found,
                Err(error) => self.fail(&format!("trace `{id}` of project {project}: {error}")),
            };
            if let Some(difference) = trace_difference(found.as_ref(), wanted) {
                self.fail(&format!("trace `{id}` of project {project} {difference}"));
            }
        }
        let absent = archive.trace(project, "absent").await.unwrap();
        assert!(absent.is_none(), "a trace that is unknown was found");
    }

    /// What points to a trace must be told of it.
    async fn verify_relations(&self, archive: &dyn Archive, project: &str, tables: &Tables) {
        let targets = |rows: &[Row], column: &str| -> BTreeSet<String> {
            rows.iter().filter_map(|row| row[column].as_text()).map(str::to_owned).collect()
        };
        let judged = targets(&tables.scores, "trace_id");
        let parents = targets(&tables.traces, "parent_trace_id");
        for id in judged.union(&parents) {
            let told = match archive.relations(project, id).await {
                Ok(told) => told,
                Err(error) => self.fail(&format!("relations of `{id}` of {project}: {error}")),
            };
            if judged.contains(id) && !told.scores || parents.contains(id) && !told.children {
                self.fail(&format!("trace `{id}` of project {project} has more than {told:?}"));
            }
        }
    }

    /// Compares now, and after each disturbance.
    pub(super) async fn verify_through_everything(&mut self) {
        self.verify().await;
        for how in [Disturbance::Seal, Disturbance::Compact, Disturbance::Reopen] {
            self.disturb(how).await;
            self.verify().await;
        }
    }

    /// The rows of an answer, on which archive and oracle agree. Of stored tables only.
    pub(super) async fn ask(&self, project: &str, query: &Query) -> Vec<Vec<Cell>> {
        let archive = self.archive().await;
        let tables = self.model.tables(project);
        let rows = tables.rows(query.table);
        match compare(archive.as_ref(), project, query, rows, &tables.related()).await {
            Ok(table) => table.rows,
            Err(difference) => self.fail(&format!("project {project}: {difference}")),
        }
    }

    /// The texts of the first column of an answer.
    pub(super) async fn texts(&self, project: &str, json: &str) -> Vec<String> {
        let rows = self.ask(project, &Query::from_json(json).unwrap()).await;
        let text = |row: &Vec<Cell>| row[0].as_text().unwrap_or("-").to_owned();
        rows.iter().map(text).collect()
    }

    /// All rows of a table or view, as the archive has them.
    pub(super) async fn stored_rows(&self, project: &str, table: Table) -> Vec<Row> {
        let answer = match self.archive().await.query(project, &all_rows(table)).await {
            Ok(page) => page.table,
            Err(error) => self.fail(&format!("{table} of project {project}: {error}")),
        };
        let names = || table.columns().iter().map(|column| column.name);
        answer.rows.into_iter().map(|row| names().zip(row).collect()).collect()
    }

    /// Ends the test.
    pub(super) fn fail(&self, what: &str) -> ! {
        let first = self.story.len().saturating_sub(REMEMBERED);
        let story = self.story[first..].join("; ");
        panic!("{what}\nafter {first} steps and: {story}\nseed: {}", seed());
    }
}

/// All rows and columns, in the order of the key.
fn all_rows(table: Table) -> Query {
    let by = |name: &str| Order { by: name.to_owned(), direction: Direction::Ascending };
    let order = table.key().iter().map(|column| by(column.name)).collect();
    Query { order, limit: Some(MAX_LIMIT), ..Query::new(table) }
}

fn count(table: Table) -> Query {
    Query { measures: vec![Measure::new(Function::Count)], ..Query::new(table) }
}
