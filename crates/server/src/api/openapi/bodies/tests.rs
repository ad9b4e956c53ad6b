#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use tracekeep_decode::FieldError;
use tracekeep_decode::native::{self, Context, MAX_EVENTS};
use tracekeep_model::{Micros, Text};

/// An object that a decoder takes: the name of its schema, and the decoder with what is around it.
type Taken = (&'static str, fn(Value) -> Result<(), FieldError>);

const TAKEN: &[Taken] = &[
    ("StartTrace", start),
    ("UpdateTrace", update),
    ("TraceUpdates", |updates| update(json!({ "traceId": "tour-1", "updates": updates }))),
    ("CompleteTrace", complete),
    ("TraceResult", |result| complete(json!({ "traceId": "tour-1", "result": result }))),
    ("FailureParts", |error| {
        let result = json!({ "status": "error", "error": error });
        complete(json!({ "traceId": "tour-1", "result": result }))
    }),
    ("GiveScore", score),
    ("CostCalls", cost),
    ("CostCall", |call| cost(json!({ "items": [call] }))),
    ("Batch", batch),
    ("StartEvent", event),
    ("UpdateEvent", event),
    ("CompleteEvent", event),
    ("SpanEvent", event),
    ("ScoreEvent", event),
];

fn with<T>(decode: impl FnOnce(&mut Context<'_>) -> T) -> T {
    let mut fresh_ids = || Text::from_static("0123456789abcdef0123456789abcdef");
    let received = Micros::parse("2026-08-01T00:00:00Z").unwrap();
    decode(&mut Context {
        received,
        keeps_from: Micros::EARLIEST,
        full: &|_| None,
        user_agent: None,
        ip: None,
        fresh_ids: &mut fresh_ids,
    })
}

fn start(body: Value) -> Result<(), FieldError> {
    with(|context| native::start(body.to_string().as_bytes(), context)).map(drop)
}

fn update(body: Value) -> Result<(), FieldError> {
    with(|context| native::update(body.to_string().as_bytes(), context)).map(drop)
}

fn complete(body: Value) -> Result<(), FieldError> {
    with(|context| native::complete(body.to_string().as_bytes(), context)).map(drop)
}

fn score(body: Value) -> Result<(), FieldError> {
    with(|context| native::score(body.to_string().as_bytes(), context)).map(drop)
}

fn cost(body: Value) -> Result<(), FieldError> {
    with(|context| native::model_cost(body.to_string().as_bytes(), context)).map(drop)
}

/// All of a batch.
fn batch(body: Value) -> Result<(), FieldError> {
    let batch = with(|context| native::batch(body.to_string().as_bytes(), context))?;
    batch.results.into_iter().find_map(|item| item.error).map_or(Ok(()), Err)
}

fn event(event: Value) -> Result<(), FieldError> {
    batch(json!({ "events": [event] }))
}

/// The schemas of the document, by name.
struct Schemas(Value);

impl Schemas {
    fn new() -> Self {
        let document: Value = serde_json::from_str(crate::api::openapi::text()).unwrap();
        Self(document["components"]["schemas"].clone())
    }

    /// The schema itself, where this one refers to it.
    fn resolved<'s>(&'s self, schema: &'s Value) -> &'s Value {
        match schema["$ref"].as_str() {
            Some(reference) => &self.0[reference.rsplit('/').next().unwrap()],
            None => schema,
        }
    }

    fn properties(&self, name: &str) -> &Map<String, Value> {
        self.0[name]["properties"].as_object().unwrap()
    }

    /// A value that a schema allows, and not null.
    fn sample(&self, schema: &Value) -> Value {
        let schema = self.resolved(schema);
        if !schema["examples"][0].is_null() {
            return schema["examples"][0].clone();
        }
        if !schema["enum"][0].is_null() {
            return schema["enum"][0].clone();
        }
        if !schema["oneOf"][0].is_null() {
            return self.sample(&schema["oneOf"][0]);
        }
        let first = if schema["type"].is_array() { &schema["type"][0] } else { &schema["type"] };
        match first.as_str() {
            Some("string") => json!("x"),
            Some("number" | "integer") => json!(1),
            Some("boolean") => json!(true),
            Some("array") => json!([self.sample(&schema["items"])]),
            Some("object") => Value::Object(self.required(schema)),
            Some(other) => panic!("no sample of {other}"),
            None => json!({ "any": ["JSON", null] }),
        }
    }

    /// The fields that an object must have.
    fn required(&self, schema: &Value) -> Map<String, Value> {
        let names = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        names.map(|name| (name.to_owned(), self.sample(&schema["properties"][name]))).collect()
    }

    /// Whether a value may be null.
    fn allows_null(&self, schema: &Value) -> bool {
        let schema = self.resolved(schema);
        if let Some(any) = schema["oneOf"].as_array() {
            return any.iter().any(|one| self.allows_null(one));
        }
        match &schema["type"] {
            Value::Null => schema["enum"].is_null(),
            Value::Array(types) => types.contains(&json!("null")),
            single => single == "null",
        }
    }

    /// An object with one field set, and what it needs besides.
    fn with_field(&self, name: &str, field: &str, value: Value) -> Value {
        let mut object = self.required(&self.0[name]);
        let also = match (name, field) {
            ("GiveScore" | "ScoreEvent", _) => target_beside(field, &value),
            ("TraceUpdates", "durationMs") => Some(("startTime", "2026-07-31T12:00:00Z")),
            _ => None,
        };
        object.extend(also.map(|(name, text)| (name.to_owned(), json!(text))));
        object.insert(field.to_owned(), value);
        Value::Object(object)
    }
}

/// A score has exactly one target.
fn target_beside(field: &str, value: &Value) -> Option<(&'static str, &'static str)> {
    match (field, value.is_null()) {
        ("traceId", true) => Some(("sessionId", "s-3")),
        ("traceId" | "sessionId" | "datasetRunId", false) => None,
        _ => Some(("traceId", "tour-1")),
    }
}

#[test]
fn the_decoder_knows_exactly_the_fields_of_the_schema() {
    let schemas = Schemas::new();
    // Too long to be anybody's typing error, so that the refusal names all that are known.
    let unknown = "z".repeat(65);
    for (name, decode) in TAKEN {
        let refused = decode(schemas.with_field(name, &unknown, json!(1))).unwrap_err();
        let known = refused.reason.strip_prefix("is not a field here; send only ");
        let known: BTreeSet<&str> = known.expect(&refused.reason).split(", ").collect();
        let is_event = name.ends_with("Event");
        let described = schemas.properties(name).keys().map(String::as_str);
        let described: BTreeSet<&str> =
            described.filter(|field| !(is_event && *field == "type")).collect();
        assert_eq!(described, known, "{name}");
        assert_eq!(schemas.0[name]["additionalProperties"], false, "{name}");
    }
}

#[test]
fn the_decoder_takes_what_the_schema_allows() {
    let schemas = Schemas::new();
    for (name, decode) in TAKEN {
        for (field, schema) in schemas.properties(name) {
            let body = schemas.with_field(name, field, schemas.sample(schema));
            assert_eq!(decode(body.clone()), Ok(()), "{name}.{field}: {body}");
        }
    }
}

#[test]
fn null_is_taken_where_the_schema_has_it() {
    let schemas = Schemas::new();
    for (name, decode) in TAKEN {
        for (field, schema) in schemas.properties(name) {
            let body = schemas.with_field(name, field, Value::Null);
            let (taken, allowed) = (decode(body), schemas.allows_null(schema));
            assert_eq!(taken.is_ok(), allowed, "{name}.{field}: {taken:?}");
        }
    }
}

#[test]
fn fields_that_are_required_are_missed() {
    let schemas = Schemas::new();
    for (name, decode) in TAKEN {
        let whole = schemas.with_field(name, "comment", Value::Null);
        for field in schemas.0[name]["required"].as_array().into_iter().flatten() {
            let mut body = whole.clone();
            let object = body.as_object_mut().unwrap();
            object.remove("comment");
            object.remove(field.as_str().unwrap());
            let refused = decode(body).unwrap_err();
            assert!(refused.reason.starts_with("is missing"), "{name}.{field}: {refused}");
        }
    }
}

#[test]
fn names_of_closed_sets_are_those_of_the_decoder() {
    let schemas = Schemas::new();
    for (name, decode) in TAKEN {
        for (field, schema) in schemas.properties(name) {
            // An optional field is the set or null.
            let schema = schemas.resolved(schema);
            let set = schemas.resolved(schema["oneOf"].get(0).unwrap_or(schema));
            let Some(members) = set["enum"].as_array() else { continue };
            // The type of a score's value goes with the value.
            if field == "dataType" {
                continue;
            }
            for member in members {
                let body = schemas.with_field(name, field, member.clone());
                assert_eq!(decode(body), Ok(()), "{name}.{field}: {member}");
            }
            assert!(decode(schemas.with_field(name, field, json!("zzz"))).is_err());
        }
    }
}

#[test]
fn a_score_has_a_value_of_its_type() {
    let schemas = Schemas::new();
    let types = schemas.0["ScoreType"]["enum"].as_array().unwrap();
    let values = [json!(0.5), json!(true), json!("good"), json!("good, but long")];
    assert_eq!(types.len(), values.len());
    for (data_type, value) in types.iter().zip(values) {
        let body = json!({ "traceId": "t", "name": "n", "value": value, "dataType": data_type });
        assert_eq!(score(body), Ok(()), "{data_type}");
    }
}

#[test]
fn examples_are_taken() {
    let schemas = Schemas::new();
    let mut taken = 0;
    for (name, decode) in TAKEN {
        for example in schemas.0[name]["examples"].as_array().into_iter().flatten() {
            assert_eq!(decode(example.clone()), Ok(()), "{name}");
            taken += 1;
        }
    }
    assert!(taken >= 5, "only {taken} bodies have an example");
}

#[test]
fn a_batch_holds_as_many_events_as_it_says() {
    let schemas = Schemas::new();
    assert_eq!(schemas.0["Batch"]["properties"]["events"]["maxItems"], MAX_EVENTS);
}

#[test]
fn an_example_of_otlp_is_taken_whole() {
    let schemas = Schemas::new();
    let example = schemas.0["ExportTraceServiceRequest"]["examples"][0].to_string();
    let received = Micros::parse("2026-08-01T00:00:00Z").unwrap();
    let decoded = tracekeep_decode::otlp::decode_json(&example.into_bytes().into(), received);
    let decoded = decoded.unwrap();
    assert!(decoded.rejected.is_empty(), "{:?}", decoded.rejected);
    assert!(!decoded.patches.is_empty());
}
