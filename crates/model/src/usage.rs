use crate::Text;

/// Tokens (or other units) of one span, by disjoint types: their sum is the total.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Input tokens that are in no other input type.
    pub input: Option<i64>,
    /// Input tokens read from the provider's cache.
    pub input_cache_read: Option<i64>,
    /// Input tokens written to the provider's cache.
    pub input_cache_write: Option<i64>,
    /// Output tokens that are in no other output type.
    pub output: Option<i64>,
    /// Tokens spent on reasoning.
    pub output_reasoning: Option<i64>,
    /// Every other type.
    pub other: Vec<(Text, i64)>,
    /// A total that was stated without its parts, or beside them.
    pub stated_total: Option<i64>,
}

/// The most units of one type that a span may state: sums of millions of spans stay exact.
pub const MOST_TOKENS: i64 = 1_000_000_000_000;

/// The names of usage types that Tracekeep knows.
pub struct UsageType;

impl UsageType {
    /// Input tokens in no other input type.
    pub const INPUT: &'static str = "input";
    /// Input tokens read from a cache.
    pub const INPUT_CACHE_READ: &'static str = "input_cache_read";
    /// Input tokens written to a cache.
    pub const INPUT_CACHE_WRITE: &'static str = "input_cache_write";
    /// Output tokens in no other output type.
    pub const OUTPUT: &'static str = "output";
    /// Reasoning tokens.
    pub const OUTPUT_REASONING: &'static str = "output_reasoning";
    /// The sum of all types.
    pub const TOTAL: &'static str = "total";

    /// Whether a type is of the input side.
    #[must_use]
    pub fn is_input(name: &str) -> bool {
        name == Self::INPUT || name.starts_with("input_")
    }

    /// Whether a type is of the output side.
    #[must_use]
    pub fn is_output(name: &str) -> bool {
        name == Self::OUTPUT || name.starts_with("output_")
    }
}

impl Usage {
    /// Counts one type.
    pub fn set(&mut self, name: &Text, count: i64) {
        match &**name {
            UsageType::INPUT => self.input = Some(count),
            UsageType::INPUT_CACHE_READ => self.input_cache_read = Some(count),
            UsageType::INPUT_CACHE_WRITE => self.input_cache_write = Some(count),
            UsageType::OUTPUT => self.output = Some(count),
            UsageType::OUTPUT_REASONING => self.output_reasoning = Some(count),
            UsageType::TOTAL => self.stated_total = Some(count),
            _ => self.other.push((name.clone(), count)),
        }
    }

    /// Takes over what a later count says; what it does not say stays.
    pub fn replace(&mut self, later: &Self) {
        for (name, count) in later.types() {
            match self.other.iter_mut().find(|(known, _)| &**known == name) {
                Some((_, known)) => *known = count,
                None => self.set(&name.into(), count),
            }
        }
        self.stated_total = later.stated_total.or(self.stated_total);
    }

    /// Every type and its count, without the total.
    pub fn types(&self) -> impl Iterator<Item = (&str, i64)> {
        [
            (UsageType::INPUT, self.input),
            (UsageType::INPUT_CACHE_READ, self.input_cache_read),
            (UsageType::INPUT_CACHE_WRITE, self.input_cache_write),
            (UsageType::OUTPUT, self.output),
            (UsageType::OUTPUT_REASONING, self.output_reasoning),
        ]
        .into_iter()
        .filter_map(|(name, count)| Some((name, count?)))
        .chain(self.other.iter().map(|(name, count)| (&**name, *count)))
    }

    /// All input, cached included. `None` where no input type was counted.
    #[must_use]
    pub fn input_total(&self) -> Option<i64> {
        sum(self.types().filter(|(name, _)| UsageType::is_input(name)))
    }

    /// All output, reasoning included. `None` where no output type was counted.
    #[must_use]
    pub fn output_total(&self) -> Option<i64> {
        sum(self.types().filter(|(name, _)| UsageType::is_output(name)))
    }

    /// The sum of all types, or the stated total where no type was counted.
    #[must_use]
    pub fn total(&self) -> Option<i64> {
        sum(self.types()).or(self.stated_total)
    }

    /// Whether nothing was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.total().is_none()
    }
}

fn sum<'a>(types: impl Iterator<Item = (&'a str, i64)>) -> Option<i64> {
    types.fold(None, |sum, (_, count)| Some(sum.unwrap_or(0i64).saturating_add(count)))
}
