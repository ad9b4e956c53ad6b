//! API keys of a project.

pub(crate) mod limits;
