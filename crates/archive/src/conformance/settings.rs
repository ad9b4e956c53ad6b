//! What the environment says.

const SEED: u64 = 20_260_101;
const QUERIES: u64 = 150;

/// Where all randomness begins.
pub(super) fn seed() -> u64 {
    number("TRACEKEEP_CONFORMANCE_SEED", SEED)
}

/// How many random queries are asked.
pub(super) fn queries() -> usize {
    usize::try_from(number("TRACEKEEP_CONFORMANCE_QUERIES", QUERIES)).unwrap()
}

fn number(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} is `{text}`, no whole number")),
        Err(_) => default,
    }
}
