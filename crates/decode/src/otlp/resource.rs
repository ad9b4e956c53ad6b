//! Where spans come from: the [resource](https://opentelemetry.io/docs/specs/semconv/resource/) and
//! the instrumentation scope.

use std::sync::Arc;

use tracekeep_model::{Field, Text};

use super::raw::{RawScope, said};
use super::slot::Slot;
use super::trace::{TraceAttributes, TraceFacts};
use super::value::{AnyValue, Attribute, Metadata};
use super::writer::Writer;
use crate::FieldError;

/// One resource, read once for all of its spans.
#[derive(Clone, Debug, Default)]
pub(super) struct Resource {
    service_name: Option<Text>,
    sdk_name: Option<Text>,
    sdk_version: Option<Text>,
    /// Shared: each scope has the resource, also where it has no spans.
    trace: Arc<TraceAttributes>,
    /// Every other attribute, as one JSON object.
    rest: Option<Text>,
}

/// One scope within its resource.
#[derive(Clone, Debug, Default)]
pub(super) struct Origin {
    resource: Resource,
    scope_name: Option<Text>,
    scope_version: Option<Text>,
    /// The scope's attributes, as one JSON object.
    scope: Option<Text>,
}

impl Resource {
    /// From a resource's attributes.
    pub(super) fn new(attributes: Vec<Attribute>) -> Result<Self, FieldError> {
        let (mut service_name, mut sdk_name) = (Slot::default(), Slot::default());
        let mut sdk_version = Slot::default();
        let mut trace = TraceFacts::default();
        let mut rest = Vec::new();
        for (key, value) in attributes {
            rest.extend(match &*key {
                "service.name" => service_name.offer(1, key, value),
                "telemetry.sdk.name" => sdk_name.offer(1, key, value),
                "telemetry.sdk.version" => sdk_version.offer(1, key, value),
                _ => trace.take(key, value).map_err(of_resource)?,
            });
        }
        Ok(Self {
            service_name: service_name.into_text(),
            sdk_name: sdk_name.into_text(),
            sdk_version: sdk_version.into_text(),
            trace: Arc::new(trace.finish().map_err(of_resource)?),
            rest: object(rest),
        })
    }
}

impl Origin {
    /// A scope within its resource.
    pub(super) fn new(resource: Resource, scope: RawScope) -> Self {
        Self {
            resource,
            scope_name: said(&scope.name),
            scope_version: said(&scope.version),
            scope: object(scope.attributes),
        }
    }

    /// What it says of every trace.
    pub(super) fn trace(&self) -> &TraceAttributes {
        &self.resource.trace
    }

    /// States the fields of one of its spans.
    pub(super) fn write(&self, to: &mut Writer) {
        to.set(Field::ServiceName, self.resource.service_name.clone());
        to.set(Field::ScopeName, self.scope_name.clone());
        to.set(Field::ScopeVersion, self.scope_version.clone());
        to.set(Field::SdkName, self.resource.sdk_name.clone());
        to.set(Field::SdkVersion, self.resource.sdk_version.clone());
    }

    /// Adds what has no field: one object for the resource, one for the scope.
    pub(super) fn append_metadata(&self, metadata: &mut Metadata) {
        if let Some(json) = &self.resource.rest {
            metadata.push((Text::from_static("resource"), json.clone()));
        }
        if let Some(json) = &self.scope {
            metadata.push((Text::from_static("scope"), json.clone()));
        }
    }
}

fn object(attributes: Vec<Attribute>) -> Option<Text> {
    (!attributes.is_empty()).then(|| AnyValue::Map(attributes).into_json())
}

fn of_resource(error: FieldError) -> FieldError {
    FieldError { field: format!("resource.{}", error.field), ..error }
}
