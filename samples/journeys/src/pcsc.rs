//! `pcscd` with the virtual reader of vsmartcard, in a namespace of its own, and a card that is a program.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::{
    hall::CARD,
    ports,
    process::{Running, programs},
    until::until,
};

const LIBRARY: &str = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";

/// A daemon with one reader.
pub struct Pcsc {
    folder: PathBuf,
    port: u16,
    daemon: Option<Running>,
    card: Option<Running>,
}

impl Pcsc {
    /// Starts it, with its things in a folder that is not there yet. No card is in its reader.
    pub fn start(folder: &Path) -> Result<Self> {
        let port = ports::free()?;
        fs::create_dir_all(folder.join("readers"))?;
        let reader =
            format!("FRIENDLYNAME \"Virtual\"\nDEVICENAME /dev/null:{port}\nLIBPATH {LIBRARY}\nCHANNELID {port}\n");
        fs::write(folder.join("readers/virtual"), reader)?;
        fs::write(folder.join("card.py"), CARD)?;
        let mut pcsc = Self { folder: folder.to_owned(), port, daemon: None, card: None };
        pcsc.switch_on()?;
        Ok(pcsc)
    }

    /// Starts the daemon, once more after [`Self::switch_off`].
    pub fn switch_on(&mut self) -> Result<()> {
        // The daemon has one place for its socket, below /run: it is given a /run of its own, which can be seen.
        let run = self.folder.join("run");
        drop(fs::remove_dir_all(&run));
        fs::create_dir_all(&run)?;
        let script = r#"mount --bind "$1" /run && exec pcscd --foreground --config "$2""#;
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh"]);
        command.args([&run, &self.folder.join("readers")]);
        self.daemon = Some(Running::start("pcscd", &mut command).context("hint: cargo xtask setup")?);
        until("pcscd listens", Duration::from_secs(20), || Ok(self.socket().exists().then_some(())))
    }

    /// Ends the daemon in the middle of whatever it does.
    pub fn switch_off(&mut self) {
        self.daemon = None;
    }

    /// Puts the card into the reader, or takes it out.
    pub fn card(&mut self, is_there: bool) -> Result<()> {
        self.card = None;
        if is_there {
            let mut command = Command::new("python3");
            command.arg(self.folder.join("card.py")).args(["--reader", &self.port.to_string()]);
            self.card = Some(Running::start("card", &mut command)?);
        }
        Ok(())
    }

    /// Its entry for the devices of a terminal.
    pub fn device(&self) -> Result<Value> {
        let program = programs()?.join("guichet-driver-pcsc");
        Ok(json!({ "driver": { "program": program, "environment": { "PCSCLITE_CSOCK_NAME": self.socket() } } }))
    }

    fn socket(&self) -> PathBuf {
        self.folder.join("run/pcscd/pcscd.comm")
    }
}
