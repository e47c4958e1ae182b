//! Who is paired with whom: a key of one's own, and the keys of others, in a folder that is its owner's alone.
//!
//! The developer's computer and the terminal keep the same two files: `key`, 32 random bytes as hexadecimal digits, and
//! `pairings.json`. What cannot be read is an error and never an empty list.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use guichet_package::shown::shown_name;
use serde::{Deserialize, Serialize};

use super::{
    Identity, PeerKey, PreviewError,
    address::{decode, encode},
};

/// Most pairings; a person has fewer terminals.
const MOST: usize = 64;

/// One pairing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paired {
    /// The other side's key.
    pub key: PeerKey,
    /// What the other side calls itself, shortened and without anything that could not be shown.
    pub name: String,
    /// Since when, in milliseconds since 1970.
    pub since_ms: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    format: u32,
    pairings: Vec<Line>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    key: String,
    name: String,
    since_ms: u64,
}

/// The folder.
#[derive(Clone, Debug)]
pub struct Pairings {
    folder: PathBuf,
}

impl Pairings {
    /// Makes the folder if it is not there.
    pub fn open(folder: &Path) -> Result<Self, PreviewError> {
        make(folder).map_err(|error| at(folder, &error))?;
        Ok(Self { folder: folder.to_owned() })
    }

    /// The key of this side, made when it is first needed.
    pub fn identity(&self) -> Result<Identity, PreviewError> {
        let _alone = self.lock()?;
        let path = self.folder.join("key");
        match fs::read_to_string(&path) {
            Ok(text) => {
                let seed = hex::decode(text.trim()).ok().and_then(|bytes| bytes.try_into().ok());
                Identity::of_seed(&seed.ok_or_else(|| unusable(&path, "it holds no key"))?)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let mut seed = [0; 32];
                getrandom::fill(&mut seed).map_err(|error| unusable(&path, &error.to_string()))?;
                self.write("key", hex::encode(seed).as_bytes())?;
                Identity::of_seed(&seed)
            }
            Err(error) => Err(at(&path, &error)),
        }
    }

    /// All pairings, the oldest first.
    pub fn all(&self) -> Result<Vec<Paired>, PreviewError> {
        let path = self.path();
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(at(&path, &error)),
        };
        let kept: Kept = serde_json::from_slice(&bytes).map_err(|error| unusable(&path, &error.to_string()))?;
        if kept.format != 1 {
            return Err(unusable(&path, "it was written by a newer version"));
        }
        let paired = kept.pairings.into_iter().map(|Line { key, name, since_ms }| {
            let key = decode(&key).map(PeerKey::from_bytes).ok_or_else(|| unusable(&path, "it holds no key"))?;
            Ok(Paired { key, name: shown_name(&name), since_ms })
        });
        paired.collect()
    }

    /// Whether this key is paired now.
    pub fn has(&self, key: PeerKey) -> Result<bool, PreviewError> {
        Ok(self.all()?.iter().any(|paired| paired.key == key))
    }

    /// Keeps a pairing; one with the same key is replaced.
    pub(super) fn add(&self, new: Paired) -> Result<(), PreviewError> {
        let _alone = self.lock()?;
        let mut all = self.all()?;
        all.retain(|paired| paired.key != new.key);
        if all.len() >= MOST {
            return Err(PreviewError::Pairings { why: format!("there are {MOST} already; end one first") });
        }
        all.push(new);
        self.keep(&all)
    }

    /// Ends the pairings that are meant: by their name, or by the beginning of their key as it is shown, four characters at
    /// least. What was ended comes back.
    pub fn end(&self, meant: &str) -> Result<Vec<Paired>, PreviewError> {
        let _alone = self.lock()?;
        let digits: String = meant.chars().filter(|character| !character.is_whitespace()).collect();
        let is_meant = |paired: &Paired| {
            paired.name == meant || digits.len() >= 4 && hex::encode(paired.key.to_bytes()).starts_with(&digits)
        };
        let (ended, left): (Vec<_>, Vec<_>) = self.all()?.into_iter().partition(is_meant);
        if !ended.is_empty() {
            self.keep(&left)?;
        }
        Ok(ended)
    }

    fn keep(&self, all: &[Paired]) -> Result<(), PreviewError> {
        let pairings = all.iter().map(|Paired { key, name, since_ms }| Line {
            key: encode(&key.to_bytes()),
            name: name.clone(),
            since_ms: *since_ms,
        });
        let kept = Kept { format: 1, pairings: pairings.collect() };
        let bytes = serde_json::to_vec_pretty(&kept).map_err(|error| unusable(&self.path(), &error.to_string()))?;
        self.write("pairings.json", &bytes)
    }

    fn path(&self) -> PathBuf {
        self.folder.join("pairings.json")
    }

    /// The old file or the new one, whatever happens meanwhile.
    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), PreviewError> {
        let (path, unfinished) = (self.folder.join(name), self.folder.join(format!("{name}.new")));
        let written = own(&unfinished).and_then(|mut file| {
            file.set_len(0)?;
            file.write_all(bytes)?;
            file.sync_all()
        });
        written.and_then(|()| fs::rename(&unfinished, &path)).map_err(|error| at(&path, &error))
    }

    /// Two programs of one person change the list one after another.
    fn lock(&self) -> Result<File, PreviewError> {
        let path = self.folder.join("lock");
        own(&path).and_then(|file| file.lock().map(|()| file)).map_err(|error| at(&path, &error))
    }
}

