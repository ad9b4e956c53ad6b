use utoipa::ToSchema;

/// The process lives.
#[derive(ToSchema)]
pub(crate) struct Health {
    /// `ok`.
    status: String,
    /// The version of the server.
    version: String,
}

/// Whether traces can be taken in and read.
#[derive(ToSchema)]
pub(crate) struct Readiness {
    /// `ready` or `not ready`.
    status: String,
    /// Why it is not.
    #[schema(required = false)]
    reason: String,
}
