//! A piece of an answer that comes as a stream.

use super::{ApiError, Counted, Finish, ToolCall};

/// A piece of a streamed answer, in the order in which the provider sends them. Every text is a
/// continuation; empty ones are not sent on.
///
/// A part goes on until another kind of part, or another `call`, of the same choice begins.
#[derive(Clone, Debug, PartialEq)]
pub enum Delta {
    /// The answer begins. Fields may come later, in a second `Start`.
    Start {
        /// The provider's id of the answer.
        id: Option<String>,
        /// The model that answers.
        model: Option<String>,
        /// When, in seconds since 1970.
        created: Option<i64>,
        /// The class of service that is given.
        service_tier: Option<String>,
    },
    /// Text.
    Text {
        /// Of which answer, from 0.
        choice: u32,
        /// The text.
        text: String,
    },
    /// Thoughts.
    Reasoning {
        /// Of which answer, from 0.
        choice: u32,
        /// The thoughts; empty where only `sealed` comes.
        text: String,
        /// As in [`super::Part::Reasoning`]; comes once, at the end of the part.
        sealed: Option<String>,
    },
    /// The model declines.
    Refusal {
        /// Of which answer, from 0.
        choice: u32,
        /// The text.
        text: String,
    },
    /// A tool's call begins; `arguments` are what is known of them yet.
    ToolCall {
        /// Of which answer, from 0.
        choice: u32,
        /// Counts the calls of an answer, from 0.
        call: u32,
        /// The call.
        begin: ToolCall,
    },
    /// More of a call's arguments.
    Arguments {
        /// Of which answer, from 0.
        choice: u32,
        /// Of which call.
        call: u32,
        /// JSON text.
        text: String,
    },
    /// An answer ended.
    Finish {
        /// Which answer, from 0.
        choice: u32,
        /// Why.
        reason: Finish,
    },
    /// What was counted so far; a later one replaces it, type by type.
    Counted(Counted),
    /// The provider failed midway.
    Failed(ApiError),
    /// Nothing more comes. A stream without it was cut off.
    End,
}
