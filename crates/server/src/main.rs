//! Tracekeep: keeps every interaction that an application has with an AI model, and answers
//! questions about them at once.

mod allocator;
mod api;
mod app;
mod auth;
mod clock;
mod config;
mod demo;
mod doctor;
mod error;
mod estimates;
mod gateway;
mod intake;
mod live;
mod pipeline;
mod project_prices;
mod retention;
mod tail;
mod telemetry;
mod ui;
mod upkeep;

use std::io::Write as _;

use clap::Parser;

use crate::config::{Cli, Command};

fn main() -> std::process::ExitCode {
    let cli = Cli::parse();
    telemetry::init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&format!("the runtime did not start: {error}")),
    };
    let code = match runtime.block_on(run(cli.command)) {
        Ok(code) => code,
        Err(error) => failed(&error.to_string()),
    };
    // A compaction may still be copying: a folder that no manifest names, nothing more.
    runtime.shutdown_timeout(std::time::Duration::from_millis(500));
    code
}

async fn run(command: Command) -> Result<std::process::ExitCode, app::Failure> {
    match command {
        Command::Serve(start) => {
            if let Some(config) = start.config()? {
                app::serve(config).await?;
            }
        }
        Command::Demo(start) => {
            if let Some(config) = start.config()? {
                app::demo(config).await?;
            }
        }
        Command::Tail(options) => tail::run(options).await?,
        Command::Doctor(examine) => {
            return Ok(doctor::run(&examine.config()?, examine.extent()).await);
        }
        Command::Openapi => {
            let mut out = std::io::stdout();
            out.write_all(api::openapi::text().as_bytes())?;
            out.flush()?;
        }
    }
    Ok(std::process::ExitCode::SUCCESS)
}

#[allow(clippy::print_stderr, reason = "the last word to who started the process")]
fn failed(message: &str) -> std::process::ExitCode {
    eprintln!("tracekeep: {message}");
    std::process::ExitCode::FAILURE
}
