//! What a span or resource says of the whole trace.

use tracekeep_model::{Entry, Field, IdError, Rank, Register, State, Text, Version, check_id};

use super::slot::Slot;
use super::value::{AnyValue, Attribute, Metadata};
use crate::FieldError;

const METADATA: &str = "tracekeep.metadata.";

/// Gathers trace attributes: Tracekeep's own and the conventions' that mean the same.
#[derive(Debug, Default)]
pub(super) struct TraceFacts {
    name: Slot,
    user_id: Slot,
    session_id: Slot,
    source: Slot,
    environment: Slot,
    release: Slot,
    version: Slot,
    tags: Vec<Text>,
    metadata: Metadata,
}

/// Trace attributes, checked.
#[derive(Clone, Debug, Default)]
pub(super) struct TraceAttributes {
    /// The root span's name: what the trace is called where nobody named it.
    pub(super) root_name: Option<Text>,
    name: Option<Text>,
    user_id: Option<Text>,
    session_id: Option<Text>,
    source: Option<Text>,
    environment: Option<Text>,
    release: Option<Text>,
    version: Option<Text>,
    tags: Vec<Text>,
    metadata: Metadata,
}

impl TraceFacts {
    /// Takes an attribute, or gives it (or the one that lost against it) back.
    pub(super) fn take(
        &mut self,
        key: Text,
        value: AnyValue,
    ) -> Result<Option<Attribute>, FieldError> {
        let (slot, rank) = match &*key {
            "tracekeep.trace.name" => (&mut self.name, 1),
            "tracekeep.user_id" => (&mut self.user_id, 4),
            "user.id" => (&mut self.user_id, 3),
            "enduser.id" => (&mut self.user_id, 2),
            "gen_ai.user" | "gen_ai.user.id" | "gen_ai.request.user" => (&mut self.user_id, 1),
            "tracekeep.session_id" => (&mut self.session_id, 3),
            "session.id" => (&mut self.session_id, 2),
            "gen_ai.conversation.id" => (&mut self.session_id, 1),
            "tracekeep.source" => (&mut self.source, 1),
            "tracekeep.environment" => (&mut self.environment, 3),
            "deployment.environment.name" => (&mut self.environment, 2),
            "deployment.environment" => (&mut self.environment, 1),
            "tracekeep.release" => (&mut self.release, 2),
            // Asked for resources only: a span's own would be somebody else's service.
            "service.version" => (&mut self.release, 1),
            "tracekeep.version" => (&mut self.version, 1),
            "tracekeep.tags" => return self.take_tags(value).map(|()| None),
            _ => return Ok(self.take_metadata(key, value)),
        };
        Ok(slot.offer(rank, key, value))
    }

    /// Checks what was gathered.
    pub(super) fn finish(self) -> Result<TraceAttributes, FieldError> {
        Ok(TraceAttributes {
            root_name: None,
            name: self.name.into_text(),
            user_id: id(self.user_id)?,
            session_id: id(self.session_id)?,
            source: source(self.source)?,
            environment: self.environment.into_text(),
            release: self.release.into_text(),
            version: self.version.into_text(),
            tags: self.tags,
            metadata: self.metadata,
        })
    }

    fn take_tags(&mut self, value: AnyValue) -> Result<(), FieldError> {
        let tags = match value {
            AnyValue::Empty => return Ok(()),
            AnyValue::Array(tags) => tags,
            one @ AnyValue::Text(_) => vec![one],
            _ => {
                let reason = "is no array; send an array of strings";
                return Err(FieldError::new("attributes.tracekeep.tags", reason));
            }
        };
        let tags = tags.into_iter().filter(|tag| !tag.is_blank());
        self.tags.extend(tags.map(AnyValue::into_text));
        Ok(())
    }

    fn take_metadata(&mut self, key: Text, value: AnyValue) -> Option<Attribute> {
        match key.strip_prefix(METADATA) {
            Some(name) if !name.is_empty() => {
                self.metadata.push((key.slice_ref(name), value.into_json()));
                None
            }
            _ => Some((key, value)),
        }
    }
}

impl TraceAttributes {
    /// Whether nothing is said of the trace.
    pub(super) fn is_empty(&self) -> bool {
        self.texts().next().is_none() && self.tags.is_empty() && self.metadata.is_empty()
    }

