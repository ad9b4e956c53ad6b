//! The views with the plan's names and exactly the plan's columns.

use super::ColumnType::{Bool, Float, Int, Json, Money, Text, Time};
use super::{Column, STATUS, optional, required};

/// `ai_interaction_traces`: one row a trace.
pub(super) const INTERACTIONS: &[Column] = &[
    required("id", Text),
    required("trace_id", Text),
    optional("parent_trace_id", Text),
    required("session_id", Text),
    optional("user_id", Text),
    required("source", Text),
    optional("prompt_id", Text),
    required("model_id", Text),
    required("prompt_content", Text),
    optional("system_prompt", Text),
    required("parameters", Json),
    optional("response_content", Text),
    optional("tokens_used", Json),
    optional("cost_calculation", Json),
    required("start_time", Time),
    optional("end_time", Time),
    optional("duration_ms", Int),
    optional("first_token_latency_ms", Int),
    optional("streaming_enabled", Bool),
    required("status", STATUS),
    optional("error_message", Text),
    optional("error_code", Text),
    optional("langfuse_trace_id", Text),
    optional("langfuse_observation_id", Text),
    optional("user_agent", Text),
    optional("ip_address", Text),
    required("created_at", Time),
    required("updated_at", Time),
];

/// `trace_metrics_hourly`: one row an hour and model.
pub(super) const METRICS_HOURLY: &[Column] = &[
    required("id", Text),
    required("hour_bucket", Time),
    required("model_id", Text),
    required("total_requests", Int),
    required("successful_requests", Int),
    required("error_requests", Int),
    optional("avg_duration_ms", Float),
    optional("avg_first_token_latency_ms", Float),
    optional("avg_tokens_per_request", Float),
    required("total_cost", Money),
    required("total_input_tokens", Int),
    required("total_output_tokens", Int),
    required("created_at", Time),
];
