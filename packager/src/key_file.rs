//! Key files: text that only its owner may read.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write as _},
    path::Path,
};

use guichet_trust::sign::SecretKey;

use crate::{failure::Failure, message::Message, printer::Printer};

/// Makes a key and writes it to a new file.
pub(crate) fn create(path: &Path) -> Result<SecretKey, Failure> {
    let mut entropy = [0; 32];
    getrandom::fill(&mut entropy).map_err(|error| Failure::NoRandomness { why: error.to_string() })?;
    let key = SecretKey::generate(entropy);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(|source| match source.kind() {
        ErrorKind::AlreadyExists => Failure::KeyExists { path: path.to_owned() },
        _ => Failure::Write { path: path.to_owned(), source },
    })?;
    file.write_all(key.to_file().as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(|source| Failure::Write { path: path.to_owned(), source })?;
    Ok(key)
}

/// Reads a key; says so if others could, too.
pub(crate) fn read(path: &Path, printer: Printer) -> Result<SecretKey, Failure> {
    let text = fs::read_to_string(path).map_err(|source| match source.kind() {
        ErrorKind::InvalidData => Failure::KeyMalformed { path: path.to_owned(), why: "it is not text".to_owned() },
        _ => Failure::KeyUnreadable { path: path.to_owned(), source },
    })?;
    let key = SecretKey::from_file(&text)
        .map_err(|refusal| Failure::KeyMalformed { path: path.to_owned(), why: refusal.what() })?;
    if is_open_to_others(path) {
        printer.warn(&Message::KeyOpen { path: path.display().to_string() });
    }
    Ok(key)
}

#[cfg(unix)]
fn is_open_to_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_: &Path) -> bool {
    false
}
