//! What a journal has of the pages of its sessions, for a shell that plays them again.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::BufRead,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value as Json;

use super::{JournalRefusal, read::Lines, steps::Step};

/// A session of a journal whose pages can be played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithPages {
    /// The session.
    pub session: u64,
    /// Its app.
    pub app_id: String,
    /// The terminal it ran on: `desktop`, `phone` or `kiosk`.
    pub terminal: String,
}

/// The pages of one session, as they were recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    pub(crate) app_id: String,
    pub(crate) lang: String,
    pub(crate) dir: String,
    pub(crate) referrer: String,
    pub(crate) page: String,
    package: Option<Vec<u8>>,
    /// Each with its line in the journal.
    pub(crate) steps: Vec<(u64, Step)>,
}

/// The sessions of a journal that have pages.
pub fn sessions_with_pages(journal: impl BufRead) -> Result<Vec<WithPages>, JournalRefusal> {
    let mut lines = Lines::of(journal)?;
    let (mut begun, mut with_pages) = (Vec::new(), BTreeSet::new());
    while let Some(line) = lines.next()? {
        let Some(session) = line["session"].as_u64() else { continue };
        if let Some(app_id) = line["begin"]["app_id"].as_str() {
            let terminal = line["begin"]["launch"]["terminal"].as_str().unwrap_or_default().to_owned();
            begun.push(WithPages { session, app_id: app_id.to_owned(), terminal });
        } else if line.get("page").is_some() {
            with_pages.insert(session);
        }
    }
    begun.retain(|begun| with_pages.contains(&begun.session));
    if begun.is_empty() { Err(JournalRefusal::NoPages) } else { Ok(begun) }
}

impl Recording {
    /// Reads the pages of one session.
    pub fn read(journal: impl BufRead, session: u64) -> Result<Self, JournalRefusal> {
        let mut lines = Lines::of(journal)?;
        let mut packages = BTreeMap::new();
        let mut found: Option<Self> = None;
        while let Some(line) = lines.next()? {
            let malformed = |why| JournalRefusal::Malformed { line: lines.line, why };
            if let (Some(number), Some(text)) = (line["package"].as_u64(), line["is"].as_str()) {
                let bytes = STANDARD.decode(text).map_err(|_| malformed("that is no package"))?;
                packages.insert(number, bytes);
            }
            if line["session"] != session {
                continue;
            }
            if line["begin"].is_object() {
                found = Some(Self::begun(&line["begin"], &mut packages));
            } else if line.get("page").is_some()
                && let Some(found) = &mut found
            {
                let step = Step::read(&line).ok_or_else(|| malformed("that is nothing of a page"))?;
                found.steps.push((lines.line, step));
            }
        }
        found.filter(|found| !found.steps.is_empty()).ok_or(JournalRefusal::NoPages)
    }

    fn begun(begin: &Json, packages: &mut BTreeMap<u64, Vec<u8>>) -> Self {
        let launch = |member: &str| begin["launch"][member].as_str().unwrap_or_default().to_owned();
        Self {
            app_id: begin["app_id"].as_str().unwrap_or_default().to_owned(),
            lang: launch("lang"),
            dir: launch("dir"),
            referrer: launch("referrer"),
            page: launch("page"),
            package: begin["package"].as_u64().and_then(|number| packages.remove(&number)),
            steps: Vec::new(),
        }
    }

    /// The language the app had, a BCP 47 tag.
    pub fn lang(&self) -> &str {
        &self.lang
    }

    /// The bytes of the package that was recorded; refused if the journal does not have it.
    pub fn take_package(&mut self) -> Result<Vec<u8>, JournalRefusal> {
        self.package.take().ok_or_else(|| JournalRefusal::NoPackage { app_id: self.app_id.clone() })
    }
}
