//! `guichet verify`: judge a package as a store or a terminal would.

use std::{fs, path::Path};

use guichet_package::{CheckedPackage, PublisherKeys};
use guichet_trust::digest::Digest;
use serde::Serialize;

use crate::{
    exit_status::ExitStatus, failure::Failure, metadata::Metadata, on_disk::check, package_view::sealed_by,
    printer::Printer, settings::Judge, table,
};

#[derive(Serialize)]
struct Verdict {
    app_id: String,
    version: serde_json::Value,
    /// The digest of what is sealed, which names every file; of the container itself there is one form only.
    statement_sha256: String,
    department: Option<String>,
    sealed_by: Option<String>,
}

/// Looks through the package, which checks everything but the seal and holds no file, and has the seal judged.
pub(crate) fn run(file: &Path, judge: &Judge, now_ms: u64, printer: Printer) -> Result<ExitStatus, Failure> {
    let package = check(file)?;
    let statement = package.statement();
    let mut verdict = Verdict {
        app_id: statement.app_id.to_string(),
        version: serde_json::json!({"code": statement.version.code, "name": statement.version.name}),
        statement_sha256: Digest::of(package.statement_bytes()).to_string(),
        department: None,
        sealed_by: None,
    };
    if let Some(keys) = keys(&package, file, judge, now_ms, printer)? {
        let verified = package.verify(&keys).map_err(|refusal| Failure::package(refusal, file))?;
        verdict.department = Some(verified.department().to_string());
        verdict.sealed_by = Some(verified.sealed_by().to_string());
    }
    printer.result(&verdict, |_| text(&verdict, printer));
    Ok(ExitStatus::Done)
}

fn keys(
    package: &CheckedPackage,
    file: &Path,
    judge: &Judge,
    now_ms: u64,
    printer: Printer,
) -> Result<Option<PublisherKeys>, Failure> {
    match judge {
        Judge::Nobody => Ok(None),
        _ if package.seals_bytes().is_none() => Err(Failure::Unsealed { path: file.to_owned() }),
        Judge::Keys(path) => {
            let bytes = fs::read(path).map_err(|source| Failure::Read { path: path.clone(), source })?;
            PublisherKeys::parse(&bytes).map(Some).map_err(|refusal| Failure::package(refusal, path))
        }
        Judge::Trust(path) => {
            let departments = Metadata::refresh(path, &[], now_ms, printer)?.all_publisher_keys()?;
            let sealed_by = sealed_by(package.seals_bytes());
            let lists =
                |keys: &PublisherKeys| keys.keys.iter().any(|listed| sealed_by.contains(&listed.key.id().to_string()));
            // A key may be listed for two departments; the one that owns the app id counts.
            let (owners, others): (Vec<_>, Vec<_>) =
                departments.into_iter().filter(lists).partition(|keys| keys.owns(&package.statement().app_id));
            let keys = owners.into_iter().chain(others).next();
            keys.map(Some)
                .ok_or_else(|| Failure::UnknownPublisher { path: file.to_owned(), keys: sealed_by.join(", ") })
        }
    }
}

fn text(verdict: &Verdict, printer: Printer) -> String {
    let mut pairs = vec![
        (printer.pick("app", "应用"), verdict.app_id.clone()),
        (printer.pick("contents", "内容摘要"), verdict.statement_sha256.clone()),
    ];
    match (&verdict.department, &verdict.sealed_by) {
        (Some(department), Some(key)) => {
            pairs.push((printer.pick("sealed by", "封签"), format!("{department}, {key}")));
            pairs.push((printer.pick("verdict", "结论"), printer.pick("good", "可以接受").to_owned()));
        }
        _ => pairs.push((
            printer.pick("verdict", "结论"),
            printer.pick("good, the seal was not judged", "内容可以接受，没有核验封签").to_owned(),
        )),
    }
    table::fields(pairs)
}
