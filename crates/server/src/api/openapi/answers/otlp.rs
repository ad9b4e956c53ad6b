use utoipa::ToSchema;

/// OTLP's answer: empty, or a partial success that says which spans were refused.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExportTraceServiceResponse {
    /// Absent where every span was accepted.
    #[schema(required = false)]
    partial_success: ExportTracePartialSuccess,
}

/// Spans that were refused; the others are kept.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExportTracePartialSuccess {
    /// How many: a 64-bit integer as text, as proto3 JSON has it.
    rejected_spans: String,
    /// What is wrong with the first of them.
    error_message: String,
}

/// `google.rpc.Status`, the body of a request that failed.
#[derive(ToSchema)]
pub(crate) struct RpcStatus {
    /// A code of `google.rpc.Code`.
    code: i32,
    /// What happened, to what, and what to do next.
    message: String,
}
