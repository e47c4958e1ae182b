//! What our own code looks at, in a process that can do nothing else.

use std::collections::{BTreeMap, BTreeSet};

use guichet_api::{CheckFinding, CheckName, CheckWeight};
use guichet_package::{
    Finding, Limits, PackageFile,
    mentions::{calls, host, secrets},
};

use super::{
    icons, names,
    task::{Answer, Given, Looks},
    words,
};
use crate::{admission, error::NotDone};

/// Bytes of all files that a phone on a slow line takes within some ten seconds.
const BUDGET_BYTES: u64 = 4 << 20;
/// Growth that is not remarked on, in bytes.
const GROWTH_BYTES: u64 = 256 << 10;
/// The most findings of one class and check; the rest says nothing new.
const MOST_ALIKE: usize = 20;

/// Everything that this check has to say.
pub(super) fn at(given: &Given) -> Answer {
    let limits = Limits::default();
    let open = |bytes: &[u8]| PackageFile::open(bytes.to_vec(), &limits);
    let mut looks = Looks::new();
    let mut found = match (given.task.check, open(&given.package)) {
        (CheckName::Package, _) => package(given, &limits),
        (_, Err(refusal)) => vec![refused(&refusal.to_string())],
        (CheckName::Secrets, Ok(package)) => secrets_of(&package),
        (CheckName::Uses, Ok(package)) => uses(&package),
        (CheckName::Names, Ok(package)) => names::of(&package, &given.task.others, &given.task.same_icon),
        (CheckName::Icons, Ok(package)) => {
            let (found, seen) = icons::of(&package, given);
            looks = seen;
            found
        }
        (CheckName::Size, Ok(package)) => {
            let before = given.before.as_ref().and_then(|bytes| open(bytes).ok());
            size(bytes_of(&package), before.as_ref().map(bytes_of))
        }
        // Made by other programs.
        (CheckName::Desk | CheckName::Yara | CheckName::Pages | CheckName::Journeys, Ok(_)) => Vec::new(),
    };
    let mut counts = BTreeMap::<String, usize>::new();
    found.retain(|finding| {
        let count = counts.entry(finding.class.clone()).or_default();
        *count += 1;
        *count <= MOST_ALIKE
    });
    Answer { findings: found, looks }
}

fn refused(why: &str) -> CheckFinding {
    words::finding("check/refused", CheckWeight::Grave, &words::REFUSED, why)
}

fn package(given: &Given, limits: &Limits) -> Vec<CheckFinding> {
    let judged = admission::judge(given.package.clone(), &given.task.keys, limits);
    if let Err(NotDone::Refused(problem)) = judged {
        return vec![refused(&problem.to_string())];
    }
    let advice = PackageFile::open(given.package.clone(), limits).map(|package| package.findings());
    advice.unwrap_or_default().into_iter().filter_map(advised).collect()
}

fn advised(finding: Finding) -> Option<CheckFinding> {
    let note = |words, name: &str| words::finding(finding.class(), CheckWeight::Note, words, name);
    Some(match &finding {
        Finding::Unreferenced { path } => CheckFinding { path: Some(path.clone()), ..note(&words::UNREFERENCED, "") },
        Finding::VersionName { name } => note(&words::VERSION_NAME, name),
        Finding::TargetBelowMinimum { .. } => note(&words::TARGET_BELOW_MINIMUM, ""),
        // Nothing with these is admitted.
        Finding::MissingIcon { .. }
        | Finding::Localization { .. }
        | Finding::LanguageTag { .. }
        | Finding::Scope { .. } => return None,
    })
}

fn secrets_of(package: &PackageFile) -> Vec<CheckFinding> {
    let mut all = Vec::new();
    for (path, bytes) in package.files() {
        let Ok(text) = std::str::from_utf8(bytes) else { continue };
        let line = |at: usize| {
            let before = text.as_bytes().get(..at).unwrap_or_default();
            u32::try_from(before.iter().filter(|byte| **byte == b'\n').count() + 1).ok()
        };
        let mut say = |class, weight, words, found: Vec<secrets::Secret>| {
            all.extend(found.into_iter().map(|secret| CheckFinding {
                path: Some(path.to_string()),
                line: line(secret.span.start),
                ..words::finding(class, weight, words, &secret.name)
            }));
        };
        say("check/secret", CheckWeight::Grave, &secrets::MARKED, secrets::marked(text));
        say("check/random-text", CheckWeight::Note, &secrets::RANDOM, secrets::random(text));
    }
    all
}

fn uses(package: &PackageFile) -> Vec<CheckFinding> {
    let asked: BTreeSet<&str> =
        package.manifest().req_permissions.iter().map(|it| it.permission.name.as_str()).collect();
    let (mut all, mut said) = (Vec::new(), BTreeSet::new());
    for (call, files) in calls::of(package) {
        let path = files.into_iter().next();
        let about = |class, weight, words, name: &str| CheckFinding {
            path: path.clone(),
            ..words::finding(class, weight, words, name)
        };
        match host::permission(&call) {
            Ok(Some(permission)) if !asked.contains(permission) && said.insert(permission) => {
                all.push(about("check/undeclared-permission", CheckWeight::Warning, &host::UNDECLARED, permission));
            }
            Ok(_) => {}
            Err(_) if !call.contains('.') && !call.contains(['#', ':']) => {
                all.push(about("check/calls-not-told", CheckWeight::Note, &words::NOT_TOLD, &call));
            }
            Err(_) => all.push(about("check/unknown-import", CheckWeight::Warning, &words::UNKNOWN_IMPORT, &call)),
        }
    }
    all
}

fn bytes_of(package: &PackageFile) -> u64 {
    package.statement().files.iter().map(|file| file.size).sum()
}

fn size(now: u64, before: Option<u64>) -> Vec<CheckFinding> {
    let kilobytes = |bytes: u64| format!("{} KB", bytes.div_ceil(1000));
    let mut all = Vec::new();
    if now > BUDGET_BYTES {
        let name = format!("{} > {}", kilobytes(now), kilobytes(BUDGET_BYTES));
        all.push(words::finding("size/over-budget", CheckWeight::Warning, &words::OVER_BUDGET, &name));
    }
    if let Some(before) = before
        && now > before.saturating_add((before / 4).max(GROWTH_BYTES))
    {
        let name = format!("{} → {}", kilobytes(before), kilobytes(now));
        all.push(words::finding("size/grown", CheckWeight::Warning, &words::GROWN, &name));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_large_or_has_grown_is_said() {
        let said = |now, before| {
            size(now, before).into_iter().map(|found| format!("{}: {}", found.class, found.what.en)).collect::<Vec<_>>()
        };
        assert!(said(BUDGET_BYTES, None).is_empty() && said(500_000, Some(300_000)).is_empty());
        assert_eq!(
            said(5_000_000, Some(3_000_000)),
            [
                "size/over-budget: it is large for a phone on a slow line: 5000 KB > 4195 KB",
                "size/grown: it has grown much since the release before: 3000 KB → 5000 KB",
            ]
        );
    }
}
