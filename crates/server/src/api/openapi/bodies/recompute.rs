use utoipa::ToSchema;

/// Whether costs are only looked at, or written.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "apply": false })))]
pub(crate) struct RecomputeCosts {
    /// Whether to write them. Else the answer says what would change.
    #[schema(required = false)]
    apply: bool,
}
