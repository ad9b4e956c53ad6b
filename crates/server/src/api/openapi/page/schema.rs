//! Schemas: their types in a few words, and their fields as tables.

use serde_json::Value;

use super::html::escape;
use super::{Writer, text};

/// Limits of a value, with the words before and after their number.
const LIMITS: &[(&str, &str, &str)] = &[
    ("default", "default ", ""),
    ("minimum", "at least ", ""),
    ("maximum", "at most ", ""),
    ("minLength", "at least ", " characters"),
    ("maxLength", "at most ", " characters"),
    ("minItems", "at least ", " elements"),
    ("maxItems", "at most ", " elements"),
    ("pattern", "matches ", ""),
];

/// The name of the schema that this one only refers to.
pub(super) fn reference(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix("#/components/schemas/")
}

/// What is said of a value: beside its schema, or beside the one that it refers to or is null.
fn description(schema: &Value) -> &str {
    match text(schema, "description") {
        "" => text(&schema["oneOf"][0], "description"),
        said => said,
    }
}

impl Writer<'_> {
    /// What a value is, in a few words with links.
    pub(super) fn type_of(&self, schema: &Value) -> String {
        if let Some(name) = reference(schema) {
            let name = escape(name);
            return format!("<a href=\"#schema-{name}\">{name}</a>");
        }
        if let Some(any) = schema["oneOf"].as_array() {
            let any: Vec<String> = any.iter().map(|one| self.type_of(one)).collect();
            return any.join(" or ");
        }
        if let Some(names) = schema["enum"].as_array() {
            let name = |name: &Value| match name {
                Value::String(name) => format!("<code>{}</code>", escape(name)),
                other => format!("<code>{}</code>", escape(&other.to_string())),
            };
            return names.iter().map(name).collect::<Vec<_>>().join(" or ");
        }
        match &schema["type"] {
            Value::String(name) => self.single(name, schema),
            Value::Array(names) => {
                let names = names.iter().filter_map(Value::as_str);
                names.map(|name| self.single(name, schema)).collect::<Vec<_>>().join(" or ")
            }
            _ => "any JSON".to_owned(),
        }
    }

    /// What a value of one JSON type is.
    fn single(&self, name: &str, schema: &Value) -> String {
        match (name, text(schema, "format")) {
            ("array", _) => format!("array of {}", self.type_of(&schema["items"])),
            ("object", _) => {
                let values = &schema["additionalProperties"];
                if values.is_object() && schema["properties"].is_null() {
                    return format!("object of {}", self.type_of(values));
                }
                "object".to_owned()
            }
            ("string", "date-time") => "RFC 3339 time".to_owned(),
            _ => escape(name),
        }
    }

    /// A table of an object's fields; what is no object, in words.
    pub(super) fn fields(&self, schema: &Value, caption: &str) -> String {
        let Some(properties) = schema["properties"].as_object() else {
            return format!("<p class=\"type\">{}</p>\n", self.type_of(schema));
        };
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let is_required = |name: &str| required.contains(&name);
        // Where all are required, saying it of each says nothing.
        let all = properties.keys().all(|name| is_required(name));
        let mut names: Vec<&String> = properties.keys().collect();
        names.sort_by_key(|name| !is_required(name));
        let mut rows = String::new();
        for name in names {
            let field = &properties[name.as_str()];
            let mark = if is_required(name) && !all { " <em>required</em>" } else { "" };
            rows += &format!(
                "<tr><th scope=\"row\"><code>{}</code>{mark}</th><td>{}</td><td>{}</td></tr>\n",
                escape(name),
                self.type_of(field),
                self.meaning(field, description(field)),
            );
        }
        table(caption, &["Field", "Type", "Meaning"], &rows)
    }

    /// A description, with the limits of the value.
    pub(super) fn meaning(&self, schema: &Value, about: &str) -> String {
        let limit = |(key, before, after): &(&str, &str, &str)| {
            let value = match &schema[*key] {
                Value::Null => return None,
                Value::String(value) => value.clone(),
                value => value.to_string(),
            };
            Some(format!("{before}<code>{}</code>{after}", escape(&value)))
        };
        let limits: Vec<String> = LIMITS.iter().filter_map(limit).collect();
        let about = self.line(about);
        if limits.is_empty() {
            return about;
        }
        format!("{about} <small>{}</small>", limits.join(", "))
    }
}

/// A table that scrolls by itself where it is too wide.
pub(super) fn table(caption: &str, columns: &[&str], rows: &str) -> String {
    let columns: String =
        columns.iter().map(|column| format!("<th scope=\"col\">{column}</th>")).collect();
    let caption = escape(caption);
    format!(
        "<div class=\"scroll\" role=\"region\" aria-label=\"{caption}\" tabindex=\"0\"><table>\n\
         <caption class=\"unseen\">{caption}</caption>\n\
         <thead><tr>{columns}</tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n"
    )
}
