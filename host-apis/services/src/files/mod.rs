//! `files`: whose file is whose, how much of it is read, and the words of failures; who lets a person choose is a part.
//!
//! Invariant: an app reaches what a person has chosen for it and nothing else, and no path leaves the part.

mod simulated;

use std::{
    collections::{BTreeMap, HashMap},
    fmt, fs,
    io::{self, Read as _, Seek as _, SeekFrom},
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use guichet_contract::{
    AppId, Failure, Permit, Stop,
    files::{Chosen, Close, Files, MAX_FILE_BYTES, MAX_OPEN, Pick, Read, Save, ending},
};

pub use simulated::{Simulated, State};

/// What a file is read from.
pub trait Content: io::Read + io::Seek + Send {}

impl<T: io::Read + io::Seek + Send> Content for T {}

/// A file that a person has chosen.
pub struct Picked {
    /// Its name, with its ending.
    pub name: String,
    /// In bytes.
    pub size: u64,
    /// What is in it.
    pub content: Box<dyn Content>,
}

impl Picked {
    /// The file that lies there.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = fs::File::open(path)?;
        let (metadata, name) = (file.metadata()?, path.file_name().unwrap_or_default().to_string_lossy());
        if !metadata.is_file() {
            return Err(io::Error::from(io::ErrorKind::InvalidInput));
        }
        Ok(Self { name: name.into_owned(), size: metadata.len(), content: Box::new(file) })
    }
}

/// Who lets a person choose.
pub trait ChooserPart: Send + Sync + fmt::Debug {
    /// Whether files can be chosen on this terminal.
    fn is_there(&self) -> bool {
        true
    }

    /// Lets a person choose a file for an app; none if they choose none, or nobody wants it any more.
    fn pick(&self, app: &AppId, endings: &[String], stop: &Stop) -> Result<Option<Picked>, Trouble>;

    /// Lets a person say where bytes of an app are kept; whether they are.
    fn save(&self, app: &AppId, name: &str, bytes: &[u8], stop: &Stop) -> Result<bool, Trouble>;
}

/// Why nothing was chosen or kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Another dialog is open.
    Busy,
    /// No dialog opens.
    Unreachable,
    /// The file cannot be read.
    Unreadable,
    /// The file cannot be written, and why.
    NotWritten(String),
}

/// The files that a person has chosen for apps.
#[derive(Default)]
pub struct Choosing {
    part: Option<Arc<dyn ChooserPart>>,
    apps: Mutex<HashMap<AppId, Open>>,
}

#[derive(Default)]
struct Open {
    last: u32,
    files: BTreeMap<u32, Picked>,
}

impl fmt::Debug for Choosing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Choosing").field("part", &self.part).finish_non_exhaustive()
    }
}

impl Choosing {
    /// Chosen in the dialogs of this part.
    pub fn new(part: Arc<dyn ChooserPart>) -> Self {
        Self { part: Some(part), apps: Mutex::default() }
    }

    /// Whether files can be chosen.
    pub fn has_any(&self) -> bool {
        self.part.as_ref().is_some_and(|part| part.is_there())
    }

    /// The session of an app is over, and its files are closed.
    pub fn over(&self, app: &AppId) {
        let closed = self.apps().remove(app);
        drop(closed);
    }

    fn apps(&self) -> MutexGuard<'_, HashMap<AppId, Open>> {
        self.apps.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn part(&self) -> Result<&dyn ChooserPart, Failure> {
        self.part.as_deref().filter(|part| part.is_there()).ok_or_else(|| {
            let hint = "offer another way; an app that is nothing without files says \"requires\": [\"files\"]";
            failure("files/unsupported", "no files can be chosen on this terminal", hint)
        })
    }
}

