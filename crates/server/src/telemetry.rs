//! The server's own logs and counters. Neither holds the content of a trace.

use std::io::IsTerminal as _;
use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};
use tracing_subscriber::EnvFilter;

/// Logs to standard error: lines for people on a terminal, JSON elsewhere. `TRACEKEEP_LOG` (as
/// `RUST_LOG`) chooses what.
pub(crate) fn init() {
    let filter =
        EnvFilter::try_from_env("TRACEKEEP_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let result = if std::io::stderr().is_terminal() {
        logs.with_target(false).try_init()
    } else {
        logs.json().try_init()
    };
    // Fails only where a logger is set already, as in tests.
    drop(result);
}

/// What `/metrics` shows.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    pub(crate) patches: Counter,
    pub(crate) rejected: Counter,
    pub(crate) masked: Counter,
    pub(crate) replaced_nulls: Counter,
    pub(crate) acknowledged_blocks: Counter,
    pub(crate) refused_blocks: Counter,
    pub(crate) lost_call_records: Counter,
    pub(crate) estimated_spans: Counter,
    pub(crate) lost_estimates: Counter,
    /// By the limit that the key was at.
    refused_calls: Family<[(&'static str, &'static str); 1], Counter>,
    pub(crate) acknowledge_seconds: Histogram,
    journal_bytes: Gauge,
    journal_queued_bytes: Gauge,
    journal_syncs: Gauge,
    memory_spans: Gauge,
    stored_spans: Gauge,
    stored_bytes: Gauge,
    segments: Gauge,
    uptime_seconds: Gauge<f64, AtomicU64>,
}

/// Sizes that are read when `/metrics` is asked for.
pub(crate) struct Readings {
    pub(crate) journal: tracekeep_journal::Status,
    pub(crate) archive: tracekeep_archive::ArchiveStatus,
    pub(crate) uptime_seconds: f64,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("tracekeep");
        let counter = |registry: &mut Registry, name: &str, help: &str| {
            let counter = Counter::default();
            registry.register(name, help, counter.clone());
            counter
        };
        let gauge = |registry: &mut Registry, name: &str, help: &str| {
            let gauge = Gauge::default();
            registry.register(name, help, gauge.clone());
            gauge
        };
        // 0.1 ms to 3.3 s.
        let acknowledge_seconds = Histogram::new(exponential_buckets(0.000_1, 2.0, 16));
        registry.register_with_unit(
            "acknowledge",
            "Time from a decoded request to its durable acknowledgement",
            Unit::Seconds,
            acknowledge_seconds.clone(),
        );
        let refused_calls = Family::<[(&'static str, &'static str); 1], Counter>::default();
        let help = "Calls through the gateway that were refused, as their key was at a limit";
        registry.register("refused_calls", help, refused_calls.clone());
        let uptime_seconds = Gauge::<f64, AtomicU64>::default();
        registry.register("uptime_seconds", "Time since start", uptime_seconds.clone());
        let r = &mut registry;
        Self {
            patches: counter(r, "patches", "Patches accepted"),
            rejected: counter(r, "rejected_items", "Items refused as malformed"),
            masked: counter(r, "masked_values", "Sensitive values masked"),
            replaced_nulls: counter(r, "replaced_nulls", "U+0000 replaced by U+FFFD"),
            acknowledged_blocks: counter(r, "acknowledged_blocks", "Requests made durable"),
            refused_blocks: counter(r, "refused_blocks", "Requests that could not be made durable"),
            lost_call_records: counter(
                r,
                "lost_call_records",
                "Times that what is known of calls through the gateway could not be written, or only in part",
            ),
            estimated_spans: counter(
                r,
                "estimated_spans",
                "Spans whose tokens were counted here, as their senders counted none",
            ),
            lost_estimates: counter(
                r,
                "lost_estimates",
                "Spans whose tokens would have been counted, had there not been too many or an error",
            ),
            refused_calls,
            acknowledge_seconds,
            journal_bytes: gauge(r, "journal_bytes", "Size of the journal on disk"),
            journal_queued_bytes: gauge(
                r,
                "journal_queued_bytes",
                "Bytes that wait for the journal",
            ),
            journal_syncs: gauge(r, "journal_syncs", "Syncs of the journal since start"),
            memory_spans: gauge(r, "memory_spans", "Spans in memory, not yet in a segment"),
            stored_spans: gauge(r, "stored_spans", "Spans in segments"),
            stored_bytes: gauge(r, "stored_bytes", "Size of all segments on disk"),
            segments: gauge(r, "segments", "Segments"),
            uptime_seconds,
            registry,
        }
    }

    /// Counts a call that was refused, as its key was at this limit.
    pub(crate) fn refused_call(&self, limit: &'static str) {
        self.refused_calls.get_or_create(&[("limit", limit)]).inc();
    }

    /// In the text format of OpenMetrics.
    pub(crate) fn render(&self, now: &Readings) -> String {
        let set = |gauge: &Gauge, value: u64| gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
        set(&self.journal_bytes, now.journal.bytes);
        set(&self.journal_queued_bytes, now.journal.queued_bytes);
        set(&self.journal_syncs, now.journal.syncs);
        set(&self.memory_spans, now.archive.memory_spans);
        set(&self.stored_spans, now.archive.stored_spans);
        set(&self.stored_bytes, now.archive.stored_bytes);
        set(&self.segments, now.archive.segments);
        self.uptime_seconds.set(now.uptime_seconds);
        let mut text = String::new();
        // Writing into a String does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
