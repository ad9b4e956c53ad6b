//! Judgements of traces, spans, sessions and dataset runs.

pub(crate) mod create;
