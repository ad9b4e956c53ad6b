//! Messages that do not come as one attribute: indexed attributes and events; and the tool calls
//! within an answer.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;
use tracekeep_model::Text;

use crate::depth::too_deep;
use crate::finite::infinite_number;
use crate::otlp::json_text::JsonText;
use crate::otlp::value::{AnyValue, Attribute, Metadata};

/// How deep an indexed name is taken apart: `0.tool_calls.0.arguments` and a little more.
const MAX_PATH: usize = 4;

/// Among how many of the latest members the one that a name continues is looked for, so that
/// reading stays linear whatever is sent.
const MAX_SEARCH: usize = 64;

/// Attributes such as `gen_ai.prompt.0.role`, to be put together.
#[derive(Debug, Default)]
pub(super) struct Indexed(Vec<Part>);

#[derive(Debug)]
struct Part {
    index: u32,
    /// What follows the index.
    path: Text,
    key: Text,
    value: AnyValue,
}

/// A message in the making.
enum Node {
    Leaf(AnyValue),
    Branch(Vec<(Text, Node)>),
}

impl Indexed {
    /// Takes `<prefix><number>.<path>`, or gives it back if the key is not of that form.
    pub(super) fn take(&mut self, prefix: &str, key: Text, value: AnyValue) -> Option<Attribute> {
        let parts = key.strip_prefix(prefix).and_then(|rest| rest.split_once('.'));
        let parsed =
            parts.and_then(|(index, path)| Some((index.parse::<u32>().ok()?, key.slice_ref(path))));
        match parsed {
            Some((index, path)) => {
                self.0.push(Part { index, path, key, value });
                None
            }
            None => Some((key, value)),
        }
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The array of messages, in the order of their numbers.
    pub(super) fn into_json(mut self) -> Option<Text> {
        if self.0.is_empty() {
            return None;
        }
        self.0.sort_by_key(|part| part.index);
        let mut messages: Vec<Vec<(Text, Node)>> = Vec::new();
        let mut latest = None;
        for part in self.0 {
            if latest != Some(part.index) {
                latest = Some(part.index);
                messages.push(Vec::new());
            }
            if let Some(message) = messages.last_mut() {
                insert(message, &part.path, part.value, 1);
            }
        }
        let messages = messages.into_iter().map(|members| Node::Branch(members).into_value());
        Some(AnyValue::Array(messages.collect()).into_json())
    }

    /// Keeps them as they were sent.
    pub(super) fn into_metadata(self, metadata: &mut Metadata) {
        metadata.extend(self.0.into_iter().map(|part| (part.key, part.value.into_json())));
    }
}

fn insert(members: &mut Vec<(Text, Node)>, path: &Text, value: AnyValue, depth: usize) {
    let Some((head, tail)) = path.split_once('.').filter(|_| depth < MAX_PATH) else {
        members.push((path.clone(), Node::Leaf(value)));
        return;
    };
    let (head, tail) = (path.slice_ref(head), path.slice_ref(tail));
    let known = members
        .iter()
        .rev()
        .take(MAX_SEARCH)
        .position(|(name, node)| *name == head && matches!(node, Node::Branch(_)));
    let at = match known {
        Some(back) => members.len() - 1 - back,
        None => {
            members.push((head, Node::Branch(Vec::new())));
            members.len() - 1
        }
    };
    if let Node::Branch(inner) = &mut members[at].1 {
        insert(inner, &tail, value, depth + 1);
    }
}

impl Node {
    /// A branch whose names are all numbers is an array.
    fn into_value(self) -> AnyValue {
        let members = match self {
            Self::Leaf(value) => return value,
            Self::Branch(members) => members,
        };
        let is_number =
            |name: &Text| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
        if !members.is_empty() && members.iter().all(|(name, _)| is_number(name)) {
            AnyValue::Array(members.into_iter().map(|(_, node)| node.into_value()).collect())
        } else {
            let pairs = members.into_iter().map(|(name, node)| (name, node.into_value()));
            AnyValue::Map(pairs.collect())
        }
    }
}

/// Whether an event carries more than the circumstances of a message: SDKs that must not record
/// content still send the event.
pub(super) fn has_content(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|(key, value)| !is_context(key) && &**key != "role" && !value.is_blank())
}

fn is_context(key: &str) -> bool {
    matches!(key, "gen_ai.system" | "gen_ai.provider.name" | "event.name")
}

