//! `xtask tidy`: rules of the repository that no compiler checks.

mod dependencies;
mod files;
mod links;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// What is wrong, and what will be.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) errors: Vec<String>,
    pub(crate) warnings: Vec<String>,
}

pub(crate) fn run() -> Result<()> {
    let report = check(&root()?)?;
    for warning in &report.warnings {
        println!("warning: {warning}");
    }
    for error in &report.errors {
        println!("error: {error}");
    }
    match report.errors.len() {
        0 => println!("tidy: all rules hold"),
        count => bail!("{count} rules of the repository are broken"),
    }
    Ok(())
}

fn check(root: &Path) -> Result<Report> {
    let mut report = Report::default();
    // Cargo does not read a workspace of which a file is missing; the other rules can be checked.
    if let Err(error) = dependencies::check(root, &mut report) {
        report.errors.push(format!("{error:#}"));
    }
    check_files(root, &tracked(root)?, &mut report);
    Ok(report)
}

fn check_files(root: &Path, paths: &[String], report: &mut Report) {
    for path in paths {
        let Ok(bytes) = std::fs::read(root.join(path)) else {
            continue; // deleted, but not yet in git
        };
        files::check_name(path, report);
        let Ok(text) = String::from_utf8(bytes) else { continue };
        files::check_text(path, &text, report);
        links::check(root, path, &text, report);
    }
}

/// What is in git, and what would be after `git add`.
fn tracked(root: &Path) -> Result<Vec<String>> {
    let list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"];
    let output = run_in(root, Command::new("git").args(list))?;
    Ok(output.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect())
}

fn run_in(root: &Path, command: &mut Command) -> Result<String> {
    let output =
        command.current_dir(root).output().with_context(|| format!("{command:?} cannot run"))?;
    if !output.status.success() {
        bail!("{command:?} failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?)
}

pub(crate) fn root() -> Result<PathBuf> {
    // What cargo says now, or where it is run: a binary may have been built for another checkout.
    let started = match std::env::var("CARGO_MANIFEST_DIR") {
        Ok(xtask) => PathBuf::from(xtask),
        Err(_) => std::env::current_dir()?,
    };
    let root = started.ancestors().find(|folder| folder.join("Cargo.lock").is_file());
    Ok(root.context("run this within the repository")?.to_owned())
}

#[cfg(test)]
mod tests;
