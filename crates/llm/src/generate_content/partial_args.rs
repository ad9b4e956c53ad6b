//! Arguments of calls that come in pieces: Vertex's `streamFunctionCallArguments`. Each piece gives
//! a value, or a piece of a text, and the JSON path (RFC 9535) where it belongs.

use serde_json::Value;

use super::field::{Object, get, is_true, many, text};
use super::part::Calls;
use crate::chat::ToolCall;

/// Bytes of a call's arguments that are kept; what comes after is not.
const MOST_BYTES: usize = 64 << 20;
/// Steps of a path.
const MOST_STEPS: usize = 64;

/// A call that is not complete yet.
#[derive(Debug, Default)]
pub(super) struct PartialCall {
    id: Option<String>,
    name: String,
    sealed: Option<String>,
    arguments: Value,
    bytes: usize,
    /// Where a text goes on.
    continued: Option<String>,
}

enum Step {
    Key(String),
    Index(usize),
}

impl PartialCall {
    /// A call's first piece. `None` where it has no name.
    pub(super) fn begin(call: &Object, sealed: Option<&str>) -> Option<Self> {
        let mut begun = Self {
            id: text(call, "id").map(str::to_owned),
            name: text(call, "name")?.to_owned(),
            sealed: sealed.map(str::to_owned),
            arguments: get(call, "args").cloned().unwrap_or_else(|| Object::new().into()),
            ..Self::default()
        };
        begun.add(call);
        Some(begun)
    }

    /// Another piece.
    pub(super) fn add(&mut self, call: &Object) {
        for piece in many(get(call, "partialArgs")).iter().filter_map(Value::as_object) {
            self.add_value(piece);
        }
    }

    fn add_value(&mut self, piece: &Object) {
        let Some(path) = text(piece, "jsonPath") else { return };
        let given = ["stringValue", "numberValue", "boolValue"];
        let value = given.iter().find_map(|name| get(piece, name)).cloned().unwrap_or_default();
        self.bytes += path.len() + value.as_str().map_or(16, str::len);
        if self.bytes > MOST_BYTES {
            return;
        }
        let goes_on = self.continued.as_deref() == Some(path);
        self.continued = is_true(piece, "willContinue").then(|| path.to_owned());
        let place = steps(path).and_then(|steps| place(&mut self.arguments, steps));
        match (place, value) {
            (Some(Value::String(so_far)), Value::String(more)) if goes_on => so_far.push_str(&more),
            // A piece that only says that the text has ended.
            (Some(Value::String(_)), Value::Null) if goes_on => {}
            (Some(place), value) => *place = value,
            (None, _) => {}
        }
    }

    /// The whole call.
    pub(super) fn finish(self, calls: &mut Calls) -> ToolCall {
        ToolCall {
            id: calls.call(self.id.as_deref(), &self.name),
            name: self.name,
            arguments: self.arguments.to_string(),
            sealed: self.sealed,
        }
    }
}

/// The steps of a path such as `$.places[0].name` or `$['a b'][1]`.
fn steps(path: &str) -> Option<Vec<Step>> {
    let mut rest = path.strip_prefix('$')?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if steps.len() == MOST_STEPS {
            return None;
        }
        if let Some(after) = rest.strip_prefix('.') {
            let end = after.find(['.', '[']).unwrap_or(after.len());
            steps.push(Step::Key(after[..end].to_owned()));
            rest = &after[end..];
            continue;
        }
        let after = rest.strip_prefix('[')?;
        let quote = after.chars().next().filter(|first| matches!(first, '\'' | '"'));
        if let Some(quote) = quote {
            let end = after[1..].find(quote)? + 1;
            steps.push(Step::Key(after[1..end].to_owned()));
            rest = after[end + 1..].strip_prefix(']')?;
        } else {
            let (index, after) = after.split_once(']')?;
            steps.push(Step::Index(index.parse().ok()?));
            rest = after;
        }
    }
    Some(steps)
}

/// The place that a path leads to, made where it is not there. An index further than the next one
/// leads nowhere, so that no list is longer than its pieces are many.
fn place(root: &mut Value, steps: Vec<Step>) -> Option<&mut Value> {
    let mut at = root;
    for step in steps {
        at = match step {
            Step::Key(key) => {
                if !at.is_object() {
                    *at = Object::new().into();
                }
                at.as_object_mut()?.entry(key).or_insert(Value::Null)
            }
            Step::Index(index) => {
                if !at.is_array() {
                    *at = Vec::<Value>::new().into();
                }
                let list = at.as_array_mut()?;
                if index == list.len() {
                    list.push(Value::Null);
                }
                list.get_mut(index)?
            }
        };
    }
    Some(at)
}

#[cfg(test)]
mod tests;
