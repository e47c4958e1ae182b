//! Files of a folder that a stick or another tool may have left in any state: read with a limit, written whole.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::Path,
};

use crate::error::StoreError;

/// Where the trust file lies in the folder.
pub(super) const TRUST: &str = "guichet.trust.json";
/// The document that says what is current, and so is copied last.
pub(super) const TIMESTAMP: &str = "metadata/timestamp.json";

/// The bytes of a plain file; none if there is no such file, or if it has more than `most` bytes.
pub(super) fn read(root: &Path, path: &str, most: u64) -> Result<Option<Vec<u8>>, StoreError> {
    let path = root.join(path);
    // A pipe on somebody's stick would be waited for forever.
    if !fs::metadata(&path).is_ok_and(|found| found.is_file() && found.len() <= most) {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    let read = File::open(&path).and_then(|file| file.take(most.saturating_add(1)).read_to_end(&mut bytes));
    read.map_err(StoreError::file("read", &path))?;
    Ok((bytes.len() as u64 <= most).then_some(bytes))
}

/// Puts a file in its place whole or not at all.
pub(super) fn write(root: &Path, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
    let place = root.join(path);
    let folder = place.parent().unwrap_or(root);
    fs::create_dir_all(folder).map_err(StoreError::file("create", folder))?;
    let written = tempfile::NamedTempFile::new_in(folder).and_then(|mut staged| {
        staged.write_all(bytes)?;
        staged.as_file().sync_all()?;
        readable(staged.path())?;
        staged.persist(&place).map_err(|error| error.error)?;
        File::open(folder)?.sync_all()
    });
    written.map_err(StoreError::file("write", &place))
}

/// The paths of all plain files below a folder, with `/` between names, sorted.
pub(super) fn list(root: &Path) -> Result<Vec<String>, StoreError> {
    let mut found = Vec::new();
    let mut folders = vec![(root.to_owned(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(StoreError::file("list", &folder))? {
            let entry = entry.map_err(StoreError::file("list", &folder))?;
            let (Ok(name), Ok(kind)) = (entry.file_name().into_string(), entry.file_type()) else { continue };
            let path = format!("{prefix}{name}");
            // What begins with a dot is being written, or belongs to the system of the stick.
            if name.starts_with('.') {
                continue;
            }
            if kind.is_dir() {
                folders.push((entry.path(), format!("{path}/")));
            } else if kind.is_file() {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The same, of a folder that may not be there.
pub(super) fn list_if_there(root: &Path) -> Result<Vec<String>, StoreError> {
    if root.is_dir() { list(root) } else { Ok(Vec::new()) }
}

/// Whether a file of this length is there.
pub(super) fn has(root: &Path, path: &str, length: u64) -> bool {
    fs::metadata(root.join(path)).is_ok_and(|found| found.is_file() && found.len() == length)
}

#[cfg(unix)]
fn readable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_path: &Path) -> io::Result<()> {
    Ok(())
}
