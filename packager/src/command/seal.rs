//! `guichet seal`: add a publisher's seal to a package.

use std::path::Path;

use serde::Serialize;

use super::build::write;
use crate::{
    exit_status::ExitStatus, failure::Failure, key::Key, message::Message, on_disk::open, printer::Printer, table,
};

#[derive(Serialize)]
struct Sealed {
    file: String,
    sha256: String,
    key: String,
}

/// Seals the package and writes it, in place unless told otherwise.
pub(crate) fn run(file: &Path, key: &Path, output: Option<&Path>, printer: Printer) -> Result<ExitStatus, Failure> {
    let key = Key::open(key, printer)?;
    let package = open(file)?;
    let signature = key.sign(&package.seal_message())?;
    let package = package.attach_seal(&key.public(), signature).map_err(|refusal| Failure::package(refusal, file))?;
    let path = output.unwrap_or(file);
    write(path, package.bytes())?;
    let sealed = Sealed {
        file: path.display().to_string(),
        sha256: package.digest().to_string(),
        key: key.public().id().to_string(),
    };
    printer.result(&sealed, |_| {
        table::fields([
            (printer.pick("package", "软件包"), sealed.file.clone()),
            (printer.pick("digest", "摘要"), sealed.sha256.clone()),
            (printer.pick("sealed by", "封签密钥"), sealed.key.clone()),
        ])
    });
    printer.say(&Message::SealedNext { path: sealed.file });
    Ok(ExitStatus::Done)
}
