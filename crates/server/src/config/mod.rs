//! What the command line and the environment say.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use tracekeep_control::{Init, Secret};
use tracekeep_redact::Masking;

/// Self-hosted tracing for AI applications.
#[derive(Debug, Parser)]
#[command(name = "tracekeep", version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Take traces in, keep them and serve them.
    Serve(Config),
    /// Serve, and send lifelike traffic to it. Needs no keys and no network.
    Demo(Config),
}

/// How the server runs.
#[derive(Clone, Debug, Args)]
pub(crate) struct Config {
    /// Folder of all data; made if it is missing.
    #[arg(long, env = "TRACEKEEP_DATA", default_value = "./tracekeep-data")]
    pub(crate) data: PathBuf,
    /// Address of the API, the UI and OTLP over HTTP.
    #[arg(long, env = "TRACEKEEP_LISTEN", default_value = "127.0.0.1:4000")]
    pub(crate) listen: SocketAddr,
    /// Address of OTLP over gRPC.
    #[arg(long, env = "TRACEKEEP_OTLP_GRPC", default_value = "127.0.0.1:4317")]
    pub(crate) otlp_grpc: SocketAddr,
    /// Whether sensitive data is masked before it is written.
    #[arg(long, env = "TRACEKEEP_MASKING", default_value = "on")]
    pub(crate) masking: Switch,
    /// Largest request body, in MiB, after decompression.
    #[arg(long, env = "TRACEKEEP_MAX_BODY_MIB", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(crate) max_body_mib: u32,
    /// Request bodies held in memory at once, in MiB, after decompression.
    #[arg(long, env = "TRACEKEEP_MAX_IN_FLIGHT_MIB", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=65536))]
    pub(crate) max_in_flight_mib: u32,
    /// Size of the journal, in MiB, at which its content is sealed into segments.
    #[arg(long, env = "TRACEKEEP_SEAL_MIB", default_value_t = 96, value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub(crate) seal_mib: u32,
    /// Seconds after which anything in memory is sealed into segments.
    #[arg(long, env = "TRACEKEEP_SEAL_SECONDS", default_value_t = 900, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) seal_seconds: u32,
    /// Seed of the demo's traffic.
    #[arg(long, env = "TRACEKEEP_DEMO_SEED", default_value_t = 1, hide = true)]
    pub(crate) demo_seed: u64,
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    /// On.
    On,
    /// Off.
    Off,
}

impl Config {
    /// How the redactor masks.
    pub(crate) fn masking(&self) -> Masking {
        match self.masking {
            Switch::On => Masking::On,
            Switch::Off => Masking::Off,
        }
    }
}

/// The first project's names and keys, from `TRACEKEEP_INIT_*`, or the same with `LANGFUSE_INIT_`.
pub(crate) fn init(variable: impl Fn(&str) -> Option<String>) -> Init {
    let given = |name: &str| {
        let prefixes = ["TRACEKEEP_INIT_", "LANGFUSE_INIT_"];
        prefixes
            .iter()
            .find_map(|prefix| variable(&format!("{prefix}{name}")).filter(|v| !v.is_empty()))
    };
    Init {
        org_id: given("ORG_ID"),
        org_name: given("ORG_NAME"),
        project_id: given("PROJECT_ID"),
        project_name: given("PROJECT_NAME"),
        public_key: given("PROJECT_PUBLIC_KEY"),
        secret_key: given("PROJECT_SECRET_KEY").map(Secret::new),
    }
}

#[cfg(test)]
mod tests;
