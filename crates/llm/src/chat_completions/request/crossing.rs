//! What gets lost between this protocol and others, and what must not.

use super::Dialect;
use super::write_messages::unsaid;
use crate::chat::{Media, MediaSource, Part, Request, Unreadable};

/// Fields of `extra` without which a request means something else: tools that are not functions,
/// searches, answers that are spoken.
const NEEDED: [&str; 4] = ["tools", "tool_choice", "web_search_options", "audio"];

/// Makes a request that was read from another protocol one that [`super::write_request_in`] can
/// write: without `extra`.
///
/// A tool's failure and seals of thoughts are dropped; so are thoughts where [`Dialect`] says so, and
/// `top_k` and the user where they are refused.
///
/// # Errors
/// It asks for something that this protocol cannot say and that changes the answer: a picture by a
/// provider's id, a recording or document by address, a medium in a turn of the model.
pub fn adopt(request: &mut Request, dialect: Dialect) -> Result<(), Unreadable> {
    let mut turns = request.messages.iter().enumerate();
    if let Some(unsaid) = turns.find_map(|(index, turn)| unsaid(index, turn, dialect)) {
        return Err(unsaid);
    }
    request.extra.clear();
    Ok(())
}

/// Whether a request that was read as this protocol means the same in another one, which knows
/// nothing of its `extra`.
///
/// # Errors
/// It needs something that only this protocol has.
pub fn release(request: &Request) -> Result<(), Unreadable> {
    if let Some(name) = NEEDED.iter().find(|name| request.extra.contains_key(**name)) {
        let reason = "is of chat completions alone, by which this model is not called; \
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
        Part::Image(Media { source, .. })
        | Part::Audio(Media { source, .. })
        | Part::File(Media { source, .. }) => matches!(source, MediaSource::Id(_)),
        Part::ToolResult(result) => result.parts.iter().any(is_stored),
        Part::Text(_) | Part::Reasoning { .. } | Part::ToolCall(_) | Part::Refusal(_) => false,
    }
}
