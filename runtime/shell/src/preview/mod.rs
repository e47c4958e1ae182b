//! A preview on this terminal: the address of a developer's computer leads to a window of its own, in which that computer's
//! drafts run (decision 0040).
//!
//! Invariant: such a window is its own process. It reads the pairings of its home and nothing else of it, holds no lock, no
//! trust file and no store, and keeps what apps write in a folder that goes when it ends. A kiosk opens none.

mod ask;
mod room;
mod strip;

use std::{
    io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    thread,
};

use guichet_host::{
    Clock, Problem, Profile, Walls,
    preview::{
        Ending, Knocked, Pairings, Preview, PreviewAddress, PreviewConsole, PreviewError, PreviewLine, PreviewTold,
        knock,
    },
};
use guichet_services::{Device, Parts};
use serde_json::Value as Json;

use self::room::Room;
pub(crate) use self::{room::sweep, strip::Strip};
use crate::{
    desk::Event,
    dev::{self, Dev, Told},
    machine::{Post, Signal},
    start::StartError,
};

/// What a window that shows a preview has besides what a developer's window has.
pub(crate) struct Previewing {
    /// What the developer's computer calls itself.
    pub(crate) from: String,
    /// Minutes it was to go on when it began.
    pub(crate) minutes: u64,
    /// Once the window is there.
    pub(crate) strip: Option<Strip>,
    room: Option<Room>,
    console: PreviewConsole,
}

impl Previewing {
    /// Erases what the app has kept.
    pub(crate) fn clear(&mut self) {
        self.room = None;
    }

    /// Tells the developer's computer what `guichet dev` would be told, as far as it is the app that says it.
    pub(crate) fn say(&self, line: &Json) {
        let text = |member: &str| line.get(member).and_then(Json::as_str).unwrap_or_default();
        let (level, text) = match text("is") {
            "console" => (text("level"), text("text").to_owned()),
            "stopped" => ("error", format!("[{}] {}; {}", text("class"), text("what"), text("hint"))),
            _ => return,
        };
        let page = line.get("page").and_then(Json::as_u64);
        self.console.push(PreviewLine { level: level.to_owned(), page, text });
    }
}

/// Where a home keeps whom it is paired with.
fn folder(home: &Path) -> PathBuf {
    home.join("previews")
}

/// Connects, pairs if a person types the code, and waits for the first draft. None: the person has left it.
pub(crate) fn open(
    address: &PreviewAddress,
    home: &Path,
    parts: Parts,
    profile: Profile,
    walls: Walls,
    lang: &str,
) -> Result<Option<Dev>, StartError> {
    let pairings = Pairings::open(&folder(home)).map_err(StartError::Preview)?;
    let preview = match knock(address, pairings, &name(), Clock::System).map_err(StartError::Preview)? {
        Knocked::Begun(preview) => preview,
        Knocked::Asks(pairing) => match ask::ask(pairing, lang)? {
            Some(preview) => preview,
            None => return Ok(None),
        },
    };
    let room = Room::make(&folder(home)).map_err(|error| {
        StartError::Preview(PreviewError::Pairings { why: format!("{}: {error}", folder(home).display()) })
    })?;
    // What a released app gets from this device, in a folder of its own.
    let services = Arc::new(Device::new(room.apps()).with_parts(parts));
    let previewing = Previewing {
        from: preview.name.clone(),
        minutes: preview.seconds / 60,
        strip: None,
        room: Some(room),
        console: preview.console(),
    };
    dev::open_preview(input(preview), previewing, services, profile, walls, lang.to_owned()).map(Some)
}

/// What a preview brings, as a developer's window reads it. Nobody at the other side switches anything here.
fn input(mut preview: Preview) -> impl FnMut() -> io::Result<Option<(Told, Vec<u8>)>> + Send + 'static {
    move || match preview.wait() {
        Ok(PreviewTold::Draft(bytes)) => Ok(Some((Told::Package(bytes.len() as u64), bytes))),
        Ok(PreviewTold::Problems(problems)) => {
            Ok(Some((Told::Problems(problems.into_iter().map(Into::into).collect()), Vec::new())))
        }
        Ok(PreviewTold::Ended(ending)) => {
            let why = match ending {
                Ending::Closed => "closed",
                Ending::Time => "time",
                Ending::Unpaired => "unpaired",
            };
            println!("preview ended: {why}");
            Ok(None)
        }
        Err(error) => {
            println!("preview ended: {}", error.class());
            Err(io::Error::other(error))
        }
    }
}

