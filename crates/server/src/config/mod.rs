//! How the server runs: defaults, then `tracekeep.toml`, then `TRACEKEEP_*`, then flags; what comes
//! later wins.
//!
//! One table, [`sections`], owns every setting: its name in the file, its variable, its flag, its
//! default, its values and what it is for. The flags and their help, the reading of file and
//! environment, every message and `--print-config` are made from it. To add a setting, add a row to
//! its section and a field to [`Config`]. Providers of models are no settings: there are as many as
//! somebody lists, and they have their own table in [`providers`].

mod cli;
mod file;
mod foreign;
mod init;
mod kind;
mod layers;
mod nearest;
mod print;
mod problem;
mod providers;
mod sections;

use std::net::SocketAddr;
use std::path::PathBuf;

use tracekeep_control::MasterKey;
use tracekeep_llm::provider::Provider;
use tracekeep_redact::Masking;

pub(crate) use self::cli::{Cli, Command};
pub(crate) use self::init::init;

/// How the server runs. The table of settings says what each is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Config {
    pub(crate) data: PathBuf,
    pub(crate) listen: SocketAddr,
    pub(crate) otlp_grpc: SocketAddr,
    pub(crate) masking: Switch,
    pub(crate) max_body_mib: u32,
    pub(crate) max_in_flight_mib: u32,
    pub(crate) max_trace_spans: u32,
    pub(crate) seal_mib: u32,
    pub(crate) seal_seconds: u32,
    /// Seals credentials; `None`: that of the file in the data folder.
    pub(crate) secret_key: Option<MasterKey>,
    pub(crate) estimate_tokens: Switch,
    pub(crate) estimate_tokens_after_seconds: u32,
    pub(crate) demo_seed: u64,
    /// Providers of models for all projects: those of the file, then those of the environment.
    pub(crate) providers: Vec<Provider>,
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

    /// Nothing yet; the table's defaults come first and set every field, which a test sees to.
    fn blank() -> Self {
        let nowhere = SocketAddr::from(([0, 0, 0, 0], 0));
        Self {
            data: PathBuf::new(),
            listen: nowhere,
            otlp_grpc: nowhere,
            masking: Switch::On,
            max_body_mib: 0,
            max_in_flight_mib: 0,
            max_trace_spans: 0,
            seal_mib: 0,
            seal_seconds: 0,
            secret_key: None,
            estimate_tokens: Switch::On,
            estimate_tokens_after_seconds: 0,
            demo_seed: 0,
            providers: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests;
