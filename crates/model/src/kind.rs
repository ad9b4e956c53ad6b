//! The closed sets of names that a span carries.

use std::fmt;
use std::str::FromStr;

/// A name that is not one of the set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is `{given}`, which is none of {allowed}")]
pub struct UnknownName {
    /// What was given, shortened.
    pub given: String,
    /// What would have been understood.
    pub allowed: &'static str,
}

macro_rules! names {
    ($(#[$doc:meta])* $type:ident, $allowed:literal { $($(#[$vdoc:meta])* $variant:ident = $number:literal $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $type { $($(#[$vdoc])* $variant = $number),+ }

        impl $type {
            /// Every member, in order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name in the API and in every store.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The member with this number, as written in blocks. Numbers are never reused.
            #[must_use]
            pub fn from_number(number: u8) -> Option<Self> {
                match number { $($number => Some(Self::$variant),)+ _ => None }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(self.as_str()) }
        }

        impl FromStr for $type {
            type Err = UnknownName;

            fn from_str(text: &str) -> Result<Self, UnknownName> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err(UnknownName { given: text.chars().take(64).collect(), allowed: $allowed }),
                }
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(self.as_str())
            }
        }
    };
}

names! {
    /// How an interaction stands.
    Status, "pending, success, error" {
        /// Still running.
        Pending = 0 "pending",
        /// Ended well.
        Success = 1 "success",
        /// Ended badly.
        Error = 2 "error",
    }
}

impl Status {
    /// Whether the interaction has ended.
    #[must_use]
    pub fn is_terminal(self) -> bool {
        self != Self::Pending
    }
}

names! {
    /// How much a span asks to be looked at.
    Level, "DEBUG, DEFAULT, WARNING, ERROR" {
        /// Detail for developers.
        Debug = 0 "DEBUG",
        /// Nothing special.
        Default = 1 "DEFAULT",
        /// Worth a look.
        Warning = 2 "WARNING",
        /// Something failed.
        Error = 3 "ERROR",
    }
}

names! {
    /// What a span did.
    Kind, "SPAN, GENERATION, EVENT, AGENT, TOOL, CHAIN, RETRIEVER, EVALUATOR, EMBEDDING, GUARDRAIL" {
        /// Any unit of work.
        Span = 0 "SPAN",
        /// A call of a model that generates.
        Generation = 1 "GENERATION",
        /// A moment without duration.
        Event = 2 "EVENT",
        /// An agent's run.
        Agent = 3 "AGENT",
        /// A tool's execution.
        Tool = 4 "TOOL",
        /// A fixed sequence of steps.
        Chain = 5 "CHAIN",
        /// A look-up of documents.
        Retriever = 6 "RETRIEVER",
        /// A judgement of an output.
        Evaluator = 7 "EVALUATOR",
        /// A call of a model that embeds.
        Embedding = 8 "EMBEDDING",
        /// A check that may refuse.
        Guardrail = 9 "GUARDRAIL",
    }
}
