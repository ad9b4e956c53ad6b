//! What is added up of one hour and model, and where it is read from.

use arrow::array::{
    Decimal128Array, Int64Array, RecordBatch, StringViewArray, TimestampMicrosecondArray,
};
use tracekeep_model::{Kind, Micros, Money, Status};

use crate::batch::RowWriter;
use crate::columns::{number, numbers, text, texts};

/// One hour of one model.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sums {
    requests: i64,
    successes: i64,
    errors: i64,
    duration: Mean,
    first_token: Mean,
    tokens: Mean,
    cost: Money,
    input: i64,
    output: i64,
    /// The earliest receipt.
    created: Micros,
}

/// What an average is made of.
#[derive(Clone, Debug, Default, PartialEq)]
struct Mean {
    sum: i128,
    /// Of the values that are there.
    count: i64,
}

impl Mean {
    fn of(value: Option<i64>) -> Self {
        value.map(|value| Self { sum: value.into(), count: 1 }).unwrap_or_default()
    }

    fn join(&mut self, other: &Self) {
        self.sum = self.sum.saturating_add(other.sum);
        self.count = self.count.saturating_add(other.count);
    }

    fn append(&self, row: &mut RowWriter) {
        row.raw_money(Some(self.sum));
        row.int(Some(self.count));
    }
}

impl Default for Sums {
    /// Of nothing.
    fn default() -> Self {
        Self {
            requests: 0,
            successes: 0,
            errors: 0,
            duration: Mean::default(),
            first_token: Mean::default(),
            tokens: Mean::default(),
            cost: Money::ZERO,
            input: 0,
            output: 0,
            created: Micros(i64::MAX),
        }
    }
}

impl Sums {
    pub(super) fn join(&mut self, other: &Self) {
        self.requests = self.requests.saturating_add(other.requests);
        self.successes = self.successes.saturating_add(other.successes);
        self.errors = self.errors.saturating_add(other.errors);
        self.duration.join(&other.duration);
        self.first_token.join(&other.first_token);
        self.tokens.join(&other.tokens);
        self.cost += other.cost;
        self.input = self.input.saturating_add(other.input);
        self.output = self.output.saturating_add(other.output);
        self.created = self.created.min(other.created);
    }

    pub(super) fn append(&self, row: &mut RowWriter) {
        row.int(Some(self.requests));
        row.int(Some(self.successes));
        row.int(Some(self.errors));
        self.duration.append(row);
        self.first_token.append(row);
        self.tokens.append(row);
        row.money(Some(self.cost));
        row.int(Some(self.input));
        row.int(Some(self.output));
        row.time(Some(self.created));
    }
}

/// The columns of `spans` that count.
pub(crate) struct SpanColumns<'a> {
    kind: Option<&'a StringViewArray>,
    status: Option<&'a StringViewArray>,
    model: Option<&'a StringViewArray>,
    start: Option<&'a TimestampMicrosecondArray>,
    received: Option<&'a TimestampMicrosecondArray>,
    duration: Option<&'a Int64Array>,
    first_token: Option<&'a Int64Array>,
    tokens: Option<&'a Int64Array>,
    input: Option<&'a Int64Array>,
    output: Option<&'a Int64Array>,
    cost: Option<&'a Decimal128Array>,
}

