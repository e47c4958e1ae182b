//! Ways out of a kiosk, each tried on the unmodified program with real input, and what is to be seen of it: nothing.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;

use crate::{
    hall::{Hall, SOON},
    until::until,
};

/// The app whose page tries what a page can try.
pub const APP: &str = "gov.example.residence.lockdown";

/// The button of the page that tells how it is, and its list of others: four in a row.
const THERE: (u32, u32) = (100, 112 + 40);
const FIRST: (u32, u32) = (125, 112 + 130);
const APART: (u32, u32) = (250, 60);

/// How long the page may take to answer, and how often it is asked.
const ANSWER: Duration = Duration::from_secs(3);
const TRIES: u32 = 10;

/// The programs of a kiosk, as the system cuts their names; any other that runs after a way was tried is a way out.
const PROGRAMS: [&str; 7] = [
    "guichet-kiosk",
    "guichet-logic",
    "guichet-compile",
    "WebKitWebProces",
    "WebKitNetworkPr",
    "bwrap",
    "xdg-dbus-proxy",
];

/// One way out.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Way {
    /// What it is called.
    pub way: String,
    /// Keys, one after another.
    #[serde(default)]
    pub keys: Vec<String>,
    /// A button of the page.
    pub page: Option<String>,
    /// What the pointer does, in xdotool's words.
    #[serde(default)]
    pub pointer: Vec<String>,
    /// Processes that are killed, by name or switch.
    pub kill: Option<String>,
    /// What is to be read on the glass afterwards; else it is as before.
    pub shows: Option<String>,
}

impl Way {
    /// By what it is tried.
    pub fn by(&self) -> &'static str {
        match self {
            Self { page: Some(_), .. } => "the page's script",
            Self { kill: Some(_), .. } => "a signal",
            Self { pointer, .. } if !pointer.is_empty() => "the pointer",
            _ => "keys",
        }
    }

    /// When it is none.
    pub fn passes(&self) -> String {
        match &self.shows {
            Some(word) => format!("the glass says “{word}”"),
            None => "no other window, no other program, the page as before".to_owned(),
        }
    }
}

/// The folder of the app.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("lockdown")
}

/// All ways, in the order in which they are tried.
pub fn ways() -> Result<Vec<Way>> {
    Ok(serde_json::from_slice(&fs::read(folder().join("ways.json"))?)?)
}

/// The ways as a table of a document.
pub fn table(ways: &[Way]) -> String {
    let row = |way: &Way| format!("| {} | {} | {} |\n", way.way, way.by(), way.passes());
    format!("| way | tried by | passes if |\n| --- | --- | --- |\n{}", ways.iter().map(row).collect::<String>())
}

/// The names of the page's buttons, in their order.
fn buttons() -> Result<Vec<String>> {
    let script = fs::read_to_string(folder().join("pages/home.js"))?;
    let (_, list) = script.split_once("const ways = {\n").context("the page has a list of ways")?;
    let (list, _) = list.split_once("\n};").context("which ends")?;
    let name = |line: &str| Some(line.strip_prefix("  ")?.split_once(':')?.0.trim_matches('"').to_owned());
    Ok(list.lines().filter(|line| !line.starts_with("   ")).filter_map(name).collect())
}

/// What can be seen of a kiosk from outside.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    windows: BTreeSet<String>,
    strangers: BTreeSet<String>,
    page: String,
}

/// Tries all ways; whoever gets out is named.
pub fn play(hall: &mut Hall) -> Result<Vec<String>> {
    let heard = hall.kiosk.heard();
    hall.find_and_click("Lockdown")?;
    hall.kiosk.line_since(heard, &format!("opened {APP}"), SOON)?;
    until("the page is there", SOON, || Ok(told(hall).map(drop)))?;
    let buttons = buttons()?;
    let before = seen(hall)?;
    let mut out = Vec::new();
    for way in ways()? {
        if let Some(what) = &way.kill {
            kill(hall, what)?;
        }
        if !way.keys.is_empty() {
            let keys: Vec<&str> = std::iter::once("key").chain(way.keys.iter().map(String::as_str)).collect();
            hall.display.input(&keys)?;
        }
        if !way.pointer.is_empty() {
            hall.display.input(&way.pointer.iter().map(String::as_str).collect::<Vec<_>>())?;
        }
        if let Some(page) = &way.page {
            let at = buttons.iter().position(|button| button == page).with_context(|| format!("no button `{page}`"))?;
            let at = u32::try_from(at)?;
            hall.display.click(FIRST.0 + at % 4 * APART.0, FIRST.1 + at / 4 * APART.1)?;
        }
        let held = match &way.shows {
            Some(word) => hall.find(word).map(drop),
            None => seen(hall).and_then(|after| {
                ensure!(after == before, "before: {before:?}\nafter: {after:?}");
                Ok(())
            }),
        };
        if let Err(error) = held {
            out.push(format!("{}: {error:#}", way.way));
        }
    }
    Ok(out)
}

/// Asks the page how it is: by the time it has answered, all that was tried before has been dealt with.
fn seen(hall: &Hall) -> Result<Seen> {
    let (_, last) = told(hall).context("the page has told nothing yet")?;
    let answer = || Ok(told(hall).filter(|(page, at)| *at > last && page.starts_with("there")));
    // Where something was drawn and let go, the toolkit holds the pointer for a moment.
    let mut tries = 0..TRIES;
    let (page, _) = loop {
        hall.display.click(THERE.0, THERE.1)?;
        match until("the page answers", ANSWER, answer) {
            Ok(answer) => break answer,
            Err(error) => tries.next().map(drop).ok_or(error)?,
        }
    };
    let names =
        hall.kiosk.processes().into_iter().filter_map(|pid| fs::read_to_string(format!("/proc/{pid}/comm")).ok());
    let strangers =
        names.map(|name| name.trim().to_owned()).filter(|name| !PROGRAMS.contains(&name.as_str())).collect();
    Ok(Seen { windows: hall.display.windows()?, strangers, page })
}

/// What the page has told last, and the number of it: it keeps that in its storage, in memory.
fn told(hall: &Hall) -> Option<(String, u64)> {
    let mut last = None;
    let below = |folder: PathBuf| fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    for kiosk in below(hall.memory().to_owned()) {
        for room in below(kiosk) {
            let mut places: Vec<_> = vec![room.join("home/apps").join(APP)];
            while let Some(place) = places.pop() {
                if place.is_dir() {
                    places.extend(below(place));
                    continue;
                }
                let bytes = fs::read(&place).unwrap_or_default();
                for part in bytes.split(|byte| *byte == b'<').skip(1) {
                    let text = part.split(|byte| *byte == b'>').next().and_then(|text| std::str::from_utf8(text).ok());
                    let Some((page, number)) = text.and_then(|text| text.rsplit_once(' ')) else { continue };
                    let Ok(number) = number.parse::<u64>() else { continue };
                    if last.as_ref().is_none_or(|(_, before)| *before < number) {
                        last = Some((page.to_owned(), number));
                    }
                }
            }
        }
    }
    last
}

fn kill(hall: &Hall, what: &str) -> Result<()> {
    let is_it = |pid: &u32| {
        let read = |file: &str| fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap_or_default();
        read("comm").trim() == what || read("cmdline").split('\0').any(|argument| argument == what)
    };
    let all: Vec<u32> = hall.kiosk.processes().into_iter().filter(is_it).collect();
    ensure!(!all.is_empty(), "there is no {what}");
    for pid in all {
        // One may end because another has.
        let _ = Pid::from_raw(pid.cast_signed()).map(|pid| kill_process(pid, Signal::KILL));
    }
    Ok(())
}
