use tracekeep_model::Text;

use super::value::{AnyValue, Attribute};

/// One fact that several attributes may state: the one of the highest rank stays.
///
/// Conventions rename their attributes, and senders send old and new names side by side. What loses
/// comes back, to be kept as metadata: nothing that was sent is dropped.
#[derive(Debug, Default)]
pub(super) struct Slot(Option<Stated>);

#[derive(Debug)]
struct Stated {
    rank: u8,
    key: Text,
    value: AnyValue,
}

impl Slot {
    /// States the fact and returns the attribute that lost. Blank values say nothing.
    pub(super) fn offer(&mut self, rank: u8, key: Text, value: AnyValue) -> Option<Attribute> {
        if value.is_blank() {
            return None;
        }
        match &self.0 {
            Some(stated) if stated.rank > rank => Some((key, value)),
            _ => self.0.replace(Stated { rank, key, value }).map(|old| (old.key, old.value)),
        }
    }

    /// Whether nothing was stated.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The attribute that stayed.
    pub(super) fn into_attribute(self) -> Option<Attribute> {
        self.0.map(|stated| (stated.key, stated.value))
    }

    /// What it says, as text.
    pub(super) fn into_text(self) -> Option<Text> {
        self.0.map(|stated| stated.value.into_text())
    }
}
