//! The journeys that a publisher sends beside a package, run where people decide as they were run at the desk.

use std::{collections::BTreeMap, time::Duration};

use guichet_api::{CheckFinding, CheckName, CheckWeight, Journeys, Said};

use super::{
    pages::{Outcome, Programs, Run, no_wall},
    run::Broke,
    runner::{Tried, Turn, answered},
    scratch::Scratch,
    wake, words,
};
use crate::{
    access::{self, Action},
    audit::{self, Deed},
    database::{commit, jobs, people::Person, submissions as records},
    error::{NotDone, StoreError},
    people::Actor,
    problems,
    store::Store,
};

/// How long all journeys may take.
const MOST_TIME: Duration = Duration::from_secs(900);
const MOST_FILES: usize = 64;
const MOST_BYTES: usize = 2 << 20;
/// The terminals that `guichet test` stands in for, if nobody says others.
const TERMINALS: [&str; 2] = ["desktop", "phone"];

/// Takes the journeys of a submission from whoever hands in for its department, and has them run.
pub async fn hand_over(store: &Store, person: &Person, id: &str, journeys: &Journeys) -> Result<(), NotDone> {
    let now_ms = store.clock.now_ms();
    let mut change = store.database.change().await?;
    let record = records::get(&mut change, id).await?.ok_or_else(|| problems::no_such_submission(id))?;
    access::check(person, Action::Submit, Some(&record.department))?;
    check(&journeys.files)?;
    if store.checks.as_ref().is_none_or(|checks| !checks.heavy_too) {
        return Err(problems::no_checks().into());
    }
    if !record.state.is_open() && !record.state.is_with_publisher() {
        return Err(problems::too_late(record.state).into());
    }
    let input = serde_json::to_string(journeys).map_err(StoreError::document("write journeys"))?;
    jobs::queue(&mut change, id, CheckName::Journeys, true, now_ms).await?;
    jobs::give(&mut change, id, CheckName::Journeys, &input).await?;
    let about = format!("{} {}", record.app_id, record.version.name);
    let deed = Deed::new("submission.journeys", &about, Some(&record.department));
    audit::record(&mut change, Actor::Person(person), deed, now_ms).await?;
    commit(change).await?;
    wake(store);
    Ok(())
}

/// Scripts below `tests/`, and nothing that leads elsewhere.
fn check(files: &BTreeMap<String, String>) -> Result<(), NotDone> {
    let is_part = |part: &str| {
        !part.is_empty() && !part.starts_with('.') && part.chars().all(|c| c.is_alphanumeric() || "-_. ".contains(c))
    };
    let is_script = |path: &String| {
        path.starts_with("tests/") && path.ends_with(".js") && path.len() <= 200 && path.split('/').all(is_part)
    };
    let bytes: usize = files.values().map(String::len).sum();
    let why = match files.keys().find(|path| !is_script(path)) {
        Some(path) => format!("`{path}` is no script below tests/"),
        None if files.is_empty() => "there is no script".to_owned(),
        None if files.len() > MOST_FILES => format!("there are {} scripts", files.len()),
        None if bytes > MOST_BYTES => format!("they have {bytes} bytes"),
        None => return Ok(()),
    };
    Err(problems::not_journeys(&why).into())
}

