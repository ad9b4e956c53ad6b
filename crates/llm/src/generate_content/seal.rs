//! Seals of other providers in the form that Google's clients take: theirs is base64, and their types
//! refuse anything else.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

use super::request::NO_SEAL;

/// Begins a seal that is no base64 by itself.
const MARK: &[u8] = b"tracekeep:";

/// A seal for a client.
pub(super) fn written(seal: &str) -> String {
    // Google's API writes the one alphabet, its SDKs the other.
    let is_base64 = STANDARD.decode(seal).is_ok() || URL_SAFE.decode(seal).is_ok();
    if seal == NO_SEAL || is_base64 {
        return seal.to_owned();
    }
    STANDARD.encode([MARK, seal.as_bytes()].concat())
}

/// A seal that a client sends back.
pub(super) fn read(text: &str) -> String {
    let marked = STANDARD.decode(text).ok();
    let theirs = marked.as_deref().and_then(|bytes| bytes.strip_prefix(MARK));
    let theirs = theirs.and_then(|bytes| std::str::from_utf8(bytes).ok());
    theirs.unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn google_s_own_seals_stay_and_others_come_back_as_they_were() {
        for seal in ["CvYBAdHtim8=", "Cv-_", NO_SEAL] {
            assert_eq!(written(seal), seal);
            assert_eq!(read(seal), seal);
        }
        for seal in ["redacted_thinking:aGlkZGVu", "gAAAA_-x!"] {
            let sent = written(seal);
            assert!(STANDARD.decode(&sent).is_ok(), "{seal}");
            assert_eq!(read(&sent), seal);
        }
    }
}