/// A file that nobody else may read.
fn own(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn make(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn at(path: &Path, error: &io::Error) -> PreviewError {
    unusable(path, &error.to_string())
}

fn unusable(path: &Path, why: &str) -> PreviewError {
    PreviewError::Pairings { why: format!("{}: {why}", path.display()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paired(number: u8, name: &str) -> Paired {
        Paired { key: PeerKey::from_bytes([number; 32]), name: name.to_owned(), since_ms: u64::from(number) }
    }

    #[test]
    fn a_key_stays_and_is_its_owner_s_alone() {
        let folder = tempfile::tempdir().unwrap();
        let pairings = Pairings::open(&folder.path().join("previews")).unwrap();
        let first = pairings.identity().unwrap().public();
        assert_eq!(pairings.identity().unwrap().public(), first);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |name: &str| fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode("previews"), mode("previews/key")), (0o700, 0o600));
        }
        fs::write(folder.path().join("previews/key"), "no key").unwrap();
        assert!(matches!(pairings.identity(), Err(PreviewError::Pairings { .. })));
    }

    #[test]
    fn a_pairing_is_kept_until_it_is_ended() {
        let folder = tempfile::tempdir().unwrap();
        let pairings = Pairings::open(folder.path()).unwrap();
        for new in [paired(1, "tablet"), paired(2, "desk"), paired(1, "new tablet")] {
            pairings.add(new).unwrap();
        }
        assert_eq!(pairings.all().unwrap(), [paired(2, "desk"), paired(1, "new tablet")]);
        assert_eq!(pairings.end("tablet").unwrap(), []);
        assert_eq!(pairings.end("020").unwrap(), [], "too short to mean one");
        assert_eq!(pairings.end("02020202 0202").unwrap(), [paired(2, "desk")]);
        assert_eq!(pairings.end("new tablet").unwrap(), [paired(1, "new tablet")]);
        assert!(!pairings.has(paired(1, "").key).unwrap());
    }

    #[test]
    fn a_list_that_cannot_be_read_pairs_nobody_and_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let pairings = Pairings::open(folder.path()).unwrap();
        for text in [
            "",
            "[]",
            r#"{"format":2,"pairings":[]}"#,
            r#"{"format":1,"pairings":[{"key":"x","name":"","since_ms":1}]}"#,
        ] {
            fs::write(folder.path().join("pairings.json"), text).unwrap();
            let key = paired(1, "").key;
            assert!(matches!(pairings.has(key), Err(PreviewError::Pairings { .. })), "{text}");
            assert!(pairings.add(paired(1, "x")).is_err() && pairings.end("desk").is_err(), "{text}");
            assert_eq!(fs::read_to_string(folder.path().join("pairings.json")).unwrap(), text);
        }
    }
}
