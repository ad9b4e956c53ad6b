//! The machine: its clock and its disk.

use std::path::Path;
use std::process::{Command, Stdio};

use tracekeep_model::Micros;

use super::report::Report;

/// 2025-01-01T00:00:00Z, before the first version of Tracekeep.
const EARLIEST: Micros = Micros(1_735_689_600_000_000);
const GIB: u64 = 1 << 30;

/// Times are compared with those of senders, and decide what retention drops.
pub(super) fn check_clock(now: Micros, report: &mut Report) {
    if now < EARLIEST {
        let remedy = "set it; a server that believes it refuses every trace as too new";
        report.fail("clock", format!("{now} cannot be"), remedy);
    } else {
        report.ok("clock", now.to_string());
    }
}

/// How much room the folder's file system has, where `df` is there to say it.
pub(super) fn check_space(data: &Path, report: &mut Report) {
    let existing = data.ancestors().find(|path| path.is_dir()).unwrap_or(Path::new("."));
    let Some(bytes) = free_bytes(existing) else { return };
    let found = format!("{:.1} GiB free", bytes as f64 / GIB as f64);
    if bytes < GIB {
        let remedy = "make room, or move the data with --data: a full disk stops the intake";
        report.warn("disk space", found, remedy);
    } else {
        report.ok("disk space", found);
    }
}

/// The standard library cannot ask the file system, and one number is worth no dependency.
fn free_bytes(dir: &Path) -> Option<u64> {
    let mut df = Command::new("df");
    let output = df.arg("-Pk").arg("--").arg(dir).stderr(Stdio::null()).output().ok()?;
    free_of_df(&String::from_utf8_lossy(&output.stdout))
}

/// The bytes available in what `df -Pk` prints: the number before the percentage, in KiB.
pub(super) fn free_of_df(text: &str) -> Option<u64> {
    let words: Vec<&str> = text.lines().nth(1)?.split_whitespace().collect();
    let percentage = words.iter().rposition(|word| word.ends_with('%'))?;
    let available: u64 = words.get(percentage.checked_sub(1)?)?.parse().ok()?;
    available.checked_mul(1_024)
}
