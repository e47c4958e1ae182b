//! A screen and a bus for one test of what a desktop has, in a process of its own: they are in its environment.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    thread,
};

/// Set in the process that has a screen.
const INSIDE: &str = "GUICHET_TEST_INSIDE";

/// A program of the test's, ended with it.
pub(super) struct Ended(Child);

impl Ended {
    pub(super) fn start(command: &mut Command) -> Self {
        let started = command.stderr(Stdio::null()).spawn();
        Self(started.unwrap_or_else(|error| panic!("{command:?}: {error}; hint: cargo xtask setup")))
    }

    /// The first line of what it says.
    fn says(command: &mut Command) -> (Self, String) {
        let mut program = Self::start(command.stdout(Stdio::piped()));
        let mut line = String::new();
        BufReader::new(program.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
        (program, line.trim().to_owned())
    }
}

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Ends the loop when the contract is through, or broken.
struct Ending(gtk::glib::MainLoop);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.quit();
    }
}

/// Runs this in the test of this name, in a process with a screen whose first thread is GTK's, as in a window.
pub(crate) fn inside(name: &str, contract: impl FnOnce() + Send + 'static) {
    inside_with(name, &[], contract);
}

/// The same, with more in the environment.
pub(crate) fn inside_with(name: &str, environment: &[(&str, &str)], contract: impl FnOnce() + Send + 'static) {
    if std::env::var_os(INSIDE).is_some() {
        gtk::init().unwrap();
        let main = gtk::glib::MainLoop::new(None, false);
        let ending = Ending(main.clone());
        let contract = thread::spawn(move || {
            let _ending = ending;
            contract();
        });
        main.run();
        return contract.join().unwrap();
    }
    let (_screen, number) = Ended::says(Command::new("Xvfb").args(["-displayfd", "1", "-nolisten", "tcp", "-noreset"]));
    let folder = tempfile::tempdir().unwrap();
    let address = format!("--address=unix:path={}/bus", folder.path().display());
    let (_bus, bus) =
        Ended::says(Command::new("dbus-daemon").args(["--session", "--nofork", "--print-address"]).arg(address));
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture", "--include-ignored"])
        .envs([("DISPLAY", format!(":{number}")), (INSIDE, "1".to_owned()), ("DBUS_SESSION_BUS_ADDRESS", bus)])
        .env("GDK_BACKEND", "x11")
        // What a dialog notes of files that were used is for nobody's own.
        .env("XDG_DATA_HOME", folder.path().join("data"))
        .envs(environment.iter().copied())
        .status()
        .unwrap();
    assert!(status.success());
}
