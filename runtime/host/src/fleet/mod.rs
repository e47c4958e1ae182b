//! A terminal of a hall and its store: how it enrols, and how it tells that it is well.
//!
//! ```text
//! enrol(code) ─► terminal.key, terminal.json, guichet.trust.json, operator.pub, policy
//! Terminal::keep_telling ─► a signed report every few minutes ─► News: a newer policy, a picture that is wanted, revoked
//! ```
//!
//! Invariants: the key is made here and never leaves; nothing waits for the store, and a terminal that cannot reach it
//! serves on; what is told says nothing about citizens.

mod error;
mod key;
mod tell;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use guichet_api::{Enrolled, Enrolment, EnrolmentProof, paths};
pub use guichet_api::{PartHealth, PartReport};
use guichet_package::TrustFile;
use guichet_trust::{canonical, sign::PublicKey};
use serde::{Deserialize, Serialize};

pub use self::{
    error::FleetError,
    tell::{KeepTelling, News, Vitals},
};
use self::{key::DeviceKey, tell::post};
use crate::{
    home::{disk, make_private_folder, put_private_file},
    policy::{PolicyFiles, SignedPolicy},
};

const NAME: &str = "terminal.json";

/// A terminal that has enrolled.
#[derive(Debug)]
pub struct Terminal {
    home: PathBuf,
    key: DeviceKey,
    kept: Kept,
}

/// What a home remembers of its enrolment.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Kept {
    format: u32,
    id: String,
    store: String,
    /// The highest number that was signed.
    told: u64,
}

impl Kept {
    fn read(home: &Path) -> Result<Option<Self>, FleetError> {
        let path = home.join(NAME);
        let unreadable = |why| FleetError::Disk(disk("read how this terminal is enrolled", &path, why));
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| unreadable(error.into())),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
            Err(error) => Err(unreadable(error)),
        }
    }

    fn write(&self, home: &Path) -> Result<(), FleetError> {
        put(&home.join(NAME), &serde_json::to_vec(self).unwrap_or_default())
    }
}

/// Enrols this terminal with a code that somebody has made at the store, and lays down what it is given.
///
/// What is given is judged before any of it is written: the policy by the operator's key that comes with it, and that key
/// by the one that lies here already, if one does.
pub fn enrol(
    files: &PolicyFiles,
    home: &Path,
    store: &str,
    code: &str,
    now_ms: u64,
) -> Result<SignedPolicy, FleetError> {
    if Kept::read(home)?.is_some() {
        return Err(FleetError::EnrolledAlready { home: home.to_owned() });
    }
    make_private_folder(home).map_err(FleetError::Disk)?;
    let key = DeviceKey::open_or_make(home)?;
    let store = store.trim_end_matches('/').to_owned();
    let code = code.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
    let proof = EnrolmentProof { code, key: key.public().to_string(), store: store.clone() };
    let proof = canonical::to_vec(&proof).map_err(|_| FleetError::BadAnswer { url: store.clone() })?;
    let signature = key.prove(&proof).to_string();
    let enrolment = Enrolment { format: 1, proof: String::from_utf8_lossy(&proof).into_owned(), signature };
    let url = paths::url(&store, paths::ENROLMENT);
    let given: Enrolled = post(&url, &enrolment)?;

    let bad = || FleetError::BadAnswer { url: url.clone() };
    TrustFile::parse(given.trust.as_bytes()).map_err(|_| bad())?;
    let operator: PublicKey = given.operator_key.parse().map_err(|_| bad())?;
    if files.operator_key.exists() && files.operator().map_err(FleetError::from)? != operator {
        return Err(FleetError::OtherOperator { path: files.operator_key.clone() });
    }
    SignedPolicy::verify(given.policy.as_bytes(), &operator).map_err(|_| bad())?;
    put(&files.trust, given.trust.as_bytes())?;
    put(&files.operator_key, format!("{operator}\n").as_bytes())?;
    let signed = files.replace(given.policy.as_bytes(), home, now_ms).map_err(FleetError::from)?;
    // Last: a terminal is enrolled when it has everything.
    Kept { format: 1, id: given.terminal, store, told: 0 }.write(home)?;
    Ok(signed)
}

impl Terminal {
    /// The terminal that this home is enrolled as; none if it is not.
    pub fn open(home: &Path) -> Result<Option<Self>, FleetError> {
        let Some(kept) = Kept::read(home)? else { return Ok(None) };
        let key = DeviceKey::open(home)?.ok_or_else(|| FleetError::KeyLost { path: home.join(key::NAME) })?;
        Ok(Some(Self { home: home.to_owned(), key, kept }))
    }

    /// Its id at the store.
    pub fn id(&self) -> &str {
        &self.kept.id
    }

    /// The key it is known by.
    pub fn public(&self) -> PublicKey {
        self.key.public()
    }
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), FleetError> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(|why| FleetError::Disk(disk("make a folder", folder, why)))?;
    }
    put_private_file(path, bytes).map_err(|why| FleetError::Disk(disk("write a file", path, why)))
}
