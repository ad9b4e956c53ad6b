use tracekeep_model::{Field, Micros, Register, State, Text, Value, Version};

/// Fills the state of one span: every register at the span's one version.
#[derive(Debug)]
pub(super) struct Writer {
    state: State,
    version: Version,
}

impl Writer {
    /// A writer for about `capacity` registers.
    pub(super) fn new(received: Micros, capacity: usize, version: Version) -> Self {
        Self { state: State::with_capacity(received, capacity), version }
    }

    /// States a field, if there is something to state. Fastest in the order of the fields' numbers.
    pub(super) fn set(&mut self, field: Field, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.state.set(field, self.version, value);
        }
    }

    /// States one key of the metadata.
    pub(super) fn metadata(&mut self, key: Text, json: Text) {
        self.state.set(Register::Metadata(key), self.version, json);
    }

    /// States one usage type's count, if it is known.
    pub(super) fn usage(&mut self, name: &'static str, count: Option<i64>) {
        if let Some(count) = count {
            self.state.set(Register::Usage(Text::from_static(name)), self.version, count);
        }
    }

    /// The state.
    pub(super) fn finish(mut self) -> State {
        self.state.trim();
        self.state
    }
}
