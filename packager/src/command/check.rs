//! `guichet check`: all that admission would say, at the desk, in one line a finding.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use serde::Serialize;

use crate::{
    check::{self, Found, Origin, Place, Severity, admission, sorted},
    command::build::write,
    exit_status::ExitStatus,
    failure::Failure,
    lang::Lang,
    message::Message,
    on_disk,
    printer::Printer,
    project::Project,
    table,
    web::{Assembled, WebBuild},
};

const MANIFEST: &str = "manifest.json";

/// What is checked, and whether it may be changed.
#[derive(Debug)]
pub(crate) struct CheckSettings {
    /// The app's folder, or a package.
    pub(crate) place: PathBuf,
    /// The folder another tool has built into.
    pub(crate) from: Option<PathBuf>,
    /// Change the folder where that is safe.
    pub(crate) fix: bool,
}

#[derive(Serialize)]
struct Checked {
    ok: bool,
    fixed: usize,
    findings: Vec<FindingView>,
}

#[derive(Serialize)]
struct FindingView {
    class: &'static str,
    severity: Severity,
    path: String,
    #[serde(flatten)]
    at: Option<Place>,
    what: String,
    hint: String,
    fixable: bool,
}

/// Checks a folder, a package or a build; with `fix` a folder is changed where that is safe, and checked again.
pub(crate) fn run(settings: &CheckSettings, printer: Printer) -> Result<ExitStatus, Failure> {
    let CheckSettings { place, from, fix } = settings;
    let mut fixed = 0;
    let found = match from {
        Some(from) => built(place, from)?,
        None if place.is_file() => {
            let package = on_disk::open(place)?;
            let files = package.files().map(|(path, bytes)| (path.clone(), bytes.to_vec())).collect();
            check::check(&files, Origin::Package)
        }
        None => {
            let files = Project::read(place)?.files;
            if !files.contains_key(MANIFEST) {
                return Err(Failure::NoManifest { path: place.to_owned() });
            }
            if files.contains_key("package.json") && !files.contains_key("app.js") {
                printer.warn(&Message::CheckTheBuild);
            }
            let found = check::check(&files, Origin::Folder);
            if *fix {
                let (changed, count) = check::fixed(&files, &found);
                for (path, bytes) in changed.iter().filter(|(path, bytes)| files.get(path.as_str()) != Some(*bytes)) {
                    write(&place.join(path.as_str()), bytes)?;
                }
                fixed = count;
                check::check(&changed, Origin::Folder)
            } else {
                found
            }
        }
    };
    let ok = !found.iter().any(Found::is_error);
    let findings = found.iter().map(|found| view(found, printer.lang)).collect();
    printer.result(&Checked { ok, fixed, findings }, |lang| shown(&found, settings, fixed, lang));
    Ok(if ok { ExitStatus::Done } else { ExitStatus::Refused })
}

/// What would be packed of a build; places in its pages are those of the build itself.
fn built(directory: &Path, from: &Path) -> Result<Vec<Found>, Failure> {
    let built = WebBuild::read(from)?;
    if built.routes().is_empty() {
        return Err(Failure::NoPages { path: from.to_owned() });
    }
    let place = directory.join(MANIFEST);
    let manifest = fs::read(&place).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Failure::NoManifest { path: directory.to_owned() },
        _ => Failure::Read { path: place, source: error },
    })?;
    let Assembled { files, mut found } = built.assemble(manifest);
    found.extend(admission(&files));
    Ok(sorted(found))
}

fn view(found: &Found, lang: Lang) -> FindingView {
    let (what, hint) = found.words(lang);
    FindingView {
        class: found.class,
        severity: found.severity,
        path: found.path.clone(),
        at: found.at,
        what,
        hint,
        fixable: found.fix.is_some(),
    }
}

/// Where a file lies, as the shell would name it.
fn path_of(found: &Found, settings: &CheckSettings) -> PathBuf {
    let CheckSettings { place, from, .. } = settings;
    let folder = match from {
        Some(from) if found.path != MANIFEST => from,
        _ => place,
    };
    if folder.is_dir() && folder != Path::new(".") { folder.join(&found.path) } else { found.path.clone().into() }
}

/// One finding in one line.
pub(crate) fn line(found: &Found, settings: &CheckSettings, lang: Lang) -> String {
    let word = |en: &'static str, zh: &'static str| if lang == Lang::Zh { zh } else { en };
    let path = path_of(found, settings);
    let at = found.at.map(|at| format!(":{}:{}", at.line, at.column)).unwrap_or_default();
    let severity = match found.severity {
        Severity::Error => word("error", "错误"),
        Severity::Remark => word("remark", "留意"),
    };
    let (what, hint) = found.words(lang);
    table::plain(&format!(
        "{}{at}: {severity}[{}]: {what}; {}: {hint}",
        path.display(),
        found.class,
        word("hint", "建议")
    ))
}

fn shown(found: &[Found], settings: &CheckSettings, fixed: usize, lang: Lang) -> String {
    let word = |en: &'static str, zh: &'static str| if lang == Lang::Zh { zh } else { en };
    let mut text = String::new();
    for found in found {
        let _ = writeln!(text, "{}", line(found, settings, lang));
    }
    let fixable = found.iter().filter(|found| found.fix.is_some()).count();
    let errors = found.iter().filter(|found| found.is_error()).count();
    if found.is_empty() && fixed == 0 {
        return word("Nothing was found.", "没有发现问题。").to_owned();
    }
    let mut counts = vec![(word("errors", "错误"), errors), (word("remarks", "留意"), found.len() - errors)];
    if fixed > 0 {
        counts.push((word("fixed", "已改"), fixed));
    }
    if fixable > 0 && settings.from.is_none() && settings.place.is_dir() {
        counts.push((word("--fix can change", "--fix 能改"), fixable));
    }
    let counts: Vec<String> = counts.iter().map(|(word, count)| format!("{word}: {count}")).collect();
    let _ = writeln!(text, "{}", counts.join(word(", ", "，")));
    text
}