/// Appends the message of an event to an array. Its role is `role` where it names none itself.
///
/// A span event has no body, so SDKs put the message's JSON into one attribute, or its members into
/// attributes of their own.
pub(super) fn append(array: &mut JsonText, role: &str, attributes: &[Attribute]) {
    let is_body = |key: &str| {
        matches!(key, "gen_ai.event.content" | "gen_ai.prompt" | "gen_ai.completion" | "body")
    };
    match attributes.iter().position(|(key, value)| is_body(key) && !value.is_blank()) {
        Some(at) => {
            let (_, body) = &attributes[at];
            append_body(array, role, &body.clone().into_text());
        }
        None => append_members(array, role, attributes),
    }
}

fn append_body(array: &mut JsonText, role: &str, body: &str) {
    let body = body.trim();
    if body.starts_with('[') {
        let before = array.end();
        if each(body, |message| array.raw(message.get())) {
            return;
        }
        array.cut(before);
    }
    if let Some(rest) = body.strip_prefix('{')
        && let Ok(message) = serde_json::from_str::<Message<'_>>(body)
    {
        if message.role.is_some() || message.message.is_some() {
            array.raw(body);
            return;
        }
        array.open(b'{');
        array.key("role");
        array.string(role);
        if rest.trim_start().starts_with('}') {
            array.close(b'}');
        } else {
            array.raw(rest);
        }
        return;
    }
    array.open(b'{');
    array.key("role");
    array.string(role);
    array.key("content");
    array.string(body);
    array.close(b'}');
}

fn append_members(array: &mut JsonText, role: &str, attributes: &[Attribute]) {
    array.open(b'{');
    if !attributes.iter().any(|(key, _)| &**key == "role") {
        array.key("role");
        array.string(role);
    }
    for (key, value) in attributes.iter().filter(|(key, _)| !is_context(key)) {
        array.key(key);
        array.value(value);
    }
    array.close(b'}');
}

/// The members of a message that are looked at.
#[derive(Deserialize)]
struct Message<'a> {
    role: Option<IgnoredAny>,
    /// The message proper, within a choice.
    #[serde(borrow)]
    message: Option<&'a RawValue>,
    /// Its parts, as the current conventions have them.
    #[serde(borrow)]
    parts: Option<&'a RawValue>,
    /// Its tool calls, as OpenAI has them.
    #[serde(borrow)]
    tool_calls: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct PartKind<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
}

/// The tool calls within an answer: a JSON array of them as they were sent. None where they nest so
/// deep, or hold numbers so large, that they could not be read back; the answer, which is text, has
/// them all the same.
pub(super) fn tool_calls(output: &str) -> Option<Text> {
    memchr::memmem::find(output.as_bytes(), b"tool_call")?;
    let mut calls = None;
    let output = output.trim();
    if output.starts_with('[') {
        if !each(output, |message| append_calls(&mut calls, message.get(), 0)) {
            return None;
        }
    } else {
        append_calls(&mut calls, output, 0);
    }
    let calls = calls.map(|mut calls| {
        calls.close(b']');
        calls.finish()
    });
    calls.filter(|calls| !too_deep(calls) && infinite_number(calls).is_none())
}

fn append_calls(calls: &mut Option<JsonText>, message: &str, depth: usize) {
    if !message.starts_with('{') {
        return;
    }
    let Ok(message) = serde_json::from_str::<Message<'_>>(message) else { return };
    if let Some(parts) = message.parts {
        each(parts.get(), |part| {
            let kind = serde_json::from_str::<PartKind<'_>>(part.get());
            if kind.is_ok_and(|part| part.kind == "tool_call") {
                calls.get_or_insert_with(JsonText::array).raw(part.get());
            }
        });
    }
    if let Some(tool_calls) = message.tool_calls {
        each(tool_calls.get(), |call| calls.get_or_insert_with(JsonText::array).raw(call.get()));
    }
    if let (Some(inner), 0) = (message.message, depth) {
        append_calls(calls, inner.get(), 1);
    }
}

/// Hands over the elements of a JSON array one after another: all of them at once take more memory than
/// the array. Whether it is one; where it is broken, what comes before is handed over all the same.
fn each<'a>(array: &'a str, take: impl FnMut(&'a RawValue)) -> bool {
    let mut json = serde_json::Deserializer::from_str(array);
    Deserializer::deserialize_seq(&mut json, Each(take)).is_ok() && json.end().is_ok()
}

struct Each<F>(F);

impl<'de, F: FnMut(&'de RawValue)> Visitor<'de> for Each<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut array: A) -> Result<(), A::Error> {
        while let Some(element) = array.next_element::<&'de RawValue>()? {
            (self.0)(element);
        }
        Ok(())
    }
}
