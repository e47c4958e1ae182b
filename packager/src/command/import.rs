//! `guichet import`: take over a package of another tool.

use std::path::{Path, PathBuf};

use guichet_package::{Change, Limits, PackageFile};
use serde::Serialize;

use super::build::{remark, write};
use crate::{
    exit_status::ExitStatus,
    failure::Failure,
    message::Message,
    on_disk::{Package, not_opened},
    printer::Printer,
    table,
};

#[derive(Serialize)]
struct Taken {
    file: String,
    app_id: String,
    version: serde_json::Value,
    sha256: String,
    length: u64,
    changes: Vec<ChangeView>,
    notes: Vec<String>,
}

/// A change as programs are shown it.
#[derive(Serialize)]
struct ChangeView {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    entries: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
}

/// Reads the foreign package with suspicion and writes ours, unsealed.
pub(crate) fn run(file: &Path, output: Option<&Path>, printer: Printer) -> Result<ExitStatus, Failure> {
    let imported = PackageFile::import(&Package::find(file)?, &Limits::default());
    let imported = imported.map_err(|reason| not_opened(reason, file))?;
    let package = imported.draft.unsealed().map_err(|refusal| Failure::package(refusal, file))?;
    let path = output.map_or_else(|| beside(file), Path::to_owned);
    write(&path, package.bytes())?;

    for change in &imported.changes {
        printer.say(&message(change));
    }
    let notes: Vec<String> = imported.draft.notes().iter().map(ToString::to_string).collect();
    for note in &notes {
        printer.warn(&Message::ManifestNote { note: note.clone() });
    }
    remark(&imported.draft.findings(), printer);
    let statement = package.statement();
    let version = &statement.version;
    let taken = Taken {
        file: path.display().to_string(),
        app_id: statement.app_id.to_string(),
        version: serde_json::json!({"code": version.code, "name": version.name}),
        sha256: package.digest().to_string(),
        length: package.bytes().len() as u64,
        changes: imported.changes.iter().map(ChangeView::of).collect(),
        notes,
    };
    printer.result(&taken, |_| {
        table::fields([
            (printer.pick("package", "软件包"), taken.file.clone()),
            (
                printer.pick("app", "应用"),
                format!("{} {} ({})", taken.app_id, table::plain(&version.name), version.code),
            ),
            (printer.pick("digest", "摘要"), taken.sha256.clone()),
            (printer.pick("size", "大小"), table::bytes(taken.length)),
        ])
    });
    printer.say(&Message::NotSealed { path: taken.file });
    Ok(ExitStatus::Done)
}

fn beside(file: &Path) -> PathBuf {
    let mut name = file.file_stem().unwrap_or_default().to_owned();
    name.push(".imported.ma");
    file.with_file_name(name)
}

fn message(change: &Change) -> Message {
    match change {
        Change::Unpacked { path, packed, size } => {
            Message::ImportUnpacked { path: path.to_string(), packed: table::bytes(*packed), size: table::bytes(*size) }
        }
        Change::Sorted => Message::ImportSorted,
        Change::FolderDropped { path } => Message::ImportFolder { path: path.to_string() },
        Change::ExtraFieldsDropped { entries } => Message::ImportExtraFields { entries: *entries },
        Change::SigningBlockDropped { bytes } => Message::ImportSigningBlock { size: table::bytes(*bytes) },
    }
}

impl ChangeView {
    fn of(change: &Change) -> Self {
        let view = |kind| Self { kind, path: None, entries: None, bytes: None };
        match change {
            Change::Unpacked { path, packed, .. } => {
                Self { path: Some(path.to_string()), bytes: Some(*packed), ..view("unpacked") }
            }
            Change::Sorted => view("sorted"),
            Change::FolderDropped { path } => Self { path: Some(path.to_string()), ..view("folder_dropped") },
            Change::ExtraFieldsDropped { entries } => Self { entries: Some(*entries), ..view("extra_fields_dropped") },
            Change::SigningBlockDropped { bytes } => Self { bytes: Some(*bytes), ..view("signing_block_dropped") },
        }
    }
}
