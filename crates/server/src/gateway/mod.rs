//! The gateway: calls of models that trace themselves.

pub(crate) mod provider_settings;
pub(crate) mod providers;
pub(crate) mod virtual_model;
