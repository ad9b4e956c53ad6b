//! What the data folder holds: segments and the control store.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use tracekeep_archive::ArchiveError;
use tracekeep_archive_embedded::{Inspection, inspect};

use super::folder::Use;
use super::report::Report;

/// The first bytes of every SQLite file.
const SQLITE: &[u8; 16] = b"SQLite format 3\0";

pub(super) fn check(data: &Path, folder_use: Use, report: &mut Report) {
    check_archive(&data.join("archive"), folder_use, report);
    check_control(&data.join("control.db"), report);
}

fn check_archive(dir: &Path, folder_use: Use, report: &mut Report) {
    let found = match inspected(dir, folder_use) {
        Ok(found) => found,
        Err(error) => {
            let remedy = "start the Tracekeep that wrote it, or restore manifest.json from a copy";
            report.fail("manifest", error.to_string(), remedy);
            return;
        }
    };
    let Inspection { segments, spans, bytes, checkpoint, damaged, debris } = found;
    report.ok("manifest", format!("{segments} segments, journal needed from {checkpoint}"));
    for damage in &damaged {
        let found = format!("{}: {}", damage.folder.display(), damage.reason);
        let remedy = "do as it says, else restore this folder from a copy: a server needs it";
        report.fail("segment", found, remedy);
    }
    if damaged.is_empty() && segments > 0 {
        let mib = bytes as f64 / f64::from(1 << 20);
        report.ok("segments", format!("{spans} spans in {mib:.1} MiB can be read"));
    }
    // A running server's newest folder is not in the manifest yet.
    if !debris.is_empty() && folder_use == Use::Nobody {
        let one = debris[0].display();
        let found = format!("{} folders that nothing needs, such as {one}", debris.len());
        report.warn("debris", found, "nothing to do: a start removes what a crash left");
    }
}

/// A server may drop a segment while it is looked at; not so often that a second look meets it too.
fn inspected(dir: &Path, folder_use: Use) -> Result<Inspection, ArchiveError> {
    let found = inspect(dir)?;
    if folder_use == Use::Server && !found.damaged.is_empty() {
        return inspect(dir);
    }
    Ok(found)
}

fn check_control(path: &Path, report: &mut Report) {
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(16).read_to_end(&mut start));
    let shown = path.display();
    match read {
        Ok(_) if start == SQLITE => report.ok("control store", format!("{shown} is there")),
        // Made, and its maker stopped before the first write.
        Ok(0) => report.ok("control store", format!("{shown} is empty; the next start fills it")),
        Ok(_) => {
            let remedy = "restore it from a copy: projects and keys are in it";
            report.fail("control store", format!("{shown} is no SQLite file"), remedy);
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let found = format!("{shown} is not there");
            if path.with_file_name("journal").is_dir() {
                let remedy = "restore it from a copy; else the next start makes new projects and \
                              keys, and nobody reads the traces of the old ones";
                report.warn("control store", found, remedy);
            } else {
                report.ok("control store", format!("{found}; the first start makes it"));
            }
        }
        Err(error) => {
            let remedy = "let this user read it";
            report.fail("control store", format!("{shown}: {error}"), remedy);
        }
    }
}
