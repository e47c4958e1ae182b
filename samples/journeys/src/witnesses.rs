//! Witnesses of a town's log: neighbours with programs and keys of their own.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result};

use crate::{
    ports,
    process::{Running, must, program},
    town::Town,
};

/// One witness, which runs until it is stopped or dropped.
pub struct Witness {
    folder: PathBuf,
    listen: String,
    running: Option<Running>,
}

impl Witness {
    /// Makes one that knows the town's log and that the town must ask from now on, and starts it.
    pub fn of(town: &Town, folder: &Path, name: &str) -> Result<Self> {
        let folder = folder.join(name);
        let said = must(program("guichet-store")?.args(["witness", "init", "--name", name, "--dir"]).arg(&folder))?;
        let key = said.trim().to_owned();
        let shown = town.store(&["log", "show"])?;
        let log = shown.split_whitespace().nth(1).context("guichet-store log show names no key")?;
        must(program("guichet-store")?.args(["witness", "add-log", "--key", log, "--dir"]).arg(&folder))?;
        let port = ports::free()?;
        let mut witness = Self { folder, listen: format!("127.0.0.1:{port}"), running: None };
        witness.start()?;
        let url = format!("http://{}", witness.listen);
        town.store(&["log", "add-witness", "--key", &key, "--url", &url])?;
        Ok(witness)
    }

    /// Answers from now on.
    pub fn start(&mut self) -> Result<()> {
        let mut command = program("guichet-store")?;
        command.args(["witness", "serve", "--listen", &self.listen, "--dir"]).arg(&self.folder);
        let mut running = Running::start("witness", &mut command)?;
        running.line("listening on", Duration::from_secs(30))?;
        self.running = Some(running);
        Ok(())
    }

    /// Answers no more.
    pub fn stop(&mut self) -> Result<()> {
        self.running.take().map_or(Ok(()), Running::stop)
    }
}
