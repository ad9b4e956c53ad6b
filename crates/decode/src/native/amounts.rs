//! Counts and costs by usage type.

use tracekeep_model::{Text, UsageType, check_id};

use super::fields::Fields;
use super::names::snake;
use super::sent::Sent;
use crate::FieldError;

/// The usage types that have a name of their own, and the total.
pub const TYPES: &[&str] = &[
    "input",
    "input_cache_read",
    "input_cache_write",
    "input_cache_write_1h",
    "input_audio",
    "input_image",
    "output",
    "output_reasoning",
    "output_audio",
    "output_image",
    UsageType::TOTAL,
];

/// More types than this are a mistake.
const MOST: usize = 100;

/// The plan's columns show the types beside their sums; the types then stand in for the sums.
const DETAILS: &str = "details";

/// One amount of each type; `None` is null.
pub(super) type Amounts<V> = Vec<(Text, Option<V>)>;

/// Reads an object of amounts. `name` says which type a key stands for.
///
/// Where `details` holds types, they are what is returned, with the total from beside them.
pub(super) fn read<V>(
    sent: Sent<'_>,
    name: fn(Sent<'_>) -> Result<Text, FieldError>,
    amount: fn(Sent<'_>) -> Result<V, FieldError>,
) -> Result<Amounts<V>, FieldError> {
    let fields = sent.object()?;
    let sums = each(&fields, Some(DETAILS), name, amount)?;
    let Some(details) = fields.get(DETAILS) else { return Ok(sums) };
    let mut types = each(&details.object()?, None, name, amount)?;
    if types.is_empty() {
        return Ok(sums);
    }
    if !types.iter().any(|(name, _)| is_total(name)) {
        types.extend(sums.into_iter().filter(|(name, _)| is_total(name)));
    }
    Ok(types)
}

/// All amounts, but for the key that is `left_out`.
fn each<V>(
    fields: &Fields<'_>,
    left_out: Option<&str>,
    name: fn(Sent<'_>) -> Result<Text, FieldError>,
    amount: fn(Sent<'_>) -> Result<V, FieldError>,
) -> Result<Amounts<V>, FieldError> {
    fields.distinct()?;
    let mut amounts: Amounts<V> = Vec::new();
    for entry in fields.all().filter(|entry| Some(entry.key()) != left_out) {
        let name = name(entry)?;
        if amounts.iter().any(|(other, _)| *other == name) {
            return Err(entry.error(format!("is a second amount of `{name}`; send one of them")));
        }
        if amounts.len() == MOST {
            return Err(entry.error(format!("is one type too many; send at most {MOST}")));
        }
        let amount = if entry.is_null() { None } else { Some(amount(entry)?) };
        amounts.push((name, amount));
    }
    Ok(amounts)
}

/// The sum of all types; `None` where there are none.
pub(super) fn sum<V: Copy>(amounts: &[(Text, Option<V>)], add: fn(V, V) -> V) -> Option<V> {
    amounts.iter().filter(|(name, _)| !is_total(name)).filter_map(|(_, amount)| *amount).reduce(add)
}

/// Whether this is no type but the sum of all.
pub(super) fn is_total(name: &Text) -> bool {
    &**name == UsageType::TOTAL
}

/// The type that `key`, the sender's spelling in `sent`, stands for.
pub(super) fn usage_type(sent: Sent<'_>, key: &str) -> Result<Text, FieldError> {
    let plain = snake(key);
    if let Some(known) = TYPES.iter().copied().find(|known| *known == plain) {
        return Ok(Text::from_static(known));
    }
    check_id(key).map_err(|error| sent.error(format!("names a type that {error}")))?;
    Ok(Text::from(key))
}
