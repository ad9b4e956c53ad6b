use super::compiler::Compiler;
use crate::plan::{Check, Predicate, Test};
use crate::{Cell, Column, ColumnType, Table, TimeRange};

/// Negations are pushed down to the single tests, each of which is written so that a missing value
/// does what the crate's documentation says. Above them stand only AND and OR; under these an
/// unknown test and a false one give the same rows, so a positive test needs no care, and the engine
/// can prune by it.
impl Compiler<'_> {
    /// The predicate, or where `holds` is false its negation.
    pub(super) fn predicate(&self, predicate: &Predicate, holds: bool) -> String {
        match predicate {
            Predicate::All(list) => self.list(list, holds, holds),
            Predicate::Any(list) => self.list(list, holds, !holds),
            Predicate::Not(inner) => self.predicate(inner, !holds),
            Predicate::Test(test) => self.test(test, holds),
            Predicate::Search(words) => self.search(words, holds),
            Predicate::Score(name, check) => self.score(name, check, holds),
            Predicate::Shown(column, check) => self.shown(column, check, holds),
        }
    }

    fn list(&self, list: &[Predicate], holds: bool, all: bool) -> String {
        joined(list.iter().map(|predicate| self.predicate(predicate, holds)).collect(), all)
    }

    fn test(&self, test: &Test, holds: bool) -> String {
        let expr = self.expr(&test.expr);
        let nullable = test.expr.nullable();
        let positive = self.passes(&expr, test.expr.column_type(), &test.check);
        if holds {
            return positive;
        }
        match &test.check {
            Check::Equal(cell) => {
                let value = self.dialect.literal(cell);
                // Without the parentheses an AND that follows would belong to the value.
                if nullable {
                    format!("({expr} IS DISTINCT FROM {value})")
                } else {
                    format!("{expr} <> {value}")
                }
            }
            Check::In(cells) if !nullable && !cells.is_empty() => {
                format!("{expr} NOT IN ({})", self.literals(cells))
            }
            Check::Exists if positive.ends_with(" IS NOT NULL") => format!("{expr} IS NULL"),
            _ => negated(&positive, nullable),
        }
    }

    /// The check of a value; of a missing one it may be unknown.
    fn passes(&self, expr: &str, column_type: ColumnType, check: &Check) -> String {
        let compared = |operator: &str, cell: &Cell| {
            format!("{expr} {operator} {}", self.dialect.literal(cell))
        };
        let tagged = |tags: &[String], all: bool| {
            joined(tags.iter().map(|tag| self.dialect.has_tag(expr, tag)).collect(), all)
        };
        match check {
            Check::Equal(cell) => compared("=", cell),
            Check::Less(cell) => compared("<", cell),
            Check::LessOrEqual(cell) => compared("<=", cell),
            Check::Greater(cell) => compared(">", cell),
            Check::GreaterOrEqual(cell) => compared(">=", cell),
            Check::In(cells) if cells.is_empty() => "FALSE".to_owned(),
            Check::In(cells) => format!("{expr} IN ({})", self.literals(cells)),
            Check::Contains(tag) if column_type == ColumnType::TextList => {
                self.dialect.has_tag(expr, tag)
            }
            Check::Contains(needle) => self.dialect.contains(expr, needle),
            Check::StartsWith(prefix) => self.dialect.starts_with(expr, prefix),
            Check::EndsWith(suffix) => self.dialect.ends_with(expr, suffix),
            Check::ContainsAny(tags) => tagged(tags, false),
            Check::ContainsAll(tags) => tagged(tags, true),
            Check::Exists => match column_type {
                ColumnType::TextList => compared("<>", &Cell::from("[]")),
                ColumnType::Json => compared("<>", &Cell::from("{}")),
                _ => format!("{expr} IS NOT NULL"),
            },
        }
    }

    fn literals(&self, cells: &[Cell]) -> String {
        let literals: Vec<String> = cells.iter().map(|cell| self.dialect.literal(cell)).collect();
        literals.join(", ")
    }

    fn search(&self, words: &str, holds: bool) -> String {
        let mut ways: Vec<String> = Vec::new();
        for column in self.table.searched() {
            let found = self.dialect.contains_any_case(&self.dialect.name(column.name), words);
            ways.push(if holds { found } else { negated(&found, column.nullable) });
        }
        if self.table.searches_spans() {
            // A trace starts with its earliest span: none of its spans lies before the time range.
            let from = self.time.filter(|_| self.table == Table::Traces).map(|time| time.from);
            let spans = Compiler { dialect: self.dialect, table: Table::Spans, time: None };
            let mut inner = spans.search(words, true);
            if let Some(from) = from {
                let time = self.dialect.name(Table::Spans.time_column().name);
                let from = self.dialect.literal(&Cell::Time(from));
                inner = format!("{time} >= {from} AND {inner}");
            }
            ways.push(self.of_trace(Table::Spans, &inner, holds));
        }
        joined(ways, !holds)
    }

    fn score(&self, name: &str, check: &Check, holds: bool) -> String {
        let column = |name: &str| self.dialect.name(name);
        let value = self.passes(&column("value"), ColumnType::Float, check);
        let (score, trace) = (column("name"), column("trace_id"));
        let name = self.dialect.text(name);
        // Without the last condition one score of no trace would make NOT IN unknown for all.
        let inner = format!("{score} = {name} AND {value} AND {trace} IS NOT NULL");
        self.of_trace(Table::Scores, &inner, holds)
    }

    /// The view tells which texts are a trace's; it begins when the trace does.
    fn shown(&self, column: &Column, check: &Check, holds: bool) -> String {
        let mut inner = self.passes(&self.dialect.name(column.name), column.column_type, check);
        if let Some(TimeRange { from, to }) = self.time.filter(|_| self.table == Table::Traces) {
            let time = self.dialect.name(Table::Interactions.time_column().name);
            let (from, to) = (Cell::Time(from), Cell::Time(to));
            let (from, to) = (self.dialect.literal(&from), self.dialect.literal(&to));
            inner = format!("{time} >= {from} AND {time} < {to} AND {inner}");
        }
        self.of_trace(Table::Interactions, &inner, holds)
    }

    /// Whether the row's trace has a row in `table` that fulfils `inner`.
    fn of_trace(&self, table: Table, inner: &str, holds: bool) -> String {
        let trace = self.dialect.name("trace_id");
        let table = self.dialect.name(table.as_str());
        let operator = if holds { "IN" } else { "NOT IN" };
        format!("{trace} {operator} (SELECT {trace} FROM {table} WHERE {inner})")
    }
}

/// True where the test is false and, of what may be missing, where it is unknown.
fn negated(test: &str, nullable: bool) -> String {
    if nullable { format!("({test}) IS NOT TRUE") } else { format!("NOT ({test})") }
}

/// All of them, or any.
fn joined(parts: Vec<String>, all: bool) -> String {
    let (none, word) = if all { ("TRUE", " AND ") } else { ("FALSE", " OR ") };
    match parts.as_slice() {
        [] => none.to_owned(),
        [one] => one.clone(),
        _ => format!("({})", parts.join(word)),
    }
}
