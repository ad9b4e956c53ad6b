//! What the data folder holds: segments and the control store.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use tracekeep_archive_embedded::{Extent, Inspection, inspect};

use super::folder::Use;
use super::progress::{Progress, mib};
use super::report::Report;

/// The first bytes of every SQLite file.
const SQLITE: &[u8; 16] = b"SQLite format 3\0";

/// Reads the archive; gives back up to where it needs no journal, if it says so.
pub(super) fn check_archive(
    data: &Path,
    folder_use: Use,
    extent: Extent,
    progress: &mut Progress<'_>,
    report: &mut Report,
) -> Option<u64> {
    let found = match inspect(&data.join("archive"), extent, &mut |bytes| progress.add(bytes)) {
        Ok(found) => found,
        Err(error) => {
            let remedy = "start the Tracekeep that wrote it, or restore manifest.json from a copy";
            report.fail("manifest", error.to_string(), remedy);
            return None;
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
        let size = mib(bytes);
        report.ok(
            "segments",
            match extent {
                Extent::Everything => format!("{spans} spans in {size} read and whole"),
                Extent::Ends => {
                    format!("{spans} spans in {size}, of which only the ends of files were read")
                }
            },
        );
    }
    // A running server's newest folder is not in the manifest yet.
    if !debris.is_empty() && folder_use == Use::Nobody {
        let one = debris[0].display();
        let found = format!("{} folders that nothing needs, such as {one}", debris.len());
        report.warn("debris", found, "nothing to do: a start removes what a crash left");
    }
    Some(checkpoint)
}

/// Looks whether projects and keys are there.
pub(super) fn check_control(data: &Path, report: &mut Report) {
    let path = &data.join("control.db");
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
