//! Reads `tracekeep.toml`: its values, each with its line.

use toml::de::{DeTable, DeValue};

/// A value of the file, or a table that is empty.
#[derive(Debug)]
pub(super) struct Entry<'i> {
    /// From 1.
    pub(super) line: usize,
    /// Its path: `section.key`.
    pub(super) key: String,
    pub(super) value: DeValue<'i>,
}

/// What is no TOML.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// From 1.
    pub(super) line: usize,
    pub(super) message: String,
}

/// The values of a file in the order of its lines; else everything that is wrong with its form.
pub(super) fn read(text: &str) -> Result<Vec<Entry<'_>>, Vec<Fault>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        let mut faults: Vec<Fault> = errors.iter().map(|error| fault(text, error)).collect();
        faults.sort_by_key(|fault| fault.line);
        // One slip may be several errors to the parser; the first says it.
        faults.dedup_by_key(|fault| fault.line);
        return Err(faults);
    }
    let mut entries = Vec::new();
    flatten(text, "", table.into_inner(), &mut entries);
    entries.sort_by_key(|entry| entry.line);
    Ok(entries)
}

/// How a message shows a value.
pub(super) fn shown(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => super::kind::quoted(text),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(value) => value.to_string(),
        DeValue::Datetime(time) => time.to_string(),
        DeValue::Array(_) => "an array".into(),
        DeValue::Table(_) => "a table".into(),
    }
}

fn flatten<'i>(text: &str, prefix: &str, table: DeTable<'i>, entries: &mut Vec<Entry<'i>>) {
    for (key, value) in table {
        let line = line_of(text, key.span().start);
        let key = format!("{prefix}{}", key.get_ref());
        match value.into_inner() {
            DeValue::Table(table) if !table.is_empty() => {
                flatten(text, &format!("{key}."), table, entries);
            }
            value => entries.push(Entry { line, key, value }),
        }
    }
}

fn fault(text: &str, error: &toml::de::Error) -> Fault {
    let line = line_of(text, error.span().map_or(0, |span| span.start));
    let content = text.lines().nth(line - 1).unwrap_or_default().trim();
    let message = format!("this is no TOML: {content}\n    {}", error.message());
    Fault { line, message }
}

/// The line, from 1, of a place in the text.
pub(super) fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests;
