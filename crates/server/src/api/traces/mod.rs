//! Single traces, and taking traces away.

pub(crate) mod delete;
pub(crate) mod get;
