//! Single traces and spans, and taking traces away.

pub(crate) mod delete;
pub(crate) mod get;
mod shown;
pub(crate) mod span;
mod tree;
