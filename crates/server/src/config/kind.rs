//! Which values a setting takes: reading, checking and writing them.

use std::net::SocketAddr;
use std::path::PathBuf;

use toml::de::DeValue;
use tracekeep_control::MasterKey;

use crate::config::{Config, Switch};

/// How a setting's value is written, and the field of [`Config`] that it goes to.
#[derive(Debug)]
pub(super) enum Kind {
    /// A path; a relative one begins at the working directory.
    Folder(fn(&mut Config) -> &mut PathBuf),
    /// An IP address and a port.
    Address(fn(&mut Config) -> &mut SocketAddr),
    /// On or off.
    Switch(fn(&mut Config) -> &mut Switch),
    /// A whole number in a range.
    Count { field: fn(&mut Config) -> &mut u32, min: u32, max: u32 },
    /// Any whole number.
    Seed(fn(&mut Config) -> &mut u64),
    /// A secret key, or nothing. It is shown nowhere.
    Secret(fn(&mut Config) -> &mut Option<MasterKey>),
}

/// What stands for a secret wherever one would be shown.
pub(super) const MASK: &str = "***";

impl Kind {
    /// Sets the field; gives back the value as the file has it, or `None` if the text is none.
    pub(super) fn set(&self, config: &mut Config, text: &str) -> Option<String> {
        match self {
            Self::Folder(_) if text.is_empty() => None,
            Self::Folder(field) => {
                *field(config) = PathBuf::from(text);
                Some(quoted(text))
            }
            Self::Address(field) => {
                let address: SocketAddr = text.parse().ok()?;
                *field(config) = address;
                Some(quoted(&address.to_string()))
            }
            Self::Switch(field) => {
                let (switch, word) = match text {
                    "on" | "true" => (Switch::On, "on"),
                    "off" | "false" => (Switch::Off, "off"),
                    _ => return None,
                };
                *field(config) = switch;
                Some(quoted(word))
            }
            Self::Count { field, min, max } => {
                let count = text.parse::<u32>().ok().filter(|n| (*min..=*max).contains(n))?;
                *field(config) = count;
                Some(count.to_string())
            }
            Self::Seed(field) => {
                let seed: u64 = text.parse().ok()?;
                *field(config) = seed;
                Some(seed.to_string())
            }
            Self::Secret(field) if text.is_empty() => {
                *field(config) = None;
                Some(quoted(""))
            }
            Self::Secret(field) => {
                *field(config) = Some(MasterKey::parse(text)?);
                Some(MASK.to_owned())
            }
        }
    }

    /// The text of a value in the file; `None` if no value of its type is one of this kind.
    pub(super) fn text(&self, value: &DeValue<'_>) -> Option<String> {
        match (self, value) {
            (Self::Count { .. } | Self::Seed(_), DeValue::Integer(number)) => {
                let number = u64::from_str_radix(number.as_str(), number.radix()).ok()?;
                Some(number.to_string())
            }
            (Self::Switch(_), DeValue::Boolean(on)) => Some(on.to_string()),
            (
                Self::Folder(_) | Self::Address(_) | Self::Switch(_) | Self::Secret(_),
                DeValue::String(text),
            ) => Some(text.to_string()),
            _ => None,
        }
    }

    /// What to give, wherever it is given.
    pub(super) fn expected(&self) -> String {
        match self {
            Self::Folder(_) => "the path of a folder".into(),
            Self::Address(_) => {
                "an IP address and a port, such as 127.0.0.1:4000 or [::1]:4000".into()
            }
            Self::Switch(_) => "on or off".into(),
            Self::Count { min, max, .. } => format!("a whole number from {min} to {max}"),
            Self::Seed(_) => format!("a whole number from 0 to {}", u64::MAX),
            Self::Secret(_) => "32 bytes as 64 hex digits or as base64".into(),
        }
    }

    /// How the file has it.
    pub(super) fn quotes(&self) -> &'static str {
        match self {
            Self::Folder(_) | Self::Address(_) | Self::Switch(_) | Self::Secret(_) => "in quotes",
            Self::Count { .. } | Self::Seed(_) => "without quotes",
        }
    }

    /// Whether no message may show what was given.
    pub(super) fn is_secret(&self) -> bool {
        matches!(self, Self::Secret(_))
    }

    /// Its place in `--help`.
    pub(super) fn placeholder(&self) -> &'static str {
        match self {
            Self::Folder(_) => "FOLDER",
            Self::Address(_) => "IP:PORT",
            Self::Switch(_) => "on|off",
            Self::Count { .. } | Self::Seed(_) => "NUMBER",
            Self::Secret(_) => "KEY",
        }
    }
}

/// As a basic string of TOML, on one line.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
