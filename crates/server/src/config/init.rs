//! The first project, from variables that are no settings: they name what is made once.

use std::ffi::OsString;

use tracekeep_control::{Init, Secret};

use crate::config::kind::quoted;

const FAMILIES: [&str; 2] = ["TRACEKEEP_INIT_", "LANGFUSE_INIT_"];

/// Whose values may be shown; all others are taken for secrets.
const OPEN: [&str; 8] = [
    "ORG_ID",
    "ORG_NAME",
    "PROJECT_ID",
    "PROJECT_NAME",
    "PROJECT_RETENTION",
    "PROJECT_PUBLIC_KEY",
    "USER_EMAIL",
    "USER_NAME",
];

/// The first project's names and keys, from `TRACEKEEP_INIT_*`, or the same with `LANGFUSE_INIT_`.
pub(crate) fn init(variable: impl Fn(&str) -> Option<String>) -> Init {
    let given = |name: &str| {
        FAMILIES
            .iter()
            .find_map(|family| variable(&format!("{family}{name}")).filter(|v| !v.is_empty()))
    };
    Init {
        org_id: given("ORG_ID"),
        org_name: given("ORG_NAME"),
        project_id: given("PROJECT_ID"),
        project_name: given("PROJECT_NAME"),
        retention_days: given("PROJECT_RETENTION"),
        public_key: given("PROJECT_PUBLIC_KEY"),
        secret_key: given("PROJECT_SECRET_KEY").map(Secret::new),
    }
}

/// The variables of the first project that are set, each with its value as text, secrets masked.
pub(super) fn shown(variables: &[(OsString, OsString)]) -> Vec<(&str, String)> {
    let mut shown = Vec::new();
    for (name, value) in variables.iter().filter(|(_, value)| !value.is_empty()) {
        let Some(name) = name.to_str() else { continue };
        let rest = FAMILIES.iter().find_map(|family| name.strip_prefix(*family));
        if let Some(rest) = rest {
            let is_open = OPEN.contains(&rest);
            let value = if is_open { quoted(&value.to_string_lossy()) } else { "***".into() };
            shown.push((name, value));
        }
    }
    shown
}

#[cfg(test)]
mod tests;
