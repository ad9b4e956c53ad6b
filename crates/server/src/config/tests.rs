#![allow(clippy::unwrap_used)]

mod help;
mod layers;
mod print;
mod problems;
mod providers;
mod secret;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Parser as _;
use tempfile::TempDir;

use super::cli::{Cli, Command, Given};
use super::layers::Loaded;
use super::problem::Problems;

/// What a user gives.
#[derive(Default)]
struct User<'a> {
    /// The content of the default file.
    file: Option<&'a str>,
    variables: &'a [(&'a str, &'a str)],
    arguments: &'a [&'a str],
}

impl User<'_> {
    fn load(&self) -> Result<Loaded, Problems> {
        let folder = TempDir::new().unwrap();
        let default_file = folder.path().join("tracekeep.toml");
        if let Some(text) = self.file {
            std::fs::write(&default_file, text).unwrap();
        }
        given(self.arguments).load(&environment(self.variables), &default_file)
    }

    /// The problems, without the folder of the file.
    fn problems(&self) -> String {
        let problems = self.load().unwrap_err().to_string();
        let bare = |line: &str| match line.split_once("tracekeep.toml:") {
            Some((_, rest)) => format!("tracekeep.toml:{rest}"),
            None => line.trim_start().to_owned(),
        };
        problems.lines().map(bare).collect::<Vec<_>>().join("\n")
    }
}

fn environment(variables: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
    variables.iter().map(|(name, value)| (name.into(), value.into())).collect()
}

/// As `tracekeep serve` with some flags has it.
fn given(arguments: &[&str]) -> Given {
    let words = ["tracekeep", "serve"].into_iter().chain(arguments.iter().copied());
    match Cli::try_parse_from(words).unwrap().command {
        Command::Serve(start) => start.given,
        other => panic!("serve came as {other:?}"),
    }
}

/// A file in a folder that lasts as long as the first part.
fn written(text: &str) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("settings.toml");
    std::fs::write(&path, text).unwrap();
    (folder, path)
}
