/// Why a query was refused: names the place, the reason and, where one is near, the right name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path} {reason}")]
pub struct QueryError {
    /// Where in the query's JSON, such as `filter.and[2].op`.
    pub path: String,
    /// What is wrong and what to send instead; continues the sentence `path …`.
    pub reason: String,
}

impl QueryError {
    /// From a path and the rest of the sentence. The empty path is the query itself.
    pub fn new(path: &str, reason: impl ToString) -> Self {
        let path = if path.is_empty() { "query" } else { path };
        Self { path: path.to_owned(), reason: reason.to_string() }
    }

    /// A name that is none of `known`.
    pub(crate) fn unknown<'a>(
        path: &str,
        given: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        let given: String = given.chars().take(64).collect();
        let advice = advice(&given, &known);
        Self::new(path, format!("names `{given}`, which is unknown; {advice}"))
    }

    /// A key of an object that is none of `known`. `path` ends in it.
    pub(crate) fn unknown_key(path: &str, given: &str, known: &[&str]) -> Self {
        Self::new(path, format!("is unknown; {}", advice(given, known)))
    }
}

fn advice(given: &str, known: &[&str]) -> String {
    match nearest(given, known) {
        Some(name) => format!("did you mean `{name}`?"),
        None if known.is_empty() => "there is nothing to name here".to_owned(),
        None => format!("use one of {}", known.join(", ")),
    }
}

/// The name that differs least from `given`, if any is near.
fn nearest<'a>(given: &str, known: &[&'a str]) -> Option<&'a str> {
    let given: Vec<char> = given.to_ascii_lowercase().chars().collect();
    let furthest = 1 + given.len() / 3;
    known
        .iter()
        .map(|name| (distance(&given, &name.to_ascii_lowercase()), *name))
        .filter(|(distance, _)| *distance <= furthest)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// How many characters to insert, remove or replace.
fn distance(given: &[char], name: &str) -> usize {
    let mut row: Vec<usize> = (0..=given.len()).collect();
    for (i, letter) in name.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, other) in given.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[given.len()]
}

#[cfg(test)]
mod tests;
