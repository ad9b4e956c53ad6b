//! What one random patch says.

use tracekeep_model::{
    Field, Kind, Level, Micros, Money, Rank, Register, State, Status, Step, Text, Value, Version,
};
use tracekeep_query::arbitrary::{KEYS, NUMBERS, SCORE, START, TAGS, WORDS};

use super::pools::{
    AMOUNTS, COST, FLOATS, JSON, SCORE_TEXTS, SPAN_JSON, SPAN_TEXTS, TRACE_TEXTS, USAGE, member,
    version, words,
};
use super::{SPANS, TRACES, trace_id};
use crate::conformance::random::Random;

/// A patch under construction.
pub(super) struct Statement<'r> {
    random: &'r mut Random,
    received: Micros,
    state: State,
}

impl<'r> Statement<'r> {
    pub(super) fn new(random: &'r mut Random, received: Micros) -> Self {
        Self { random, received, state: State::new(received) }
    }

    /// A part of a trace.
    pub(super) fn trace(mut self) -> State {
        for _ in 0..self.random.below(7) {
            match self.random.below(10) {
                0..=3 => self.text(TRACE_TEXTS),
                4 => self.flag(&[Field::Public, Field::Bookmarked]),
                5 => {
                    let parent = trace_id(self.random.below(TRACES));
                    self.say(Field::ParentTraceId, parent);
                }
                6 => self.time(Field::StartTime, START),
                7..=8 => self.tag(),
                _ => self.metadata(),
            }
        }
        self.state
    }

    /// A part of a span that begins at `start`.
    pub(super) fn span(mut self, start: Micros) -> State {
        for _ in 0..self.random.below(9) {
            match self.random.below(16) {
                0..=4 => self.text(SPAN_TEXTS),
                5 => self.json(),
                6..=8 => self.closed_set(),
                9 => self.time(Field::StartTime, start),
                10 => self.time(Field::EndTime, start),
                11 => self.first_token(start),
                12 => self.flag(&[Field::Streaming]),
                13 => self.usage(),
                14 => self.cost(),
                _ => self.metadata(),
            }
        }
        if self.random.one_in(4) {
            let parent = self.random.pick(&SPANS);
            self.say(Field::ParentSpanId, parent);
        }
        self.state
    }

    /// A span as one message tells it whole: under one version.
    pub(super) fn whole_span(self, start: Micros) -> State {
        let Self { random, mut state, .. } = self;
        let end = if random.coin() { Some(start.plus(random.pick(NUMBERS))) } else { None };
        let step = if end.is_some() { Step::End } else { Step::Start };
        let version = Version { rank: Rank::Stated, time: end.unwrap_or(start), step };
        let status = if end.is_some() { Status::Success } else { Status::Pending };
        let (input, output) = (words(random), words(random));
        let mut say = |register: Register, value: Value| state.set(register, version, value);
        say(Field::Kind.into(), random.pick(&[Kind::Generation, Kind::Span, Kind::Tool]).into());
        say(Field::Name.into(), random.pick(WORDS).into());
        say(Field::Status.into(), status.into());
        say(Field::Level.into(), Level::Default.into());
        say(Field::StartTime.into(), start.into());
        if let Some(end) = end {
            say(Field::EndTime.into(), end.into());
            say(Field::FirstTokenTime.into(), start.plus(random.pick(NUMBERS)).into());
        }
        say(Field::Model.into(), random.pick(WORDS).into());
        say(Field::Input.into(), input.into());
        say(Field::Output.into(), output.into());
        say(usage("input"), random.pick(NUMBERS).into());
        say(usage("output"), random.pick(NUMBERS).into());
        if !random.one_in(3) {
            say(cost("total"), Money(random.pick(AMOUNTS)).into());
        }
        say(Register::Metadata(Text::from(random.pick(KEYS))), member(random).into());
        state
    }

    /// A score, or a part of one.
    pub(super) fn score(mut self) -> State {
        let name = if self.random.one_in(4) { self.random.pick(WORDS) } else { SCORE };
        self.say(Field::Name, name);
        let trace = trace_id(self.random.below(TRACES));
        self.say(Field::TargetTraceId, trace);
        for _ in 0..1 + self.random.below(5) {
            match self.random.below(9) {
                0..=3 => {
                    let number = self.random.pick(FLOATS);
                    self.say(Field::ScoreNumber, Value::Float(number));
                }
                4..=5 => self.text(SCORE_TEXTS),
                6 => {
                    let span = self.random.pick(&SPANS);
                    self.say(Field::TargetSpanId, span);
                }
                7 => self.time(Field::Timestamp, START),
                _ => self.metadata(),
            }
        }
        self.state
    }

    /// States something, or that it was emptied.
    fn say(&mut self, register: impl Into<Register>, value: impl Into<Value>) {
        let version = version(self.random, self.received);
        let value = if self.random.one_in(15) { Value::Cleared } else { value.into() };
        self.state.set(register, version, value);
    }

    fn text(&mut self, fields: &[Field]) {
        let field = self.random.pick(fields);
        let text = words(self.random);
        self.say(field, text);
    }

    fn json(&mut self) {
        let field = self.random.pick(SPAN_JSON);
        let json = self.random.pick(JSON);
        self.say(field, json);
    }

    fn flag(&mut self, fields: &[Field]) {
        let field = self.random.pick(fields);
        let flag = self.random.coin();
        self.say(field, flag);
    }

    fn closed_set(&mut self) {
        match self.random.below(4) {
            0 => {
                let status = self.random.pick(&[Status::Pending, Status::Success, Status::Error]);
                self.say(Field::Status, status);
            }
            1 => {
                let level =
                    self.random.pick(&[Level::Debug, Level::Default, Level::Warning, Level::Error]);
                self.say(Field::Level, level);
            }
            _ => {
                let kinds = [Kind::Generation, Kind::Generation, Kind::Event, Kind::Tool];
                let kind = self.random.pick(&kinds);
                self.say(Field::Kind, kind);
            }
        }
    }

    /// A moment some time after `start`.
    fn time(&mut self, field: Field, start: Micros) {
        let time = start.plus(self.random.pick(NUMBERS));
        self.say(field, time);
    }

    fn first_token(&mut self, start: Micros) {
        let after = self.random.pick(NUMBERS);
        if self.random.coin() {
            self.say(Field::FirstTokenLatency, after);
        } else {
            self.say(Field::FirstTokenTime, start.plus(after));
        }
    }

    fn usage(&mut self) {
        let name = self.random.pick(USAGE);
        let count = self.random.pick(NUMBERS);
        self.say(usage(name), count);
    }

    fn cost(&mut self) {
        let name = self.random.pick(COST);
        let amount = self.random.pick(AMOUNTS);
        self.say(cost(name), Money(amount));
    }

    fn metadata(&mut self) {
        let key = self.random.pick(KEYS);
        let json = member(self.random);
        self.say(Register::Metadata(Text::from(key)), json);
    }

    /// Present, or taken away.
    fn tag(&mut self) {
        let tag = self.random.pick(TAGS);
        let present = !self.random.one_in(3);
        let version = version(self.random, self.received);
        self.state.set(Register::Tag(Text::from(tag)), version, present);
    }
}

fn usage(name: &str) -> Register {
    Register::Usage(Text::from(name))
}

fn cost(name: &str) -> Register {
    Register::Cost(Text::from(name))
}
