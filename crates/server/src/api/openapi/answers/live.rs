use utoipa::ToSchema;

use super::InteractionRow;

/// What runs now. Averages are of the traces that began in the last five minutes.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LiveTraces {
    /// Traces that still run, whenever they began.
    active: u64,
    /// Milliseconds, of those that have ended.
    avg_latency: f64,
    /// Percent.
    error_rate: f64,
    /// Traces a second.
    throughput: f64,
    /// The newest of them.
    traces: Vec<InteractionRow>,
    /// There are more of them than are shown: more than `limit`, or than one answer may hold.
    more: bool,
}
