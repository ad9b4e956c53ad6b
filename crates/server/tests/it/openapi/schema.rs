//! As much of JSON Schema as the document uses, to check answers with.

use reqwest::StatusCode;
use serde_json::{Map, Value};

pub(super) struct Schemas {
    pub(super) document: Value,
}

impl Schemas {
    pub(super) fn new(document: Value) -> Self {
        Self { document }
    }

    pub(super) fn named(&self, name: &str) -> &Value {
        &self.document["components"]["schemas"][name]
    }

    /// The schema itself, where this one refers to it.
    pub(super) fn resolved<'s>(&'s self, schema: &'s Value) -> &'s Value {
        match schema["$ref"].as_str() {
            Some(reference) => self.document.pointer(&reference[1..]).unwrap(),
            None => schema,
        }
    }

    /// An answer in JSON is what is said of its status.
    pub(super) fn check_answer(
        &self,
        method: &str,
        path: &str,
        status: StatusCode,
        answer: &Value,
    ) {
        let responses = &self.document["paths"][path][method]["responses"];
        let response = &responses[status.as_str()];
        let schema = &response["content"]["application/json"]["schema"];
        assert!(schema.is_object(), "{method} {path}: {status} is not described");
        self.assert_fits(schema, answer, &format!("{method} {path} {status}"));
    }

    pub(super) fn check(&self, schema: &Value, value: &Value) {
        self.assert_fits(schema, value, "");
    }

    fn assert_fits(&self, schema: &Value, value: &Value, at: &str) {
        if let Err(problem) = self.fits(schema, value, at) {
            panic!("{problem}\nin {value}");
        }
    }

    fn fits(&self, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
        let schema = self.resolved(schema);
        if let Some(any) = schema["oneOf"].as_array() {
            let fitting = any.iter().any(|one| self.fits(one, value, at).is_ok());
            return if fitting {
                Ok(())
            } else {
                Err(format!("{at}: {value} fits none of {schema}"))
            };
        }
        if !has_type(&schema["type"], value) {
            return Err(format!("{at}: {value} is no {}", schema["type"]));
        }
        let members = schema["enum"].as_array();
        if members.is_some_and(|members| !members.contains(value)) {
            return Err(format!("{at}: {value} is none of {}", schema["enum"]));
        }
        match value {
            Value::String(text) if schema["format"] == "date-time" => is_time(text, at),
            Value::Array(elements) => {
                let fits =
                    |(n, element)| self.fits(&schema["items"], element, &format!("{at}[{n}]"));
                elements.iter().enumerate().try_for_each(fits)
            }
            Value::Object(members) => self.members_fit(schema, members, at),
            _ => Ok(()),
        }
    }

    fn members_fit(
        &self,
        schema: &Value,
        members: &Map<String, Value>,
        at: &str,
    ) -> Result<(), String> {
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !members.contains_key(name) {
                return Err(format!("{at}: {name} is missing"));
            }
        }
        let is_closed = schema["properties"].is_object();
        for (name, value) in members {
            let (said, others) = (&schema["properties"][name], &schema["additionalProperties"]);
            let said = if said.is_null() { others } else { said };
            match said {
                Value::Null if is_closed => return Err(format!("{at}: {name} is not described")),
                Value::Bool(false) => return Err(format!("{at}: {name} must not be there")),
                said => self.fits(said, value, &format!("{at}.{name}"))?,
            }
        }
        Ok(())
    }
}

/// Whether a value is of a type, or of one of several. No type is any.
fn has_type(types: &Value, value: &Value) -> bool {
    match types {
        Value::Array(types) => types.iter().any(|one| has_type(one, value)),
        Value::String(name) => match name.as_str() {
            "null" => value.is_null(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_i64() || value.is_u64(),
            "number" => value.is_number(),
            "string" => value.is_string(),
            "array" => value.is_array(),
            "object" => value.is_object(),
            _ => false,
        },
        _ => true,
    }
}

/// RFC 3339 in UTC, as Tracekeep writes it.
fn is_time(text: &str, at: &str) -> Result<(), String> {
    let shape: String =
        text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).take(20).collect();
    if shape == "0000-00-00T00:00:00." && text.ends_with('Z') {
        return Ok(());
    }
    Err(format!("{at}: {text} is no time"))
}
