//! `tracekeep doctor`: whether a server can run here, and whether what it keeps is whole.
//!
//! Nothing is changed. The one thing that is written is a small file in the data folder, which is
//! removed again. Each check adds what it found to a [`Report`]; one that cannot be made says so.

mod folder;
mod machine;
mod network;
mod report;
mod store;

use std::io::Write as _;
use std::process::ExitCode;

use tracekeep_model::Micros;

use self::folder::Use;
use self::report::Report;
use crate::clock;
use crate::config::Config;

/// Checks everything and says what it found; the exit code is 1 if anything failed.
pub(crate) async fn run(config: &Config) -> ExitCode {
    let report = examine(config, clock::now()).await;
    // Who asked may have gone.
    let _ = write!(std::io::stdout(), "{report}");
    if report.failed() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

async fn examine(config: &Config, now: Micros) -> Report {
    let mut report = Report::default();
    machine::check_clock(now, &mut report);
    folder::check(&config.data, &mut report);
    machine::check_space(&config.data, &mut report);
    let folder_use = folder::check_use(&config.data, &mut report);
    store::check(&config.data, folder_use, &mut report);
    match folder_use {
        Use::Server => network::check_server(config, &mut report).await,
        Use::Nobody => network::check_ports(config, &mut report),
    }
    report
}

#[cfg(test)]
mod tests;
