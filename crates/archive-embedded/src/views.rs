//! The tables that queries see, over the stored ones.
//!
//! In a stored table a large text may be a reference to a blob. What a view says of such a column goes
//! through the function `whole` ([`crate::large`]), as its last step: a reference passes through
//! `coalesce` and `CASE` as it is, and is best read as late as can be ([`crate::late`]).

use std::sync::LazyLock;

use tracekeep_query::{ColumnType, Table};
use tracekeep_segment::may_be_large;

/// Names and definitions. They use stored tables only: a statement gets those views that it names.
pub(crate) fn all() -> &'static [(&'static str, String)] {
    static VIEWS: LazyLock<Vec<(&'static str, String)>> = LazyLock::new(|| {
        let view = |table: Table, stored, rest| (table.as_str(), plain(table, stored, rest));
        vec![
            view(Table::Spans, "stored_spans", ""),
            view(Table::Traces, "stored_traces", " WHERE deleted_at IS NULL"),
            view(Table::Scores, "stored_scores", LIVE_SCORES),
            (Table::Interactions.as_str(), INTERACTIONS.to_owned()),
            (Table::MetricsHourly.as_str(), METRICS_HOURLY.to_owned()),
        ]
    });
    &VIEWS
}

/// Deleting a trace takes its scores away, also those that come later.
const LIVE_SCORES: &str = " WHERE deleted_at IS NULL AND NOT EXISTS (
  SELECT 1 FROM stored_traces t WHERE t.deleted_at IS NOT NULL AND t.trace_id = stored_scores.trace_id)";

/// A stored table's public columns; absent JSON objects read as `{}`.
fn plain(table: Table, stored: &str, rest: &str) -> String {
    let column = |column: &tracekeep_query::Column| {
        let name = column.name;
        let value = match (column.column_type, column.nullable) {
            (ColumnType::Json, false) => format!("coalesce({name}, '{{}}')"),
            _ => name.to_owned(),
        };
        if may_be_large(name) {
            format!("whole({value}) AS {name}")
        } else if value == name {
            value
        } else {
            format!("{value} AS {name}")
        }
    };
    let columns: Vec<String> = table.columns().iter().map(column).collect();
    format!("SELECT {} FROM {stored}{rest}", columns.join(", "))
}

/// One row a trace with the plan's columns: the call is the root generation's, else the earliest
/// generation's, else the root span's; tokens and cost are totals; the status is the root's.
const INTERACTIONS: &str = "
SELECT
  row_uuid(t.trace_id) AS id,
  t.trace_id, t.parent_trace_id, t.session_id, t.user_id, t.source, t.prompt_id,
  coalesce(t.model, '') AS model_id,
  whole(coalesce(CASE WHEN t.generation_span_id IS NULL THEN t.input END, g.input, t.input, '')) AS prompt_content,
  whole(g.system_prompt) AS system_prompt,
  whole(coalesce(t.parameters, '{}')) AS parameters,
  whole(coalesce(CASE WHEN t.generation_span_id IS NULL THEN t.output END, g.output, t.output)) AS response_content,
  CASE WHEN t.total_tokens IS NULL THEN NULL ELSE concat(
    '{\"input\":', coalesce(CAST(t.input_tokens AS VARCHAR), 'null'),
    ',\"output\":', coalesce(CAST(t.output_tokens AS VARCHAR), 'null'),
    ',\"total\":', CAST(t.total_tokens AS VARCHAR),
    ',\"details\":', coalesce(t.usage_details, '{}'), '}') END AS tokens_used,
  CASE WHEN t.total_cost IS NULL THEN NULL ELSE concat(
    '{\"input_cost\":', coalesce(CAST(t.input_cost AS VARCHAR), 'null'),
    ',\"output_cost\":', coalesce(CAST(t.output_cost AS VARCHAR), 'null'),
    ',\"total_cost\":', CAST(t.total_cost AS VARCHAR),
    ',\"details\":', coalesce(t.cost_details, '{}'), '}') END AS cost_calculation,
  t.start_time, t.end_time,
  t.duration_us / 1000 AS duration_ms,
  t.first_token_us / 1000 AS first_token_latency_ms,
  coalesce(t.streaming, false) AS streaming_enabled,
  t.status, whole(t.error_message) AS error_message, t.error_code,
  t.langfuse_trace_id, t.langfuse_observation_id,
  t.user_agent, t.ip AS ip_address,
  t.received_at AS created_at, t.updated_at
FROM stored_traces t
LEFT JOIN stored_spans g
  ON g.trace_id = t.trace_id AND g.span_id = coalesce(t.generation_span_id, t.root_span_id)
WHERE t.deleted_at IS NULL";

/// Generations by the hour of their start and their model, with the plan's columns. They are added up
/// already; what is left is to divide.
const METRICS_HOURLY: &str = "
SELECT
  row_uuid(concat(CAST(hour_bucket AS VARCHAR), ' ', model_id)) AS id,
  hour_bucket, model_id, total_requests, successful_requests, error_requests,
  CASE WHEN duration_count > 0
    THEN CAST(duration_sum_us AS DOUBLE) / CAST(duration_count AS DOUBLE) / 1000
    END AS avg_duration_ms,
  CASE WHEN first_token_count > 0
    THEN CAST(first_token_sum_us AS DOUBLE) / CAST(first_token_count AS DOUBLE) / 1000
    END AS avg_first_token_latency_ms,
  CASE WHEN tokens_count > 0
    THEN CAST(tokens_sum AS DOUBLE) / CAST(tokens_count AS DOUBLE)
    END AS avg_tokens_per_request,
  cost_total AS total_cost,
  input_tokens AS total_input_tokens,
  output_tokens AS total_output_tokens,
  created_at
FROM stored_hourly";
