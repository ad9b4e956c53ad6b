use utoipa::ToSchema;

use crate::api::openapi::bodies::value::Object;

/// Why a request was refused.
#[derive(ToSchema)]
pub(crate) struct ErrorAnswer {
    /// What is wrong.
    error: ErrorBody,
}

/// What is wrong with a request.
#[derive(ToSchema)]
pub(crate) struct ErrorBody {
    /// A name of this kind of error that stays the same.
    #[schema(examples("invalid_field"))]
    code: String,
    /// What happened, to what, and what to do next.
    message: String,
    /// What a program may want to know: of `invalid_field` the `field` and the `reason`, of
    /// `invalid_query` the `path` and the `reason`, of `body_too_large` the `limit_bytes`.
    #[schema(required = false)]
    details: Object,
}
