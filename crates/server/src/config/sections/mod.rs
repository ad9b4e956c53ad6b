//! The table of settings: a file a section of `tracekeep.toml`.

mod demo;
mod limits;
mod privacy;
mod server;
mod storage;
mod tokens;

use crate::config::kind::Kind;

/// A setting, and everything that is said of it.
#[derive(Debug)]
pub(super) struct Setting {
    /// Its name in the file: `section.key`.
    pub(super) name: &'static str,
    /// Its environment variable.
    pub(super) variable: &'static str,
    /// Its flag, without `--`.
    pub(super) flag: &'static str,
    /// Its value if nobody gives one, as a flag would have it; empty for none.
    pub(super) default: &'static str,
    /// What it is, in one sentence.
    pub(super) about: &'static str,
    /// Which values it takes.
    pub(super) kind: Kind,
}

const SECTIONS: [&[Setting]; 6] = [
    server::SETTINGS,
    limits::SETTINGS,
    storage::SETTINGS,
    privacy::SETTINGS,
    tokens::SETTINGS,
    demo::SETTINGS,
];

/// Every setting, section by section.
pub(super) fn all() -> impl Iterator<Item = &'static Setting> {
    SECTIONS.into_iter().flatten()
}

/// Whether a table of this name is a section.
pub(super) fn is_section(name: &str) -> bool {
    all().any(|setting| setting.section() == name)
}

impl Setting {
    /// Its default in a message.
    pub(super) fn shown_default(&self) -> &'static str {
        if self.default.is_empty() { "none" } else { self.default }
    }

    /// The table of the file that it stands in.
    pub(super) fn section(&self) -> &'static str {
        self.name.split_once('.').map_or("", |(section, _)| section)
    }

    /// Its key in that table.
    pub(super) fn key(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(_, key)| key)
    }
}
