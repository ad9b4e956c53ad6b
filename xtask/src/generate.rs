//! The traces that the load drivers send: an agent that looks something up, asks a model, runs a
//! tool and asks again.
//!
//! A trace depends on the seed and its index alone, not on how traces are batched or who sends
//! them. A request holds whole traces, so that one that is acknowledged is whole on the server.

mod model;
mod story;

use bytes::Bytes;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::corpus::Corpus;
use crate::otlp::{AnyValue, Writer};
use crate::record::TraceId;
use story::Story;

pub(crate) const SPANS_PER_TRACE: u64 = 5;
/// The size of a trace that the targets of the design speak of: five spans of 1.25 KB.
const TRACE_BYTES: usize = 6_250;

const SECOND: u64 = 1_000_000_000;
const MINUTE: u64 = 60 * SECOND;
const DAY: u64 = 24 * 60 * MINUTE;

/// What to generate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recipe {
    pub(crate) seed: u64,
    /// How many traces in all; [`Recipe::ENDLESS`] for as long as somebody takes them.
    pub(crate) traces: u64,
    pub(crate) traces_per_request: u64,
    /// Seconds since 1970 at which the last trace has ended.
    pub(crate) until: u64,
    /// Over how many days before that the traces spread; 0 puts them into the last minutes.
    pub(crate) days: u64,
}

impl Recipe {
    pub(crate) const ENDLESS: u64 = u64::MAX / 2;
}

/// One encoded request.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) body: Bytes,
    pub(crate) traces: Vec<TraceId>,
}

impl Prepared {
    pub(crate) fn spans(&self) -> u64 {
        self.traces.len() as u64 * SPANS_PER_TRACE
    }
}

/// Encodes the requests of a recipe.
#[derive(Debug)]
pub(crate) struct Generator {
    corpus: Corpus,
    recipe: Recipe,
}

impl Generator {
    pub(crate) fn new(corpus: Corpus, recipe: Recipe) -> Self {
        Self { corpus, recipe }
    }

    /// How many requests the recipe makes.
    pub(crate) fn requests(&self) -> u64 {
        self.recipe.traces.div_ceil(self.recipe.traces_per_request)
    }

    /// About how many bytes a full request has.
    pub(crate) fn request_bytes(&self) -> usize {
        TRACE_BYTES.saturating_mul(self.recipe.traces_per_request as usize)
    }

    pub(crate) fn request(&self, index: u64) -> Prepared {
        let first = index * self.recipe.traces_per_request;
        let end = (first + self.recipe.traces_per_request).min(self.recipe.traces);
        let mut traces = Vec::with_capacity(end.saturating_sub(first) as usize);
        let mut writer = Writer::with_capacity(self.request_bytes() * 5 / 4);
        writer.message(1, |resource_spans| {
            resource_spans.message(1, |resource| write_resource(resource, index));
            resource_spans.message(2, |scope_spans| {
                scope_spans.message(1, |scope| {
                    scope.string(1, "support-agent.tracing");
                    scope.string(2, "2.4.0");
                });
                for trace in first..end {
                    traces.push(self.write_trace(scope_spans, trace));
                }
            });
        });
        Prepared { body: Bytes::from(writer.into_bytes()), traces }
    }

    fn write_trace(&self, out: &mut Writer, index: u64) -> TraceId {
        let (trace_id, mut rng) = begin(self.recipe.seed, index);
        let start = self.start(index, &mut rng);
        let session = session(self.recipe.seed, index);
        Story::new(&self.corpus, trace_id, rng, start, session).write(out);
        trace_id
    }

    /// Nanoseconds since 1970. Traces come in the order of their starts, give or take some minutes.
    fn start(&self, index: u64, rng: &mut StdRng) -> u64 {
        let window = (self.recipe.days * DAY).max(MINUTE);
        let jitter = window.min(10 * MINUTE);
        let step = window / self.recipe.traces.max(1);
        let latest = (self.recipe.until * SECOND).saturating_sub(jitter + MINUTE);
        latest.saturating_sub(window) + step * index + rng.random_range(0..jitter)
    }
}

/// The id of a trace, which nobody needs to note: the seed and the index tell it again.
pub(crate) fn trace_id(seed: u64, index: u64) -> TraceId {
    begin(seed, index).0
}

/// The user of a trace.
pub(crate) fn user(seed: u64, index: u64) -> String {
    story::user(session(seed, index))
}

/// The id is drawn before all else, so that it depends on nothing else.
fn begin(seed: u64, index: u64) -> (TraceId, StdRng) {
    let mut rng = StdRng::seed_from_u64(mix(spread(seed) ^ index));
    (TraceId(story::random_id(&mut rng)), rng)
}

/// About four traces share a session, and a session has one user.
fn session(seed: u64, index: u64) -> u64 {
    mix(mix(spread(seed)) ^ (index / 4))
}

/// So that neighbouring seeds share no traces.
fn spread(seed: u64) -> u64 {
    seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn write_resource(resource: &mut Writer, request: u64) {
    let services = ["support-agent", "sales-assistant", "docs-search"];
    let service = services[(request % 3) as usize];
    resource.attribute(1, "service.name", AnyValue::Text(service));
    resource.attribute(1, "service.version", AnyValue::Text("2.4.0"));
    resource.attribute(1, "deployment.environment.name", AnyValue::Text("production"));
    resource.attribute(1, "telemetry.sdk.name", AnyValue::Text("opentelemetry"));
    resource.attribute(1, "telemetry.sdk.language", AnyValue::Text("python"));
    resource.attribute(1, "telemetry.sdk.version", AnyValue::Text("1.45.2"));
}

/// Spreads neighbouring numbers over all of them (the finaliser of SplitMix64).
fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Seconds since 1970.
#[expect(clippy::disallowed_methods, reason = "the load driver is the edge: no clock is passed in")]
pub(crate) fn now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests;
