//! How a simulated part is, in words: `printer=jam`.

use std::{fmt, str::FromStr};

use crate::{card::State, clipboard, files, notify, open_app, print::Fault, scan, speech, telemetry};

/// One simulated part, and how it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Simulation {
    /// The printer.
    Printer(Fault),
    /// The card reader.
    Card(State),
    /// The voice.
    Speech(speech::State),
    /// The clipboard.
    Clipboard(clipboard::State),
    /// The scanner.
    Scan(scan::State),
    /// Whoever shows notices.
    Notify(notify::State),
    /// The person who chooses files.
    Files(files::State),
    /// The apps that are opened.
    OpenApp(open_app::State),
    /// Whoever counts events.
    Telemetry(telemetry::State),
}

/// A text says nothing about a simulated part.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no simulated device; write {all}", all = Simulation::all_in_words())]
pub struct InvalidSimulation(pub String);

impl Simulation {
    /// All there are, part by part; the first of each part is how it is if nothing is said.
    pub fn all() -> impl Iterator<Item = Self> {
        let devices = Fault::ALL.into_iter().map(Self::Printer).chain(State::ALL.into_iter().map(Self::Card));
        let voices = speech::State::ALL.into_iter().map(Self::Speech);
        let boards = clipboard::State::ALL.into_iter().map(Self::Clipboard);
        let scanners = scan::State::ALL.into_iter().map(Self::Scan);
        let notices = notify::State::ALL.into_iter().map(Self::Notify);
        let apps = open_app::State::ALL.into_iter().map(Self::OpenApp);
        let counters = telemetry::State::ALL.into_iter().map(Self::Telemetry);
        let files = files::State::ALL.into_iter().map(Self::Files);
        devices.chain(voices).chain(boards).chain(scanners).chain(notices).chain(files).chain(apps).chain(counters)
    }

    /// The part: `printer`.
    pub fn device(self) -> &'static str {
        match self {
            Self::Printer(_) => "printer",
            Self::Card(_) => "card",
            Self::Speech(_) => "speech",
            Self::Clipboard(_) => "clipboard",
            Self::Scan(_) => "scan",
            Self::Notify(_) => "notify",
            Self::Files(_) => "files",
            Self::OpenApp(_) => "open-app",
            Self::Telemetry(_) => "telemetry",
        }
    }

    /// How it is: `jam`.
    pub fn state(self) -> &'static str {
        match self {
            Self::Printer(fault) => fault.name(),
            Self::Card(state) => state.name(),
            Self::Speech(state) => state.name(),
            Self::Clipboard(state) => state.name(),
            Self::Scan(state) => state.name(),
            Self::Notify(state) => state.name(),
            Self::Files(state) => state.name(),
            Self::OpenApp(state) => state.name(),
            Self::Telemetry(state) => state.name(),
        }
    }

    /// Reads `printer=jam,…`.
    pub fn list(text: &str) -> Result<Vec<Self>, InvalidSimulation> {
        text.split(',').map(|one| one.trim().parse()).collect()
    }

    fn all_in_words() -> String {
        let mut words = String::new();
        let mut last = "";
        for one in Self::all() {
            words += &if one.device() == last {
                format!("|{}", one.state())
            } else {
                let comma = if last.is_empty() { "" } else { " or " };
                format!("{comma}{}={}", one.device(), one.state())
            };
            last = one.device();
        }
        words
    }
}

impl fmt::Display for Simulation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.device(), self.state())
    }
}

impl FromStr for Simulation {
    type Err = InvalidSimulation;

    fn from_str(text: &str) -> Result<Self, InvalidSimulation> {
        Self::all().find(|one| one.to_string() == text).ok_or_else(|| InvalidSimulation(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_told_in_words() {
        assert_eq!(
            Simulation::list("printer=jam,card=expired"),
            Ok(vec![Simulation::Printer(Fault::Jam), Simulation::Card(State::Expired)])
        );
        for one in Simulation::all() {
            assert_eq!(one.to_string().parse(), Ok(one));
        }
        insta::assert_snapshot!(Simulation::list("printer=melted").unwrap_err(), @"`printer=melted` is no simulated device; write printer=ready|busy|paper-out|jam|offline|none or card=present|empty|expired|mute|offline|none or speech=ready|slow|mute|none or clipboard=ready|offline|none or scan=ready|slow|busy|empty|jam|open|offline|none or notify=ready|offline|none or files=ready|nothing|offline|none or open-app=answers|closes|waits|absent|none or telemetry=ready|none");
        assert!(Simulation::list("").is_err());
    }
}
