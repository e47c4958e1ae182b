//! `guichet key`: make a key, show its public half.

use std::path::Path;

use guichet_trust::sign::PublicKey;
use serde::Serialize;

use crate::{exit_status::ExitStatus, failure::Failure, key_file, message::Message, printer::Printer, table};

#[derive(Serialize)]
struct Shown {
    key: String,
    id: String,
}

/// Makes a key in a new file and shows its public half.
pub(crate) fn create(file: &Path, printer: Printer) -> Result<ExitStatus, Failure> {
    let key = key_file::create(file)?;
    printer.say(&Message::KeyMade { path: file.display().to_string() });
    print(&key.public(), printer);
    Ok(ExitStatus::Done)
}

/// Shows the public half of a key.
pub(crate) fn show(file: &Path, printer: Printer) -> Result<ExitStatus, Failure> {
    print(&key_file::read(file, printer)?.public(), printer);
    Ok(ExitStatus::Done)
}

fn print(key: &PublicKey, printer: Printer) {
    let shown = Shown { key: key.to_string(), id: key.id().to_string() };
    printer.result(&shown, |_| {
        table::fields([
            (printer.pick("key", "公钥"), shown.key.clone()),
            (printer.pick("id", "编号"), shown.id.clone()),
        ])
    });
}