/// Runs them in the window, behind the same wall as pages.
pub(super) async fn look(turn: &Turn<'_>) -> Result<Tried, Broke> {
    let programs = match Programs::find(turn) {
        Ok(programs) => programs,
        Err(missing) => return Ok(missing),
    };
    let broke = |error: StoreError| Broke::NoAnswer(error.to_string());
    let mut connection = turn.store.database.read().await.map_err(broke)?;
    let input = jobs::input(&mut connection, &turn.record.id, CheckName::Journeys).await.map_err(broke)?;
    drop(connection);
    let input: Journeys = serde_json::from_str(&input.unwrap_or_default())
        .map_err(|error| Broke::NoAnswer(format!("its journeys cannot be read: {error}")))?;
    let scratch = Scratch::new(turn.store)?;
    let package = std::fs::read(turn.package().await?).map_err(Broke::Start)?;
    scratch.write("app.ma", &package)?;
    for (path, text) in &input.files {
        scratch.write(path, text.as_bytes())?;
    }
    if let Some(axe) = turn.checks.axe() {
        scratch.write("node_modules/axe-core/axe.min.js", axe.as_bytes())?;
    }
    let mut command = programs.walled(scratch.path(), None);
    command.args(["--json", "--lang", "en", "test", "app.ma", "--tests", "tests", "--pictures", "pictures"]);
    command.args(TERMINALS.iter().flat_map(|name| ["--profile", name]));
    let ran = turn.run(command, None, MOST_TIME).await?;
    if ran.answer.is_empty() && ran.said.contains("bwrap:") {
        return Ok(no_wall(&ran.said));
    }
    // Scripts that cannot be loaded are its publisher's to mend, and nothing of the store is broken.
    let Ok(run) = answered::<Run>(&ran) else {
        let said: String = String::from_utf8_lossy(&ran.answer).chars().chain(ran.said.chars()).take(400).collect();
        return Ok(Tried::Done(vec![failed("tests", &said)]));
    };
    let count = |end: &str| run.journeys.iter().filter(|one| one.end == end).count();
    let (passed, failing, skipped) = (count("passed"), count("failed"), count("skipped"));
    let all = Said {
        en: format!("passed: {passed}, failed: {failing}, skipped: {skipped}"),
        zh: format!("通过 {passed}，失败 {failing}，略过 {skipped}"),
    };
    Ok(Tried::Told(all, run.journeys.iter().filter_map(finding).collect()))
}

fn finding(outcome: &Outcome) -> Option<CheckFinding> {
    let what = outcome.what.as_deref().filter(|_| outcome.end == "failed")?;
    let (path, line) = match outcome.place.as_deref().and_then(|place| place.split_once(':')) {
        Some((path, line)) => (Some(path.to_owned()), line.split(':').next().and_then(|line| line.parse().ok())),
        None => (outcome.place.clone(), None),
    };
    let found = failed("", &format!("{} ({}): {what}", outcome.name, outcome.on));
    Some(CheckFinding { path, line, ..found })
}

fn failed(path: &str, what: &str) -> CheckFinding {
    let found = words::finding("journeys/failed", CheckWeight::Warning, &words::JOURNEY, what);
    CheckFinding { path: Some(path.to_owned()), ..found }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(paths: &[&str]) -> Option<String> {
        let files = paths.iter().map(|path| ((*path).to_owned(), String::new())).collect();
        match check(&files) {
            Err(NotDone::Refused(problem)) => Some(problem.what),
            _ => None,
        }
    }

    #[test]
    fn only_scripts_below_tests_are_taken() {
        assert_eq!(refused(&["tests/a.js", "tests/of the desk/b-1.js", "tests/旅程.js"]), None);
        for path in
            ["a.js", "tests/a.html", "tests/../a.js", "tests//a.js", "tests/.a.js", "/tests/a.js", "tests/a\\b.js"]
        {
            assert_eq!(refused(&[path]), Some(format!("these are no journeys: `{path}` is no script below tests/")));
        }
        assert_eq!(refused(&[]).as_deref(), Some("these are no journeys: there is no script"));
    }

    #[test]
    fn what_failed_is_said_with_its_line() {
        let outcome = |end: &str| Outcome {
            name: "reports a light".to_owned(),
            on: "phone".to_owned(),
            end: end.to_owned(),
            what: Some("waited in vain".to_owned()),
            place: Some("tests/report.js:7".to_owned()),
        };
        let found = finding(&outcome("failed")).unwrap();
        assert_eq!((found.path.as_deref(), found.line), (Some("tests/report.js"), Some(7)));
        assert_eq!(found.what.en, "the journey fails: reports a light (phone): waited in vain");
        assert_eq!(finding(&outcome("skipped")), None);
    }
}
