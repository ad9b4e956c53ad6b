//! Rules about a file by itself: its name, its length, and what must never be in it.

use std::path::Path;

use super::Report;

/// Names that say nothing about what is inside.
const NAMELESS: [&str; 6] = ["common", "util", "utils", "types", "helper", "helpers"];
const LONG: usize = 500;
const TOO_LONG: usize = 600;

// In two parts, so that this file does not contain what it looks for.
const MACHINE_PATHS: [&str; 3] =
    [concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/Use", "rs/")];
const KEY_BEGIN: &str = concat!("-----BE", "GIN ");
const KEY_END: &str = concat!("PRIVATE ", "KEY-----");
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

pub(super) fn check_name(path: &str, report: &mut Report) {
    for part in path.split('/') {
        let stem = part.split('.').next().unwrap_or(part);
        if NAMELESS.contains(&stem) {
            report.errors.push(format!("{path}: name `{part}` after what it holds"));
        }
    }
}

pub(super) fn check_text(path: &str, text: &str, report: &mut Report) {
    check_length(path, text, report);
    for (number, line) in (1..).zip(text.lines()) {
        if let Some(machine_path) = machine_path(line) {
            report.errors.push(format!("{path}:{number}: a path of one machine: {machine_path}"));
        }
        if line.contains(KEY_BEGIN) && line.contains(KEY_END) {
            report.errors.push(format!("{path}:{number}: a private key"));
        }
        if names_registry(path, line.trim()) {
            report.errors.push(format!("{path}:{number}: names a package registry"));
        }
    }
}

fn check_length(path: &str, text: &str, report: &mut Report) {
    let source = [".rs", ".ts", ".tsx"].iter().any(|ending| path.ends_with(ending));
    let generated = text.lines().take(5).any(|line| line.contains(concat!("@gene", "rated")));
    if !source || generated {
        return;
    }
    let lines = text.lines().count();
    if lines > TOO_LONG {
        report.errors.push(format!("{path}: {lines} lines; at most {TOO_LONG}"));
    } else if lines > LONG {
        report.warnings.push(format!("{path}: {lines} lines"));
    }
}

/// A path that only one machine has; not as the continuation of a longer path or of a URL.
fn machine_path(line: &str) -> Option<&'static str> {
    MACHINE_PATHS.into_iter().find(|machine_path| {
        line.match_indices(*machine_path).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            before.is_none_or(|c| !(c.is_alphanumeric() || "._-~}])*".contains(c)))
        })
    })
}

/// Whether a file that package managers read names a registry. Which one is used is the matter of
/// the machine.
fn names_registry(path: &str, line: &str) -> bool {
    let file = Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or(path);
    match file {
        "package-lock.json" => line.starts_with("\"resolved\": \"http"),
        ".npmrc" | ".yarnrc" => line.starts_with("registry") || line.contains(":registry"),
        "Cargo.lock" => line.starts_with("source = \"registry+") && !line.contains(CRATES_IO),
        "config.toml" if path.contains(".cargo/") => {
            line.starts_with("[source") || line.starts_with("[registr")
        }
        "pip.conf" => true,
        _ if file.starts_with("requirements") => {
            ["--index-url", "--extra-index-url", "--find-links", "-i ", "-f "]
                .iter()
                .any(|option| line.starts_with(option))
        }
        _ => false,
    }
}
