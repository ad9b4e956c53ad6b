//! `cost`, `cost_calculation`: US dollars, exact, in all or by usage type.

use tracekeep_model::{Money, Register, Text, UsageType, Value};

use super::amounts::{self, Amounts, TYPES};
use super::fields::Fields;
use super::json::Json;
use super::patch::Patch;
use super::sent::Sent;
use crate::FieldError;

/// Reads the field `cost`: a total, or types (`input` or `input_cost`, …) and a total.
///
/// A total that is the sum of its parts clears the total: else one that was stated before, without
/// parts, would still win over their sum.
pub(super) fn read(fields: &Fields<'_>, span: &mut Patch) -> Result<(), FieldError> {
    let Some(sent) = fields.stated("cost") else { return Ok(()) };
    match sent.json() {
        Json::Null => {
            for name in TYPES.iter().copied() {
                span.clear(Register::Cost(Text::from_static(name)));
            }
        }
        Json::Number | Json::Text => {
            span.set(Register::Cost(Text::from_static(UsageType::TOTAL)), sent.money()?);
        }
        Json::Object => by_type(sent, span)?,
        _ => return Err(sent.wrong("US dollars: a number, or an object such as {input, output}")),
    }
    Ok(())
}

fn by_type(sent: Sent<'_>, span: &mut Patch) -> Result<(), FieldError> {
    let costs: Amounts<Money> = amounts::read(sent, cost_type, |amount| amount.money())?;
    let sum = amounts::sum(&costs, |a, b| a + b);
    for (name, amount) in costs {
        if amounts::is_total(&name) && amount.is_some() && amount == sum {
            span.set(Register::Cost(name), Value::Cleared);
        } else {
            span.set_or_clear(Register::Cost(name), amount);
        }
    }
    Ok(())
}

/// `input_cost`, as the plan's column has it, is `input`.
fn cost_type(sent: Sent<'_>) -> Result<Text, FieldError> {
    let key = sent.key();
    let plain = key.strip_suffix("_cost").or_else(|| key.strip_suffix("Cost"));
    amounts::usage_type(sent, plain.unwrap_or(key))
}
