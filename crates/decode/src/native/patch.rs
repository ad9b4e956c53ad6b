use tracekeep_model::{Field, Rank, Register, State, Step, Value, Version};

use super::Context;
use super::moment::Moment;
use super::sent::Sent;
use crate::FieldError;

/// What null means in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Null {
    /// Nothing, in what opens or ends a trace.
    SaysNothing,
    /// That the field is empty now, in what changes a record.
    Clears,
}

/// What one event says of one record.
pub(super) struct Patch {
    state: State,
    version: Version,
    moment: Moment,
    null: Null,
}

impl Patch {
    pub(super) fn new(moment: Moment, step: Step, null: Null) -> Self {
        let state = State::with_capacity(moment.received, 16);
        Self { state, version: moment.version(step), moment, null }
    }

    /// When the event happened.
    pub(super) fn moment(&self) -> Moment {
        self.moment
    }

    /// What null means in it.
    pub(super) fn null(&self) -> Null {
        self.null
    }

    /// What it says so far.
    pub(super) fn state(&self) -> &State {
        &self.state
    }

    pub(super) fn into_state(mut self) -> State {
        self.state.trim();
        self.state
    }

    /// The sender says so.
    pub(super) fn set(&mut self, register: impl Into<Register>, value: impl Into<Value>) {
        self.state.set(register, self.version, value);
    }

    /// It follows from what the sender says.
    pub(super) fn infer(&mut self, register: impl Into<Register>, value: impl Into<Value>) {
        self.state.set(register, self.version.with_rank(Rank::Inferred), value);
    }

    /// It holds until a sender says otherwise.
    pub(super) fn assume(&mut self, register: impl Into<Register>, value: impl Into<Value>) {
        self.state.set(register, self.version.with_rank(Rank::Assumed), value);
    }

    /// The sender said null.
    pub(super) fn clear(&mut self, register: impl Into<Register>) {
        if self.null == Null::Clears {
            self.set(register, Value::Cleared);
        }
    }

    /// A value, or null.
    pub(super) fn set_or_clear<V: Into<Value>>(
        &mut self,
        register: impl Into<Register>,
        value: Option<V>,
    ) {
        match value {
            Some(value) => self.set(register, value),
            None => self.clear(register),
        }
    }

    /// What was sent for a register, if anything was.
    pub(super) fn put<'f, V: Into<Value>>(
        &mut self,
        register: impl Into<Register>,
        sent: Option<Sent<'f>>,
        read: impl FnOnce(Sent<'f>) -> Result<V, FieldError>,
    ) -> Result<(), FieldError> {
        match sent {
            None => {}
            Some(sent) if sent.is_null() => self.clear(register),
            Some(sent) => self.set(register, read(sent)?),
        }
        Ok(())
    }

    /// Who sent the request that opens a span, unless the body says otherwise.
    pub(super) fn assume_client(&mut self, ctx: &Context<'_>) {
        if let Some(user_agent) = ctx.user_agent {
            self.assume(Field::UserAgent, user_agent);
        }
        if let Some(ip) = ctx.ip {
            self.assume(Field::Ip, ip);
        }
    }

    /// A span shows even if its start is never told; any stated start wins.
    pub(super) fn assume_start(&mut self) {
        let now = self.moment.time();
        let start = self.state.time(Field::EndTime).map_or(now, |end| end.min(now));
        self.assume(Field::StartTime, start);
    }
}
