//! Tracekeep: keeps every interaction that an application has with an AI model, and answers
//! questions about them at once.

mod api;
mod app;
mod auth;
mod clock;
mod config;
mod demo;
mod error;
mod intake;
mod pipeline;
mod telemetry;
mod ui;
mod upkeep;

use clap::Parser;

use crate::config::{Cli, Command};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    let cli = Cli::parse();
    telemetry::init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&format!("the runtime did not start: {error}")),
    };
    match runtime.block_on(run(cli.command)) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => failed(&error.to_string()),
    }
}

async fn run(command: Command) -> Result<(), app::Failure> {
    match command {
        Command::Serve(start) => match start.config()? {
            Some(config) => app::serve(config).await,
            None => Ok(()),
        },
        Command::Demo(start) => match start.config()? {
            Some(config) => app::demo(config).await,
            None => Ok(()),
        },
        Command::Doctor(_) => Err("doctor comes with the next change".into()),
    }
}

#[allow(clippy::print_stderr, reason = "the last word to who started the process")]
fn failed(message: &str) -> std::process::ExitCode {
    eprintln!("tracekeep: {message}");
    std::process::ExitCode::FAILURE
}
