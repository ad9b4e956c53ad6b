//! One value of the sender, and how it is read: each way says what came and what to send instead.

mod elements;
mod numbers;

use std::borrow::Cow;
use std::fmt::Display;
use std::net::IpAddr;
use std::str::FromStr;

use tracekeep_model::{Text, UnknownName, check_id};

use self::elements::Elements;
use super::fields::Fields;
use super::json::{self, Json};
use super::names::{shortened, shown};
use crate::{FieldError, escapes, finite};

/// The most texts that one array may hold. To hold one takes a hundred bytes, and may have taken four
/// in the body.
const MAX_TEXTS: usize = 10_000;

/// One value that was sent, and where.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent<'f> {
    prefix: &'f str,
    key: &'f str,
    /// Valid JSON without space around it.
    raw: &'f str,
}

impl<'f> Sent<'f> {
    /// `raw` is valid JSON without space around it.
    pub(super) fn new(prefix: &'f str, key: &'f str, raw: &'f str) -> Self {
        Self { prefix, key, raw }
    }

    /// The field's name as sent.
    pub(super) fn key(self) -> &'f str {
        self.key
    }

    /// What kind of JSON it is.
    pub(super) fn json(&self) -> Json {
        Json::of(self.raw)
    }

    /// Whether it is null.
    pub(super) fn is_null(&self) -> bool {
        self.json() == Json::Null
    }

    /// Refuses the field.
    pub(super) fn error(&self, reason: impl Display) -> FieldError {
        FieldError::new(self.path(), reason)
    }

    /// Refuses a value of the wrong type.
    pub(super) fn wrong(&self, wanted: &str) -> FieldError {
        self.error(format!("is {}; send {wanted}", self.json().described()))
    }

    fn path(&self) -> String {
        format!("{}{}", self.prefix, shown(self.key))
    }

    /// Refuses a value of the right type.
    fn unfit(&self, wanted: &str) -> FieldError {
        self.error(format!("is {}; send {wanted}", shortened(self.raw)))
    }

    /// Text, as it is.
    pub(super) fn text(self) -> Result<Text, FieldError> {
        match self.json() {
            Json::Text => self.unquoted(),
            _ => Err(self.wrong("text")),
        }
    }

    fn unquoted(&self) -> Result<Text, FieldError> {
        match json::unquoted(self.raw) {
            Some(Cow::Borrowed(text)) => Ok(Text::from(text)),
            Some(Cow::Owned(text)) => Ok(Text::from(text)),
            None => Err(self.error("is text with a broken escape; send valid JSON")),
        }
    }

    /// An id, or what is as short and printable as one.
    pub(super) fn id(self) -> Result<Text, FieldError> {
        let id = self.text()?;
        if self.raw.contains(escapes::REPLACEMENT) {
            return Err(self.error(escapes::DAMAGED_ID));
        }
        check_id(&id).map_err(|error| self.error(error))?;
        Ok(id)
    }

    /// A code: text, or a number as it was written.
    pub(super) fn code(self) -> Result<Text, FieldError> {
        match self.json() {
            Json::Text => self.unquoted(),
            Json::Number => Ok(Text::from(self.raw)),
            _ => Err(self.wrong("text or a number")),
        }
    }

    /// Where an interaction came from.
    pub(super) fn source(self) -> Result<Text, FieldError> {
        let source = self.text()?;
        let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
        if (1..=50).contains(&source.len()) && source.bytes().all(allowed) {
            return Ok(source);
        }
        Err(self.unfit("1 to 50 of a-z, 0-9, _ and -, such as playground, api or test"))
    }

    /// True or false.
    pub(super) fn flag(self) -> Result<bool, FieldError> {
        match self.json() {
            Json::Boolean => Ok(self.raw == "true"),
            _ => Err(self.wrong("true or false")),
        }
    }

    /// One of a closed set of names.
    pub(super) fn named<T: FromStr<Err = UnknownName>>(self) -> Result<T, FieldError> {
        let name = self.text()?;
        name.parse::<T>().map_err(|error| self.error(error))
    }

    /// One of these names.
    pub(super) fn one_of(self, names: &[&'static str]) -> Result<&'static str, FieldError> {
        let given = self.text()?;
        match names.iter().copied().find(|name| *name == &*given) {
            Some(name) => Ok(name),
            None => Err(self.error(format!(
                "is `{}`, which is none of {}",
                shortened(&given),
                names.join(", ")
            ))),
        }
    }

    /// An IP address, in its canonical form.
    pub(super) fn ip(self) -> Result<Text, FieldError> {
        let given = self.text()?;
        match given.parse::<IpAddr>() {
            Ok(address) => Ok(Text::from(address.to_string())),
            Err(_) => Err(self.unfit("one IP address, such as 192.0.2.1 or 2001:db8::1")),
        }
    }

    /// Any JSON: text as it is, all else as its JSON text.
    pub(super) fn content(self) -> Result<Text, FieldError> {
        match self.json() {
            Json::Text => self.unquoted(),
            _ => self.json_text(),
        }
    }

    /// The JSON text as it was sent, with no number that readers could not hold.
    pub(super) fn json_text(self) -> Result<Text, FieldError> {
        match finite::infinite_number(self.raw) {
            None => Ok(Text::from(self.raw)),
            Some(number) => {
                let number = shortened(number);
                Err(self.error(format!("holds the number {number}, {}", finite::REMEDY)))
            }
        }
    }

    /// The JSON text of an object.
    pub(super) fn object_text(self) -> Result<Text, FieldError> {
        match self.json() {
            Json::Object => self.json_text(),
            _ => Err(self.wrong("an object")),
        }
    }

    /// The JSON text of an array.
    pub(super) fn array_text(self) -> Result<Text, FieldError> {
        match self.json() {
            Json::Array => self.json_text(),
            _ => Err(self.wrong("an array")),
        }
    }

    /// An object's fields.
    pub(super) fn object(self) -> Result<Fields<'f>, FieldError> {
        match self.json() {
            Json::Object => Fields::within(self.raw, &self.path()),
            _ => Err(self.wrong("an object")),
        }
    }

    /// The JSON of the first elements, `most` of them, and how many there are. To hold one takes more
    /// memory than it may have taken in the body.
    pub(super) fn elements(self, most: usize) -> Result<Elements<'f>, FieldError> {
        if self.json() != Json::Array {
            return Err(self.wrong("an array"));
        }
        Elements::read(self.raw, most).map_err(|error| json::malformed(&self.path(), &error))
    }

    /// Texts that are not empty, [`MAX_TEXTS`] at most.
    pub(super) fn texts(self) -> Result<Vec<Text>, FieldError> {
        if self.json() != Json::Array {
            return Err(self.wrong("an array of text"));
        }
        let elements = self.elements(MAX_TEXTS)?;
        if elements.count > MAX_TEXTS {
            let count = elements.count;
            return Err(self.error(format!("holds {count} texts; send at most {MAX_TEXTS}")));
        }
        let mut texts = Vec::with_capacity(elements.count);
        for (index, raw) in elements.first.into_iter().enumerate() {
            let key = format!("{}[{index}]", self.key);
            let element = Sent { prefix: self.prefix, key: &key, raw };
            let text = element.text()?;
            if text.is_empty() {
                return Err(element.error("is empty; leave it out"));
            }
            texts.push(text);
        }
        Ok(texts)
    }
}

#[cfg(test)]
mod tests;
