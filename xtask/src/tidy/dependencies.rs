//! Which crate may use which (`docs`: the house).

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::{Report, run_in};

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    manifest_path: PathBuf,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    /// Of crates of this workspace only.
    path: Option<PathBuf>,
}

/// Crates go by their folder's name. Dependencies of tests and build scripts count too.
pub(super) fn check(root: &Path, report: &mut Report) -> Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = ["metadata", "--format-version", "1", "--no-deps", "--offline"];
    let json = run_in(root, Command::new(cargo).args(arguments))?;
    let metadata: Metadata = serde_json::from_str(&json)?;
    for package in &metadata.packages {
        let folder = package.manifest_path.parent().context("a manifest lies in a folder")?;
        let from = name(folder);
        for path in package.dependencies.iter().filter_map(|dependency| dependency.path.as_ref()) {
            let to = name(path);
            if !may_use(&from, &to) {
                report.errors.push(format!("{from} must not depend on {to}"));
            }
        }
    }
    Ok(())
}

fn name(folder: &Path) -> String {
    folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The rules. A new exception wants a decision record.
pub(super) fn may_use(from: &str, to: &str) -> bool {
    match from {
        "model" | "journal" | "control" | "client" => false,
        "server" => to != "client" && to != "xtask",
        "archive" => matches!(to, "model" | "query"),
        // Rows and files at rest, apart from the engine over them.
        "archive-embedded" => matches!(to, "model" | "query" | "archive" | "segment"),
        _ if from.starts_with("archive-") => matches!(to, "model" | "query" | "archive"),
        _ => to == "model",
    }
}
