//! Models, their prices, a project's own prices, what calls cost, and costs by newer prices.

pub(crate) mod cost;
pub(crate) mod currency;
pub(crate) mod list;
pub(crate) mod prices;
pub(crate) mod recompute;
mod small_body;
mod turns;
