//! The data folder: there, writable, durable in good time, and in whose hands.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tracekeep_journal::{OsStorage, Storage as _};

use super::report::Report;

/// Times that the probe is synced; the one in the middle counts.
const SYNCS: usize = 9;
/// A request waits for a sync: slower ones are felt.
const SLOW: Duration = Duration::from_millis(20);

/// Who has the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// A running server.
    Server,
    /// Nobody, as far as can be told.
    Nobody,
}

/// Looks at the folder, and writes and removes a file in it.
pub(super) fn check(data: &Path, report: &mut Report) {
    let shown = data.display();
    match fs::metadata(data) {
        Ok(metadata) if metadata.is_dir() => {
            report.ok("data folder", format!("{shown} is there"));
            check_writing(data, report);
        }
        Ok(_) => {
            report.fail("data folder", format!("{shown} is no folder"), "name one with --data");
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            report.ok("data folder", format!("{shown} is not there; the first start makes it"));
            check_writing(&existing_parent(data), report);
        }
        Err(error) => {
            let remedy = "let this user read the folder, or name another with --data";
            report.fail("data folder", format!("{shown}: {error}"), remedy);
        }
    }
}

/// Whether a server has locked the folder.
pub(super) fn check_use(data: &Path, report: &mut Report) -> Use {
    let journal = data.join("journal");
    if !journal.is_dir() {
        return Use::Nobody;
    }
    // Let go at once: a server that starts meanwhile would not get it.
    match OsStorage.lock(&journal).map(drop) {
        Ok(()) => {
            report.ok("lock", "no server has the folder");
            Use::Nobody
        }
        Err(error) if error.kind() == ErrorKind::WouldBlock => {
            report.ok("lock", "a running server has the folder");
            Use::Server
        }
        Err(error) => {
            let remedy = "run this as the user that runs the server";
            report.warn("lock", format!("{}: {error}", journal.display()), remedy);
            Use::Nobody
        }
    }
}

/// The nearest folder above that there is.
fn existing_parent(data: &Path) -> PathBuf {
    data.ancestors().skip(1).find(|parent| parent.is_dir()).unwrap_or(Path::new(".")).to_owned()
}

fn check_writing(dir: &Path, report: &mut Report) {
    match probe(dir) {
        Ok(time) => {
            let found = format!("durable after {:.1} ms", time.as_secs_f64() * 1_000.0);
            if time <= SLOW {
                report.ok("writing", found);
            } else {
                let remedy = "every request waits for this: use a local disk with a faster sync";
                report.warn("writing", found, remedy);
            }
        }
        Err(error) => {
            let found = format!("a file in {} failed: {error}", dir.display());
            let remedy = "let this user write there, or name another folder with --data; \
                          its file system must support fsync and rename";
            report.fail("writing", found, remedy);
        }
    }
}

/// What the journal and the manifest do to files; gives back the time of a write and its sync.
fn probe(dir: &Path) -> std::io::Result<Duration> {
    let path = dir.join(format!(".tracekeep-doctor-{}", std::process::id()));
    let renamed = path.with_extension("renamed");
    let result = write_and_rename(dir, &path, &renamed);
    for path in [path, renamed] {
        // One of the two is there at most.
        let _ = fs::remove_file(path);
    }
    result
}

fn write_and_rename(dir: &Path, path: &Path, renamed: &Path) -> std::io::Result<Duration> {
    let mut file = File::create_new(path)?;
    let mut times = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        let began = Instant::now();
        file.write_all(&[0; 4_096])?;
        file.sync_data()?;
        times.push(began.elapsed());
    }
    file.sync_all()?;
    fs::rename(path, renamed)?;
    File::open(dir)?.sync_all()?;
    times.sort_unstable();
    Ok(times[SYNCS / 2])
}
