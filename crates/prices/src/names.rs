//! Which spellings of a model's name are tried.

use std::sync::LazyLock;

use regex::Regex;

/// `-20251211`, `@20251211`: where a date is written without dashes.
static COMPACT_DATE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("[-@](20[0-9]{2})(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])(-|:|$)")
        .expect("a fixed expression")
});

/// What names a snapshot of a model at the end of its name.
static SNAPSHOT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("(?:[-@](?:20[0-9]{6}|20[0-9]{2}-[0-9]{2}-[0-9]{2}|latest|default)|:latest)$")
        .expect("a fixed expression")
});

/// The spellings of one name. All are in lower case.
pub(crate) struct Spellings {
    /// As sent, and with its date written the other way.
    pub(crate) stated: Vec<String>,
    /// Without what names a snapshot. Asked only where the others mean nothing.
    pub(crate) without_snapshot: Vec<String>,
}

impl Spellings {
    pub(crate) fn of(names: &[&str]) -> Self {
        let without: Vec<&str> = names
            .iter()
            .map(|name| &name[..snapshot_start(name)])
            .filter(|n| !n.is_empty())
            .collect();
        Self { stated: dated(names), without_snapshot: dated(&without) }
    }
}

fn snapshot_start(name: &str) -> usize {
    SNAPSHOT.find(name).map_or(name.len(), |found| found.start())
}

fn dated(names: &[&str]) -> Vec<String> {
    let mut spellings: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    for name in names {
        let dashed = COMPACT_DATE.replace(name, "-$1-$2-$3$4");
        if spellings.iter().all(|known| **known != *dashed) {
            spellings.push(dashed.into_owned());
        }
    }
    spellings
}

/// What follows the prefix of a resource name of Google: `models/…`, `publishers/…/models/…`.
pub(crate) fn of_resource(name: &str) -> Option<&str> {
    let resource = name.starts_with("models/") || name.starts_with("publishers/");
    resource.then(|| name.rsplit_once("models/").map(|(_, rest)| rest)).flatten()
}

#[cfg(test)]
mod tests;
