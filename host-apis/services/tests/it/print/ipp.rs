//! The printer program of CUPS, `ippeveprinter`, on a message bus of its own.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use guichet_contract::{Ask, Services, Value, print::Condition};
use guichet_services::{
    Device, Fitness, Parts,
    print::{Ipp, PrinterPart as _},
    take_back_jobs,
};
use tempfile::TempDir;

use super::{Bench, DEADLINE, call, grants, keeps_the_contract, record, submit, until, until_printer, word};
use crate::ports;

/// What the printer runs for each job: it waits for paper, and puts what it gets into the tray.
const COMMAND: &str = r#"#!/bin/bash
cd "$(dirname "$0")"
if [ -e no-paper ]; then
  echo "STATE: +media-empty-error" >&2
  while [ -e no-paper ]; do read -t 0.02 -r _ <>fifo; done
  echo "STATE: -media-empty-error" >&2
fi
cat "$1" >>tray
"#;

/// A program of the test's, ended with it.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What a printer at `localhost` shows.
const OWN: &str = include_str!("../tls/printer.pem");
/// An authority that vouches for others.
const OTHER: &str = include_str!("../tls/ca.pem");

struct Printer {
    services: Device,
    folder: TempDir,
    port: u16,
    bus: (Program, String),
    program: Option<Program>,
}

/// A message bus for this printer alone: it asks the system's for a way to announce itself, and dies if there is none.
fn bus(folder: &Path) -> (Program, String) {
    let mut daemon = Command::new("dbus-daemon")
        .args(["--session", "--nofork", "--print-address", "--address"])
        .arg(format!("unix:path={}/bus", folder.display()))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("dbus-daemon: {error}; hint: cargo xtask setup"));
    let mut address = String::new();
    BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut address).unwrap();
    (Program(daemon), address.trim().to_owned())
}

impl Printer {
    fn new() -> Self {
        Self::at(|port| Ipp::new("A4", &format!("ipp://localhost:{port}/ipp/print"), None).unwrap())
    }

    /// The same printer over TLS, asked at this host and known by this certificate.
    fn over_tls(host: &str, certificate: &str) -> Self {
        Self::at(|port| Ipp::new("A4", &format!("ipps://{host}:{port}/ipp/print"), Some(certificate)).unwrap())
    }

    fn at(known: impl FnOnce(u16) -> Ipp) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let command = folder.path().join("command");
        fs::write(&command, COMMAND).unwrap();
        fs::set_permissions(&command, fs::Permissions::from_mode(0o755)).unwrap();
        assert!(Command::new("mkfifo").arg(folder.path().join("fifo")).status().unwrap().success());
        fs::create_dir(folder.path().join("spool")).unwrap();
        fs::write(folder.path().join("tray"), "").unwrap();
        // Named for the host that it says it is.
        fs::create_dir(folder.path().join("keys")).unwrap();
        fs::write(folder.path().join("keys/localhost.crt"), OWN).unwrap();
        fs::write(folder.path().join("keys/localhost.key"), include_str!("../tls/printer.key")).unwrap();
        let bus = bus(folder.path());
        let port = ports::free().unwrap();
        let parts = Parts::of_printers(vec![Arc::new(known(port))]).noting_jobs(folder.path().join("jobs"));
        let services = Device::new("/nowhere".into()).with_parts(parts);
        let mut printer = Self { services, folder, port, bus, program: None };
        printer.connected(true);
        printer
    }
}

impl Bench for Printer {
    fn services(&self) -> &dyn Services {
        &self.services
    }

    fn paper(&self, is_there: bool) {
        let mark = self.folder.path().join("no-paper");
        if is_there { fs::remove_file(mark).unwrap() } else { fs::write(mark, "").unwrap() }
    }