/// Lists the computers that a home is paired with, a line each.
pub(crate) fn list(home: &Path) -> Result<String, PreviewError> {
    let all = Pairings::open(&folder(home))?.all()?;
    Ok(all.iter().map(|paired| format!("{}  {}\n", paired.key.shown(), paired.name)).collect())
}

/// Ends the pairing with a computer; a preview from it that is shown ends within seconds.
pub(crate) fn end(home: &Path, computer: &str) -> Result<String, StartError> {
    let ended =
        Pairings::open(&folder(home)).and_then(|pairings| pairings.end(computer)).map_err(StartError::Preview)?;
    if ended.is_empty() {
        return Err(StartError::NoSuchComputer(computer.to_owned()));
    }
    Ok(ended.iter().map(|paired| format!("ended  {}  {}\n", paired.key.shown(), paired.name)).collect())
}

/// Opens a preview beside this window, in a process of its own. What it refuses is told here.
pub(crate) fn begin_beside(home: &Path, lang: &str, text: &str, post: Post) -> io::Result<()> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("--home").arg(home).args(["--lang", lang, "--open", text]);
    command.args(std::env::args_os().filter(|argument| argument == "--no-renderer-sandbox"));
    let child = command.stdin(Stdio::null()).stdout(Stdio::inherit()).stderr(Stdio::piped()).spawn()?;
    thread::Builder::new().name("preview".to_owned()).spawn(move || {
        let Ok(ended) = child.wait_with_output() else { return };
        if !ended.status.success() {
            post(Signal::Desk(Event::Misread(refused(&String::from_utf8_lossy(&ended.stderr)))));
        }
    })?;
    Ok(())
}

/// What the other process has said: class, what and hint, as [`StartError`] writes them.
fn refused(said: &str) -> Problem {
    let begin = said.find("error[").map_or("", |at| said.get(at..).unwrap_or_default());
    let class = begin.strip_prefix("error[").and_then(|rest| rest.split(']').next()).unwrap_or_default();
    let what = begin.lines().next().and_then(|line| line.split_once("]: ")).map_or("", |(_, what)| what);
    let hint = begin.lines().find_map(|line| line.trim().strip_prefix("hint: ")).unwrap_or_default();
    let known = CLASSES.iter().find(|known| **known == class);
    match known {
        Some(class) => Problem { class, what: what.to_owned(), place: None, hint: hint.to_owned() },
        None => Problem {
            class: "window/failed",
            what: "the window of the preview has not opened".to_owned(),
            place: None,
            hint: "open it from a terminal with guichet-desktop --open ADDRESS, which says why".to_owned(),
        },
    }
}

/// What a preview may be refused with.
const CLASSES: &[&str] = &[
    "preview/address",
    "preview/unreachable",
    "preview/other-key",
    "preview/over",
    "preview/busy",
    "preview/wrong-code",
    "preview/code-expired",
    "preview/too-many-codes",
    "preview/channel",
    "preview/protocol",
    "preview/unpaired",
    "preview/pairings",
];

/// A kiosk is somebody else's, and shows what was approved.
pub(crate) fn managed() -> Problem {
    Problem {
        class: "preview/managed",
        what: "this terminal shows only what was approved, so it opens no preview".to_owned(),
        place: None,
        hint: "open it on a terminal of your own".to_owned(),
    }
}

/// What this terminal calls itself.
fn name() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    Some(name.trim().to_owned()).filter(|name| !name.is_empty()).unwrap_or_else(|| "terminal".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_other_process_refuses_is_told_with_its_class() {
        let said = StartError::Preview(PreviewError::OtherKey).to_string();
        let problem = refused(&format!("warning: x\n{said}\n"));
        assert_eq!(problem, PreviewError::OtherKey.problem());
        assert_eq!(refused("Gtk-WARNING: cannot open display").class, "window/failed");
        assert_eq!(refused("error[made/up]: x\n  hint: y").class, "window/failed");
    }

    #[test]
    fn a_home_that_never_saw_a_preview_is_paired_with_nobody() {
        let home = tempfile::tempdir().unwrap();
        assert_eq!(list(home.path()).unwrap(), "");
        assert!(matches!(end(home.path(), "desk"), Err(StartError::NoSuchComputer(_))));
    }
}
