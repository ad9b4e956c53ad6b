//! The command line. The flags of settings are made from their table.

use std::ffi::{OsStr, OsString};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Args, FromArgMatches, Parser, Subcommand};
use tracekeep_archive_embedded::Extent;

use crate::config::Config;
use crate::config::layers::{Layers, Loaded};
use crate::config::print::print;
use crate::config::problem::{Problem, Problems};
use crate::config::sections::{self, Setting};

/// Read where no other file is named, if it is there.
const DEFAULT_FILE: &str = "tracekeep.toml";

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
    Serve(Start),
    /// Serve, and send lifelike traffic to it. Needs no keys and no network.
    Demo(Start),
    /// Follow live traces in the terminal.
    Tail(crate::tail::Options),
    /// Check whether a server can run here and what it keeps is whole. Takes the flags of `serve`.
    Doctor(Examine),
    /// Print what the HTTP API is, as an OpenAPI document in JSON.
    Openapi,
}

/// How to start a server, or only to say how it would be.
#[derive(Debug, Args)]
pub(crate) struct Start {
    /// Print every setting, its value and where that comes from, and exit.
    #[arg(long)]
    pub(super) print_config: bool,
    #[command(flatten)]
    pub(super) given: Given,
}

/// What to examine, and how much of it.
#[derive(Debug, Args)]
pub(crate) struct Examine {
    /// Read only the ends of files: damage within them is not found.
    #[arg(long)]
    quick: bool,
    #[command(flatten)]
    pub(super) given: Given,
}

/// What the command line says of settings.
#[derive(Debug, Args)]
pub(crate) struct Given {
    /// File of settings; one that is named must be there.
    #[arg(
        long,
        value_name = "FILE",
        help = "File of settings [default: tracekeep.toml, if it is there] [env: TRACEKEEP_CONFIG]"
    )]
    pub(super) config: Option<PathBuf>,
    #[command(flatten)]
    pub(super) flags: Flags,
}

/// The flags of settings that were given, each with its text.
#[derive(Debug)]
pub(super) struct Flags(pub(super) Vec<(&'static str, String)>);

impl Start {
    /// The settings; `None` if they were to be printed, and were.
    pub(crate) fn config(&self) -> Result<Option<Config>, Problems> {
        let variables = variables();
        let loaded = self.given.load(&variables, Path::new(DEFAULT_FILE))?;
        if self.print_config {
            // Who asked may have gone, which is no reason to complain.
            let _ = write!(std::io::stdout(), "{}", print(&loaded, &variables));
            return Ok(None);
        }
        if let Some(file) = &loaded.file {
            tracing::info!(file = %file.display(), "settings read");
        }
        for described in &loaded.providers {
            if let Err(reason) = &described.made {
                let (name, from) = (&described.name, &described.origin);
                tracing::warn!(provider = name, %from, %reason, "a provider of models is left out");
            }
        }
        Ok(Some(loaded.config))
    }
}

impl Examine {
    /// The settings.
    pub(crate) fn config(&self) -> Result<Config, Problems> {
        Ok(self.given.load(&variables(), Path::new(DEFAULT_FILE))?.config)
    }

    /// How much is read of what a server keeps.
    pub(crate) fn extent(&self) -> Extent {
        if self.quick { Extent::Ends } else { Extent::Everything }
    }
}

impl Given {
    pub(super) fn load(
        &self,
        variables: &[(OsString, OsString)],
        default_file: &Path,
    ) -> Result<Loaded, Problems> {
        let mut layers = Layers::new();
        let named = self.config.clone().or_else(|| named_file(variables));
        let path = named.as_deref().unwrap_or(default_file);
        match std::fs::read_to_string(path) {
            Ok(text) => layers.file(path, &text),
            Err(error) if error.kind() == ErrorKind::NotFound && named.is_none() => {}
            Err(error) => {
                let message = format!("{error}; name another file with --config");
                layers.problem(Problem::new(path.display().to_string(), message));
            }
        }
        layers.variables(variables);
        layers.providers(variables);
        layers.flags(&self.flags.0);
        layers.finish()
    }
}

/// The environment, by name, so that problems come in one order.
fn variables() -> Vec<(OsString, OsString)> {
    let mut variables: Vec<_> = std::env::vars_os().collect();
    variables.sort();
    variables
}

fn named_file(variables: &[(OsString, OsString)]) -> Option<PathBuf> {
    let (_, path) = variables.iter().find(|(name, _)| name == OsStr::new("TRACEKEEP_CONFIG"))?;
    (!path.is_empty()).then(|| PathBuf::from(path))
}

impl Args for Flags {
    fn augment_args(command: clap::Command) -> clap::Command {
        command.args(sections::all().map(flag))
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = |setting: &'static Setting| {
            let text = matches.get_one::<String>(setting.flag)?;
            Some((setting.flag, text.clone()))
        };
        Ok(Self(sections::all().filter_map(given).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// Its text is read with the other layers, so that all problems come at once.
fn flag(setting: &'static Setting) -> Arg {
    let Setting { name, variable, about, .. } = setting;
    let default = setting.shown_default();
    let about = about.trim_end_matches('.');
    Arg::new(setting.flag)
        .long(setting.flag)
        .action(ArgAction::Set)
        .value_name(setting.kind.placeholder())
        .help(format!("{about} [default: {default}] [env: {variable}] [file: {name}]"))
}
