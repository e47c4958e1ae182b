//! The parts of this terminal, as its owner lists them in `devices.json`.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::Arc,
};

use guichet_contract::{AppId, Part, print::MAX_NAME_BYTES};
use serde::Deserialize;

#[cfg(unix)]
use crate::{
    card::Driven as CardDriven,
    driver::{Driver, Setup},
    print::Driven,
    scan::Sane,
    speech::Espeak,
};
use crate::{
    card::{CardReaders, ReaderPart},
    clipboard::{ClipboardPart, Copying},
    files::{ChooserPart, Choosing},
    notify::{NoticePart, Notices},
    open_app::{AppsPart, Visits},
    print::{Ipp, PagePart, PrinterPart, Spooler},
    scan::{ScannerPart, Scanning},
    speech::{Speaker, VoicePart},
    telemetry::{CounterPart, Counting},
};

/// The driver for readers that PC/SC knows.
#[cfg(unix)]
const PCSC: &str = "guichet-driver-pcsc";
/// The voice of eSpeak NG, where Debian puts it.
#[cfg(unix)]
const ESPEAK: &str = "/usr/bin/espeak-ng";

/// The parts that a terminal has.
#[derive(Debug, Default)]
pub struct Parts {
    pub(crate) print: Spooler,
    pub(crate) card: CardReaders,
    pub(crate) speech: Speaker,
    pub(crate) clipboard: Copying,
    pub(crate) scan: Scanning,
    pub(crate) notify: Notices,
    pub(crate) files: Choosing,
    pub(crate) apps: Visits,
    pub(crate) telemetry: Counting,
}

