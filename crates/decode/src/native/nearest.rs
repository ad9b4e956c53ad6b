//! Which known name someone meant.

/// Longer names than this are nobody's typing error.
const LONGEST: usize = 64;

/// The known name nearest to `given`, if one is near: few edits apart, or the beginning of the other.
pub(super) fn nearest<'k>(given: &str, known: &[&'k str]) -> Option<&'k str> {
    if given.len() > LONGEST {
        return None;
    }
    let allowed = given.chars().count().div_ceil(3).clamp(1, 3);
    let by_distance = known.iter().copied().map(|name| (distance(given, name), name));
    match by_distance.min_by_key(|(distance, _)| *distance) {
        Some((distance, name)) if distance <= allowed => Some(name),
        _ => known.iter().copied().find(|name| begins_like(given, name)),
    }
}

fn begins_like(given: &str, known: &str) -> bool {
    let shorter = given.len().min(known.len());
    shorter >= 4 && (given.starts_with(known) || known.starts_with(given))
}

/// How many characters to insert, remove or replace (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (line, left) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, right) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(left != *right);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests;
