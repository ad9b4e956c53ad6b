//! A regular expression of a pattern, of known size.
//!
//! What it takes to try one grows with its compiled size times the length of the name.

use regex::bytes::{Regex, RegexBuilder};

use super::PatternError;

/// Sizes of compiled expressions, in bytes. One counts as the first that it fits in: the library says
/// of a size only whether it is enough.
const SIZES: [usize; 4] = [2 << 10, 4 << 10, 8 << 10, 16 << 10];
/// Bytes that an expression may keep of what it learned about names.
const LEARNED_BYTES: usize = 128 << 10;

/// A regular expression; upper and lower case are one.
#[derive(Clone, Debug)]
pub(crate) struct Expression {
    regex: Regex,
    bytes: usize,
}

impl Expression {
    /// Of ASCII, as names of models are: `\d` of all scripts is many times as large as `[0-9]`. One
    /// with other characters, or that cannot be read so, such as `\p{Greek}`, is read as Unicode.
    pub(super) fn new(text: &str) -> Result<Self, PatternError> {
        let ascii = text.is_ascii().then(|| smallest(&mut builder(text, Alphabet::Ascii)));
        let read = match ascii {
            None | Some(Err(regex::Error::Syntax(_))) => {
                smallest(&mut builder(text, Alphabet::Unicode))
            }
            Some(read) => read,
        };
        read.map_err(|error| PatternError::Regex(text.to_owned(), error.to_string()))
    }

    pub(super) fn is_match(&self, name: &str) -> bool {
        self.regex.is_match(name.as_bytes())
    }

    pub(super) fn as_str(&self) -> &str {
        self.regex.as_str()
    }

    /// What it takes, compiled.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Alphabet {
    Ascii,
    Unicode,
}

fn builder(text: &str, alphabet: Alphabet) -> RegexBuilder {
    let mut builder = RegexBuilder::new(text);
    builder.unicode(alphabet == Alphabet::Unicode);
    builder.case_insensitive(true).dfa_size_limit(LEARNED_BYTES);
    builder
}

fn smallest(builder: &mut RegexBuilder) -> Result<Expression, regex::Error> {
    let [first, rest @ ..] = SIZES;
    let mut bytes = first;
    let mut built = builder.size_limit(bytes).build();
    for size in rest {
        if !matches!(built, Err(regex::Error::CompiledTooBig(_))) {
            break;
        }
        bytes = size;
        built = builder.size_limit(bytes).build();
    }
    built.map(|regex| Expression { regex, bytes })
}

#[cfg(test)]
mod tests;
