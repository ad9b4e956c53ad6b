//! Which questions are asked, and of whom: what `query` and `visible` are told alike.

use std::path::PathBuf;

use anyhow::Result;

use super::case::{self, Case};
use crate::connection::{Header, Target, header};
use crate::generate::now;

/// Whom to ask, and what.
#[derive(Debug, clap::Args)]
pub(crate) struct Questions {
    /// The server.
    #[arg(long, default_value = "http://127.0.0.1:4000")]
    url: String,
    /// A project's secret key.
    #[arg(long, env = "TRACEKEEP_KEY", hide_env_values = true)]
    token: String,
    /// A header for every request, such as another server may want.
    #[arg(long = "header", value_name = "NAME=VALUE", value_parser = header)]
    headers: Vec<Header>,
    /// Other questions than Tracekeep's own: a JSON array of objects with `name`, `path`, `body`
    /// (for a POST), `list` (a JSON pointer into the answer) and `least` (entries there). `visible`
    /// asks the one named `trace by id`.
    #[arg(long, value_name = "FILE")]
    cases: Option<PathBuf>,
}

impl Questions {
    /// Whom to ask.
    pub(crate) fn target(&self) -> Result<Target> {
        Ok(Target::new(&self.url, &self.token)?.with(&self.headers))
    }

    /// What to ask of traces that spread over so many days.
    pub(crate) fn cases(&self, days: u64) -> Result<Vec<Case>> {
        match &self.cases {
            Some(path) => case::read(path),
            None => Ok(case::tracekeep(now(), days)),
        }
    }
}
