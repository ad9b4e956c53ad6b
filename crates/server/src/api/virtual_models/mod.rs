//! Virtual models of a project.

mod body;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod put;

use serde::Serialize;
use serde_json::value::RawValue;
use tracekeep_control::VirtualModel;
use tracekeep_model::Micros;

use crate::error::ApiError;

/// A virtual model as it is shown.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shown {
    name: String,
    definition: Box<RawValue>,
    created_at: Micros,
    updated_at: Micros,
}

impl Shown {
    fn of(model: VirtualModel) -> Result<Self, ApiError> {
        let VirtualModel { name, definition, created_at, updated_at, .. } = model;
        let definition = RawValue::from_string(definition).map_err(|error| {
            tracing::error!(%error, name, "the definition of a virtual model is no JSON");
            ApiError::damaged(&format!("the definition of the virtual model `{name}`"))
        })?;
        let (created_at, updated_at) = (Micros(created_at), Micros(updated_at));
        Ok(Self { name, definition, created_at, updated_at })
    }
}
