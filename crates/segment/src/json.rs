//! Small JSON texts within rows: maps and lists whose values the sender wrote.

use std::fmt::{Display, Write as _};

use serde_json::value::RawValue;
use tracekeep_model::{Money, Text};

/// `["a","b"]`.
pub(crate) fn json_list(items: &[Text]) -> String {
    let mut out = String::from("[");
    for (n, item) in items.iter().enumerate() {
        if n > 0 {
            out.push(',');
        }
        push_string(&mut out, item);
    }
    out.push(']');
    out
}

/// `{"a":…}` of values that are JSON already; `None` for no keys.
pub(crate) fn json_map(pairs: &[(Text, Text)]) -> Option<String> {
    if pairs.is_empty() {
        return None;
    }
    let size = pairs.iter().map(|(k, v)| k.len() + v.len() + 6).sum();
    let mut out = String::with_capacity(size);
    for (n, (key, json)) in pairs.iter().enumerate() {
        out.push(if n == 0 { '{' } else { ',' });
        push_string(&mut out, key);
        out.push(':');
        out.push_str(json);
    }
    out.push('}');
    Some(out)
}

/// `{"a":1}` of numbers; `None` for no keys.
pub(crate) fn json_numbers<'a, V: Display + 'a>(
    pairs: impl Iterator<Item = (&'a str, &'a V)>,
) -> Option<String> {
    let mut out = String::new();
    for (key, number) in pairs {
        out.push(if out.is_empty() { '{' } else { ',' });
        push_string(&mut out, key);
        let _ = write!(out, ":{number}");
    }
    if out.is_empty() {
        return None;
    }
    out.push('}');
    Some(out)
}

fn push_string(out: &mut String, text: &str) {
    if text.bytes().any(|byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
        out.push_str(&serde_json::Value::from(text).to_string());
        return;
    }
    out.push('"');
    out.push_str(text);
    out.push('"');
}

/// Keys and the JSON text of their values, as [`json_map`] wrote them.
pub(crate) fn parse_map(json: &str) -> Vec<(Text, Text)> {
    parse(json, |raw| Some(raw.into()))
}

/// As [`json_numbers`] wrote them.
pub(crate) fn parse_number_map(json: &str) -> Vec<(Text, i64)> {
    parse(json, |raw| raw.parse().ok())
}

/// As [`json_numbers`] wrote them.
pub(crate) fn parse_money_map(json: &str) -> Vec<(Text, Money)> {
    parse(json, |raw| Money::parse_cost(raw).ok())
}

fn parse<V>(json: &str, value: impl Fn(&str) -> Option<V>) -> Vec<(Text, V)> {
    struct Pairs(Vec<(String, Box<RawValue>)>);
    struct Visitor;
    impl<'de> serde::de::Visitor<'de> for Visitor {
        type Value = Pairs;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a JSON object")
        }
        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
            let mut pairs = Vec::new();
            while let Some(pair) = map.next_entry()? {
                pairs.push(pair);
            }
            Ok(Pairs(pairs))
        }
    }
    impl<'de> serde::Deserialize<'de> for Pairs {
        fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
            d.deserialize_map(Visitor)
        }
    }
    let Ok(Pairs(pairs)) = serde_json::from_str(json) else { return Vec::new() };
    pairs.into_iter().filter_map(|(key, raw)| Some((key.into(), value(raw.get())?))).collect()
}
