//! The plan's views against the tables that the model knows.

use std::collections::BTreeMap;

use serde_json::Value;
use tracekeep_model::{Micros, Money, UsageType, row_uuid};
use tracekeep_query::{Cell, Row, Table};

use super::answers::alike;
use super::run::Run;

/// Columns of `ai_interaction_traces`, and the column of `traces` that each is.
const SAME: &[(&str, &str)] = &[
    ("trace_id", "trace_id"),
    ("parent_trace_id", "parent_trace_id"),
    ("session_id", "session_id"),
    ("user_id", "user_id"),
    ("source", "source"),
    ("prompt_id", "prompt_id"),
    ("start_time", "start_time"),
    ("end_time", "end_time"),
    ("status", "status"),
    ("error_message", "error_message"),
    ("error_code", "error_code"),
    ("langfuse_trace_id", "langfuse_trace_id"),
    ("langfuse_observation_id", "langfuse_observation_id"),
    ("user_agent", "user_agent"),
    ("ip_address", "ip"),
    ("created_at", "received_at"),
    ("updated_at", "updated_at"),
];

/// Compares both views of a project with its tables.
pub(super) async fn verify_views(run: &Run<'_>, project: &str) {
    verify_interactions(run, project).await;
    verify_hours(run, project).await;
}

/// One row a trace.
async fn verify_interactions(run: &Run<'_>, project: &str) {
    let traces = run.model.tables(project).traces;
    let rows = run.stored_rows(project, Table::Interactions).await;
    if rows.len() != traces.len() {
        let (count, wanted) = (rows.len(), traces.len());
        run.fail(&format!("{count} interactions of project {project}, but {wanted} traces"));
    }
    // Both are in the order of the trace's id.
    for (row, trace) in rows.iter().zip(&traces) {
        expect(run, row, &interaction(trace));
        expect_totals(run, row, trace);
    }
}

/// What the columns of a trace's interaction must be.
fn interaction(trace: &Row) -> Vec<(&'static str, Cell)> {
    let id = row_uuid(trace["trace_id"].as_text().unwrap());
    let mut wanted = vec![
        ("id", Cell::from(id)),
        ("model_id", or(&trace["model"], "")),
        ("parameters", or(&trace["parameters"], "{}")),
        ("duration_ms", millis(&trace["duration_us"])),
        ("first_token_latency_ms", millis(&trace["first_token_us"])),
    ];
    for (name, column) in SAME {
        wanted.push((*name, trace[*column].clone()));
    }
    wanted
}

/// Whether a JSON text holds what the trace's row says.
type Agrees = fn(&Value, &Row) -> bool;

/// `tokens_used` and `cost_calculation` are there if the trace has the total, and hold its totals.
fn expect_totals(run: &Run<'_>, row: &Row, trace: &Row) {
    let columns: [(&str, &str, Agrees); 2] = [
        ("tokens_used", "total_tokens", tokens_fit),
        ("cost_calculation", "total_cost", costs_fit),
    ];
    for (name, total, fits) in columns {
        let expected = !trace[total].is_null();
        let right = match row[name].as_text() {
            Some(text) => expected && fits(&serde_json::from_str(text).unwrap(), trace),
            None => !expected,
        };
        if !right {
            run.fail(&format!(
                "`{name}` does not hold the totals: {row:?}\nof the trace {trace:?}"
            ));
        }
    }
}

fn tokens_fit(json: &Value, trace: &Row) -> bool {
    let columns =
        [("input", "input_tokens"), ("output", "output_tokens"), ("total", "total_tokens")];
    columns.iter().all(|(name, column)| Cell::from(json[*name].as_i64()) == trace[*column])
        && json["details"] == parsed(&trace["usage_details"])
}

fn costs_fit(json: &Value, trace: &Row) -> bool {
    ["input_cost", "output_cost", "total_cost"].iter().all(|name| {
        let wanted = Cell::from(trace[*name].as_float());
        alike(&Cell::from(json[*name].as_f64()), &wanted)
    }) && json["details"] == parsed(&trace["cost_details"])
}

fn parsed(cell: &Cell) -> Value {
    serde_json::from_str(cell.as_text().unwrap()).unwrap()
}

fn or(cell: &Cell, default: &str) -> Cell {
    if cell.is_null() { Cell::from(default) } else { cell.clone() }
}

fn millis(cell: &Cell) -> Cell {
    if let Cell::Int(micros) = cell { Cell::Int(*micros / 1_000) } else { Cell::Null }
}

