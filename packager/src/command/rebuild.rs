//! `guichet build --check`: prove that a package is the build of this folder.

use std::path::Path;

use guichet_package::{PackageDiff, diff::FileChangeKind};
use serde::Serialize;

use super::build;
use crate::{
    exit_status::ExitStatus,
    failure::{Failure, FileDifference},
    on_disk,
    printer::Printer,
    table,
};

#[derive(Serialize)]
struct Same {
    file: String,
    app_id: String,
    version: serde_json::Value,
    statement_sha256: String,
    /// Whether the package has a seal: that is no part of what a folder builds to.
    sealed: bool,
}

/// Packs the folder in memory and holds it against the package. Of a sealed package the contents are compared: the
/// container has one form, so with the same statement and without the seal every byte is the same.
pub(crate) fn run(directory: &Path, file: &Path, printer: Printer) -> Result<ExitStatus, Failure> {
    let package = on_disk::check(file)?;
    let draft = build::draft(directory, printer)?;
    let built = draft.statement().to_bytes().map_err(|refusal| Failure::in_folder(refusal, directory))?;
    if built != package.statement_bytes() {
        let diff =
            PackageDiff::of_parts((package.statement(), package.manifest()), (draft.statement(), draft.manifest()));
        let files = diff.files.iter().map(|change| FileDifference {
            path: change.path.to_string(),
            kind: match change.kind {
                FileChangeKind::Added => "only_in_folder",
                FileChangeKind::Changed => "other_bytes",
                FileChangeKind::Removed => "only_in_package",
            },
        });
        let mut files: Vec<_> = files.collect();
        files.sort_by(|one, next| one.path.cmp(&next.path));
        return Err(Failure::NotThisBuild { path: file.to_owned(), files });
    }
    let statement = package.statement();
    let same = Same {
        file: file.display().to_string(),
        app_id: statement.app_id.to_string(),
        version: serde_json::json!({"code": statement.version.code, "name": statement.version.name}),
        statement_sha256: guichet_trust::digest::Digest::of(&built).to_string(),
        sealed: package.seals_bytes().is_some(),
    };
    printer.result(&same, |_| {
        let verdict = if same.sealed {
            printer.pick(
                "the build of this folder in every byte; the seal was left out, a folder has none",
                "就是这个文件夹打出的包，每个字节都相同；封签不在比较之内，文件夹里没有封签",
            )
        } else {
            printer.pick("the build of this folder in every byte", "就是这个文件夹打出的包，每个字节都相同")
        };
        table::fields([
            (printer.pick("package", "软件包"), same.file.clone()),
            (printer.pick("contents", "内容摘要"), same.statement_sha256.clone()),
            (printer.pick("verdict", "结论"), verdict.to_owned()),
        ])
    });
    Ok(ExitStatus::Done)
}