impl<'a> SpanColumns<'a> {
    /// Their names.
    pub(crate) const NAMES: &'static [&'static str] = &[
        "kind",
        "status",
        "model",
        "start_time",
        "received_at",
        "duration_us",
        "first_token_us",
        "usage_total",
        "input_tokens",
        "output_tokens",
        "cost_total",
    ];

    pub(crate) fn of(spans: &'a RecordBatch) -> Self {
        Self {
            kind: texts(spans, "kind"),
            status: texts(spans, "status"),
            model: texts(spans, "model"),
            start: numbers(spans, "start_time"),
            received: numbers(spans, "received_at"),
            duration: numbers(spans, "duration_us"),
            first_token: numbers(spans, "first_token_us"),
            tokens: numbers(spans, "usage_total"),
            input: numbers(spans, "input_tokens"),
            output: numbers(spans, "output_tokens"),
            cost: numbers(spans, "cost_total"),
        }
    }

    /// Hour and model of a row that is a generation.
    pub(super) fn key(&self, row: usize) -> Option<(Micros, &'a str)> {
        if text(self.kind, row) != Some(Kind::Generation.as_str()) {
            return None;
        }
        let start = Micros(number(self.start, row).unwrap_or_default());
        Some((start.hour(), text(self.model, row).unwrap_or_default()))
    }

    pub(super) fn add_to(&self, sums: &mut Sums, row: usize) {
        let status = text(self.status, row);
        sums.join(&Sums {
            requests: 1,
            successes: i64::from(status == Some(Status::Success.as_str())),
            errors: i64::from(status == Some(Status::Error.as_str())),
            duration: Mean::of(number(self.duration, row)),
            first_token: Mean::of(number(self.first_token, row)),
            tokens: Mean::of(number(self.tokens, row)),
            cost: Money(number(self.cost, row).unwrap_or_default()),
            input: number(self.input, row).unwrap_or_default(),
            output: number(self.output, row).unwrap_or_default(),
            created: Micros(number(self.received, row).unwrap_or(i64::MAX)),
        });
    }
}

/// The columns of hours.
pub(super) struct HourColumns<'a> {
    hour: Option<&'a TimestampMicrosecondArray>,
    model: Option<&'a StringViewArray>,
    requests: Option<&'a Int64Array>,
    successes: Option<&'a Int64Array>,
    errors: Option<&'a Int64Array>,
    duration: MeanColumns<'a>,
    first_token: MeanColumns<'a>,
    tokens: MeanColumns<'a>,
    cost: Option<&'a Decimal128Array>,
    input: Option<&'a Int64Array>,
    output: Option<&'a Int64Array>,
    created: Option<&'a TimestampMicrosecondArray>,
}

/// Sum and count.
type MeanColumns<'a> = (Option<&'a Decimal128Array>, Option<&'a Int64Array>);

impl<'a> HourColumns<'a> {
    pub(super) fn of(rows: &'a RecordBatch) -> Self {
        let mean = |sum: &str, count: &str| (numbers(rows, sum), numbers(rows, count));
        Self {
            hour: numbers(rows, "hour_bucket"),
            model: texts(rows, "model_id"),
            requests: numbers(rows, "total_requests"),
            successes: numbers(rows, "successful_requests"),
            errors: numbers(rows, "error_requests"),
            duration: mean("duration_sum_us", "duration_count"),
            first_token: mean("first_token_sum_us", "first_token_count"),
            tokens: mean("tokens_sum", "tokens_count"),
            cost: numbers(rows, "cost_total"),
            input: numbers(rows, "input_tokens"),
            output: numbers(rows, "output_tokens"),
            created: numbers(rows, "created_at"),
        }
    }

    pub(super) fn key(&self, row: usize) -> (Micros, &'a str) {
        let hour = Micros(number(self.hour, row).unwrap_or_default());
        (hour, text(self.model, row).unwrap_or_default())
    }

    pub(super) fn sums(&self, row: usize) -> Sums {
        let int = |column: Option<&Int64Array>| number(column, row).unwrap_or_default();
        let mean = |(sum, count): MeanColumns<'_>| Mean {
            sum: number(sum, row).unwrap_or_default(),
            count: number(count, row).unwrap_or_default(),
        };
        Sums {
            requests: int(self.requests),
            successes: int(self.successes),
            errors: int(self.errors),
            duration: mean(self.duration),
            first_token: mean(self.first_token),
            tokens: mean(self.tokens),
            cost: Money(number(self.cost, row).unwrap_or_default()),
            input: int(self.input),
            output: int(self.output),
            created: Micros(number(self.created, row).unwrap_or(i64::MAX)),
        }
    }
}
