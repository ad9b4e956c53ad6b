//! Models, their prices, what calls of them cost, and costs by newer prices.

pub(crate) mod cost;
pub(crate) mod list;
pub(crate) mod recompute;
