use tracekeep_model::{Micros, Step, Version};

use super::fields::Fields;
use crate::FieldError;

/// When an event happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    /// What the sender says: the event's `timestamp`.
    pub(super) stated: Option<Micros>,
    /// When it was received.
    pub(super) received: Micros,
}

impl Moment {
    /// From the event's `timestamp`, if it has one.
    pub(super) fn read(fields: &Fields<'_>, received: Micros) -> Result<Self, FieldError> {
        let stated = fields.get("timestamp").map(|sent| sent.time(received)).transpose()?;
        Ok(Self { stated, received })
    }

    /// The stated moment, else receipt.
    pub(super) fn time(self) -> Micros {
        self.stated.unwrap_or(self.received)
    }

    /// What a step at this moment states is ordered by.
    pub(super) fn version(self, step: Step) -> Version {
        Version::stated(self.time(), self.received, step)
    }
}
