//! Where a call belongs, and what its sender says of the trace: from headers and the body's metadata.
//!
//! | header | says |
//! |---|---|
//! | `traceparent` (W3C) | the trace, and the span that makes the call |
//! | `x-tracekeep-trace-id` | the trace; goes before `traceparent` |
//! | `x-tracekeep-parent-span-id` | the span that makes the call |
//! | `x-tracekeep-session-id`, `-user-id`, `-trace-name`, `-source`, `-environment`, `-release`, `-version` | those of the trace |
//! | `x-tracekeep-name` | the call's own name |
//! | `x-tracekeep-tags` | tags, separated by commas |
//! | `x-tracekeep-prompt-id`, `-prompt-name`, `-prompt-version` | the managed prompt |
//! | `x-tracekeep-metadata` | a JSON object |
//!
//! The body's `metadata` says the same by the names `trace_id`, `session_id`, `user_id`, `trace_user_id`,
//! `trace_name`, `generation_name`, `tags`, `prompt_id` …, as LiteLLM and Langfuse do; its other keys become
//! metadata of the trace. Where both speak, the header counts. What is not valid is left out: a call does
//! not fail for its trace.

use std::collections::BTreeMap;

use axum::http::HeaderMap;
use serde_json::value::RawValue;
use tracekeep_decode::call::{About, Place};
use tracekeep_model::{Text, check_id};

/// Keys of metadata that are taken, at most; and bytes of a value.
const MOST_KEYS: usize = 64;
const MOST_VALUE: usize = 16 << 10;
/// Tags that are taken, at most.
pub(crate) const MOST_TAGS: usize = 64;
/// Bytes of a header's text that are taken.
const MOST_TEXT: usize = 1_024;

/// What a request says of its trace.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) trace_id: Option<Text>,
    pub(crate) parent_span_id: Option<Text>,
    pub(crate) about: About,
    /// The call's own name.
    pub(crate) name: Option<Text>,
    pub(crate) prompt_id: Option<Text>,
    pub(crate) prompt_name: Option<Text>,
    pub(crate) prompt_version: Option<Text>,
}

impl Told {
    /// What headers, the body's metadata and the body's user say. `source` counts unless they say another.
    pub(crate) fn read(
        headers: &HeaderMap,
        metadata: Option<&RawValue>,
        user: Option<&str>,
        source: &'static str,
    ) -> Self {
        let mut told = Self::default();
        told.about.source = Text::from_static(source);
        told.about.user_id = user.and_then(id);
        if let Some(metadata) = metadata {
            told.take_metadata(metadata);
        }
        told.take_headers(headers);
        told
    }

    /// Forgets a trace that takes nothing more, as `is_full` says: the call is a trace of its own then.
    pub(crate) fn unless(mut self, is_full: impl Fn(&str) -> bool) -> Self {
        if self.trace_id.as_deref().is_some_and(is_full) {
            self.trace_id = None;
            self.parent_span_id = None;
        }
        self
    }

    /// The call's place. Without a trace it is one.
    pub(crate) fn place(&self, fresh_id: impl Fn() -> Text) -> Place {
        let trace_id = self.trace_id.clone().unwrap_or_else(&fresh_id);
        let is_alone = self.trace_id.is_none() && self.parent_span_id.is_none();
        let span_id = if is_alone { trace_id.clone() } else { fresh_id()[..16].into() };
        Place { trace_id, span_id, parent_span_id: self.parent_span_id.clone() }
    }

    fn take_headers(&mut self, headers: &HeaderMap) {
        let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
        if let Some((trace_id, span_id)) = text("traceparent").and_then(traceparent) {
            self.trace_id = Some(trace_id);
            self.parent_span_id = Some(span_id);
        }
        let own = |name: &str| text(&format!("x-tracekeep-{name}")).filter(|text| !text.is_empty());
        if let Some(trace_id) = own("trace-id").and_then(id) {
            self.trace_id = Some(trace_id);
            // The span of the other trace is not this one's.
            self.parent_span_id = None;
        }
        if let Some(value) = own("parent-span-id") {
            self.parent_span_id = id(value);
        }
        for name in [
            "session-id",
            "user-id",
            "trace-name",
            "source",
            "environment",
            "release",
            "version",
            "name",
            "prompt-id",
            "prompt-name",
            "prompt-version",
        ] {
            if let Some(value) = own(name) {
                self.set(&name.replace('-', "_"), value);
            }
        }
        if let Some(tags) = own("tags") {
            self.tag(tags.split(',').filter_map(label));
        }
        let metadata = own("metadata").and_then(|text| serde_json::from_str(text).ok());
        if let Some(metadata) = metadata {
            self.take_metadata(metadata);
        }
    }

