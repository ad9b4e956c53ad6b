//! What ids, names, notes and keys may look like.
//!
//! Each check takes the name of the setting or field, so that the error can say it.

use crate::error::ControlError;

/// Bytes of a public or secret key. Generated ones have 42 and 49; the lower bound admits the
/// short ones of existing Langfuse set-ups.
const KEY_MIN: usize = 8;
const KEY_MAX: usize = 200;

/// Bytes of an organisation's or project's id, and of a virtual model's name.
const ID_MAX: usize = 100;

/// Bytes of a provider's name.
const PROVIDER_NAME_MAX: usize = 50;

/// Characters of a name or note.
const TEXT_MAX: usize = 200;

/// The longest retention: a hundred years.
const DAYS_MAX: i64 = 36_500;

/// Whether this could be a key at all. A space or U+0000 is in none, so either may separate keys.
pub(crate) fn is_key_shaped(key: &str) -> bool {
    (KEY_MIN..=KEY_MAX).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Checks a secret key: 8 to 200 visible ASCII characters.
pub(crate) fn check_secret_key(field: &'static str, key: &str) -> Result<(), ControlError> {
    if is_key_shaped(key) {
        return Ok(());
    }
    let problem = if key.len() < KEY_MIN {
        format!(
            "has only {} characters: choose at least {KEY_MIN}, or leave both keys out to have a pair made",
            key.len()
        )
    } else if key.len() > KEY_MAX {
        format!("has {} characters: choose at most {KEY_MAX}", key.len())
    } else {
        "has a space, a control character or one outside ASCII: use visible ASCII characters only"
            .to_owned()
    };
    Err(ControlError::Invalid { field, problem })
}

/// Checks a public key: like a secret key, but without a colon, because HTTP Basic
/// authentication ends the user name at the first one (RFC 7617 section 2).
pub(crate) fn check_public_key(field: &'static str, key: &str) -> Result<(), ControlError> {
    check_secret_key(field, key)?;
    if key.contains(':') {
        return Err(ControlError::Invalid {
            field,
            problem: "has a colon, which HTTP Basic authentication cannot carry: leave it out"
                .to_owned(),
        });
    }
    Ok(())
}

/// Checks an id. It becomes part of URLs and folder names, so it is narrow: ASCII letters,
/// digits, `_`, `-` and `.`, not starting with a dot.
pub(crate) fn check_id(field: &'static str, id: &str) -> Result<(), ControlError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    if (1..=ID_MAX).contains(&id.len()) && !id.starts_with('.') && id.bytes().all(allowed) {
        return Ok(());
    }
    Err(ControlError::Invalid {
        field,
        problem: format!(
            "is {id:?}: use 1 to {ID_MAX} letters, digits, '_', '-' and '.', not starting with '.'"
        ),
    })
}

/// Reads a number of days.
pub(crate) fn check_days(field: &'static str, days: &str) -> Result<i64, ControlError> {
    let read = days.parse::<i64>().ok().filter(|days| (1..=DAYS_MAX).contains(days));
    read.ok_or_else(|| ControlError::Invalid {
        field,
        problem: format!("is {days:?}: give a whole number of days from 1 to {DAYS_MAX}"),
    })
}

/// Checks a name: 1 to 200 characters, no control characters, not only spaces.
pub(crate) fn check_name(field: &'static str, name: &str) -> Result<(), ControlError> {
    if name.trim().is_empty() {
        return Err(ControlError::Invalid { field, problem: "is empty: choose a name".to_owned() });
    }
    check_note(field, name)
}

/// Checks a note: up to 200 characters, no control characters. It may be empty.
pub(crate) fn check_note(field: &'static str, note: &str) -> Result<(), ControlError> {
    if note.chars().count() <= TEXT_MAX && !note.chars().any(char::is_control) {
        return Ok(());
    }
    Err(ControlError::Invalid {
        field,
        problem: format!("must have at most {TEXT_MAX} characters and no control characters"),
    })
}

/// Checks the name of a provider: 1 to 50 of `a-z`, `0-9`, `_` and `-`, so that it can stand before
/// the `/` of `name/model`; not `demo`. `field` is what the error calls it.
///
/// # Errors
///
/// [`ControlError::Invalid`].
pub fn check_provider_name(field: &'static str, name: &str) -> Result<(), ControlError> {
    let allowed =
        |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9') || matches!(byte, b'_' | b'-');
    let problem = if name == "demo" {
        "is \"demo\", which is built in: choose another".to_owned()
    } else if !(1..=PROVIDER_NAME_MAX).contains(&name.len()) || !name.bytes().all(allowed) {
        format!("must be 1 to {PROVIDER_NAME_MAX} of a-z, 0-9, '_' and '-', such as \"openai\"")
    } else {
        return Ok(());
    };
    Err(ControlError::Invalid { field, problem })
}

/// Checks the name of a virtual model: 1 to 100 letters, digits, `_`, `-`, `.` and `:`. Without a
/// `/`, before which a provider's name would stand.
///
/// # Errors
///
/// [`ControlError::Invalid`].
pub fn check_model_name(field: &'static str, name: &str) -> Result<(), ControlError> {
    let allowed =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':');
    if (1..=ID_MAX).contains(&name.len()) && name.bytes().all(allowed) {
        return Ok(());
    }
    Err(ControlError::Invalid {
        field,
        problem: format!("must be 1 to {ID_MAX} letters, digits, '_', '-', '.' and ':'"),
    })
}

#[cfg(test)]
mod tests;
