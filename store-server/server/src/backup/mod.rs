//! A copy of everything a store knows, in one folder that either database can be made from again.
//!
//! The static files are not in it: they follow from the rest. Neither are the security office's keys, nor who was signed in.

mod rows;

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{BufReader, BufWriter, Read, Write},
    path::{Path, PathBuf},
};

use guichet_package::TrustFile;
use guichet_trust::digest::{Digest, Hasher};
use serde::{Deserialize, Serialize};

use crate::{
    blobs,
    database::{Database, commit, documents, submissions},
    error::{NotDone, StoreError},
    folder::{StoreFolder, put_secret},
    problems,
    store::{Store, blocking},
};

/// What is in a backup; written last, so that one without it was never finished.
const CONTENTS: &str = "backup.json";
const ROWS: &str = "database.jsonl";

/// Which backup this is: read before all else, for a later version may write the rest in another way.
#[derive(Debug, Deserialize)]
struct Version {
    format: u32,
    tables: i64,
}

/// What a backup has.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    format: u32,
    /// The number of the last change of the tables.
    tables: i64,
    /// When it was made, in milliseconds since 1970.
    pub at_ms: u64,
    /// How many rows each table has.
    pub rows: BTreeMap<String, u64>,
    /// Every other file, with what it must be.
    pub files: Vec<Kept>,
}

/// The contents as they are written, with what they must be.
#[derive(Debug, Serialize, Deserialize)]
struct Sealed {
    #[serde(flatten)]
    contents: Contents,
    sha256: Digest,
}

/// A file of a backup.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    path: String,
    sha256: Digest,
}

const FORMAT: u32 = 1;
const WRITE: &str = "write what a backup has";

/// Writes a backup into a folder that is new or empty. The store may be serving meanwhile: it is of one moment.
pub async fn backup(store: &Store, to: &Path) -> Result<Contents, NotDone> {
    if fs::read_dir(to).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(problems::backup_not_empty(&to.display().to_string()).into());
    }
    own(to)?;
    let path = to.join(ROWS);
    put_secret(&path, "")?;
    let mut file = append(&path)?;
    // The rows are of one moment; the package that a row names lies in its place before it.
    let mut moment = store.database.moment().await?;
    let rows = rows::read(&mut moment, &mut file, &path).await?;
    let packages = submissions::packages(&mut moment).await?;
    drop(moment);
    file.flush().and_then(|()| file.get_ref().sync_all()).map_err(StoreError::file("write", &path))?;
    let sha256 = digest(&path, &mut std::io::sink()).map_err(StoreError::file("read", &path))?;
    let mut files = vec![Kept { path: ROWS.to_owned(), sha256 }];
    let folder = store.folder.clone();
    let mut wanted: Vec<(PathBuf, String, Option<Digest>)> = Vec::new();
    for path in [folder.settings(), folder.trust_file()] {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        wanted.push((path, name, None));
    }
    for entry in fs::read_dir(folder.online()).map_err(StoreError::file("list", folder.online()))?.flatten() {
        wanted.push((entry.path(), format!("online/{}", entry.file_name().to_string_lossy()), None));
    }
    for package in packages {
        wanted.push((folder.package_path(package), format!("packages/{package}.ma"), Some(package)));
    }
    let place = to.to_owned();
    let copied = blocking("copy the store's files", move || {
        let copy = |(from, path, wanted): &(PathBuf, String, Option<Digest>)| {
            let sha256 = copy(&folder.here(from)?, &place.join(path))?;
            if wanted.is_some_and(|wanted| wanted != sha256) {
                let reason = format!("`{}` was altered", from.display());
                return Err(StoreError::Document { operation: "back up a package", reason });
            }
            Ok(Kept { path: path.clone(), sha256 })
        };
        wanted.iter().map(copy).collect::<Result<Vec<_>, _>>()
    });
    files.extend(copied.await??);
    let contents =
        Contents { format: FORMAT, tables: store.folder.database().tables(), at_ms: store.clock.now_ms(), rows, files };
    let sealed = Sealed { sha256: contents.digest()?, contents };
    let text = serde_json::to_string_pretty(&sealed).map_err(StoreError::document(WRITE))?;
    put_secret(&to.join(CONTENTS), &format!("{text}\n"))?;
    Ok(sealed.contents)
}

impl Contents {
    fn digest(&self) -> Result<Digest, StoreError> {
        serde_json::to_vec(self).map(|bytes| Digest::of(&bytes)).map_err(StoreError::document(WRITE))
    }
}

