//! `tracekeep doctor`: whether a server can run here, and whether what it keeps is whole.
//!
//! Nothing is changed. The one thing that is written is a small file in the data folder, which is
//! removed again. Each check adds what it found to a [`Report`]; one that cannot be made says so.
//!
//! All that is kept is read, unless only the ends of files are asked for: damage shows nowhere else.

mod folder;
mod journal;
mod machine;
mod network;
mod progress;
mod report;
mod store;

use std::io::Write as _;
use std::process::ExitCode;

use tracekeep_archive_embedded::Extent;
use tracekeep_model::Micros;

use self::folder::Use;
use self::progress::Progress;
use self::report::Report;
use crate::clock;
use crate::config::Config;

/// Checks everything and says what it found; the exit code is 1 if anything failed.
pub(crate) async fn run(config: &Config, extent: Extent) -> ExitCode {
    let mut say = |words: &str| {
        // Apart from the report; who asked may have gone.
        let _ = writeln!(std::io::stderr(), "{words}");
    };
    let report = examine(config, clock::now(), extent, &mut Progress::new(&mut say)).await;
    let _ = write!(std::io::stdout(), "{report}");
    if report.failed() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

async fn examine(
    config: &Config,
    now: Micros,
    extent: Extent,
    progress: &mut Progress<'_>,
) -> Report {
    let mut report = Report::default();
    machine::check_clock(now, &mut report);
    folder::check(&config.data, &mut report);
    machine::check_space(&config.data, &mut report);
    let folder_use = folder::check_use(&config.data, &mut report);
    let checkpoint = store::check_archive(&config.data, folder_use, extent, progress, &mut report);
    journal::check(&config.data, folder_use, checkpoint, extent, progress, &mut report);
    store::check_control(&config.data, &mut report);
    match folder_use {
        Use::Server => network::check_server(config, &mut report).await,
        Use::Nobody => network::check_ports(config, &mut report),
    }
    report
}

#[cfg(test)]
mod tests;