    fn take_metadata(&mut self, metadata: &RawValue) {
        let fields: Result<BTreeMap<String, &RawValue>, _> = serde_json::from_str(metadata.get());
        let Ok(fields) = fields else { return };
        for (name, value) in fields.into_iter().take(MOST_KEYS) {
            if name == "tags" {
                // OpenAI's values of metadata are texts only.
                if let Some(tags) = text_of(value) {
                    self.tag(tags.split(',').filter_map(label));
                    continue;
                }
                let tags: Vec<&RawValue> = serde_json::from_str(value.get()).unwrap_or_default();
                let tags = tags.into_iter().filter_map(text_of);
                self.tag(tags.filter_map(|tag| label(&tag)));
                continue;
            }
            if text_of(value).is_some_and(|text| self.set(&name, &text)) {
                continue;
            }
            let json = value.get();
            if json.len() <= MOST_VALUE && check_id(&name).is_ok() {
                self.about.metadata.push((name.into(), json.into()));
            }
        }
    }

    /// Takes as many as there is room for.
    fn tag(&mut self, tags: impl Iterator<Item = Text>) {
        let room = MOST_TAGS.saturating_sub(self.about.tags.len());
        self.about.tags.extend(tags.take(room));
    }

    /// Whether `name` is one of those that are known.
    fn set(&mut self, name: &str, value: &str) -> bool {
        let about = &mut self.about;
        type Read = fn(&str) -> Option<Text>;
        let (field, read): (&mut Option<Text>, Read) = match name {
            "trace_id" => (&mut self.trace_id, id),
            "parent_span_id" | "parent_observation_id" => (&mut self.parent_span_id, id),
            "session_id" => (&mut about.session_id, id),
            "user_id" | "trace_user_id" => (&mut about.user_id, id),
            "trace_name" => (&mut about.name, label),
            "environment" => (&mut about.environment, label),
            "release" | "trace_release" => (&mut about.release, label),
            "version" | "trace_version" => (&mut about.version, label),
            "name" | "generation_name" => (&mut self.name, label),
            "prompt_id" => (&mut self.prompt_id, id),
            "prompt_name" => (&mut self.prompt_name, label),
            "prompt_version" => (&mut self.prompt_version, label),
            "source" => {
                if let Some(source) = source(value) {
                    about.source = source;
                    about.is_source_stated = true;
                }
                return true;
            }
            _ => return false,
        };
        if let Some(value) = read(value) {
            *field = Some(value);
        }
        true
    }
}

/// The trace and the span of a `traceparent` (W3C Trace Context, section 3.2.2).
fn traceparent(text: &str) -> Option<(Text, Text)> {
    let mut parts = text.split('-');
    let (version, trace, span, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_hex = |text: &str, len: usize| {
        text.len() == len && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    let is_known = version != "00" || parts.next().is_none();
    let is_well_formed = is_hex(version, 2) && version != "ff" && is_hex(flags, 2) && is_known;
    let has_ids = is_hex(trace, 32) && is_hex(span, 16);
    let is_zero = |text: &str| text.bytes().all(|b| b == b'0');
    (is_well_formed && has_ids && !is_zero(trace) && !is_zero(span))
        .then(|| (trace.into(), span.into()))
}

/// A JSON string's text.
fn text_of(json: &RawValue) -> Option<String> {
    serde_json::from_str(json.get()).ok()
}

fn id(text: &str) -> Option<Text> {
    check_id(text).is_ok().then(|| text.into())
}

fn label(text: &str) -> Option<Text> {
    let text = text.trim();
    let is_fit = !text.is_empty() && text.len() <= MOST_TEXT && !text.contains('\0');
    is_fit.then(|| text.into())
}

/// As the design has it: `[a-z0-9_-]{1,50}`.
fn source(text: &str) -> Option<Text> {
    let is_fit = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
    ((1..=50).contains(&text.len()) && text.bytes().all(is_fit)).then(|| text.into())
}

#[cfg(test)]
mod tests;
