//! What machines look at before people do: each check is a job in the database and runs in a process of its own, which has
//! no files, no network, little memory and little time.
//!
//! A submission waits in `scanning` for the checks that gate it, and then goes to reviewers or into quarantine. A job that
//! is run twice finds the same: its package never changes, and what it found replaces what it had found.

mod cage;
mod child;
mod desk;
mod icons;
mod journeys;
mod likeness;
mod look;
mod names;
mod pages;
pub mod pictures;
mod run;
mod runner;
mod scratch;
mod task;
mod waits;
mod words;
mod yara;

use std::path::PathBuf;

use guichet_api::{Check, CheckName, CheckState, MadeCheck, Said, SubmissionKind, SubmissionState};
use sqlx::AnyConnection;
use tokio::sync::Notify;

pub use child::{WORD, child};
pub use journeys::hand_over;
pub use runner::watch;
pub(crate) use waits::Waits;

use crate::{
    access::{self, Action},
    audit::{self, Deed},
    database::{
        commit,
        jobs::{self, JobRecord},
        people::Person,
        reviews,
        submissions::{self as records, SubmissionRecord},
    },
    error::{NotDone, StoreError},
    lifecycle::{self, Event},
    people::Actor,
    problems,
    store::Store,
    submissions,
};

/// What makes checks, where a store makes some.
#[derive(Debug)]
pub struct Checks {
    /// This very program, which becomes the process of a check.
    program: PathBuf,
    /// Where the programs are that checks need.
    beside: Vec<PathBuf>,
    /// Whether those are made, too, that take minutes and that no submission waits for.
    heavy_too: bool,
    /// Told when there is something to look at.
    wake: Notify,
}

impl Checks {
    /// Checks that run this program as their process, and find others in these folders.
    pub fn new(program: impl Into<PathBuf>, beside: Vec<PathBuf>) -> Self {
        Self { program: program.into(), beside, heavy_too: true, wake: Notify::new() }
    }

    /// Only the checks that a submission waits for.
    #[must_use]
    pub fn gates_only(self) -> Self {
        Self { heavy_too: false, ..self }
    }

    /// axe-core, as npm installs it: in a folder beside, or where the environment says.
    fn axe(&self) -> Option<String> {
        let named = std::env::var_os("GUICHET_AXE").map(PathBuf::from);
        let places = named.into_iter().chain(self.beside.iter().map(|folder| folder.join("../share/guichet")));
        let mut files = places.map(|folder| folder.join("axe-core/axe.min.js"));
        files.find_map(|path| std::fs::read_to_string(path).ok())
    }

    /// Checks of the running program, whose fellows lie beside it.
    pub fn of_this_program() -> Self {
        let beside = std::env::current_exe().ok().and_then(|program| program.parent().map(PathBuf::from));
        Self::new("/proc/self/exe", beside.into_iter().chain(["/usr/bin".into()]).collect())
    }

    /// A program of this name.
    fn find(&self, name: &str) -> Option<PathBuf> {
        self.beside.iter().map(|folder| folder.join(name)).find(|path| path.is_file())
    }
}

/// Whether a submission waits for this check before people see it.
pub(crate) fn gates(name: CheckName) -> bool {
    match name {
        CheckName::Package
        | CheckName::Secrets
        | CheckName::Uses
        | CheckName::Names
        | CheckName::Icons
        | CheckName::Size
        | CheckName::Desk
        | CheckName::Yara => true,
        // It takes minutes, and people can begin without.
        CheckName::Pages | CheckName::Journeys => false,
    }
}

/// Has a submission that was handed in looked at, if this store does. The change's owner wakes those who look.
pub(crate) async fn begin(
    store: &Store,
    connection: &mut AnyConnection,
    id: &str,
    now_ms: u64,
) -> Result<(), StoreError> {
    let Some(record) = records::get(connection, id).await? else { return Ok(()) };
    // What goes back or takes back has been looked at when it came first.
    if store.checks.is_none() || record.state != SubmissionState::Submitted || record.kind != SubmissionKind::Package {
        return Ok(());
    }
    let heavy_too = store.checks.as_ref().is_some_and(|checks| checks.heavy_too);
    // Journeys come afterwards, where there are some; those that came before are run again.
    let has_journeys = jobs::input(connection, id, CheckName::Journeys).await?.is_some();
    let is_made = |name: &CheckName| match name {
        CheckName::Journeys => heavy_too && has_journeys,
        name => heavy_too || gates(*name),
    };
    for name in CheckName::ALL.into_iter().filter(is_made) {
        jobs::queue(connection, id, name, !gates(name), now_ms).await?;
    }
    lifecycle::must_follow(connection, &record, Event::Scan, now_ms).await?;
    Ok(())
}

