use utoipa::ToSchema;

use super::value::Id;

/// Which traces to take away: one of these fields. Names in snake_case are taken too.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(min_properties = 1, max_properties = 1, examples(json!({ "userId": "u-17" })))]
pub(crate) struct DeleteTraces {
    /// Those with these ids, 1,000 at most. Each is closed, also one that no trace has yet.
    #[schema(required = false, min_items = 1, max_items = 1000)]
    trace_ids: Vec<Id>,
    /// Those of this user.
    #[schema(required = false)]
    user_id: Id,
    /// Those of this session.
    #[schema(required = false)]
    session_id: Id,
}
