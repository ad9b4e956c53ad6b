//! One JSON object of the sender, read field by field.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::json;
use super::names::{camel, shown, snake};
use super::nearest::nearest;
use super::sent::Sent;
use crate::FieldError;

/// The most keys that one object may have, of metadata too. To hold one takes a hundred bytes, and may
/// have taken five in the body.
const MAX_KEYS: usize = 10_000;

/// The fields of one object, in the order they were sent. Each value stays JSON text until it is read.
pub(super) struct Fields<'a> {
    /// What stands before a field's name in errors: nothing, or such as `result.`.
    prefix: String,
    entries: Vec<Entry<'a>>,
}

struct Entry<'a> {
    /// As sent.
    key: Cow<'a, str>,
    /// In snake case; another name's, once renamed.
    name: Cow<'a, str>,
    raw: &'a str,
}

impl<'a> Fields<'a> {
    /// Of a whole message; `name` is what an error about all of it speaks of.
    pub(super) fn of(text: &'a str, name: &str) -> Result<Self, FieldError> {
        let begin = text.trim_start_matches([' ', '\t', '\n', '\r']);
        if !begin.starts_with('{') {
            return Err(json::not_an_object(text, name));
        }
        Self::parse(text, String::new(), name)
    }

    /// Of an object within a message, whose path is `name`.
    pub(super) fn within(raw: &'a str, name: &str) -> Result<Self, FieldError> {
        Self::parse(raw, format!("{name}."), name)
    }

    fn parse(text: &'a str, prefix: String, name: &str) -> Result<Self, FieldError> {
        let pairs: Pairs<'a> =
            serde_json::from_str(text).map_err(|error| json::malformed(name, &error))?;
        if pairs.count > MAX_KEYS {
            let reason = format!(
                "holds {} keys; send at most {MAX_KEYS}, with what belongs together in one object",
                pairs.count
            );
            return Err(FieldError::new(name, reason));
        }
        let entries = pairs.first.into_iter().map(|(key, raw)| Entry::new(key, raw)).collect();
        Ok(Self { prefix, entries })
    }

    /// Refuses fields that are not `known`, which is in snake case.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), FieldError> {
        let unknown =
            self.entries.iter().find(|entry| known.iter().all(|name| *name != entry.name));
        match unknown {
            None => Ok(()),
            Some(entry) => Err(self.unknown(entry, known)),
        }
    }

    fn unknown(&self, entry: &Entry<'_>, known: &[&str]) -> FieldError {
        let in_snake_case = entry.key.contains('_');
        let spelled = |name: &str| if in_snake_case { name.to_owned() } else { camel(name) };
        let reason = match nearest(&entry.name, known) {
            Some(name) => format!("is not a field here; did you mean `{}`?", spelled(name)),
            None => {
                let all: Vec<String> = known.iter().copied().map(spelled).collect();
                format!("is not a field here; send only {}", all.join(", "))
            }
        };
        self.sent(entry).error(reason)
    }

    /// Gives each other name (left) of a field the one it is read by (right), then refuses a field
    /// that was sent twice.
    pub(super) fn rename(
        &mut self,
        others: &[(&'static str, &'static str)],
    ) -> Result<(), FieldError> {
        for entry in &mut self.entries {
            for (other, name) in others.iter().copied() {
                if entry.name == other {
                    entry.name = Cow::Borrowed(name);
                    break;
                }
            }
        }
        self.each_once(self.entries.iter().map(|entry| (&*entry.name, &*entry.key)).collect())
    }

    /// Refuses a key that was sent twice, of an object whose keys are the sender's own.
    pub(super) fn distinct(&self) -> Result<(), FieldError> {
        self.each_once(self.entries.iter().map(|entry| (&*entry.key, &*entry.key)).collect())
    }

    /// Pairs of what must be distinct and how it was spelled.
    fn each_once(&self, mut pairs: Vec<(&str, &str)>) -> Result<(), FieldError> {
        pairs.sort_unstable();
        let Some(twice) = pairs.windows(2).find(|pair| pair[0].0 == pair[1].0) else {
            return Ok(());
        };
        let (first, second) = (twice[0].1, twice[1].1);
        let reason = if first == second {
            "is sent twice; send it once".to_owned()
        } else {
            format!("says the same as `{first}`; send one of them")
        };
        Err(FieldError::new(format!("{}{}", self.prefix, shown(second)), reason))
    }

    /// The field, null included.
    pub(super) fn stated(&self, name: &str) -> Option<Sent<'_>> {
        self.entries.iter().find(|entry| entry.name == name).map(|entry| self.sent(entry))
    }

    /// The field, unless it is null.
    pub(super) fn get(&self, name: &str) -> Option<Sent<'_>> {
        self.stated(name).filter(|sent| !sent.is_null())
    }

    /// The field, or an error that says to send `wanted`.
    pub(super) fn required(&self, name: &str, wanted: &str) -> Result<Sent<'_>, FieldError> {
        match self.stated(name) {
            Some(sent) if sent.is_null() => Err(sent.wrong(wanted)),
            Some(sent) => Ok(sent),
            None => {
                let path = format!("{}{}", self.prefix, camel(name));
                Err(FieldError::new(path, format!("is missing; send {wanted}")))
            }
        }
    }

    /// All fields, in the order they were sent.
    pub(super) fn all(&self) -> impl Iterator<Item = Sent<'_>> {
        self.entries.iter().map(move |entry| self.sent(entry))
    }

    /// Leaves out the first field of this name, which has been read.
    pub(super) fn forget(&mut self, name: &str) {
        if let Some(at) = self.entries.iter().position(|entry| entry.name == name) {
            self.entries.remove(at);
        }
    }

    fn sent<'s>(&'s self, entry: &'s Entry<'a>) -> Sent<'s> {
        Sent::new(&self.prefix, &entry.key, entry.raw)
    }
}

impl<'a> Entry<'a> {
    fn new(key: Cow<'a, str>, raw: &'a str) -> Self {
        let name = match &key {
            Cow::Borrowed(key) => snake(key),
            Cow::Owned(key) => Cow::Owned(snake(key).into_owned()),
        };
        Self { key, name, raw }
    }
}

/// An object's keys and values in order, none lost to another of the same name.
struct Pairs<'a> {
    /// The first of them, [`MAX_KEYS`] at most.
    first: Vec<(Cow<'a, str>, &'a str)>,
    /// How many there are.
    count: usize,
}

#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Deserialize<'de> for Pairs<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PairsVisitor)
    }
}

struct PairsVisitor;

impl<'de> Visitor<'de> for PairsVisitor {
    type Value = Pairs<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut first = Vec::with_capacity(16);
        while first.len() < MAX_KEYS {
            match map.next_entry::<Key<'de>, &'de RawValue>()? {
                Some((key, raw)) => first.push((key.0, raw.get())),
                None => return Ok(Pairs { count: first.len(), first }),
            }
        }
        let mut count = first.len();
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            count += 1;
        }
        Ok(Pairs { first, count })
    }
}

#[cfg(test)]
mod tests;
