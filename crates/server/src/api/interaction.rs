//! Rows as the API shows them. Every column of a row is always present.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::value::RawValue;
use tracekeep_model::{Text, row_uuid};
use tracekeep_query::{Cell, ColumnType, ResultTable, Row, Table};

use crate::api::content::{Content, PREVIEW, beginning};

/// A row of a table: texts as strings, JSON and tags as JSON, a missing value as null.
pub(crate) struct TableRow<'a> {
    pub(crate) table: Table,
    pub(crate) row: &'a Row,
}

impl Serialize for TableRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.table.columns().len()))?;
        write_columns(&mut map, self.table, self.row)?;
        map.end()
    }
}

/// Writes all columns of a row.
pub(crate) fn write_columns<M: SerializeMap>(
    map: &mut M,
    table: Table,
    row: &Row,
) -> Result<(), M::Error> {
    for column in table.columns() {
        let cell = row.get(column.name).unwrap_or(&Cell::Null);
        match (column.column_type, cell) {
            (ColumnType::Json | ColumnType::TextList, Cell::Text(text)) => {
                map.serialize_entry(column.name, &json(text))?;
            }
            _ => map.serialize_entry(column.name, cell)?,
        }
    }
    Ok(())
}

/// Whether Tracekeep counted the tokens, as nobody else did: no column, but said of every span and trace.
pub(crate) const TOKENS_ESTIMATED: &str = "tokens_estimated";

/// Bytes of a row's texts.
pub(crate) fn bytes_of(row: &Row) -> u64 {
    row.values().filter_map(Cell::as_text).map(|text| text.len() as u64).sum()
}

/// Columns of a trace that hold JSON of its sender, of any length.
const JSON: [&str; 2] = ["parameters", "metadata"];

/// Leaves out JSON that is longer than a preview, unless all is asked for: it has no beginning that
/// is JSON too. What is then to be said belongs to the row's texts.
pub(crate) fn without_long_json(trace: &mut Row, content: Content) -> Texts {
    let is_long = |json: &str| match content {
        Content::Full => false,
        Content::Preview => beginning(json).is_some(),
        Content::None => json.len() > PREVIEW,
    };
    let mut said = Texts::default();
    for name in JSON {
        if trace.get(name).and_then(Cell::as_text).is_some_and(is_long) {
            trace.remove(name);
            said = Texts::omitted();
        }
    }
    said
}

/// The rows of an answer about a table.
pub(crate) fn rows(table: Table, answer: ResultTable) -> Vec<Row> {
    let names: Vec<Option<&'static str>> = answer
        .columns
        .iter()
        .map(|(name, _)| table.column(name).map(|column| column.name))
        .collect();
    let row = |cells: Vec<Cell>| {
        names.iter().zip(cells).filter_map(|(n, cell)| Some(((*n)?, cell))).collect()
    };
    answer.rows.into_iter().map(row).collect()
}

/// What was asked and answered: the texts of the span that stands for a trace.
#[derive(Clone, Debug, Default)]
pub(crate) struct Texts {
    prompt: Option<Shown>,
    system_prompt: Option<Shown>,
    response: Option<Shown>,
    is_omitted: bool,
}

/// A text, or its beginning.
#[derive(Clone, Debug)]
struct Shown {
    text: Text,
    is_cut: bool,
}

impl Texts {
    /// As much of these as is asked for.
    pub(crate) fn of(
        content: Content,
        prompt: Option<Text>,
        system_prompt: Option<Text>,
        response: Option<Text>,
    ) -> Self {
        if content == Content::None {
            return Self::omitted();
        }
        let shown = |text: Option<Text>| {
            let text = text?;
            // A copy: a part of the text would keep all of it.
            let part = beginning(&text).filter(|_| content == Content::Preview).map(Text::from);
            Some(Shown { is_cut: part.is_some(), text: part.unwrap_or(text) })
        };
        Self {
            prompt: shown(prompt),
            system_prompt: shown(system_prompt),
            response: shown(response),
            is_omitted: false,
        }
    }

    /// There may be texts; they were not asked for, or there is no room for them.
    pub(crate) fn omitted() -> Self {
        Self { is_omitted: true, ..Self::default() }
    }

    /// These, and of those that are missing the others.
    pub(crate) fn or(self, others: Self) -> Self {
        Self {
            prompt: self.prompt.or(others.prompt),
            system_prompt: self.system_prompt.or(others.system_prompt),
            response: self.response.or(others.response),
            is_omitted: self.is_omitted || others.is_omitted,
        }
    }

    /// Bytes of all of them.
    pub(crate) fn bytes(&self) -> u64 {
        self.all().map(|shown| shown.text.len() as u64).sum()
    }

    fn is_cut(&self) -> bool {
        self.all().any(|shown| shown.is_cut)
    }

    fn all(&self) -> impl Iterator<Item = &Shown> {
        [&self.prompt, &self.system_prompt, &self.response].into_iter().flatten()
    }
}

impl From<Shown> for Cell {
    fn from(shown: Shown) -> Self {
        Self::Text(shown.text)
    }
}

