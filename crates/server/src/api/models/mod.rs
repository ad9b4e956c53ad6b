//! Models, their prices, and what calls of them cost.

pub(crate) mod cost;
pub(crate) mod list;
