//! What endpoints answer. Rows are made from the columns that queries know; a test with a running
//! server holds the rest to what is really answered.

#![allow(dead_code, reason = "these types describe answers; nothing makes or reads them")]

mod acknowledged;
mod error;
mod event;
mod figures;
mod limits;
mod live;
mod models;
mod otlp;
mod provider;
mod row;
mod state;
mod trace;
mod virtual_model;

pub(crate) use acknowledged::{Accepted, BatchAnswer, Deleted, DeletedMany, ScoreGiven, Started};
pub(crate) use error::ErrorAnswer;
pub(crate) use event::{LaggedEvent, LiveEvent, TextEvent};
pub(crate) use figures::Figures;
pub(crate) use limits::Limits;
pub(crate) use live::LiveTraces;
pub(crate) use models::{CostAnswer, PricedModels, RecomputedCosts};
pub(crate) use otlp::{ExportTraceServiceResponse, RpcStatus};
pub(crate) use provider::{Provider, ProviderList};
pub(crate) use row::{InteractionRow, ScoreRow, SpanRow};
pub(crate) use state::{Health, Readiness};
pub(crate) use trace::WholeTrace;
pub(crate) use virtual_model::{VirtualModel, VirtualModelList};
