//! Playing the pages of recorded sessions: in the window of `guichet-desktop`, which lies beside this program, on a display
//! that nobody sees if there can be one.

use std::{
    env,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use guichet_host::{EngineError, JournalRefusal, PageDifference, WithPages};
use serde::Deserialize;

use crate::failure::Failure;

/// The program with the window.
const DESKTOP: &str = "guichet-desktop";

/// What playing the pages of a journal has found.
#[derive(Debug, Default)]
pub(crate) struct Pages {
    /// Sessions whose pages were played.
    pub(crate) sessions: u64,
    /// Things that pages were told, and that were done with them.
    pub(crate) inputs: u64,
    /// How often a page at rest was compared.
    pub(crate) rests: u64,
    /// The first difference, and the session and the app it is in.
    pub(crate) difference: Option<(WithPages, PageDifference)>,
}

/// What the window writes.
#[derive(Deserialize)]
struct Report {
    #[serde(default)]
    played: Option<Played>,
    #[serde(default)]
    error: Option<Stopped>,
}

#[derive(Deserialize)]
struct Played {
    inputs: u64,
    rests: u64,
    difference: Option<PageDifference>,
}

#[derive(Deserialize)]
struct Stopped {
    class: String,
    what: String,
    #[serde(default)]
    hint: String,
}

/// Plays the sessions one after another, to the first difference; with the pages of another package if there is one.
pub(crate) fn play(journal: &Path, sessions: &[WithPages], package: Option<&Path>) -> Result<Pages, Failure> {
    let program = beside_this_one()?;
    let display = Display::open()?;
    let mut pages = Pages::default();
    for session in sessions {
        let played = play_one(&program, &display, journal, session, package)?;
        pages.sessions += 1;
        pages.inputs += played.inputs;
        pages.rests += played.rests;
        if let Some(difference) = played.difference {
            pages.difference = Some((session.clone(), difference));
            break;
        }
    }
    Ok(pages)
}

fn play_one(
    program: &Path,
    display: &Display,
    journal: &Path,
    session: &WithPages,
    package: Option<&Path>,
) -> Result<Played, Failure> {
    let folder = tempfile::tempdir().map_err(|source| Failure::Write { path: env::temp_dir(), source })?;
    let report = folder.path().join("played.json");
    let profile = match session.terminal.as_str() {
        "phone" | "kiosk" => session.terminal.as_str(),
        _ => "desktop",
    };
    let mut command = Command::new(program);
    command.arg("--replay").arg(journal).args(["--session", &session.session.to_string(), "--profile", profile]);
    command.arg("--report").arg(&report).args(["--lang", "en"]);
    if let Some(package) = package {
        command.arg("--open").arg(package).arg("--unsealed");
    }
    display.lend(&mut command);
    let said = command.stdin(Stdio::null()).output();
    let said = said.map_err(|source| Failure::Read { path: program.to_owned(), source })?;
    let stopped = |class: &str, what: String, hint: String| Failure::NotPlayed {
        session: session.session,
        class: class.to_owned(),
        what,
        hint,
    };
    let report = std::fs::read(&report).ok().and_then(|bytes| serde_json::from_slice::<Report>(&bytes).ok());
    match report {
        Some(Report { played: Some(played), .. }) => Ok(played),
        Some(Report { error: Some(error), .. }) if error.class == "journal/no-package" => {
            let refusal = JournalRefusal::NoPackage { app_id: session.app_id.clone() };
            Err(Failure::Journal { path: journal.to_owned(), refusal })
        }
        Some(Report { error: Some(error), .. }) => Err(stopped(&error.class, error.what, error.hint)),
        _ => {
            let text = String::from_utf8_lossy(&said.stderr);
            let last = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default().to_owned();
            Err(stopped("window/failed", format!("guichet-desktop ended with {}: {last}", said.status), String::new()))
        }
    }
}

fn beside_this_one() -> Result<PathBuf, Failure> {
    let path = env::current_exe().unwrap_or_default().with_file_name(DESKTOP);
    if path.is_file() { Ok(path) } else { Err(Failure::Engine(EngineError::NoProgram { path })) }
}

/// Where a window opens.
pub(crate) enum Display {
    /// A server of our own, ended with this.
    Own(Child, String),
    /// The one that whoever calls has.
    There,
}

impl Display {
    /// One of our own does not flash on anybody's screen, and nobody's pointer is over it. Every profile fits on it.
    pub(crate) fn open() -> Result<Self, Failure> {
        let mut command = Command::new("Xvfb");
        // A server that begins anew when its last client is gone ends whoever connects at that moment: the next window.
        command.args(["-displayfd", "1", "-screen", "0", "1920x2000x24", "-nolisten", "tcp", "-noreset"]);
        let started = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        if let Ok(mut server) = started {
            let mut number = String::new();
            let read = server.stdout.take().map(|stdout| BufReader::new(stdout).read_line(&mut number));
            if read.is_some_and(|read| read.is_ok()) && number.trim().parse::<u32>().is_ok() {
                return Ok(Self::Own(server, format!(":{}", number.trim())));
            }
            end(&mut server);
        }
        let is_there =
            ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()));
        if is_there { Ok(Self::There) } else { Err(Failure::NoDisplay) }
    }

    /// Makes it the display of a program that is about to start.
    pub(crate) fn lend(&self, command: &mut Command) {
        if let Self::Own(_, name) = self {
            command.env("DISPLAY", name).env_remove("WAYLAND_DISPLAY");
        }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        if let Self::Own(server, _) = self {
            end(server);
        }
    }
}

fn end(server: &mut Child) {
    drop(server.kill());
    drop(server.wait());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_display_stays_as_it_is_between_two_windows() {
        let display = Display::open().unwrap();
        let property = |arguments: &[&str]| {
            let mut command = Command::new("xprop");
            display.lend(command.arg("-root").args(arguments));
            let said = command.output().unwrap();
            assert!(said.status.success(), "{said:?}");
            String::from_utf8(said.stdout).unwrap()
        };
        for round in 0..20 {
            let round = format!("round-{round}");
            property(&["-f", "GUICHET_ROUND", "8s", "-set", "GUICHET_ROUND", &round]);
            assert_eq!(property(&["GUICHET_ROUND"]).trim(), format!("GUICHET_ROUND(STRING) = \"{round}\""));
        }
    }
}
