//! Variables that begin as ours do and are no settings.

use std::ffi::OsStr;

/// Those that have a fixed name.
pub(super) const NAMES: [&str; 6] = [
    "TRACEKEEP_LOG",
    "TRACEKEEP_CONFIG",
    "TRACEKEEP_KEY",
    "TRACEKEEP_URL",
    "TRACEKEEP_BIN",
    "TRACEKEEP_LANGFUSE_WEBHOOK_SECRET",
];

/// The first project, which `init` reads, and what our tests and measurements use.
const FAMILIES: [&str; 3] = ["TRACEKEEP_INIT_", "TRACEKEEP_CONFORMANCE_", "TRACEKEEP_BENCH_"];

/// Whether a variable is none of the settings' business.
pub(super) fn is_foreign(name: &str, value: &OsStr) -> bool {
    NAMES.contains(&name)
        || FAMILIES.iter().any(|family| name.starts_with(family))
        || is_of_kubernetes(name, value)
}

/// Kubernetes gives every container the addresses of the services around it. A service named
/// `tracekeep` makes `TRACEKEEP_SERVICE_HOST`, `TRACEKEEP_SERVICE_PORT`, `TRACEKEEP_SERVICE_PORT_HTTP`,
/// `TRACEKEEP_PORT` and `TRACEKEEP_PORT_4000_TCP_ADDR`.
fn is_of_kubernetes(name: &str, value: &OsStr) -> bool {
    let is_url = || value.to_str().is_some_and(|value| value.contains("://"));
    let port = name.split_once("_PORT_").map(|(_, rest)| rest);
    name.ends_with("_SERVICE_HOST")
        || name.contains("_SERVICE_PORT")
        || (name.ends_with("_PORT") && is_url())
        || port.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests;
