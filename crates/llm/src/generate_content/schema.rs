//! Google's schemas (a subset of OpenAPI 3.0, in its own spelling) as JSON schemas.

use serde_json::{Value, json};

use super::field::{Object, camel};

/// The JSON schema that says the same. Serde's limit on the depth of JSON bounds the recursion.
pub(super) fn json_schema(schema: Value) -> Value {
    let Value::Object(fields) = schema else { return schema };
    let mut into = Object::new();
    let mut is_nullable = false;
    for (name, value) in fields {
        let name = camel(&name);
        let (name, value) = match name.as_str() {
            _ if value.is_null() && name != "default" => continue,
            "nullable" => {
                is_nullable = value == Value::Bool(true);
                continue;
            }
            // Order is that of `properties`.
            "propertyOrdering" => continue,
            "type" if value == "TYPE_UNSPECIFIED" => continue,
            "type" => (name, lowercase(value)),
            "properties" | "$defs" => (name, each(value)),
            "defs" => ("$defs".to_owned(), each(value)),
            "ref" => ("$ref".to_owned(), value),
            "items" | "additionalProperties" => (name, json_schema(value)),
            "anyOf" => (name, all(value)),
            "example" => ("examples".to_owned(), json!([value])),
            "minItems" | "maxItems" | "minLength" | "maxLength" | "minProperties"
            | "maxProperties" => (name, number(value)),
            _ => (name, value),
        };
        into.insert(name, value);
    }
    if is_nullable {
        allow_null(&mut into);
    }
    Value::Object(into)
}

fn lowercase(value: Value) -> Value {
    value.as_str().map(str::to_ascii_lowercase).map_or(value, Value::from)
}

/// 64-bit numbers come as texts.
fn number(value: Value) -> Value {
    let read = value.as_str().and_then(|text| text.parse::<i64>().ok());
    read.map_or(value, Value::from)
}

fn each(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            fields.into_iter().map(|(name, value)| (name, json_schema(value))).collect()
        }
        other => other,
    }
}

fn all(value: Value) -> Value {
    match value {
        Value::Array(values) => values.into_iter().map(json_schema).collect(),
        other => other,
    }
}

fn allow_null(schema: &mut Object) {
    if let Some(Value::Array(values)) = schema.get_mut("enum") {
        values.push(Value::Null);
    }
    if let Some(kind) = schema.get_mut("type").filter(|kind| kind.is_string()) {
        *kind = json!([kind.take(), "null"]);
    } else if let Some(Value::Array(kinds)) = schema.get_mut("anyOf") {
        kinds.push(json!({"type": "null"}));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spelling_of_google_becomes_that_of_json_schema() {
        let schema = json!({
            "type": "OBJECT",
            "title": "Recipe",
            "propertyOrdering": ["name", "kind"],
            "properties": {
                "name": {"type": "STRING", "maxLength": "40", "example": "soup"},
                "max_length": {"type": "INTEGER", "format": "int32", "nullable": true},
                "kind": {"type": "STRING", "enum": ["a", "b"], "nullable": true},
                "steps": {"type": "ARRAY", "min_items": 1, "items": {"type": "STRING"}},
                "size": {"any_of": [{"type": "NUMBER"}, {"type": "STRING"}], "nullable": true},
            },
            "required": ["name"],
            "description": null,
        });
        let expected = json!({
            "type": "object",
            "title": "Recipe",
            "properties": {
                "name": {"type": "string", "maxLength": 40, "examples": ["soup"]},
                "max_length": {"type": ["integer", "null"], "format": "int32"},
                "kind": {"type": ["string", "null"], "enum": ["a", "b", null]},
                "steps": {"type": "array", "minItems": 1, "items": {"type": "string"}},
                "size": {"anyOf": [{"type": "number"}, {"type": "string"}, {"type": "null"}]},
            },
            "required": ["name"],
        });
        assert_eq!(json_schema(schema), expected);
    }

    #[test]
    fn a_json_schema_stays_as_it_is() {
        let schema = json!({
            "$defs": {"a": {"type": ["string", "null"]}},
            "type": "object",
            "properties": {"x": {"$ref": "#/$defs/a"}},
            "additionalProperties": false,
        });
        assert_eq!(json_schema(schema.clone()), schema);
        assert_eq!(json_schema(json!(true)), json!(true));
    }
}
