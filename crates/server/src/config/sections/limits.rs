//! `[limits]`: what one request, and all of them together, may take.

use super::Setting;
use crate::config::kind::Kind;

pub(super) const SETTINGS: &[Setting] = &[
    Setting {
        name: "limits.max_body_mib",
        variable: "TRACEKEEP_MAX_BODY_MIB",
        flag: "max-body-mib",
        default: "64",
        about: "Largest request body, in MiB, after decompression.",
        kind: Kind::Count { field: |config| &mut config.max_body_mib, min: 1, max: 1_024 },
    },
    Setting {
        name: "limits.max_in_flight_mib",
        variable: "TRACEKEEP_MAX_IN_FLIGHT_MIB",
        flag: "max-in-flight-mib",
        default: "64",
        about: "Request bodies held in memory at once, in MiB, after decompression.",
        kind: Kind::Count { field: |config| &mut config.max_in_flight_mib, min: 1, max: 65_536 },
    },
    Setting {
        name: "limits.max_trace_spans",
        variable: "TRACEKEEP_MAX_TRACE_SPANS",
        flag: "max-trace-spans",
        default: "100000",
        about: "Spans from which on a trace is full and takes no more; 100000 at most.",
        kind: Kind::Count { field: |config| &mut config.max_trace_spans, min: 1, max: 100_000 },
    },
];
