use crate::Text;

/// Tokens (or other units) of one span, by disjoint types: the sum of those of tokens is the total.
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
    /// All tokens.
    pub const TOTAL: &'static str = "total";

    /// What is counted, but not in tokens, ends in one of these.
    const NO_TOKENS: [&'static str; 7] =
        ["_seconds", "_images", "_characters", "_pixels", "_pages", "_messages", "_searches"];

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

    /// Whether a type counts tokens that a model read or wrote: it is of a side, and its name ends in
    /// no other unit. `images`, `web_searches` and `output_audio_seconds` count something else.
    #[must_use]
    pub fn is_tokens(name: &str) -> bool {
        (Self::is_input(name) || Self::is_output(name))
            && !Self::NO_TOKENS.iter().any(|end| name.ends_with(end))
    }

    /// Whether a type counts tokens of the input side.
    #[must_use]
    pub fn is_input_tokens(name: &str) -> bool {
        Self::is_input(name) && Self::is_tokens(name)
    }

    /// Whether a type counts tokens of the output side.
    #[must_use]
    pub fn is_output_tokens(name: &str) -> bool {
        Self::is_output(name) && Self::is_tokens(name)
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

    /// All tokens of input, cached included. `None` where no such type was counted.
    #[must_use]
    pub fn input_total(&self) -> Option<i64> {
        sum(self.types().filter(|(name, _)| UsageType::is_input_tokens(name)))
    }

    /// All tokens of output, reasoning included. `None` where no such type was counted.
    #[must_use]
    pub fn output_total(&self) -> Option<i64> {
        sum(self.types().filter(|(name, _)| UsageType::is_output_tokens(name)))
    }

    /// All tokens, or the stated total where no type of tokens was counted. Seconds, images, searches
    /// and the like are not added to them.
    #[must_use]
    pub fn total(&self) -> Option<i64> {
        sum(self.types().filter(|(name, _)| UsageType::is_tokens(name))).or(self.stated_total)
    }

    /// Whether nothing was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.types().next().is_none() && self.stated_total.is_none()
    }
}

fn sum<'a>(types: impl Iterator<Item = (&'a str, i64)>) -> Option<i64> {
    types.fold(None, |sum, (_, count)| Some(sum.unwrap_or(0i64).saturating_add(count)))
}

#[cfg(test)]
mod tests;
