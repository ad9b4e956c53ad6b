//! Single traces.

pub(crate) mod get;
