//! What somebody may have meant.

use crate::config::{foreign, providers, sections};

/// The name of the setting that is most like an unknown key.
pub(super) fn key(given: &str) -> &'static str {
    let below = |name: &str| given.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
    if let Some(setting) = sections::all().find(|setting| below(setting.name)) {
        return setting.name;
    }
    // The right key in the wrong section is worth one edit.
    let misplaced = |name: &str| distance(last(given), last(name)) + 1;
    let names = sections::all().map(|setting| setting.name).chain([providers::SECTION]);
    names.min_by_key(|name| distance(given, name).min(misplaced(name))).unwrap_or_default()
}

fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// The section that is most like an unknown one.
pub(super) fn section(given: &str) -> &'static str {
    let names = sections::all().map(|setting| setting.section()).chain([providers::SECTION]);
    names.min_by_key(|name| distance(given, name)).unwrap_or_default()
}

/// The one of some names that is most like an unknown one.
pub(super) fn among(given: &str, names: &[&'static str]) -> &'static str {
    names.iter().copied().min_by_key(|name| distance(given, name)).unwrap_or_default()
}

/// The variable that is most like an unknown one.
pub(super) fn variable(given: &str) -> &'static str {
    let ours = sections::all().map(|setting| setting.variable);
    let all = ours.chain(foreign::NAMES);
    all.min_by_key(|name| distance(given, name)).unwrap_or_default()
}

/// The fewest insertions, removals and replacements of a character that make one of the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (above, a) in from.chars().enumerate() {
        let mut diagonal = above;
        row[0] = above + 1;
        for (left, b) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[left + 1];
            row[left + 1] = replaced.min(diagonal + 1).min(row[left] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests;
