//! The outer shape of a request, walked through: of a list only the element at hand is held. So a
//! request of very many things, of two bytes each, takes no more memory than its body, as in
//! protobuf.
//!
//! What the elements of a list share, a resource or a scope, mostly stands before it. Where it does
//! not, the list is passed over unread, and read at the end of its object.

use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;

use super::{read_resource, read_scope, read_span};
use crate::FieldError;
use crate::otlp::collect::Collector;
use crate::otlp::resource::{Origin, Resource};

/// Takes a whole request in.
pub(super) fn request(body: &[u8], collector: &mut Collector<'_>) -> Result<(), serde_json::Error> {
    let mut json = serde_json::Deserializer::from_slice(body);
    Object(&mut Request { collector }).deserialize(&mut json)?;
    json.end()
}

/// An object of a list, and of what its elements share.
trait Outer {
    /// What errors say that it should be.
    const EXPECTED: &'static str;
    /// Names of what the elements share; none where they share nothing.
    const SHARED: &'static [&'static str];
    /// Names of the list.
    const LIST: &'static [&'static str];
    /// What the elements share, read.
    type Shared;

    /// Reads what the elements share.
    fn shared(&mut self, raw: Option<&RawValue>) -> Self::Shared;

    /// Takes the elements in.
    fn list<'de, D: Deserializer<'de>>(
        &mut self,
        shared: &Self::Shared,
        json: D,
    ) -> Result<(), D::Error>;
}

/// What a list is made of.
trait Elements {
    /// Takes the next one in; whether there was one.
    fn next<'de, A: SeqAccess<'de>>(&mut self, list: &mut A) -> Result<bool, A::Error>;
}

struct Request<'c, 'r> {
    collector: &'c mut Collector<'r>,
}

impl Outer for Request<'_, '_> {
    const EXPECTED: &'static str = "an ExportTraceServiceRequest";
    const SHARED: &'static [&'static str] = &[];
    const LIST: &'static [&'static str] = &["resourceSpans", "resource_spans"];
    type Shared = ();

    fn shared(&mut self, _: Option<&RawValue>) {}

    fn list<'de, D: Deserializer<'de>>(&mut self, _: &(), json: D) -> Result<(), D::Error> {
        json.deserialize_any(List(ResourceSpans { collector: &mut *self.collector }))
    }
}

struct ResourceSpans<'c, 'r> {
    collector: &'c mut Collector<'r>,
}

impl Outer for ResourceSpans<'_, '_> {
    const EXPECTED: &'static str = "ResourceSpans";
    const SHARED: &'static [&'static str] = &["resource"];
    const LIST: &'static [&'static str] = &["scopeSpans", "scope_spans"];
    type Shared = Result<Resource, FieldError>;

    fn shared(&mut self, raw: Option<&RawValue>) -> Self::Shared {
        self.collector.resource(|nulls| read_resource(raw, nulls))
    }

    fn list<'de, D: Deserializer<'de>>(
        &mut self,
        resource: &Self::Shared,
        json: D,
    ) -> Result<(), D::Error> {
        json.deserialize_any(List(ScopeSpans { collector: &mut *self.collector, resource }))
    }
}

impl Elements for ResourceSpans<'_, '_> {
    fn next<'de, A: SeqAccess<'de>>(&mut self, list: &mut A) -> Result<bool, A::Error> {
        Ok(list.next_element_seed(Object(self))?.is_some())
    }
}

struct ScopeSpans<'c, 'r> {
    collector: &'c mut Collector<'r>,
    resource: &'c Result<Resource, FieldError>,
}

impl Outer for ScopeSpans<'_, '_> {
    const EXPECTED: &'static str = "ScopeSpans";
    const SHARED: &'static [&'static str] = &["scope"];
    const LIST: &'static [&'static str] = &["spans"];
    type Shared = Result<Origin, FieldError>;

    fn shared(&mut self, raw: Option<&RawValue>) -> Self::Shared {
        self.collector.origin(self.resource, |nulls| read_scope(raw, nulls))
    }

    fn list<'de, D: Deserializer<'de>>(
        &mut self,
        origin: &Self::Shared,
        json: D,
    ) -> Result<(), D::Error> {
        json.deserialize_any(List(Spans { collector: &mut *self.collector, origin }))
    }
}

impl Elements for ScopeSpans<'_, '_> {
    fn next<'de, A: SeqAccess<'de>>(&mut self, list: &mut A) -> Result<bool, A::Error> {
        Ok(list.next_element_seed(Object(self))?.is_some())
    }
}

struct Spans<'c, 'r> {
    collector: &'c mut Collector<'r>,
    origin: &'c Result<Origin, FieldError>,
}

impl Elements for Spans<'_, '_> {
    fn next<'de, A: SeqAccess<'de>>(&mut self, list: &mut A) -> Result<bool, A::Error> {
        let Some(span) = list.next_element::<&'de RawValue>()? else { return Ok(false) };
        self.collector.span(self.origin, |nulls| read_span(span, nulls));
        Ok(true)
    }
}

struct Object<'o, O>(&'o mut O);

impl<'de, O: Outer> DeserializeSeed<'de> for Object<'_, O> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de, O: Outer> Visitor<'de> for Object<'_, O> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(O::EXPECTED)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let Self(outer) = self;
        let mut shared = O::SHARED.is_empty().then(|| outer.shared(None));
        let mut has_list = false;
        let mut passed_over: Option<&'de RawValue> = None;
        while let Some(member) = members.next_key_seed(Name { shared: O::SHARED, list: O::LIST })? {
            match member {
                Member::Shared => {
                    let raw: Option<&'de RawValue> = members.next_value()?;
                    if shared.replace(outer.shared(raw)).is_some() {
                        return Err(A::Error::duplicate_field(O::SHARED[0]));
                    }
                }
                Member::List if has_list => return Err(A::Error::duplicate_field(O::LIST[0])),
                Member::List => {
                    has_list = true;
                    match &shared {
                        Some(shared) => {
                            members.next_value_seed(Contents { outer: &mut *outer, shared })?;
                        }
                        None => passed_over = members.next_value()?,
                    }
                }
                Member::Other => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        if let Some(raw) = passed_over {
            let shared = shared.unwrap_or_else(|| outer.shared(None));
            let mut json = serde_json::Deserializer::from_str(raw.get());
            outer.list(&shared, &mut json).map_err(A::Error::custom)?;
        }
        Ok(())
    }
}

/// The list of an object, read where it stands.
struct Contents<'o, O: Outer> {
    outer: &'o mut O,
    shared: &'o O::Shared,
}

impl<'de, O: Outer> DeserializeSeed<'de> for Contents<'_, O> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        self.outer.list(self.shared, json)
    }
}

/// A list; `null` is an empty one.
struct List<E>(E);

impl<'de, E: Elements> Visitor<'de> for List<E> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_unit<F: serde::de::Error>(self) -> Result<(), F> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        while self.0.next(&mut list)? {}
        Ok(())
    }
}

/// Which member of an object it is.
enum Member {
    Shared,
    List,
    Other,
}

/// A member's name.
struct Name {
    shared: &'static [&'static str],
    list: &'static [&'static str],
}

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Member;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Member, D::Error> {
        json.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Name {
    type Value = Member;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<F: serde::de::Error>(self, name: &str) -> Result<Member, F> {
        Ok(if self.list.contains(&name) {
            Member::List
        } else if self.shared.contains(&name) {
            Member::Shared
        } else {
            Member::Other
        })
    }
}
