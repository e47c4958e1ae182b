//! Looking at a package file that nobody has to have sealed: for developers and reviewers, on a desktop only.
//!
//! Invariant: only the command line of `guichet-desktop` leads here, and none of the terminals it can name is a kiosk; the
//! host APIs are twins in memory, so nothing is read from this device and nothing stays.

use std::{
    fs,
    io::{BufReader, Read as _},
    path::Path,
    sync::Arc,
};

use guichet_host::{Look as HostLook, LookOptions, LookTerminal, Recorder, Recording, Walls, users_script_cache};
use guichet_package::{
    Limits, PackageFile,
    compat::{Layout, Look},
};
use guichet_services::{Memory, Simulation};

use crate::{report::Bent, start::StartError};

/// What is looked at, and what a report says about it.
pub(crate) struct LookedAt {
    /// Runs it.
    pub(crate) look: HostLook,
    /// `app_id` as the manifest writes it.
    pub(crate) app_id: String,
    /// What was bent.
    pub(crate) bent: Vec<Bent>,
}

/// Reads and checks a package file.
pub(crate) fn open(
    path: &Path,
    (layout, terminal): (Layout, LookTerminal),
    simulated: Option<&[Simulation]>,
    lang: &str,
    walls: Walls,
    recorder: Option<Recorder>,
) -> Result<LookedAt, StartError> {
    let limits = Limits::default();
    let bytes = read(path, limits.container_bytes).map_err(|error| StartError::File(path.to_owned(), error))?;
    let opened = Look::open(&bytes, layout, &limits).map_err(|refusal| {
        let is_bendable = layout == Layout::Strict && Look::open(&bytes, Layout::Compat, &limits).is_ok();
        StartError::Package { path: path.to_owned(), refusal, is_bendable }
    })?;
    let services = Arc::new(simulated.map_or_else(Memory::default, Memory::simulated));
    let (lang, script_cache) = (lang.to_owned(), users_script_cache());
    let options = LookOptions { services, lang, terminal, walls, script_cache, recorder, plays: None };
    let look = HostLook::open(opened.file, options).map_err(StartError::Host)?;
    Ok(LookedAt { look, app_id: opened.app_id, bent: opened.bent.iter().map(Bent::of).collect() })
}

/// Prepares to play the pages of a session of a journal: those that were recorded, or those of another package.
pub(crate) fn replay(
    journal: &Path,
    session: u64,
    package: Option<&Path>,
    terminal: LookTerminal,
    walls: Walls,
) -> Result<LookedAt, StartError> {
    let refused = |refusal| StartError::Replay(journal.to_owned(), refusal);
    let file = fs::File::open(journal).map_err(|error| refused(error.into()))?;
    let mut recording = Recording::read(BufReader::new(file), session).map_err(refused)?;
    let limits = Limits::default();
    let (path, bytes) = match package {
        Some(path) => {
            (path, read(path, limits.container_bytes).map_err(|error| StartError::File(path.to_owned(), error))?)
        }
        None => (journal, recording.take_package().map_err(refused)?),
    };
    let package = PackageFile::open(bytes, &limits).map_err(|refusal| StartError::Package {
        path: path.to_owned(),
        refusal,
        is_bendable: false,
    })?;
    let services = Arc::new(Memory::default());
    let (lang, script_cache) = (recording.lang().to_owned(), users_script_cache());
    let plays = Some(recording);
    let options = LookOptions { services, lang, terminal, walls, script_cache, recorder: None, plays };
    let look = HostLook::open(package, options).map_err(StartError::Host)?;
    Ok(LookedAt { app_id: look.app_id().to_string(), look, bent: Vec::new() })
}

/// One byte more than allowed is enough to be refused.
fn read(path: &Path, most: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
