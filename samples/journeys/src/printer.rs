//! The printer program of CUPS, `ippeveprinter`, on a message bus of its own: what it prints lies in a tray.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, Result};

use crate::{
    ports,
    process::{Running, must},
    until::until,
};

/// What the printer runs for each job: it waits for paper as long as there is a printer, and puts what it gets into the tray.
const COMMAND: &str = r#"#!/bin/bash
cd "$(dirname "$0")"
if [ -e no-paper ]; then
  echo "STATE: +media-empty-error" >&2
  while [ -e no-paper ]; do kill -0 $PPID || exit 1; read -t 0.05 -r _ <>fifo; done
  echo "STATE: -media-empty-error" >&2
fi
n=$(ls tray | wc -l)
cat "$1" >"tray/$n"
"#;

/// A printer that is a program.
pub struct Printer {
    folder: PathBuf,
    port: u16,
    bus: Running,
    address: String,
    formats: &'static str,
    program: Option<Running>,
}

impl Printer {
    /// Switches it on, with its things in a folder that is not there yet. It takes these formats.
    pub fn start(folder: &Path, formats: &'static str) -> Result<Self> {
        fs::create_dir_all(folder.join("spool"))?;
        fs::create_dir_all(folder.join("tray"))?;
        let command = folder.join("command");
        fs::write(&command, COMMAND)?;
        fs::set_permissions(&command, fs::Permissions::from_mode(0o755))?;
        must(Command::new("mkfifo").arg(folder.join("fifo")))?;
        let mut daemon = Command::new("dbus-daemon");
        daemon.args(["--session", "--nofork", "--print-address", "--address"]);
        daemon.arg(format!("unix:path={}", folder.join("bus").display()));
        let mut bus = Running::start("dbus-daemon", &mut daemon)?;
        let address = bus.line("unix:path", Duration::from_secs(20))?;
        let port = ports::free()?;
        let mut printer = Self { folder: folder.to_owned(), port, bus, address, formats, program: None };
        printer.switch_on()?;
        Ok(printer)
    }

    /// Starts the program, once more after [`Self::switch_off`].
    pub fn switch_on(&mut self) -> Result<()> {
        let mut program = Command::new("ippeveprinter");
        program
            .args(["-r", "off", "-n", "localhost", "-p", &self.port.to_string(), "-f", self.formats, "-d"])
            .arg(self.folder.join("spool"))
            .arg("-c")
            .arg(self.folder.join("command"))
            .arg("A4")
            .env("DBUS_SYSTEM_BUS_ADDRESS", &self.address);
        let program = Running::start("ippeveprinter", &mut program).context("hint: cargo xtask setup")?;
        let port = self.port;
        self.program = Some(program);
        until("the printer answers", Duration::from_secs(20), || {
            Ok(std::net::TcpStream::connect(("localhost", port)).ok().map(drop))
        })
    }

    /// Ends the program in the middle of whatever it does.
    pub fn switch_off(&mut self) {
        self.program = None;
    }

    /// Whether there is paper.
    pub fn paper(&self, is_there: bool) -> Result<()> {
        let mark = self.folder.join("no-paper");
        if is_there {
            fs::remove_file(mark)?
        } else {
            fs::write(mark, "")?
        }
        Ok(())
    }

    /// Its entry for the devices of a terminal.
    pub fn device(&self) -> serde_json::Value {
        serde_json::json!({ "name": "A4", "ipp": format!("ipp://localhost:{}/ipp/print", self.port) })
    }

    /// What was printed, in order.
    pub fn tray(&self) -> Result<Vec<PathBuf>> {
        let mut sheets: Vec<_> = fs::read_dir(self.folder.join("tray"))?.flatten().map(|entry| entry.path()).collect();
        sheets.sort();
        Ok(sheets)
    }

    /// Where it keeps what is not printed yet.
    pub fn spool(&self) -> PathBuf {
        self.folder.join("spool")
    }

    /// Whether its bus is still there.
    pub fn is_connected(&mut self) -> Result<bool> {
        self.bus.is_running()
    }
}