    fn connected(&mut self, is_connected: bool) {
        self.program = is_connected.then(|| {
            let folder = self.folder.path();
            let program = Command::new("ippeveprinter")
                .args([
                    "-r",
                    "off",
                    "-n",
                    "localhost",
                    "-p",
                    &self.port.to_string(),
                    "-f",
                    "application/pdf,text/plain",
                    "-d",
                ])
                .arg(folder.join("spool"))
                .arg("-K")
                .arg(folder.join("keys"))
                .arg("-c")
                .arg(folder.join("command"))
                .arg("A4")
                .env("DBUS_SYSTEM_BUS_ADDRESS", &self.bus.1)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn();
            Program(program.unwrap_or_else(|error| panic!("ippeveprinter: {error}; hint: cargo xtask setup")))
        });
    }

    fn tray(&self) -> Vec<u8> {
        fs::read(self.folder.path().join("tray")).unwrap()
    }
}

#[test]
fn a_real_ipp_printer_keeps_the_contract() {
    keeps_the_contract(&mut Printer::new());
}

#[test]
fn a_real_ipp_printer_keeps_the_contract_over_tls_too() {
    keeps_the_contract(&mut Printer::over_tls("localhost", OWN));
}

#[test]
fn a_job_that_nobody_waits_for_is_taken_back_over_tls() {
    let bench = Printer::over_tls("localhost", OWN);
    until_printer(&bench, "ready");
    bench.paper(false);
    let job = submit(&bench, word("secret")).unwrap();
    until(&bench, &job, "stopped");
    let noted = fs::read(bench.folder.path().join("jobs")).unwrap();
    assert_eq!(take_back_jobs(&noted), (1, 0), "{}", String::from_utf8_lossy(&noted));
    bench.paper(true);
    until(&bench, &job, "cancelled");
}

#[test]
fn whatever_shows_another_certificate_gets_nothing() {
    for (host, certificate) in [("localhost", OTHER), ("127.0.0.1", OWN)] {
        let bench = Printer::over_tls(host, certificate);
        // It is on, and known by what it shows.
        let right = Ipp::new("A4", &format!("ipps://localhost:{}/ipp/print", bench.port), Some(OWN)).unwrap();
        let deadline = Instant::now() + DEADLINE;
        while right.look().condition != Condition::Ready {
            assert!(Instant::now() < deadline, "it does not answer");
            thread::park_timeout(Duration::from_millis(20));
        }
        until_printer(&bench, "unreachable");
        // Whoever keeps the terminal is told more.
        let health = bench.services.health();
        assert_eq!((health[0].fitness, health[0].needs), (Fitness::Down, "untrusted"), "{host}");
        for printer in [&[][..], &[("printer", word("A4"))]] {
            let order = record(&[&[("document", word("secret"))], printer].concat());
            let refused = call(&bench.services, "a.b", "submit", vec![order]).unwrap_err();
            assert_eq!(refused.class(), Some("print/untrusted"), "{host}: {refused}");
        }
        assert_eq!(bench.tray(), b"");
    }
}

#[test]
fn a_printer_with_a_job_of_others_is_busy() {
    let bench = Printer::new();
    until_printer(&bench, "ready");
    bench.paper(false);
    let first = submit(&bench, word("one")).unwrap();
    until(&bench, &first, "stopped");
    // One job at a time is all it takes, and this asker has no patience.
    let Ok(Ask::Service(second)) = Ask::decode("print", "submit", vec![record(&[("document", word("two"))])]) else {
        panic!("it is a service's")
    };
    second.stop().unwrap().stop();
    let refused = second.perform(&grants("a.c"), &bench.services).unwrap_err();
    assert_eq!(refused.class(), Some("print/busy"), "{refused}");
    bench.paper(true);
    until(&bench, &first, "done");
    let again = submit(&bench, word("two")).unwrap();
    until(&bench, &again, "done");
    assert_eq!(String::from_utf8(bench.tray()).unwrap(), "onetwo");
    assert_ne!(first, Value::Null);
}