/// Generations that began in one hour, of one model.
#[derive(Default)]
struct Hour {
    requests: i64,
    successes: i64,
    errors: i64,
    cost: i128,
    input: i64,
    output: i64,
    created: Option<Micros>,
    durations: Vec<i64>,
    first_tokens: Vec<i64>,
    tokens: Vec<i64>,
}

impl Hour {
    fn add(&mut self, span: &Row) {
        self.requests += 1;
        self.successes += i64::from(span["status"] == Cell::from("success"));
        self.errors += i64::from(span["status"] == Cell::from("error"));
        if let Cell::Money(cost) = &span["cost_total"] {
            self.cost += cost.0;
        }
        for (name, count) in usage(span) {
            let is =
                |side: &str| name.split('_').next() == Some(side) && UsageType::is_tokens(&name);
            self.input += if is("input") { count } else { 0 };
            self.output += if is("output") { count } else { 0 };
        }
        self.durations.extend(int(&span["duration_us"]));
        self.first_tokens.extend(int(&span["first_token_us"]));
        self.tokens.extend(int(&span["usage_total"]));
        let received = time(&span["received_at"]);
        self.created = Some(self.created.map_or(received, |created| created.min(received)));
    }

    fn columns(&self, hour: Micros, model: &str) -> Vec<(&'static str, Cell)> {
        let millis = |micros: &[i64]| average(micros).map(|micros| micros / 1e3);
        vec![
            ("hour_bucket", Cell::from(hour)),
            ("model_id", Cell::from(model)),
            ("total_requests", Cell::from(self.requests)),
            ("successful_requests", Cell::from(self.successes)),
            ("error_requests", Cell::from(self.errors)),
            ("avg_duration_ms", Cell::from(millis(&self.durations))),
            ("avg_first_token_latency_ms", Cell::from(millis(&self.first_tokens))),
            ("avg_tokens_per_request", Cell::from(average(&self.tokens))),
            ("total_cost", Cell::from(Money(self.cost))),
            ("total_input_tokens", Cell::from(self.input)),
            ("total_output_tokens", Cell::from(self.output)),
            ("created_at", Cell::from(self.created)),
        ]
    }
}

/// The counts of a span by type, also of types without a column of their own.
fn usage(span: &Row) -> Vec<(String, i64)> {
    let names = ["input", "input_cache_read", "input_cache_write", "output", "output_reasoning"];
    let own = names.into_iter().filter_map(|name| {
        let count = int(&span[format!("usage_{name}").as_str()])?;
        Some((name.to_owned(), count))
    });
    let others = parsed(&span["usage_details"]);
    let others = others.as_object().unwrap().iter();
    own.chain(others.map(|(name, count)| (name.clone(), count.as_i64().unwrap()))).collect()
}

fn average(values: &[i64]) -> Option<f64> {
    let sum = values.iter().sum::<i64>() as f64;
    if values.is_empty() { None } else { Some(sum / values.len() as f64) }
}

fn int(cell: &Cell) -> Option<i64> {
    if let Cell::Int(int) = cell { Some(*int) } else { None }
}

/// One row an hour and model that has generations.
async fn verify_hours(run: &Run<'_>, project: &str) {
    let mut hours: BTreeMap<(Micros, String), Hour> = BTreeMap::new();
    for span in &run.model.tables(project).spans {
        if span["kind"] == Cell::from("GENERATION") {
            let model = span["model"].as_text().unwrap_or_default().to_owned();
            hours.entry((time(&span["start_time"]).hour(), model)).or_default().add(span);
        }
    }
    let rows = run.stored_rows(project, Table::MetricsHourly).await;
    if rows.len() != hours.len() {
        let (count, wanted) = (rows.len(), hours.len());
        run.fail(&format!("{count} hours and models of project {project}, not {wanted}"));
    }
    // Both are in the order of the hour, then of the model.
    for (row, ((hour, model), wanted)) in rows.iter().zip(&hours) {
        expect(run, row, &wanted.columns(*hour, model));
    }
}

fn time(cell: &Cell) -> Micros {
    match cell {
        Cell::Time(time) => *time,
        other => panic!("{other:?} is no time"),
    }
}

/// Compares some cells of a row.
pub(super) fn expect(run: &Run<'_>, row: &Row, wanted: &[(&'static str, Cell)]) {
    for (name, cell) in wanted {
        if !alike(&row[*name], cell) {
            let found = &row[*name];
            run.fail(&format!("`{name}` is {found:?}, not {cell:?}, in the row {row:?}"));
        }
    }
}
