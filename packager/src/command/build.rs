//! `guichet build`: pack a folder into one file, the same bytes everywhere.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use guichet_package::{Finding, Limits, PackageDraft, PackagePath, Refusal};
use serde::Serialize;

use super::build_from::{self, FoundReport, FromSettings};
use crate::{
    exit_status::ExitStatus, failure::Failure, key::Key, lang::Lang, message::Message, printer::Printer,
    project::Project, refusal_zh, table,
};

#[derive(Serialize)]
struct Built {
    file: String,
    app_id: String,
    version: serde_json::Value,
    sha256: String,
    length: u64,
    sealed: bool,
    notes: Vec<String>,
    findings: Vec<&'static str>,
    /// What cannot work of what another tool has built.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    web: Vec<FoundReport>,
}

/// Packs a folder, seals it if there is a key, and writes the package.
pub(crate) fn run(
    directory: &Path,
    from: Option<&FromSettings>,
    output: Option<&Path>,
    key: Option<&Path>,
    printer: Printer,
) -> Result<ExitStatus, Failure> {
    let key = key.map(|place| Key::open(place, printer)).transpose()?;
    let refuse = |refusal: Refusal| Failure::in_folder(refusal, directory);
    let (draft, web) = match from {
        Some(from) => build_from::draft(directory, from, printer)?,
        None => (draft(directory, printer)?, Vec::new()),
    };
    let notes: Vec<String> = draft.notes().iter().map(ToString::to_string).collect();
    let findings = draft.findings();
    let (app_id, version) = (draft.manifest().app_id.clone(), draft.manifest().version.clone());
    let mut package = draft.unsealed().map_err(refuse)?;
    if let Some(key) = &key {
        let signature = key.sign(&package.seal_message())?;
        package = package.attach_seal(&key.public(), signature).map_err(refuse)?;
    }
    let default = if from.is_some() { build_from::default_path } else { default_path };
    let path = output.map_or_else(|| default(directory, app_id.as_str(), version.code), Path::to_owned);
    write(&path, package.bytes())?;

    let built = Built {
        file: path.display().to_string(),
        app_id: app_id.to_string(),
        version: serde_json::json!({"code": version.code, "name": version.name}),
        sha256: package.digest().to_string(),
        length: package.bytes().len() as u64,
        sealed: key.is_some(),
        notes,
        findings: findings.iter().map(Finding::class).collect(),
        web: web.iter().map(|found| FoundReport::of(found, printer.lang)).collect(),
    };
    printer.result(&built, |_| {
        table::fields([
            (printer.pick("package", "软件包"), built.file.clone()),
            (printer.pick("app", "应用"), format!("{} {} ({})", app_id, version.name, version.code)),
            (printer.pick("digest", "摘要"), built.sha256.clone()),
            (printer.pick("size", "大小"), table::bytes(built.length)),
        ])
    });
    let path = built.file;
    printer.say(&if built.sealed { Message::SealedNext { path } } else { Message::NotSealed { path } });
    Ok(ExitStatus::Done)
}

/// Reads a folder and checks what would be packed, saying what is left out and what was read otherwise.
pub(crate) fn draft(directory: &Path, printer: Printer) -> Result<PackageDraft, Failure> {
    printer.say(&Message::Packing { directory: directory.display().to_string() });
    let project = Project::read(directory)?;
    for path in &project.links {
        printer.warn(&Message::FileNotPacked { path: path.clone() });
    }
    if !project.files.contains_key("manifest.json") {
        return Err(Failure::NoManifest { path: directory.to_owned() });
    }
    judge(project.files, directory, printer)
}

/// What admission says of the files that would be packed: refused, or drafted with what it remarks on.
pub(crate) fn judge(
    files: BTreeMap<PackagePath, Vec<u8>>,
    directory: &Path,
    printer: Printer,
) -> Result<PackageDraft, Failure> {
    let draft = PackageDraft::new(files, &Limits::default());
    let draft = draft.map_err(|refusal| Failure::in_folder(refusal, directory))?;
    for note in draft.notes() {
        printer.warn(&Message::ManifestNote { note: note.to_string() });
    }
    let findings = draft.findings();
    if let Some(finding) = findings.iter().find(|finding| finding.is_refused()) {
        return Err(Failure::in_folder(finding.clone().into(), directory));
    }
    remark(&findings, printer);
    Ok(draft)
}

/// Says what a store would remark on.
pub(crate) fn remark(findings: &[Finding], printer: Printer) {
    for finding in findings {
        let refusal = Refusal::from(finding.clone());
        let (what, hint) = match printer.lang {
            Lang::En => (refusal.what(), refusal.hint()),
            Lang::Zh => refusal_zh::words(refusal.class(), &refusal.what(), &refusal.hint()),
        };
        printer.warn(&Message::Finding { place: refusal.place().unwrap_or_default(), what, hint });
    }
}

fn default_path(directory: &Path, app_id: &str, code: u32) -> PathBuf {
    let folder = if directory == Path::new(".") { Path::new("") } else { directory };
    folder.join("dist").join(format!("{app_id}-{code}.ma"))
}

/// Writes beside the place and renames, so that nobody finds half a package.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |source| Failure::Write { path: path.to_owned(), source };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    fs::write(&part, bytes).and_then(|()| fs::rename(&part, path)).map_err(|source| {
        drop(fs::remove_file(&part));
        failed(source)
    })
}
