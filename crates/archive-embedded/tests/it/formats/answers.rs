//! What an archive says of the content, as JSON that can be read and compared.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};
use tracekeep_archive::Archive as _;
use tracekeep_archive_embedded::Embedded;
use tracekeep_model::{Register, State, TraceUnit, Value};
use tracekeep_query::bounds::MAX_LIMIT;
use tracekeep_query::{Cell, Direction, Order, Query, Table};
use tracekeep_segment::key_hash;

use super::content::TRACES;

/// Whose records.
pub(super) const PROJECT: &str = "p";
/// Texts longer than this are told by their length and hash.
const SHOWN: usize = 120;

/// Questions whose answers are kept besides all rows of all tables.
const QUESTIONS: &[&str] = &[
    r#"{"table":"spans","select":["trace_id","span_id"],"filter":{"search":"THE NEEDLE"}}"#,
    r#"{"table":"spans","select":["trace_id"],
        "filter":{"field":"metadata.team","op":"eq","value":"search"}}"#,
    r#"{"table":"traces","select":["trace_id"],"filter":{"search":"forget me"}}"#,
    r#"{"table":"traces","select":["trace_id"],"order":[{"by":"trace_id"}],
        "filter":{"field":"tags","op":"contains","value":"blue"}}"#,
    r#"{"table":"traces","select":["trace_id"],
        "filter":{"field":"scores.help","op":"lt","value":0.5}}"#,
    r#"{"table":"spans","group_by":["kind"],"measures":[{"fn":"count"},{"fn":"error_rate"},
        {"fn":"p95","field":"duration_us"},{"fn":"sum","field":"cost_total"},
        {"fn":"sum","field":"usage_total"}]}"#,
];

/// What an archive is asked. A later version may have more tables and columns than an answer that is
/// kept, and other questions.
pub(super) struct Asked {
    columns: BTreeMap<String, Vec<String>>,
    questions: Vec<String>,
    traces: Vec<String>,
}

impl Asked {
    /// All that can be asked today.
    pub(super) fn today() -> Self {
        let names = |table: &Table| table.columns().iter().map(|c| c.name.to_owned()).collect();
        Self {
            columns: Table::ALL.iter().map(|table| (table.to_string(), names(table))).collect(),
            questions: QUESTIONS.iter().map(|question| (*question).to_owned()).collect(),
            traces: TRACES.iter().map(|id| (*id).to_owned()).collect(),
        }
    }

    /// What was asked when these answers were given.
    pub(super) fn before(answers: &Json) -> Self {
        let text = |json: &Json| json.as_str().expect("a text").to_owned();
        let texts = |json: &Json| json.as_array().expect("a list").iter().map(text).collect();
        let tables = answers["tables"].as_object().expect("tables");
        let questions = answers["questions"].as_array().expect("questions");
        Self {
            columns: tables.iter().map(|(t, said)| (t.clone(), texts(&said["columns"]))).collect(),
            questions: questions.iter().map(|said| text(&said["query"])).collect(),
            traces: answers["traces"].as_object().expect("traces").keys().cloned().collect(),
        }
    }

    /// All that the archive says.
    pub(super) async fn answers(&self, archive: &Embedded) -> Json {
        let mut tables = Map::new();
        for (name, columns) in &self.columns {
            let table = Table::ALL.iter().copied().find(|table| table.as_str() == name);
            let table = table.expect("a table of an earlier version is still there");
            let by = |name: &str| Order { by: name.to_owned(), direction: Direction::Ascending };
            let order = table.key().iter().map(|column| by(column.name)).collect();
            let select = columns.clone();
            let query = Query { select, order, limit: Some(MAX_LIMIT), ..Query::new(table) };
            let rows = rows(archive, &query).await;
            tables.insert(name.clone(), json!({"columns": columns, "rows": rows}));
        }
        let mut questions = Vec::new();
        for question in &self.questions {
            let query = Query::from_json(question).expect("a question is a query");
            questions.push(json!({"query": question, "rows": rows(archive, &query).await}));
        }
        let mut traces = Map::new();
        for id in &self.traces {
            let found = archive.trace(PROJECT, id).await.expect("the trace can be read");
            traces.insert(id.clone(), found.as_ref().map_or(Json::Null, unit));
        }
        json!({"tables": tables, "questions": questions, "traces": traces})
    }
}

async fn rows(archive: &Embedded, query: &Query) -> Vec<Json> {
    let page = archive.query(PROJECT, query).await.expect("the archive answers");
    let row = |row: Vec<Cell>| Json::Array(row.iter().map(cell).collect());
    page.table.rows.into_iter().map(row).collect()
}

fn cell(cell: &Cell) -> Json {
    match cell {
        Cell::Null => Json::Null,
        Cell::Bool(flag) => Json::from(*flag),
        Cell::Int(int) => Json::from(*int),
        // Without the digits that depend on the order of adding.
        Cell::Float(float) => Json::from(format!("{float:.9e}")),
        Cell::Money(money) => Json::from(money.to_string()),
        Cell::Time(time) => Json::from(time.0),
        Cell::Text(text) => Json::from(shown(text)),
    }
}

fn shown(text: &str) -> String {
    if text.len() <= SHOWN {
        return text.to_owned();
    }
    format!("{} bytes with the hash {:016x}", text.len(), key_hash(text))
}

/// Every register of a trace and its spans, with its version.
fn unit(unit: &TraceUnit) -> Json {
    let spans: Map<String, Json> =
        unit.spans.iter().map(|(id, state)| (id.to_string(), Json::from(lines(state)))).collect();
    json!({"trace": lines(&unit.state), "spans": spans})
}

fn lines(state: &State) -> Vec<String> {
    let deleted = state.deleted_at().map_or(0, |at| at.0);
    let times =
        format!("received {} updated {} deleted {deleted}", state.received().0, state.updated().0);
    let line = |entry: &tracekeep_model::Entry| {
        let version = &entry.version;
        let (rank, time, step) = (version.rank as u8, version.time.0, version.step as u8);
        format!("{} {rank}.{time}.{step} {}", register(&entry.register), value(&entry.value))
    };
    std::iter::once(times).chain(state.entries().iter().map(line)).collect()
}

fn register(register: &Register) -> String {
    match register {
        Register::Field(field) => format!("field {} {}", *field as u8, field.as_str()),
        Register::Metadata(key) => format!("metadata {key}"),
        Register::Usage(key) => format!("usage {key}"),
        Register::Cost(key) => format!("cost {key}"),
        Register::Tag(key) => format!("tag {key}"),
    }
}

fn value(value: &Value) -> String {
    match value {
        Value::Cleared => "cleared".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Int(int) => format!("int {int}"),
        Value::Float(float) => format!("float {float:?}"),
        Value::Time(time) => format!("time {}", time.0),
        Value::Money(money) => format!("money {money}"),
        Value::Status(status) => format!("status {status}"),
        Value::Kind(kind) => format!("kind {kind}"),
        Value::Level(level) => format!("level {level}"),
        Value::Text(text) => format!("text {}", shown(text)),
    }
}
