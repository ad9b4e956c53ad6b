use crate::Micros;

/// Who says so: the first thing that two entries of one register are compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Rank {
    /// A default of the server.
    Assumed = 0,
    /// Derived from another record, or by the server from what this one holds: a span's tokens that it
    /// counted itself ([`Estimate`](crate::Estimate)).
    Inferred = 1,
    /// Stated by a sender.
    Stated = 2,
    /// Edited by a person.
    Edited = 3,
}

/// Where in a record's life the sender spoke: breaks ties of equal times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Step {
    /// The record began.
    Start = 0,
    /// The record changed.
    Update = 1,
    /// The record ended.
    End = 2,
}

/// Orders the entries of one register: rank, then the sender's time, then step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// Who says so.
    pub rank: Rank,
    /// The sender's time, never later than the time of receipt.
    pub time: Micros,
    /// Where in the record's life.
    pub step: Step,
}

impl Version {
    /// A version stated by a sender. `time` is clamped to `received`.
    #[must_use]
    pub fn stated(time: Micros, received: Micros, step: Step) -> Self {
        Self { rank: Rank::Stated, time: time.min(received), step }
    }

    /// The same moment with another rank.
    #[must_use]
    pub fn with_rank(self, rank: Rank) -> Self {
        Self { rank, ..self }
    }
}

impl Rank {
    /// The rank with this number, as written in blocks and segments.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        [Self::Assumed, Self::Inferred, Self::Stated, Self::Edited]
            .get(usize::from(number))
            .copied()
    }
}

impl Step {
    /// The step with this number, as written in blocks and segments.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        [Self::Start, Self::Update, Self::End].get(usize::from(number)).copied()
    }
}