/// The list of parts cannot be read, or one of them cannot be.
#[derive(Debug, thiserror::Error)]
pub enum InvalidParts {
    /// It is not the JSON that it should be.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// One of them.
    #[error("{name}: {why}")]
    One {
        /// Its name.
        name: String,
        /// What is wrong with it.
        why: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    #[serde(default)]
    printers: Vec<ListedPrinter>,
    #[serde(default)]
    readers: Vec<ListedReader>,
    speech: Option<ListedVoice>,
    #[serde(default)]
    scanners: Vec<ListedScanner>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListedScanner {
    name: String,
    sane: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListedVoice {
    espeak: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListedReader {
    #[serde(default)]
    pcsc: bool,
    #[cfg(unix)]
    driver: Option<Setup>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListedPrinter {
    name: String,
    ipp: Option<String>,
    certificate: Option<String>,
    #[cfg(unix)]
    driver: Option<Setup>,
}

impl Parts {
    /// Reads the list: `{"speech": {"espeak": true}, "scanners": [{"name": "…", "sane": "…"}], "readers": [{"pcsc": true}], "printers": [{"name": "…", "ipp": "ipp://…"} or {"name": "…", "ipp": "ipps://…", "certificate": "-----BEGIN …"} or {"name": "…", "driver": {"program": "…"}}]}`.
    pub fn parse(json: &[u8]) -> Result<Self, InvalidParts> {
        let listed: Listed = serde_json::from_slice(json)?;
        let mut printers: Vec<Arc<dyn PrinterPart>> = Vec::new();
        for ListedPrinter {
            name,
            ipp,
            certificate,
            #[cfg(unix)]
            driver,
        } in listed.printers
        {
            #[cfg(not(unix))]
            let driver = None::<()>;
            let refuse = |why: &str| InvalidParts::One { name: name.clone(), why: why.to_owned() };
            if !is_name(&name) {
                return Err(refuse("a name is one line of 1 to 128 bytes"));
            }
            if printers.iter().any(|printer| printer.name() == name) {
                return Err(refuse("another printer has this name"));
            }
            printers.push(match (ipp, driver) {
                (Some(address), None) => {
                    let printer = Ipp::new(&name, &address, certificate.as_deref());
                    Arc::new(printer.map_err(|invalid| refuse(&invalid.to_string()))?)
                }
                (None, _) if certificate.is_some() => return Err(refuse("`certificate` goes with `ipp`")),
                #[cfg(unix)]
                (None, Some(setup)) if !setup.program.is_absolute() => {
                    return Err(refuse("`program` is the whole path of a program"));
                }
                #[cfg(unix)]
                (None, Some(setup)) => {
                    let driver = Driver::new("print", setup, None).map_err(|error| refuse(&error.to_string()))?;
                    Arc::new(Driven::new(&name, driver))
                }
                _ => return Err(refuse("a printer has either `ipp` or `driver`")),
            });
        }
        let (print, card) = (Spooler::new(printers), CardReaders::new(readers(listed.readers)?));
        let parts = Self { print, card, ..Self::default() }.with_scanners(scanners(listed.scanners)?);
        match listed.speech {
            #[cfg(unix)]
            Some(ListedVoice { espeak: true }) => Ok(parts.with_voice(Arc::new(Espeak::new(Path::new(ESPEAK))))),
            #[cfg(not(unix))]
            Some(ListedVoice { espeak: true }) => {
                Err(InvalidParts::One { name: "speech".to_owned(), why: "it is spoken on Unix only".to_owned() })
            }
            _ => Ok(parts),
        }
    }

    /// The same, and what printers on a network are given is noted in this file, for [`crate::take_back_jobs`].
    pub fn noting_jobs(self, file: impl AsRef<Path>) -> Self {
        Self { print: self.print.noting(file.as_ref()), ..self }
    }

    /// These printers and nothing else.
    pub fn of_printers(printers: Vec<Arc<dyn PrinterPart>>) -> Self {
        Self { print: Spooler::new(printers), ..Self::default() }
    }

    /// These readers and nothing else.
    pub fn of_readers(readers: Vec<Arc<dyn ReaderPart>>) -> Self {
        Self::default().with_readers(readers)
    }

    /// The same, where this part makes PDFs of pages.
    pub fn with_pages(self, pages: Arc<dyn PagePart>) -> Self {
        Self { print: self.print.with_pages(pages), ..self }
    }

    /// The same with these readers.
    pub fn with_readers(self, readers: Vec<Arc<dyn ReaderPart>>) -> Self {
        Self { card: CardReaders::new(readers), ..self }
    }

    /// The same with this voice.
    pub fn with_voice(self, voice: Arc<dyn VoicePart>) -> Self {
        Self { speech: Speaker::new(voice), ..self }
    }

    /// The same with this clipboard.
    pub fn with_clipboard(self, clipboard: Arc<dyn ClipboardPart>) -> Self {
        Self { clipboard: Copying::new(clipboard), ..self }
    }

    /// The same with these scanners.
    pub fn with_scanners(self, scanners: Vec<Arc<dyn ScannerPart>>) -> Self {
        Self { scan: Scanning::new(scanners), ..self }
    }

    /// The same, where this part shows notices.
    pub fn with_notices(self, notices: Arc<dyn NoticePart>) -> Self {
        Self { notify: Notices::new(notices), ..self }
    }

    /// The same, where files are chosen in the dialogs of this part.
    pub fn with_chooser(self, chooser: Arc<dyn ChooserPart>) -> Self {
        Self { files: Choosing::new(chooser), ..self }
    }

    /// The same, where this part opens apps for others.
    pub fn with_apps(self, apps: Arc<dyn AppsPart>) -> Self {
        Self { apps: Visits::new(apps), ..self }
    }

    /// The same, where this part counts events.
    pub fn with_counter(self, counter: Arc<dyn CounterPart>) -> Self {
        Self { telemetry: Counting::new(counter), ..self }
    }

    /// A session of an app is over.
    pub(crate) fn over(&self, app: &AppId) {
        self.card.over(app);
        self.speech.over(app);
        self.notify.over(app);
        self.files.over(app);
        self.apps.over(app);
        self.telemetry.over(app);
    }

    /// Which there are.
    pub(crate) fn names(&self) -> BTreeSet<Part> {
        let all = [
            (Part::Print, self.print.has_any()),
            (Part::Card, self.card.has_any()),
            (Part::Speech, self.speech.has_any()),
            (Part::Clipboard, self.clipboard.has_any()),
            (Part::Scan, self.scan.has_any()),
            (Part::Notify, self.notify.has_any()),
            (Part::Files, self.files.has_any()),
            (Part::OpenApp, self.apps.has_any()),
            (Part::Telemetry, self.telemetry.has_any()),
        ];
        all.into_iter().filter_map(|(part, is_there)| is_there.then_some(part)).collect()
    }
}

/// The readers that PC/SC knows, and those behind drivers.
fn readers(listed: Vec<ListedReader>) -> Result<Vec<Arc<dyn ReaderPart>>, InvalidParts> {
    let refuse = |why: String| InvalidParts::One { name: "readers".to_owned(), why };
    let mut readers: Vec<Arc<dyn ReaderPart>> = Vec::new();
    #[cfg(unix)]
    for ListedReader { pcsc, driver } in listed {
        let setup = match (pcsc, driver) {
            (true, None) => Setup { program: beside_this_one(PCSC), ..Setup::default() },
            (false, Some(setup)) if setup.program.is_absolute() => setup,
            (false, Some(_)) => return Err(refuse("`program` is the whole path of a program".to_owned())),
            _ => return Err(refuse("a reader has either `pcsc` or `driver`".to_owned())),
        };
        let driver = Driver::new("card", setup, None).map_err(|error| refuse(error.to_string()))?;
        readers.push(Arc::new(CardDriven::new(driver)));
    }
    #[cfg(not(unix))]
    if !listed.is_empty() {
        return Err(refuse("drivers are run on Unix only".to_owned()));
    }
    Ok(readers)
}

/// The scanners that SANE knows.
fn scanners(listed: Vec<ListedScanner>) -> Result<Vec<Arc<dyn ScannerPart>>, InvalidParts> {
    let mut scanners: Vec<Arc<dyn ScannerPart>> = Vec::new();
    for ListedScanner { name, sane } in listed {
        let refuse = |why: &str| Err(InvalidParts::One { name: name.clone(), why: why.to_owned() });
        if !is_name(&name) {
            return refuse("a name is one line of 1 to 128 bytes");
        }
        if scanners.iter().any(|scanner| scanner.name() == name) {
            return refuse("another scanner has this name");
        }
        if !is_name(&sane) {
            return refuse("`sane` is what `scanimage -L` calls it, such as airscan:e0:Scanner");
        }
        #[cfg(unix)]
        scanners.push(Arc::new(Sane::new(&name, &sane, &[])));
        #[cfg(not(unix))]
        return refuse("SANE is there on Unix only");
    }
    Ok(scanners)
}

fn is_name(name: &str) -> bool {
    (1..=MAX_NAME_BYTES).contains(&name.len()) && !name.chars().any(char::is_control)
}

#[cfg(unix)]
fn beside_this_one(program: &str) -> PathBuf {
    let folder = std::env::current_exe().ok().and_then(|path| Some(path.parent()?.to_owned()));
    folder.unwrap_or_default().join(program)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(json: &str) -> Result<BTreeSet<Part>, String> {
        Parts::parse(json.as_bytes()).map(|parts| parts.names()).map_err(|invalid| invalid.to_string())
    }

    #[test]
    fn a_list_says_what_a_terminal_has() {
        assert_eq!(names("{}"), Ok(BTreeSet::new()));
        let a4 = r#"{"printers":[{"name":"A4","ipp":"ipp://localhost/printers/a4"}]}"#;
        assert_eq!(names(a4), Ok(BTreeSet::from([Part::Print])));
        let receipts =
            r#"{"printers":[{"name":"R","driver":{"program":"/opt/r","devices":["/dev/usb/lp0"],"ports":[9100]}}]}"#;
        assert_eq!(names(receipts), Ok(BTreeSet::from([Part::Print])));
        assert_eq!(names(r#"{"speech":{"espeak":true}}"#), Ok(BTreeSet::from([Part::Speech])));
        assert_eq!(names(r#"{"speech":{"espeak":false}}"#), Ok(BTreeSet::new()));
        let flatbed = r#"{"scanners":[{"name":"Flatbed","sane":"airscan:e0:Scanner"}]}"#;
        assert_eq!(names(flatbed), Ok(BTreeSet::from([Part::Scan])));
        let both = r#"{"readers":[{"pcsc":true},{"driver":{"program":"/opt/sam","devices":["/dev/ttyUSB0"]}}]}"#;
        assert_eq!(names(both), Ok(BTreeSet::from([Part::Card])));
    }

    #[test]
    fn a_wrong_list_says_what_is_wrong() {
        let why = |json: &str| names(json).unwrap_err();
        insta::assert_snapshot!(why(r#"{"printer":[]}"#), @"unknown field `printer`, expected one of `printers`, `readers`, `speech`, `scanners` at line 1 column 10");
        insta::assert_snapshot!(why(r#"{"scanners":[{"name":"A","sane":""}]}"#), @"A: `sane` is what `scanimage -L` calls it, such as airscan:e0:Scanner");
        insta::assert_snapshot!(why(r#"{"readers":[{}]}"#), @"readers: a reader has either `pcsc` or `driver`");
        insta::assert_snapshot!(why(r#"{"printers":[{"name":"A4"}]}"#), @"A4: a printer has either `ipp` or `driver`");
        insta::assert_snapshot!(why(r#"{"printers":[{"name":"A4","ipp":"lpt1"}]}"#), @"A4: `lpt1` is not the address of a printer; write ipp://host[:port]/path, or ipps:// and its `certificate`");
        insta::assert_snapshot!(why(r#"{"printers":[{"name":"A4","ipp":"ipps://a/"}]}"#), @"A4: a printer at ipps:// is known by its `certificate`: its own, or that of the authority which vouches for it, as PEM");
        insta::assert_snapshot!(why(r#"{"printers":[{"name":"A4","certificate":"x","driver":{"program":"/a"}}]}"#), @"A4: `certificate` goes with `ipp`");
        insta::assert_snapshot!(why(r#"{"printers":[{"name":"","ipp":"ipp://a/"}]}"#), @": a name is one line of 1 to 128 bytes");
        insta::assert_snapshot!(why(r#"{"printers":[{"name":"A","driver":{"program":"r"}}]}"#), @"A: `program` is the whole path of a program");
        insta::assert_snapshot!(why(r#"{"printers":[{"name":"A","ipp":"ipp://a/"},{"name":"A","ipp":"ipp://b/"}]}"#), @"A: another printer has this name");
    }
}