impl Files for Choosing {
    fn pick(&self, permit: Permit<Pick>) -> Result<Option<Chosen>, Failure> {
        let (app, Pick { endings, stop }) = permit.redeem();
        let part = self.part()?;
        if self.apps().get(&app).is_some_and(|open| open.files.len() >= MAX_OPEN) {
            let what = format!("{MAX_OPEN} files of the app are open already");
            return Err(failure("files/too-many", &what, "close one that is not needed any more"));
        }
        let Some(picked) = part.pick(&app, &endings, &stop).map_err(|trouble| in_words(&trouble))? else {
            return Ok(None);
        };
        if !endings.contains(&ending(&picked.name)) {
            let what = format!("what was chosen ends with none of {}", endings.join(", "));
            return Err(failure("files/ending", &what, "tell the person which files are meant"));
        }
        let size = u32::try_from(picked.size).ok().filter(|size| *size <= MAX_FILE_BYTES);
        let size = size.ok_or_else(|| {
            let what = format!("what was chosen is longer than {} MiB", MAX_FILE_BYTES >> 20);
            failure("files/too-large", &what, "tell the person how large a file may be")
        })?;
        let mut apps = self.apps();
        let open = apps.entry(app).or_default();
        open.last = open.last.wrapping_add(1);
        let chosen = Chosen { number: open.last, name: picked.name.clone(), size };
        open.files.insert(open.last, picked);
        Ok(Some(chosen))
    }

    fn read(&self, permit: Permit<Read>) -> Result<Vec<u8>, Failure> {
        let (app, Read { number, offset, most, .. }) = permit.redeem();
        let mut apps = self.apps();
        let picked = apps.get_mut(&app).and_then(|open| open.files.get_mut(&number)).ok_or_else(|| {
            failure("files/not-open", "the app has no such file open", "keep the number that `pick` brought")
        })?;
        let mut bytes = Vec::new();
        let content = &mut picked.content;
        let read = content
            .seek(SeekFrom::Start(offset.into()))
            .and_then(|_| content.take(most.into()).read_to_end(&mut bytes));
        read.map(|_| bytes).map_err(|_| in_words(&Trouble::Unreadable))
    }

    fn close(&self, permit: Permit<Close>) -> Result<(), Failure> {
        let (app, Close { number, .. }) = permit.redeem();
        if let Some(open) = self.apps().get_mut(&app) {
            open.files.remove(&number);
        }
        Ok(())
    }

    fn save(&self, permit: Permit<Save>) -> Result<bool, Failure> {
        let (app, Save { name, bytes, stop }) = permit.redeem();
        self.part()?.save(&app, &name, &bytes, &stop).map_err(|trouble| in_words(&trouble))
    }
}

fn in_words(trouble: &Trouble) -> Failure {
    match trouble {
        Trouble::Busy => failure("files/busy", "another dialog is open", "wait until the person has answered it"),
        Trouble::Unreachable => {
            failure("files/unreachable", "no dialog opens on this terminal", "keep what was entered, and try again")
        }
        Trouble::Unreadable => {
            failure("files/unreadable", "what was chosen cannot be read", "ask the person for another file")
        }
        Trouble::NotWritten(why) => {
            failure("files/not-written", &format!("nothing was kept: {why}"), "ask the person for another place")
        }
    }
}

fn failure(class: &str, what: &str, hint: &str) -> Failure {
    Failure::Unavailable(format!("{class}: {what}; hint: {hint}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trouble_says_what_to_do() {
        let troubles = [
            Trouble::Busy,
            Trouble::Unreachable,
            Trouble::Unreadable,
            Trouble::NotWritten("the disk is full".to_owned()),
        ];
        let mut words: Vec<_> = troubles.iter().map(|trouble| in_words(trouble).to_string()).collect();
        words.push(Choosing::default().part().unwrap_err().to_string());
        insta::assert_snapshot!(words.join("\n"), @r#"
        files/busy: another dialog is open; hint: wait until the person has answered it
        files/unreachable: no dialog opens on this terminal; hint: keep what was entered, and try again
        files/unreadable: what was chosen cannot be read; hint: ask the person for another file
        files/not-written: nothing was kept: the disk is full; hint: ask the person for another place
        files/unsupported: no files can be chosen on this terminal; hint: offer another way; an app that is nothing without files says "requires": ["files"]
        "#);
    }
}