/// Makes a store of a backup, in a new folder and an empty database of either kind. Everything is checked before anything
/// is made, and the settings, without which a folder is no store, come last.
pub async fn restore(folder: &StoreFolder, from: &Path) -> Result<Contents, NotDone> {
    let place = folder.settings().display().to_string();
    if folder.settings().exists() || folder.database_file().exists() {
        return Err(problems::restore_not_empty(&place).into());
    }
    let contents = check(folder, from)?;
    let location = folder.database();
    if location.is_postgres() && !Database::roots(&location).await?.is_empty() {
        return Err(problems::restore_not_empty(&location.shown()).into());
    }
    let path = from.join(folder.trust_file().file_name().unwrap_or_default());
    let trusted = fs::read(&path).map_err(StoreError::file("read", path))?;
    let trusted = TrustFile::parse(&trusted).map_err(StoreError::document("read the trust file"))?;
    let owned = folder.clone();
    let is_ours = blocking("look at the bucket", move || owned.claim(trusted.root_bytes())).await?;
    if !is_ours.map_err(StoreError::for_operator)? {
        return Err(blobs::problems::other(&folder.remote.as_ref().map(|it| it.shown()).unwrap_or_default()).into());
    }
    folder.create()?;
    let database = Database::open_at(&location, contents.tables).await?;
    let mut change = database.change().await?;
    // Another restore may have come first.
    if documents::latest(&mut change, "root").await?.is_some() {
        return Err(problems::restore_not_empty(&location.shown()).into());
    }
    let path = from.join(ROWS);
    let file = File::open(&path).map_err(StoreError::file("read", &path))?;
    let rows = rows::write(&mut change, BufReader::new(file), location.is_postgres()).await?;
    if rows != contents.rows {
        return Err(problems::backup_altered(&path.display().to_string()).into());
    }
    let settings = folder.settings();
    let last = settings.file_name().unwrap_or_default().to_string_lossy().into_owned();
    for file in contents.files.iter().filter(|file| file.path != ROWS && file.path != last) {
        copy_into(folder, &from.join(&file.path), &file.path)?;
    }
    commit(change).await?;
    database.close().await;
    // What this version's tables have beyond the backup's.
    Database::open(&location, false).await?.close().await;
    copy_into(folder, &from.join(&last), &last)?;
    Ok(contents)
}

fn check(folder: &StoreFolder, from: &Path) -> Result<Contents, NotDone> {
    let path = from.join(CONTENTS);
    let shown = path.display().to_string();
    let Ok(text) = fs::read_to_string(&path) else { return Err(problems::backup_unfinished(&shown).into()) };
    let altered = || problems::backup_altered(&shown);
    let version: Version = serde_json::from_str(&text).map_err(|_| altered())?;
    if version.format > FORMAT || version.tables > folder.database().tables() {
        return Err(problems::backup_newer(&shown).into());
    }
    let Sealed { contents, sha256 } = serde_json::from_str(&text).map_err(|_| altered())?;
    if contents.digest()? != sha256 {
        return Err(altered().into());
    }
    for file in &contents.files {
        let path = from.join(&file.path);
        let is_below =
            file.path.split('/').all(|name| !name.is_empty() && !name.starts_with('.') && !name.contains('\\'));
        if !is_below || digest(&path, &mut std::io::sink()).ok() != Some(file.sha256) {
            return Err(problems::backup_altered(&path.display().to_string()).into());
        }
    }
    Ok(contents)
}

/// Copies a file that nobody else may read; gives its digest.
fn copy(from: &Path, to: &Path) -> Result<Digest, StoreError> {
    if let Some(folder) = to.parent() {
        own(folder)?;
    }
    put_secret(to, "")?;
    let mut file = append(to)?;
    let copied = digest(from, &mut file).map_err(StoreError::file("copy", from))?;
    file.flush().and_then(|()| file.get_ref().sync_all()).map_err(StoreError::file("write", to))?;
    Ok(copied)
}

fn append(to: &Path) -> Result<BufWriter<File>, StoreError> {
    let file = fs::OpenOptions::new().append(true).open(to).map_err(StoreError::file("write", to))?;
    Ok(BufWriter::new(file))
}

fn copy_into(folder: &StoreFolder, from: &Path, path: &str) -> Result<(), StoreError> {
    let to = folder.root().join(path);
    if path.starts_with("online/") {
        return copy(from, &to).map(drop);
    }
    let bytes = fs::read(from).map_err(StoreError::file("read", from))?;
    folder.keep(&to, &bytes)
}

fn digest(from: &Path, to: &mut impl Write) -> std::io::Result<Digest> {
    let mut file = BufReader::with_capacity(1 << 16, File::open(from)?);
    let (mut hasher, mut buffer) = (Hasher::new(), vec![0; 1 << 16]);
    loop {
        let read = file.read(&mut buffer)?;
        let Some(piece) = buffer.get(..read).filter(|piece| !piece.is_empty()) else { return Ok(hasher.finish()) };
        hasher.update(piece);
        to.write_all(piece)?;
    }
}

/// Makes a folder that only its owner may look into.
fn own(folder: &Path) -> Result<(), StoreError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(StoreError::file("create", folder))
}
