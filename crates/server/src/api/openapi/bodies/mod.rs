//! The bodies that the native API takes, as `tracekeep_decode` and the endpoints read them.
//!
//! A test holds every field of those that are decoded to the decoder: it knows exactly these, it takes what the schema says,
//! and null only where the schema has it.

#![allow(dead_code, reason = "these types describe bodies; nothing makes or reads them")]

mod amounts;
mod batch;
mod complete;
mod delete;
mod limits;
mod model_cost;
mod otlp;
mod own_price;
mod playground;
mod provider;
mod recompute;
mod score;
mod span;
mod start;
mod update;
pub(super) mod value;
mod virtual_model;

pub(crate) use batch::Batch;
pub(crate) use complete::CompleteTrace;
pub(crate) use delete::DeleteTraces;
pub(crate) use limits::{BudgetPeriod, LimitKey};
pub(crate) use model_cost::ComputeCost;
pub(crate) use otlp::ExportTraceServiceRequest;
pub(crate) use own_price::{SetCurrency, SetPrice};
pub(crate) use playground::{AskModel, CompareModels};
pub(crate) use provider::{ChangeProvider, CreateProvider};
pub(crate) use recompute::RecomputeCosts;
pub(crate) use score::GiveScore;
pub(crate) use start::StartTrace;
pub(crate) use update::UpdateTrace;
pub(crate) use virtual_model::DefineVirtualModel;

#[cfg(test)]
mod tests;