/// Tells those who look that there may be something.
pub(crate) fn wake(store: &Store) {
    if let Some(checks) = &store.checks {
        checks.wake.notify_waiters();
    }
}

/// Moves a submission on once every check that gates it has ended; one that has found something grave holds it.
async fn settle(
    connection: &mut AnyConnection,
    record: &SubmissionRecord,
    before: &JobRecord,
    now_ms: u64,
) -> Result<(), StoreError> {
    let all = jobs::of(connection, &record.id).await?;
    let grave = |job: &JobRecord| job.outcome.findings.iter().any(|found| found.weight.is_grave());
    let is_scanned = record.state == SubmissionState::Scanning;
    if is_scanned && all.iter().any(|job| gates(job.name) && !job.state.is_ended()) {
        return Ok(());
    }
    // Later a reviewer decides, unless it was not known then.
    let is_new = |job: &&JobRecord| is_scanned || (job.name == before.name && !grave(before));
    let held: Vec<&JobRecord> = all.iter().filter(|job| grave(job)).filter(is_new).collect();
    if held.is_empty() {
        if is_scanned {
            lifecycle::must_follow(connection, record, Event::Clear, now_ms).await?;
        }
        return Ok(());
    }
    let findings = held.iter().flat_map(|job| &job.outcome.findings);
    let mut classes: Vec<&str> = findings.filter(|it| it.weight.is_grave()).map(|it| it.class.as_str()).collect();
    classes.dedup();
    let note = classes.join(", ");
    let moved = lifecycle::follow(connection, record, Event::Quarantine, Some(&note), now_ms).await?;
    let Some(state) = moved.filter(|state| *state != record.state) else { return Ok(()) };
    reviews::clear(connection, &record.id, true).await?;
    let about = format!("{} {} #{}", record.app_id, record.version.name, record.sequence);
    let deed = Deed::new("submission.quarantine", &about, Some(&record.department));
    let deed = Deed { why: Some(&note), ..deed }.from_to(record.state, state);
    audit::record(connection, Actor::Machine, deed, now_ms).await
}

/// The checks of a submission, for whoever may see it.
pub async fn of(store: &Store, person: &Person, id: &str) -> Result<Vec<Check>, NotDone> {
    submissions::readable(store, person, id).await?;
    let all = jobs::of(&mut *store.database.read().await?, id).await?;
    Ok(all.into_iter().map(shown).collect())
}

fn shown(job: JobRecord) -> Check {
    let mut findings = job.outcome.findings;
    findings.sort_by_key(|found| found.weight);
    Check {
        name: MadeCheck::Known(job.name),
        state: job.state,
        gates: gates(job.name),
        attempts: job.attempts,
        begun_at_ms: job.begun_at_ms,
        ended_at_ms: job.ended_at_ms,
        why: job.outcome.why,
        findings,
    }
}

/// Looks again, for whoever hands in for the department or reviews there.
pub async fn retry(store: &Store, person: &Person, id: &str, name: &str) -> Result<(), NotDone> {
    let now_ms = store.clock.now_ms();
    let mut change = store.database.change().await?;
    let record = records::get(&mut change, id).await?.ok_or_else(|| problems::no_such_submission(id))?;
    if let Err(denied) = access::check(person, Action::Review, Some(&record.department))
        && access::check(person, Action::Submit, Some(&record.department)).is_err()
    {
        return Err(denied);
    }
    let all = jobs::of(&mut change, id).await?;
    let job = all.into_iter().find(|job| job.name.as_str() == name).ok_or_else(|| problems::no_such_check(name))?;
    if store.checks.is_none() {
        return Err(problems::no_checks().into());
    }
    let may_be_made = job.state.is_ended() || may_be_tried_at_once(job.state, job.outcome.why.as_ref());
    if !may_be_made || !record.state.is_open() {
        return Err(problems::not_now(job.state, record.state).into());
    }
    jobs::queue(&mut change, id, job.name, !gates(job.name), now_ms).await?;
    let about = format!("{} {} {}", record.app_id, record.version.name, job.name);
    let deed = Deed::new("submission.check", &about, Some(&record.department));
    audit::record(&mut change, Actor::Person(person), deed, now_ms).await?;
    commit(change).await?;
    wake(store);
    Ok(())
}

/// Whether a check was tried in vain, and waits to be tried again.
pub(crate) fn may_be_tried_at_once(state: CheckState, why: Option<&Said>) -> bool {
    state == CheckState::Waiting && why.is_some()
}

/// Whether anything is still to come of these.
pub(crate) fn is_under_way(all: &[Check]) -> bool {
    all.iter().any(|check| matches!(check.state, CheckState::Waiting | CheckState::Running))
}