/// A row of `ai_interaction_traces`: the plan's columns, then the others of a trace.
#[derive(Debug, Serialize)]
pub(crate) struct Interaction {
    id: String,
    pub(crate) trace_id: Cell,
    parent_trace_id: Cell,
    session_id: Cell,
    user_id: Cell,
    source: Cell,
    prompt_id: Cell,
    model_id: Cell,
    prompt_content: Cell,
    system_prompt: Cell,
    parameters: Box<RawValue>,
    response_content: Cell,
    tokens_used: Option<TokensUsed>,
    /// Of the span that stands for the trace; null where it was not looked at.
    tokens_estimated: Cell,
    cost_calculation: Option<CostCalculation>,
    start_time: Cell,
    end_time: Cell,
    duration_ms: Cell,
    first_token_latency_ms: Cell,
    streaming_enabled: Cell,
    status: Cell,
    error_message: Cell,
    error_code: Cell,
    langfuse_trace_id: Cell,
    langfuse_observation_id: Cell,
    user_agent: Cell,
    ip_address: Cell,
    created_at: Cell,
    updated_at: Cell,
    name: Cell,
    provider: Cell,
    response_model: Cell,
    environment: Cell,
    release: Cell,
    version: Cell,
    tags: Box<RawValue>,
    public: Cell,
    bookmarked: Cell,
    metadata: Box<RawValue>,
    spans: Cell,
    errors: Cell,
    open_spans: Cell,
    error_type: Cell,
    root_span_id: Cell,
    generation_span_id: Cell,
    /// A text is longer than what is shown of it.
    content_cut: bool,
    /// Texts or long JSON are left out, if there are any.
    content_omitted: bool,
}

/// Input includes what was read from or written to a cache.
#[derive(Debug, Serialize)]
struct TokensUsed {
    input: Cell,
    output: Cell,
    total: Cell,
    details: Box<RawValue>,
}

/// US dollars, with all digits.
#[derive(Debug, Serialize)]
struct CostCalculation {
    input_cost: Cell,
    output_cost: Cell,
    total_cost: Cell,
    details: Box<RawValue>,
}

impl Interaction {
    /// Of a row of `traces` and its texts. [`TOKENS_ESTIMATED`] may stand in the row beside its columns.
    pub(crate) fn new(mut row: Row, texts: Texts) -> Self {
        let mut take = |name: &str| row.remove(name).unwrap_or(Cell::Null);
        let trace_id = take("trace_id");
        let object = |cell: Cell| json(cell.as_text().unwrap_or("{}"));
        let (total_tokens, total_cost) = (take("total_tokens"), take("total_cost"));
        let (usage, cost) = (take("usage_details"), take("cost_details"));
        let tokens_used = TokensUsed {
            input: take("input_tokens"),
            output: take("output_tokens"),
            total: total_tokens,
            details: object(usage),
        };
        let cost_calculation = CostCalculation {
            input_cost: take("input_cost"),
            output_cost: take("output_cost"),
            total_cost,
            details: object(cost),
        };
        Self {
            id: row_uuid(trace_id.as_text().unwrap_or_default()),
            trace_id,
            parent_trace_id: take("parent_trace_id"),
            session_id: take("session_id"),
            user_id: take("user_id"),
            source: take("source"),
            prompt_id: take("prompt_id"),
            model_id: or(take("model"), Cell::from("")),
            content_cut: texts.is_cut(),
            content_omitted: texts.is_omitted,
            prompt_content: or(Cell::from(texts.prompt), Cell::from("")),
            system_prompt: Cell::from(texts.system_prompt),
            parameters: object(take("parameters")),
            response_content: Cell::from(texts.response),
            tokens_used: (!tokens_used.total.is_null()).then_some(tokens_used),
            tokens_estimated: take(TOKENS_ESTIMATED),
            cost_calculation: (!cost_calculation.total_cost.is_null()).then_some(cost_calculation),
            start_time: take("start_time"),
            end_time: take("end_time"),
            duration_ms: millis(take("duration_us")),
            first_token_latency_ms: millis(take("first_token_us")),
            streaming_enabled: or(take("streaming"), Cell::Bool(false)),
            status: take("status"),
            error_message: take("error_message"),
            error_code: take("error_code"),
            langfuse_trace_id: take("langfuse_trace_id"),
            langfuse_observation_id: take("langfuse_observation_id"),
            user_agent: take("user_agent"),
            ip_address: take("ip"),
            created_at: take("received_at"),
            updated_at: take("updated_at"),
            name: take("name"),
            provider: take("provider"),
            response_model: take("response_model"),
            environment: take("environment"),
            release: take("release"),
            version: take("version"),
            tags: json(take("tags").as_text().unwrap_or("[]")),
            public: take("public"),
            bookmarked: take("bookmarked"),
            metadata: object(take("metadata")),
            spans: take("spans"),
            errors: take("errors"),
            open_spans: take("open_spans"),
            error_type: take("error_type"),
            root_span_id: take("root_span_id"),
            generation_span_id: take("generation_span_id"),
        }
    }
}

fn or(cell: Cell, default: Cell) -> Cell {
    if cell.is_null() { default } else { cell }
}

fn millis(micros: Cell) -> Cell {
    if let Cell::Int(micros) = micros { Cell::Int(micros / 1_000) } else { Cell::Null }
}

/// The sender's JSON as it stands; what is no JSON, as a JSON string.
fn json(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).unwrap_or_else(|_| {
        let string = serde_json::Value::from(text).to_string();
        RawValue::from_string(string).unwrap_or_else(|_| RawValue::NULL.to_owned())
    })
}
