//! Turns that alternate, as Anthropic and Amazon want them.

use crate::chat::{Message, Part, Role};

/// Neighbouring messages of one speaker.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    pub(crate) role: Role,
    /// Every part, with the message and the place in it that it comes from.
    pub(crate) parts: Vec<((usize, usize), &'a Part)>,
}

/// Neighbours become one turn. In the user's, results of tools come first: they must follow the calls
/// at once.
pub(crate) fn turns(messages: &[Message]) -> Vec<Turn<'_>> {
    let mut turns: Vec<Turn<'_>> = Vec::new();
    for (number, message) in messages.iter().enumerate() {
        let parts = message.parts.iter().enumerate().map(|(place, part)| ((number, place), part));
        match turns.last_mut() {
            Some(turn) if turn.role == message.role => turn.parts.extend(parts),
            _ => turns.push(Turn { role: message.role, parts: parts.collect() }),
        }
    }
    for turn in turns.iter_mut().filter(|turn| turn.role == Role::User) {
        turn.parts.sort_by_key(|(_, part)| !matches!(part, Part::ToolResult(_)));
    }
    turns
}