    /// Bytes of content, as [`State::size`] counts them.
    pub(super) fn size(&self) -> usize {
        let texts: usize = self.texts().map(|text| text.len()).sum();
        // A tag's value counts as eight bytes, as any that is no text.
        let tags: usize = self.tags.iter().map(|tag| tag.len() + 8).sum();
        let metadata: usize = self.metadata.iter().map(|(key, json)| key.len() + json.len()).sum();
        texts + tags + metadata
    }

    /// Bytes that it takes in a state, about, where none of it was said before.
    pub(super) fn memory(&self) -> usize {
        let registers = self.texts().count() + self.tags.len() + self.metadata.len();
        self.size() + registers * size_of::<Entry>()
    }

    /// Texts of fields.
    fn texts(&self) -> impl Iterator<Item = &Text> {
        let texts = [
            &self.root_name,
            &self.name,
            &self.user_id,
            &self.session_id,
            &self.source,
            &self.environment,
            &self.release,
            &self.version,
        ];
        texts.into_iter().flatten()
    }

    /// Adds what `other`, further away, says and this does not.
    pub(super) fn or(mut self, other: &Self) -> Self {
        let fill = |mine: &mut Option<Text>, theirs: &Option<Text>| {
            if mine.is_none() {
                mine.clone_from(theirs);
            }
        };
        fill(&mut self.name, &other.name);
        fill(&mut self.user_id, &other.user_id);
        fill(&mut self.session_id, &other.session_id);
        fill(&mut self.source, &other.source);
        fill(&mut self.environment, &other.environment);
        fill(&mut self.release, &other.release);
        fill(&mut self.version, &other.version);
        self.tags.extend(other.tags.iter().cloned());
        for (key, json) in &other.metadata {
            if !self.metadata.iter().any(|(mine, _)| mine == key) {
                self.metadata.push((key.clone(), json.clone()));
            }
        }
        self
    }

    /// States them. A name of the trace's own wins over the root span's.
    pub(super) fn write(self, to: &mut State, version: Version) {
        if let Some(name) = self.root_name {
            to.set(Field::Name, version.with_rank(Rank::Inferred), name);
        }
        let fields = [
            (Field::Name, self.name),
            (Field::UserId, self.user_id),
            (Field::SessionId, self.session_id),
            (Field::Source, self.source),
            (Field::Environment, self.environment),
            (Field::Release, self.release),
            (Field::Version, self.version),
        ];
        for (field, text) in fields {
            if let Some(text) = text {
                to.set(field, version, text);
            }
        }
        for (key, json) in self.metadata {
            to.set(Register::Metadata(key), version, json);
        }
        for tag in self.tags {
            to.set(Register::Tag(tag), version, true);
        }
    }
}

/// Attributes that are ids of users and sessions.
const IDS: &[&str] = &[
    "tracekeep.user_id",
    "user.id",
    "enduser.id",
    "gen_ai.user",
    "gen_ai.user.id",
    "gen_ai.request.user",
    "tracekeep.session_id",
    "session.id",
    "gen_ai.conversation.id",
];

/// Refuses an id that held U+0000: in text it is replaced, of an id that would make another.
pub(super) fn check_nulls(parent: &str, key: &str, nulls: u64) -> Result<(), FieldError> {
    if nulls > 0 && is_id(parent, key) {
        return Err(FieldError::new(format!("{parent}.{key}"), IdError::Control('\0')));
    }
    Ok(())
}

/// Whether an attribute of a span or a resource is an id.
pub(super) fn is_id(parent: &str, key: &str) -> bool {
    matches!(parent, "attributes" | "resource.attributes") && IDS.contains(&key)
}

fn id(slot: Slot) -> Result<Option<Text>, FieldError> {
    let Some((key, value)) = slot.into_attribute() else { return Ok(None) };
    let text = value.into_text();
    match check_id(&text) {
        Ok(()) => Ok(Some(text)),
        Err(error) => Err(FieldError::new(format!("attributes.{key}"), error)),
    }
}

/// Sources are names that the UI and the API use in addresses: `[a-z0-9_-]{1,50}`.
fn source(slot: Slot) -> Result<Option<Text>, FieldError> {
    let Some((key, value)) = slot.into_attribute() else { return Ok(None) };
    let text = value.into_text();
    let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
    if text.len() <= 50 && text.bytes().all(allowed) {
        return Ok(Some(text));
    }
    let shown: String = text.chars().take(64).collect();
    let reason = format!("is `{shown}`; send 1 to 50 of the characters a-z, 0-9, _ and -");
    Err(FieldError::new(format!("attributes.{key}"), reason))
}
