//! A few rows to ask about.

use std::sync::LazyLock;

use tracekeep_model::{
    Field, Inherited, Kind, Micros, Money, Register, Span, State, Status, Step, Text, Value,
    Version, project_score, project_span, project_trace, totals,
};
use tracekeep_query::{Related, Row, Table, score_row, span_row, trace_row};

use super::super::RECEIVED;

static ROWS: LazyLock<Rows> = LazyLock::new(Rows::new);

struct Rows {
    spans: Vec<Row>,
    traces: Vec<Row>,
    scores: Vec<Row>,
}

/// All rows of a table, and what a query may look into beside them.
pub(super) fn of(table: Table) -> (&'static [Row], Related<'static>) {
    let rows: &[Row] = match table {
        Table::Spans => &ROWS.spans,
        Table::Traces => &ROWS.traces,
        Table::Scores => &ROWS.scores,
        // Their rows are made by views of the store.
        Table::Interactions | Table::MetricsHourly => &[],
    };
    (rows, Related { spans: &ROWS.spans, scores: &ROWS.scores })
}

impl Rows {
    fn new() -> Self {
        let traces = ["t1", "t2"].map(|id| project_trace(&id.into(), &trace(id)));
        let spans = [
            ("t1", vec![span("t1", "a", 0), span("t1", "b", 1), span("t1", "c", 2)]),
            ("t2", vec![span("t2", "a", 3)]),
        ];
        let rows_of = |(id, spans): &(&str, Vec<Span>)| -> Vec<Row> {
            let inherited = inherited(id);
            spans.iter().map(|span| span_row(span, &inherited)).collect()
        };
        Self {
            spans: spans.iter().flat_map(rows_of).collect(),
            traces: traces
                .iter()
                .zip(&spans)
                .map(|(trace, (_, spans))| {
                    trace_row(trace, &totals(spans), spans.first(), spans.last())
                })
                .collect(),
            scores: vec![score("s1", 0.25), score("s2", 0.75)],
        }
    }
}

fn inherited(id: &str) -> Inherited {
    project_trace(&id.into(), &trace(id)).inherited
}

fn state<const N: usize>(registers: [(Register, Value); N]) -> State {
    let version = Version::stated(RECEIVED, RECEIVED, Step::End);
    let mut state = State::new(RECEIVED);
    for (register, value) in registers {
        state.set(register, version, value);
    }
    state
}

fn trace(id: &str) -> State {
    state([
        (Field::Name.into(), format!("It's {id}").into()),
        (Field::UserId.into(), "u".into()),
        (Register::Tag(Text::from(id)), true.into()),
        (Register::Metadata("team".into()), "\"search\"".into()),
    ])
}

/// A span `n` seconds before receipt: well, failed, or known by nothing but its ids.
fn span(trace_id: &str, span_id: &str, n: i64) -> Span {
    let start = RECEIVED.plus(-n * Micros::SECOND);
    let status = if n % 2 == 0 { Status::Success } else { Status::Error };
    let known = state([
        (Field::Kind.into(), Kind::Generation.into()),
        (Field::Name.into(), "Käse 😀".into()),
        (Field::Status.into(), status.into()),
        (Field::StartTime.into(), start.into()),
        (Field::EndTime.into(), start.plus(1_500 * (n + 1)).into()),
        (Field::Model.into(), "m".into()),
        (Field::Input.into(), "what?\n".into()),
        (Register::Usage("input".into()), (n + 10).into()),
        (Register::Cost("output".into()), Money(1_500_000_000).into()),
        (Register::Metadata("deep".into()), r#"{"a":[1,2.5,null]}"#.into()),
        (Register::Metadata("number".into()), "-0.0".into()),
    ]);
    let bare = state([]);
    project_span(&trace_id.into(), &span_id.into(), if n % 3 == 2 { &bare } else { &known })
}

fn score(id: &str, value: f64) -> Row {
    let state = state([
        (Field::Name.into(), "accuracy".into()),
        (Field::ScoreNumber.into(), Value::Float(value)),
        (Field::TargetTraceId.into(), "t1".into()),
    ]);
    score_row(&project_score(&id.into(), &state))
}
