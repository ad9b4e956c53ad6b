//! `xtask prices`: makes the price book's data of two published packages.
//!
//! The work is done by `xtask/prices/generate.py`: both packages are Python's, and what they mean is
//! read with Python's own parser and exact decimals. It needs `python3` with pip, and the network
//! where the pinned wheels are not in the cache yet.

use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::tidy;

/// Makes the price book's data.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Write nothing, and fail where a committed file is not what the pinned packages give.
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let script = tidy::root()?.join("xtask/prices/generate.py");
    let mut python = Command::new("python3");
    python.arg("-B").arg(&script).args(args.check.then_some("--check"));
    let status = python.status().context("python3 cannot be started; is it installed?")?;
    if !status.success() {
        bail!("{} failed: {status}", script.display());
    }
    Ok(())
}
