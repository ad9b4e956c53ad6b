//! The journal: whether all that was acknowledged and is not sealed yet is in it.

use std::path::Path;

use tracekeep_archive_embedded::{Extent, checkpoint as current_checkpoint};
use tracekeep_journal::{Inspection, OpenError, OsStorage, Position, inspect};

use super::folder::Use;
use super::progress::{Progress, mib};
use super::report::Report;
use crate::pipeline::losses;

/// Looks at a running server's journal, each beginning with the files as they are then.
const LOOKS: usize = 3;

/// Reads the journal by the rules of a start. The archive needs it from `checkpoint` on, or before that
/// was looked at; `None`: it does not say.
pub(super) fn check(
    data: &Path,
    folder_use: Use,
    checkpoint: Option<u64>,
    extent: Extent,
    progress: &mut Progress<'_>,
    report: &mut Report,
) {
    let dir = data.join("journal");
    let found = match inspected(&dir, folder_use, extent, progress) {
        Ok(found) => found,
        Err(error) => {
            let stake = match checkpoint {
                Some(checkpoint) => losses::stake(&dir, checkpoint),
                None => "mend the manifest first: it says what only the journal has".to_owned(),
            };
            report.fail("journal", error.to_string(), stake);
            return;
        }
    };
    // A server that is at work may have sealed and removed files since the archive was looked at.
    let now = current_checkpoint(&data.join("archive")).ok();
    let missing = now.and_then(|now| found.missing_before(Position::new(now)));
    let lost = match checkpoint {
        Some(checkpoint) if found.end.get() < checkpoint => {
            Some(losses::of_end(checkpoint, found.end.get()))
        }
        _ => missing.map(|missing| losses::of_first_files(&missing)),
    };
    match lost {
        Some(lost) => {
            report.fail("journal", lost, "a start as it stands goes on without these records");
        }
        None if found.files == 0 => check_absence(data, report),
        None => say_what_is_there(&found, folder_use, extent, report),
    }
}

/// A server may remove a file while it is looked at; not so often that each look meets it.
fn inspected(
    dir: &Path,
    folder_use: Use,
    extent: Extent,
    progress: &mut Progress<'_>,
) -> Result<Inspection, OpenError> {
    let looks = if folder_use == Use::Server { LOOKS } else { 1 };
    let extent = match extent {
        Extent::Ends => tracekeep_journal::Extent::Headers,
        Extent::Everything => tracekeep_journal::Extent::Blocks,
    };
    let mut look = || inspect(&OsStorage, dir, extent, &mut |bytes| progress.add(bytes));
    let mut found = look();
    for _ in 1..looks {
        if found.is_ok() {
            break;
        }
        found = look();
    }
    found
}

/// A journal without files: each start makes one, and something stays of it.
fn check_absence(data: &Path, report: &mut Report) {
    let shown = data.join("journal");
    let shown = shown.display();
    if data.join("control.db").exists() {
        let found = format!(
            "{shown} has no journal, though a server ran here: if it was moved away, what was \
             acknowledged and not sealed is lost"
        );
        report.warn("journal", found, "if there is a copy, put it back while no server runs");
    } else {
        report.ok("journal", format!("{shown} has none yet; the first start makes it"));
    }
}

fn say_what_is_there(found: &Inspection, folder_use: Use, extent: Extent, report: &mut Report) {
    let Inspection { files, bytes, blocks, end, torn, .. } = found;
    let size = format!("{files} files, {}", mib(*bytes));
    match extent {
        Extent::Everything => {
            report.ok(
                "journal",
                format!("{blocks} blocks read and whole, to position {end} ({size})"),
            );
        }
        Extent::Ends => {
            report.ok("journal", format!("its files follow each other ({size}); blocks not read"));
        }
    }
    // A running server is writing there.
    if *torn > 0 && folder_use == Use::Nobody {
        let found =
            format!("{torn} bytes at its end are no whole group; the next start drops them");
        let remedy = "nothing to do if the server was killed or lost power while it wrote them, as \
                      nobody was told that they are kept; else restore the journal from a copy";
        report.warn("journal", found, remedy);
    }
}
