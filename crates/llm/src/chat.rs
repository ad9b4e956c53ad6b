//! A conversation with a model, in no provider's dialect.
//!
//! It holds what at least two protocols can say. What only one can say is in [`Request::extra`], and
//! goes on only where the same protocol is spoken on the other side.

mod assemble;
mod delta;
mod error;
mod message;
mod request;
mod response;

pub use assemble::Assembly;
pub use delta::Delta;
pub use error::{ApiError, ErrorKind, Unreadable};
pub use message::{Media, MediaSource, Message, Part, Role, ToolCall, ToolResult};
pub use request::{OutputFormat, Params, Reasoning, Request, Tool, ToolChoice};
pub use response::{Choice, Counted, Finish, Fresh, Response};
