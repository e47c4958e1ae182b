//! Whoever keeps one session: starts its window, and takes everything away when it is over, however it ended.
//!
//! It has no window, no network and nothing that an app could reach, so that it lives longer than what it has to end.

use std::{
    io::{self, BufRead as _, Write as _},
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Command, ExitCode, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use guichet_host::counted_in;
use guichet_services::take_back_jobs;

use super::{room, seat::Seat, tree};

/// All is gone, after somebody has asked for the end.
pub(super) const WIPED: u8 = 0;
/// All is gone, after the window had ended by itself.
pub(super) const DIED: u8 = 3;

/// What printers have been given, in the session's folder.
pub(super) const JOBS: &str = "jobs";

/// What a line begins with that says how often apps have counted what.
pub(super) const COUNTED: &str = "counted ";

/// How long printers may take to give back what they have not printed.
const PRINTERS: Duration = Duration::from_millis(1500);

enum Over {
    Asked,
    Died,
}

/// Keeps the session in this folder: `arguments` start its window. Lines on standard input go to the window; the end of the
/// input is the end of the session.
pub(super) fn keep(folder: &Path, arguments: &[String]) -> ExitCode {
    outlive_signals();
    if let Err(error) = tree::keep_orphans() {
        eprintln!("error: orphans cannot be kept: {error}");
        return ExitCode::FAILURE;
    }
    let over = match sit(folder, arguments) {
        Ok(over) => over,
        Err(error) => {
            eprintln!("error: a session cannot be started: {error}");
            Over::Died
        }
    };
    let begun = Instant::now();
    tree::fell();
    let felled = begun.elapsed();
    // Read before they are taken away; the devices too, which is all that a session was told.
    let given = std::fs::read(folder.join(JOBS)).unwrap_or_default();
    let counted = counted_in(&folder.join("home"));
    let removed = room::remove(folder);
    let taken_back = take_back(given);
    let wiped =
        format!("wiped in {} ms (processes {} ms), {taken_back}", begun.elapsed().as_millis(), felled.as_millis());
    // Nobody listens any more if the supervisor is gone.
    if let Some(counted) = counted {
        let _ = writeln!(io::stdout(), "{COUNTED}{counted}");
    }
    let _ = writeln!(io::stdout(), "{wiped}");
    match (removed, over) {
        (Err(error), _) => {
            eprintln!("error: {} could not be taken away: {error}", folder.display());
            ExitCode::FAILURE
        }
        (Ok(()), Over::Asked) => ExitCode::from(WIPED),
        (Ok(()), Over::Died) => ExitCode::from(DIED),
    }
}

/// Starts the window and waits for its end or for somebody who wants it.
fn sit(folder: &Path, arguments: &[String]) -> io::Result<Over> {
    Seat::read(folder)?;
    let mut command = Command::new(std::env::current_exe()?);
    command.args(arguments).arg("--sit").arg(folder).stdin(Stdio::piped()).process_group(0);
    room::furnish(&mut command, folder);
    let mut window = command.spawn()?;
    let (tell, told) = mpsc::channel();
    let mut to_window = window.stdin.take();
    let asked = tell.clone();
    thread::Builder::new().name("orders".to_owned()).spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if let Some(window) = &mut to_window {
                // Who is gone is noticed by the other thread.
                let _ = writeln!(window, "{line}").and_then(|()| window.flush());
            }
        }
        let _ = asked.send(Over::Asked);
    })?;
    thread::Builder::new().name("window".to_owned()).spawn(move || {
        match window.wait() {
            Ok(status) => eprintln!("the window of a session has ended by itself: {status}"),
            Err(error) => tracing::debug!(%error, "somebody else has seen the window's end"),
        }
        let _ = tell.send(Over::Died);
    })?;
    Ok(told.recv().unwrap_or(Over::Died))
}

/// Takes back what printers have not printed yet; one that does not answer is not waited for.
fn take_back(given: Vec<u8>) -> String {
    if given.is_empty() {
        return "nothing to take back".to_owned();
    }
    let (tell, told) = mpsc::channel();
    let begun = thread::Builder::new().name("printers".to_owned()).spawn(move || tell.send(take_back_jobs(&given)));
    match begun.ok().and_then(|_| told.recv_timeout(PRINTERS).ok()) {
        Some((back, kept)) => format!("{back} jobs taken back, {kept} over already"),
        None => "a printer did not answer".to_owned(),
    }
}

/// A signal that is meant for the terminal must not keep what a citizen has left from being taken away: the end of the input
/// comes in any case.
#[expect(unsafe_code, reason = "the standard library ignores no signals")]
fn outlive_signals() {
    for signal in [libc::SIGTERM, libc::SIGINT, libc::SIGHUP] {
        // SAFETY: ignoring a signal installs no handler, and no other thread is there yet.
        unsafe { libc::signal(signal, libc::SIG_IGN) };
    }
}
