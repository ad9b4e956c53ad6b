//! What is wrong with what was given; all of it at once.

use std::fmt;

use crate::config::layers::Origin;
use crate::config::nearest;
use crate::config::sections::Setting;

/// One thing that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Such as `tracekeep.toml:3`.
    place: String,
    message: String,
}

/// Why the settings cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problems(pub(super) Vec<Problem>);

impl Problem {
    pub(super) fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: place.into(), message: message.into() }
    }

    /// A value that the setting does not take.
    pub(super) fn value(setting: &Setting, origin: &Origin, given: &str) -> Self {
        let expected = setting.kind.expected();
        let (place, name) = match origin {
            Origin::Default => ("defaults".to_owned(), setting.name.to_owned()),
            Origin::File(place) => {
                let quotes = setting.kind.quotes();
                let message = format!("{} is {given}; expected {expected}, {quotes}", setting.name);
                return Self::new(place.clone(), message);
            }
            Origin::Variable => ("environment".to_owned(), setting.variable.to_owned()),
            Origin::Flag => ("command line".to_owned(), format!("--{}", setting.flag)),
        };
        Self::new(place, format!("{name} is {given}; expected {expected}"))
    }

    /// A key of the file that is none.
    pub(super) fn key(place: &str, key: &str) -> Self {
        let message = format!("there is no setting {key}; the nearest is {}", nearest::key(key));
        Self::new(place, message)
    }

    /// A table of the file that is none.
    pub(super) fn section(place: &str, name: &str) -> Self {
        let nearest = nearest::section(name);
        Self::new(place, format!("there is no section {name}; the nearest is {nearest}"))
    }

    /// A variable that is none.
    pub(super) fn variable(name: &str) -> Self {
        let nearest = nearest::variable(name);
        Self::new("environment", format!("there is no variable {name}; the nearest is {nearest}"))
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => f.write_str("a setting cannot be used:")?,
            count => write!(f, "{count} settings cannot be used:")?,
        }
        for Problem { place, message } in &self.0 {
            write!(f, "\n  {place}: {message}")?;
        }
        f.write_str("\n`tracekeep serve --print-config` shows every setting once these are right")
    }
}

impl std::error::Error for Problems {}
