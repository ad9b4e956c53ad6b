use utoipa::openapi::schema::{Discriminator, ObjectBuilder, OneOfBuilder, Type};
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::span::Span;
use super::{CompleteTrace, GiveScore, StartTrace, UpdateTrace};

/// Many events at once. One that is malformed is refused by itself.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "events": [
        {
            "type": "start", "traceId": "tour-2", "source": "api", "model": "gpt-5-mini",
            "prompt": "Where is my parcel?"
        },
        {
            "type": "span", "traceId": "tour-2", "spanId": "look-up", "parentSpanId": "tour-2",
            "kind": "TOOL", "name": "look up", "output": { "found": 3 }, "status": "success"
        },
        {
            "type": "complete", "traceId": "tour-2",
            "result": { "status": "success", "response": "It comes on Friday." }
        }
    ]
})))]
pub(crate) struct Batch {
    /// The events, in any order.
    #[schema(max_items = 10000)]
    events: Vec<Event>,
}

/// A body that could be sent by itself, or a span, and beside it which of them it is.
pub(crate) struct Event;

/// Each type of event, the name of its schema, and what it holds besides its type.
pub(super) fn events() -> [(&'static str, &'static str, RefOr<Schema>); 5] {
    [
        ("start", "StartEvent", StartTrace::schema()),
        ("update", "UpdateEvent", UpdateTrace::schema()),
        ("complete", "CompleteEvent", CompleteTrace::schema()),
        ("span", "SpanEvent", Span::schema()),
        ("score", "ScoreEvent", GiveScore::schema()),
    ]
}

impl PartialSchema for Event {
    fn schema() -> RefOr<Schema> {
        let types =
            events().map(|(kind, name, _)| (kind, Ref::from_schema_name(name).ref_location));
        let mut any = OneOfBuilder::new()
            .description(Some("One event of a batch."))
            .discriminator(Some(Discriminator::with_mapping("type", types)));
        for (_, name, _) in events() {
            any = any.item(Ref::from_schema_name(name));
        }
        any.into()
    }
}

impl ToSchema for Event {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        for (kind, name, body) in events() {
            schemas.push((name.to_owned(), typed(kind, body)));
        }
        StartTrace::schemas(schemas);
        UpdateTrace::schemas(schemas);
        CompleteTrace::schemas(schemas);
        Span::schemas(schemas);
        GiveScore::schemas(schemas);
    }
}

/// A body with the type of its event.
fn typed(kind: &str, body: RefOr<Schema>) -> RefOr<Schema> {
    match body {
        RefOr::T(Schema::Object(mut object)) => {
            let kind = ObjectBuilder::new()
                .schema_type(Type::String)
                .enum_values(Some([kind]))
                .description(Some("Which event it is."));
            object.properties.insert("type".to_owned(), kind.into());
            object.required.insert(0, "type".to_owned());
            object.examples.clear();
            object.into()
        }
        // No body is anything else; a test sees to it.
        other => other,
    }
}
