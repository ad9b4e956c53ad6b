//! Cohere's errors: `{"id": …, "message": …}`.

use serde_json::Value;

use crate::chat::{ApiError, ErrorKind};

/// Characters of a text that is no error of Cohere's.
const MOST_CHARACTERS: usize = 500;

/// Reads an error.
#[must_use]
pub fn read_error(status: u16, body: &[u8]) -> ApiError {
    let read: Option<Value> = serde_json::from_slice(body).ok();
    let message = read.as_ref().and_then(|read| read.get("message")).and_then(Value::as_str);
    let message = message.map_or_else(
        || String::from_utf8_lossy(body).trim().chars().take(MOST_CHARACTERS).collect(),
        str::to_owned,
    );
    // 499 is what Cohere answers where it stopped for the client's sake, late; it may pass.
    let kind = if status == 499 { ErrorKind::Timeout } else { ErrorKind::of_status(status) };
    let mut error = ApiError::new(kind, message);
    error.status = status;
    error
}

#[cfg(test)]
mod tests {
    use super::super::fixtures;
    use super::*;

    #[test]
    fn the_message_is_told_and_the_status_says_the_kind() {
        let error = read_error(404, fixtures::text("errors/model.json").as_bytes());
        assert_eq!((error.status, error.kind), (404, ErrorKind::NotFound));
        assert_eq!(error.message, "model 'command-zzz' not found, make sure the name is right");
        assert_eq!(read_error(429, b"{\"message\":\"slow\"}").kind, ErrorKind::RateLimited);
        // 498: a token on a list of forbidden ones was used.
        assert_eq!(read_error(498, b"{\"message\":\"no\"}").kind, ErrorKind::BadRequest);
        assert_eq!(read_error(499, b"{}").kind, ErrorKind::Timeout);
    }

    #[test]
    fn anything_else_gives_the_status_and_the_beginning_of_the_text() {
        let error = read_error(502, "é".repeat(600).as_bytes());
        assert_eq!(error.message.chars().count(), 500);
        assert_eq!(error.kind, ErrorKind::Provider);
        assert_eq!(read_error(500, b"{\"message\":5}").message, "{\"message\":5}");
        assert_eq!(read_error(500, b"\xff").message, "\u{fffd}");
    }
}
