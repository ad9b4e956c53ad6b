//! Parameters that several endpoints share. What they mean is in `listing.rs`; a test with a
//! running server holds their names to those that it takes.

#![allow(dead_code, reason = "these types describe query strings; nothing makes or reads them")]

use utoipa::IntoParams;

use super::bodies::value::Status;

/// Which traces: those that fulfil all of it. An empty parameter counts as not sent.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct TraceFilters {
    /// Of this model.
    #[param(example = "gpt-5-mini")]
    model: Option<String>,
    /// That stand so.
    status: Option<Status>,
    /// From this source.
    source: Option<String>,
    /// Of this user.
    user_id: Option<String>,
    /// Of this session.
    session_id: Option<String>,
    /// Of this environment.
    environment: Option<String>,
    /// Of this name.
    name: Option<String>,
    /// Of this release.
    release: Option<String>,
    /// That began at this moment or later: RFC 3339, a day, or epoch milliseconds.
    start_date: Option<String>,
    /// That began before this moment; a day is included.
    end_date: Option<String>,
    /// With these words, in any case and as one piece, in one of their texts.
    search: Option<String>,
    /// That pass this filter, which is JSON: `{"field", "op", "value"}`, `{"and": [...]}`,
    /// `{"or": [...]}`, `{"not": ...}` or `{"search": "words"}`.
    ///
    /// A field is named and compared as the answer has it: `trace_id`, `parent_trace_id`,
    /// `session_id`, `user_id`, `source`, `prompt_id`, `model_id`, `prompt_content`, `system_prompt`,
    /// `parameters`, `response_content`, `tokens_used` (its total; also `tokens_used.input`, `.output`,
    /// `.total`, `.details.<type>`), `cost_calculation` (its total; also
    /// `cost_calculation.input_cost`, `.output_cost`, `.total_cost`, `.details.<type>`), `start_time`,
    /// `end_time`, `duration_ms`, `first_token_latency_ms`, `streaming_enabled`, `status`,
    /// `error_message`, `error_code`, `langfuse_trace_id`, `langfuse_observation_id`, `user_agent`,
    /// `ip_address`, `created_at`, `updated_at`, `name`, `provider`, `response_model`, `environment`,
    /// `release`, `version`, `tags`, `public`, `bookmarked`, `metadata`, `spans`, `errors`,
    /// `open_spans`, `error_type`, `root_span_id`, `generation_span_id`. Also a key such as
    /// `metadata.team`, a numeric score such as `scores.helpful`, and the columns of `traces`: `model`,
    /// `streaming`, `ip`, `received_at`, `duration_us`, `first_token_us`, `input_tokens`,
    /// `output_tokens`, `total_tokens`, `usage_details`, `input_cost`, `output_cost`, `total_cost`,
    /// `cost_details`, `input`, `output`.
    ///
    /// Operators are `eq`, `ne`, `lt`, `le`, `gt`, `ge` (also `=`, `!=`, `<`, `<=`, `>`, `>=`, `neq`,
    /// `lte`, `gte`), `in`, `not_in`, `contains`, `not_contains`, `starts_with`, `ends_with`, `exists`,
    /// `missing`, `contains_any` and `contains_all`.
    filter: Option<String>,
}

/// Which page of a list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct Page {
    /// At most so many.
    #[param(minimum = 1, maximum = 1000, default = 50, example = 10)]
    limit: Option<u64>,
    /// Leaves out so many first.
    #[param(maximum = 1000000, default = 0)]
    offset: Option<u64>,
    /// Goes on after an earlier page: its header `X-Next-Cursor`.
    cursor: Option<String>,
}

/// How much of the texts.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Texts {
    /// `full`: whole texts. `preview`: the first 1,000 characters of each. `none`: no texts.
    /// Other than in `full`, `metadata` and `parameters` of over 1,000 characters are left out.
    #[param(default = "full", example = "preview")]
    content: Option<String>,
}

/// How much of the texts, where a glance is enough.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Glances {
    /// `full`: whole texts. `preview`: the first 1,000 characters of each. `none`: no texts.
    /// Other than in `full`, `metadata` and `parameters` of over 1,000 characters are left out.
    #[param(default = "preview", example = "none")]
    content: Option<String>,
}

/// How many of the newest.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Newest {
    /// At most so many.
    #[param(minimum = 1, maximum = 1000, default = 50, example = 10)]
    limit: Option<u64>,
}

/// How time is cut.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Steps {
    /// The step of costs over time, in UTC: `minute`, `hour`, `day`, `week` (from Monday), `month`.
    #[param(default = "day", example = "hour")]
    bucket: Option<String>,
}

/// Which events of the stream.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct EventFilters {
    /// Of this trace only.
    trace_id: Option<String>,
    /// With this status only; an update without one counts as pending.
    status: Option<Status>,
    /// Goes on behind this event, for clients that cannot send `Last-Event-ID`.
    last_event_id: Option<String>,
}

/// Which models.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ModelFilters {
    /// With this in `provider/model`, in any case.
    #[param(example = "sonnet")]
    search: Option<String>,
    /// Of this provider, by any of its names.
    #[param(example = "anthropic")]
    provider: Option<String>,
    /// At most so many.
    #[param(minimum = 1, maximum = 1000, default = 50, example = 10)]
    limit: Option<u64>,
    /// Leaves out so many first.
    #[param(maximum = 1000000, default = 0)]
    offset: Option<u64>,
}
