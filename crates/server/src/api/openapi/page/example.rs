//! How to ask an endpoint from a shell.

use serde_json::Value;

use super::operation::Operation;
use super::schema::reference;
use super::{Writer, text};

/// Where the server is, unless the page knows better.
pub(super) const ORIGIN: &str = "http://127.0.0.1:4000";

impl Writer<'_> {
    /// A command for curl, with the examples of the document.
    pub(super) fn command(&self, operation: &Operation<'_>) -> String {
        let mut command = String::from("curl");
        if !operation.said["responses"]["200"]["content"]["text/event-stream"].is_null() {
            command += " --no-buffer";
        }
        if !matches!(operation.method, "get" | "post") {
            command += &format!(" -X {}", operation.method.to_uppercase());
        }
        command += &format!(" \"{ORIGIN}{}\"", place(operation));
        if operation.has_credentials() {
            command += " \\\n  -H \"Authorization: Bearer $TRACEKEEP_KEY\"";
        }
        if let Some(body) = self.body(operation) {
            let body = timely(&body.replace('\'', "'\\''"));
            command += &format!(" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{body}'");
        }
        command
    }

    /// The first example of what the endpoint takes as JSON.
    fn body(&self, operation: &Operation<'_>) -> Option<String> {
        let schema = &operation.said["requestBody"]["content"]["application/json"]["schema"];
        let example = &self.schemas.get(reference(schema)?)?["examples"][0];
        serde_json::to_string_pretty(example).ok().filter(|_| !example.is_null())
    }
}

/// The command with the present time in the place of the document's, which retention refuses some day.
fn timely(body: &str) -> String {
    let now = "'\"$(date +%s)\"'";
    let mut body = body.to_owned();
    for second in ["1785499200", "1785499201"] {
        body = body.replace(&format!("\"{second}"), &format!("\"{now}"));
    }
    body
}

/// The path and the query string, with the examples of the parameters that have one.
fn place(operation: &Operation<'_>) -> String {
    let mut path = operation.path.to_owned();
    let mut pairs = Vec::new();
    for parameter in operation.parameters() {
        let name = text(parameter, "name");
        let example = match &parameter["example"] {
            Value::Null => continue,
            Value::String(example) => example.clone(),
            other => other.to_string(),
        };
        match text(parameter, "in") {
            "path" => path = path.replace(&format!("{{{name}}}"), &example),
            "query" => pairs.push(format!("{name}={example}")),
            _ => {}
        }
    }
    if pairs.is_empty() { path } else { format!("{path}?{}", pairs.join("&")) }
}
