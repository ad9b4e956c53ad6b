//! Numbers in JSON that is kept as it was sent: all must have a double.
//!
//! JSON knows no largest number, but readers do: a strict one fails on the whole answer that holds
//! `1e999`, and others make it infinite, which JSON cannot say.

use crate::depth::closing_quote;

/// What to do about a number that no double holds.
pub(crate) const REMEDY: &str = "which is more than a double holds; send a smaller number, or text";

/// Bytes that a number without an exponent must have at least to be more than a double holds.
const SHORTEST: usize = 309;

/// The first number in JSON text that no double holds.
pub(crate) fn infinite_number(json: &str) -> Option<&str> {
    let bytes = json.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => at = closing_quote(bytes, at + 1) + 1,
            b'-' | b'0'..=b'9' => {
                let length = bytes[at..].iter().take_while(|byte| is_of_number(**byte)).count();
                let number = &json[at..at + length];
                if is_infinite(number) {
                    return Some(number);
                }
                at += length;
            }
            _ => at += 1,
        }
    }
    None
}

fn is_of_number(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')
}

fn is_infinite(number: &str) -> bool {
    let may_be = number.len() >= SHORTEST || number.contains(['e', 'E']);
    may_be && number.parse::<f64>().is_ok_and(f64::is_infinite)
}

#[cfg(test)]
mod tests;
