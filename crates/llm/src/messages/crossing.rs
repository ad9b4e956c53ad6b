//! What a request of this protocol needs that no other has.

use crate::chat::{MediaSource, Part, Request, Unreadable};

/// Fields of `extra` without which a request means something else: tools that Anthropic runs or
/// defines, those of servers that it calls, and where it keeps files.
const NEEDED: [&str; 3] = ["tools", "mcp_servers", "container"];

/// Whether a request that was read as this protocol means the same in another one, which knows
/// nothing of its `extra`.
///
/// # Errors
/// It needs something that only this protocol has.
pub fn release(request: &Request) -> Result<(), Unreadable> {
    if let Some(name) = NEEDED.iter().find(|name| request.extra.contains_key(**name)) {
        let reason = "is of Anthropic's Messages alone, by which this model is not called; \
                      leave it out, or name another model";
        return Err(Unreadable::new(*name, reason));
    }
    let mut turns = request.messages.iter().enumerate();
    match turns.find(|(_, turn)| turn.parts.iter().any(is_stored)) {
        None => Ok(()),
        Some((index, _)) => Err(Unreadable::new(
            format!("messages[{index}]"),
            "has a file by its id, known to its provider alone; send its bytes or address",
        )),
    }
}

fn is_stored(part: &Part) -> bool {
    match part {
        Part::Image(media) | Part::Audio(media) | Part::File(media) => {
            matches!(media.source, MediaSource::Id(_))
        }
        Part::ToolResult(result) => result.parts.iter().any(is_stored),
        Part::Text(_) | Part::Reasoning { .. } | Part::ToolCall(_) | Part::Refusal(_) => false,
    }
}
