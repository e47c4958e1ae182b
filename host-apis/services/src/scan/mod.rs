//! `scan`: one page at a time, how long it may take, and the words of failures; the scanners themselves are parts.
//!
//! Invariant: no part learns which app scans, and no page is kept.

#[cfg(unix)]
mod sane;
mod simulated;

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError, TryLockError},
};

use guichet_contract::{
    Failure, Permit, Stop,
    scan::{MAX_PAGE_BYTES, Order, PATIENCE, Page, Scan, Scanners},
};

#[cfg(unix)]
pub use sane::Sane;
pub use simulated::{Simulated, State};

/// The beginning of every JPEG (ISO/IEC 10918-1, B.1.1.3).
const JPEG: [u8; 3] = [0xff, 0xd8, 0xff];

/// One scanner, however it is reached.
pub trait ScannerPart: Send + Sync + fmt::Debug {
    /// Whether this terminal has it at all.
    fn is_there(&self) -> bool {
        true
    }

    /// Its name on this terminal.
    fn name(&self) -> &str;

    /// Scans one page, as a JPEG; gives up when nobody wants it any more.
    fn page(&self, order: &Order, stop: &Stop) -> Result<Vec<u8>, Trouble>;
}

/// Why a scanner did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Somebody else scans.
    Busy,
    /// No paper lies in it.
    NoPaper,
    /// Paper is stuck.
    Jammed,
    /// Its cover is open.
    CoverOpen,
    /// It does not answer, or not as a scanner does.
    Unreachable,
    /// It took longer than a page may.
    TooSlow,
    /// Nobody wants the page any more.
    GivenUp,
    /// It says no, and why.
    Refused(String),
}

/// All scanners of a terminal.
#[derive(Debug, Default)]
pub struct Scanning {
    parts: Vec<Arc<dyn ScannerPart>>,
    /// Held while a page is scanned: a picture of one takes memory, and a scanner takes one order.
    turn: Mutex<()>,
}

impl Scanning {
    /// These scanners; the first is used unless another is named.
    pub fn new(parts: Vec<Arc<dyn ScannerPart>>) -> Self {
        Self { parts, turn: Mutex::default() }
    }

    /// Whether there is a scanner.
    pub fn has_any(&self) -> bool {
        self.there().next().is_some()
    }

    fn there(&self) -> impl Iterator<Item = &Arc<dyn ScannerPart>> {
        self.parts.iter().filter(|part| part.is_there())
    }

    fn choose(&self, wanted: Option<&str>) -> Result<&Arc<dyn ScannerPart>, Failure> {
        if !self.has_any() {
            let hint = "offer another way; an app that is nothing without a scanner says \"requires\": [\"scan\"]";
            return Err(failure("scan/unsupported", "this terminal has no scanner", hint));
        }
        let part = self.there().find(|part| wanted.is_none_or(|wanted| part.name() == wanted));
        part.ok_or_else(|| failure("scan/no-such-scanner", "there is none of this name", "ask `scanners`"))
    }
}

impl Scan for Scanning {
    fn scanners(&self, permit: Permit<Scanners>) -> Result<Vec<String>, Failure> {
        drop(permit);
        Ok(self.there().map(|part| part.name().to_owned()).collect())
    }

    fn page(&self, permit: Permit<Page>) -> Result<Vec<u8>, Failure> {
        let (_, Page { order, stop }) = permit.redeem();
        let part = self.choose(order.scanner.as_deref())?;
        let turn = match self.turn.try_lock() {
            Err(TryLockError::WouldBlock) => return Err(in_words(&Trouble::Busy, part.name())),
            Err(TryLockError::Poisoned(turn)) => PoisonError::into_inner(turn),
            Ok(turn) => turn,
        };
        let page = part.page(&order, &stop).map_err(|trouble| in_words(&trouble, part.name()))?;
        drop(turn);
        if page.len() > MAX_PAGE_BYTES {
            let what = format!("the picture of the page is longer than {} MiB", MAX_PAGE_BYTES >> 20);
            return Err(failure("scan/too-large", &what, "scan it in grey, or with fewer dots per inch"));
        }
        if !page.starts_with(&JPEG) {
            return Err(in_words(&Trouble::Unreachable, part.name()));
        }
        Ok(page)
    }
}

fn failure(class: &str, what: &str, hint: &str) -> Failure {
    Failure::Unavailable(format!("{class}: {what}; hint: {hint}"))
}

fn in_words(trouble: &Trouble, name: &str) -> Failure {
    let who = format!("the scanner \"{name}\"");
    match trouble {
        Trouble::Busy => failure("scan/busy", &format!("{who} is scanning already"), "try again when that is done"),
        Trouble::NoPaper => failure("scan/no-paper", &format!("no paper lies in {who}"), "ask the person to put it in"),
        Trouble::Jammed => failure("scan/jammed", &format!("paper is stuck in {who}"), "somebody has to take it out"),
        Trouble::CoverOpen => {
            failure("scan/cover-open", &format!("the cover of {who} is open"), "ask the person to close it")
        }
        Trouble::Unreachable => {
            let hint = "keep what was entered; somebody has to look whether it is on and connected";
            failure("scan/unreachable", &format!("{who} does not answer"), hint)
        }
        Trouble::TooSlow => {
            let what = format!("{who} has not finished a page within {} seconds", PATIENCE.as_secs());
            failure("scan/timeout", &what, "try again, with fewer dots per inch")
        }
        Trouble::GivenUp => failure("scan/given-up", "nobody wants the page any more", "scan it again if it is needed"),
        Trouble::Refused(why) => {
            failure("scan/refused", &format!("{who} refuses: {why}"), "somebody has to look at it")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trouble_says_what_to_do() {
        let troubles = [
            Trouble::Busy,
            Trouble::NoPaper,
            Trouble::Jammed,
            Trouble::CoverOpen,
            Trouble::Unreachable,
            Trouble::TooSlow,
            Trouble::GivenUp,
            Trouble::Refused("no power".to_owned()),
        ];
        let mut words: Vec<_> = troubles.iter().map(|trouble| in_words(trouble, "A4").to_string()).collect();
        words.push(Scanning::default().choose(None).unwrap_err().to_string());
        let scanning = Scanning::new(vec![Arc::new(Simulated::new("A4"))]);
        words.push(scanning.choose(Some("A3")).unwrap_err().to_string());
        insta::assert_snapshot!(words.join("\n"), @r#"
        scan/busy: the scanner "A4" is scanning already; hint: try again when that is done
        scan/no-paper: no paper lies in the scanner "A4"; hint: ask the person to put it in
        scan/jammed: paper is stuck in the scanner "A4"; hint: somebody has to take it out
        scan/cover-open: the cover of the scanner "A4" is open; hint: ask the person to close it
        scan/unreachable: the scanner "A4" does not answer; hint: keep what was entered; somebody has to look whether it is on and connected
        scan/timeout: the scanner "A4" has not finished a page within 120 seconds; hint: try again, with fewer dots per inch
        scan/given-up: nobody wants the page any more; hint: scan it again if it is needed
        scan/refused: the scanner "A4" refuses: no power; hint: somebody has to look at it
        scan/unsupported: this terminal has no scanner; hint: offer another way; an app that is nothing without a scanner says "requires": ["scan"]
        scan/no-such-scanner: there is none of this name; hint: ask `scanners`
        "#);
    }
}
