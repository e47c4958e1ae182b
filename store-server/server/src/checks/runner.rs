//! Takes one job after the other, has it done by a process, and keeps what came of it.

use std::{
    collections::BTreeSet,
    ffi::OsString,
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use guichet_api::{CheckFinding, CheckName, CheckState, Said};
use guichet_trust::digest::Digest;
use serde::Deserialize;
use tokio::sync::watch;
use uuid::Uuid;

use super::{
    Checks, child, desk, journeys, pages,
    run::{self, Broke},
    settle,
    task::{Answer, Given, Looks, Missed, Other, OtherIcon, Task, Why},
    waits::Waits,
    yara,
};
use crate::{
    blobs::Kept,
    catalogue,
    database::{
        commit, departments,
        jobs::{self, JobRecord, Outcome},
        looks,
        submissions::{self as records, SubmissionRecord},
    },
    error::{NotDone, StoreError},
    repository,
    store::{Store, blocking},
    submissions,
};

/// How many light checks run at a time; of heavy ones, it is one.
const LIGHT: usize = 2;
/// How long a check may take that a submission waits for.
pub(super) const MOST_TIME: Duration = Duration::from_secs(120);
/// How long nobody else begins one that was begun: longer than the longest may take.
const LEASE_MS: u64 = 1_800_000;
/// How often a check is tried before it counts as broken.
const MOST_ATTEMPTS: u32 = 3;
/// How often to look for what somebody else has left undone, or another process has queued.
const LOOK: Duration = Duration::from_secs(30);
/// How soon to try again where the database did not do as asked.
const AGAIN: Duration = Duration::from_secs(2);
/// The most icons that one check looks at for the first time, so that it does not take too long.
const MOST_UNSEEN: usize = 100;
/// The largest that is looked at, in bytes.
const MOST_ICON: usize = 1 << 20;
/// What came of one try.
pub(super) enum Tried {
    Done(Vec<CheckFinding>),
    /// The same, with a word about all of it.
    Told(Said, Vec<CheckFinding>),
    Skipped(Said),
}

/// Makes checks until the store is told to stop. What an earlier run had begun is begun again.
pub async fn watch(store: Arc<Store>, stop: watch::Receiver<bool>) -> Result<(), StoreError> {
    if store.checks.is_none() {
        return Ok(());
    }
    let scratch = store.folder.scratch();
    if scratch.exists() {
        // Left by a run that was killed.
        std::fs::remove_dir_all(&scratch).map_err(StoreError::file("remove", scratch))?;
    }
    let mut change = store.database.change().await?;
    jobs::all_wait(&mut change).await?;
    commit(change).await?;
    let stopping = Arc::new(AtomicBool::new(false));
    let kinds = std::iter::repeat_n(false, LIGHT).chain([true]);
    let workers: Vec<_> = kinds
        .map(|is_heavy| tokio::spawn(work(Arc::clone(&store), is_heavy, stop.clone(), Arc::clone(&stopping))))
        .collect();
    let mut stop = stop;
    // Told to stop, or nobody is left to tell.
    let _told = stop.changed().await;
    stopping.store(true, Ordering::Relaxed);
    for worker in workers {
        worker.await.map_err(|source| StoreError::Task { operation: "make checks", source })?;
    }
    Ok(())
}

async fn work(store: Arc<Store>, is_heavy: bool, mut stop: watch::Receiver<bool>, stopping: Arc<AtomicBool>) {
    let Some(checks) = &store.checks else { return };
    let mut in_vain = BTreeSet::new();
    while !stopping.load(Ordering::Relaxed) {
        // Who is woken between looking and waiting looks again.
        let woken = checks.wake.notified();
        let mut woken = std::pin::pin!(woken);
        woken.as_mut().enable();
        let wait = match one(&store, checks, is_heavy, &stopping, &mut stop, &mut in_vain).await {
            Ok(true) => continue,
            Ok(false) => LOOK,
            Err(error) => {
                tracing::error!(%error, "could not make a check");
                AGAIN
            }
        };
        in_vain.clear();
        tokio::select! {
            _ = tokio::time::timeout(wait, woken) => {}
            _ = stop.changed() => return,
        }
    }
}

/// Makes the check whose turn it is. Says whether there was one: what was begun in vain goes behind all others, and has its turn
/// once until those were looked at.
async fn one(
    store: &Store,
    checks: &Checks,
    is_heavy: bool,
    stopping: &Arc<AtomicBool>,
    stop: &mut watch::Receiver<bool>,
    in_vain: &mut BTreeSet<(String, CheckName)>,
) -> Result<bool, StoreError> {
    let (lease, now_ms) = (Uuid::now_v7().to_string(), store.clock.now_ms());
    let mut change = store.database.change().await?;
    let Some(job) = jobs::next(&mut change, is_heavy, now_ms).await? else { return Ok(false) };
    if in_vain.contains(&(job.submission.clone(), job.name)) {
        return Ok(false);
    }
    jobs::lease(&mut change, &job, &lease, now_ms.saturating_add(LEASE_MS), now_ms).await?;
    let tried = match commit(change).await {
        Ok(()) => perform(store, checks, &job, Arc::clone(stopping)).await,
        Err(error) => Err(Broke::NotBegun(error)),
    };
    let (state, outcome) = match tried {
        Ok(Tried::Done(findings)) => (Some(CheckState::Done), Outcome { why: None, findings }),
        Ok(Tried::Told(all, findings)) => (Some(CheckState::Done), Outcome { why: Some(all), findings }),
        Ok(Tried::Skipped(why)) => (Some(CheckState::Skipped), Outcome { why: Some(why), findings: Vec::new() }),
        // The next start begins it again.
        Err(Broke::Stopped) => return Ok(false),
        // Nothing goes to people unseen because a bucket was silent for a while.
        Err(broke @ (Broke::NoPackage { .. } | Broke::NoPackageBefore { .. })) => {
            tracing::warn!(submission = %job.submission, check = %job.name, %broke, "a check waits");
            (None, Outcome { why: broke.waits().map(Waits::told), findings: job.outcome.findings.clone() })
        }
        // It may have been written down all the same.
        Err(Broke::NotBegun(error)) => {
            tracing::warn!(submission = %job.submission, check = %job.name, %error, "a check could not be begun");
            (None, job.outcome.clone())
        }
        Err(broke) => {
            tracing::warn!(submission = %job.submission, check = %job.name, attempt = job.attempts + 1, %broke, "a check broke");
            let is_last = job.attempts + 1 >= MOST_ATTEMPTS;
            let why = Said { en: broke.to_string(), zh: format!("检查进程出错：{broke}") };
            let state = if is_last { CheckState::Failed } else { CheckState::Waiting };
            (Some(state), Outcome { why: Some(why), findings: Vec::new() })
        }
    };
    let begun = Instant::now();
    // Otherwise it would count as under way for as long as its lease lasts, and its submission wait for that.
    while let Err(error) = finish(store, &job, &lease, state, &outcome).await {
        let is_stopped = tokio::time::timeout(AGAIN, stop.changed()).await.is_ok();
        if is_stopped || begun.elapsed() > Duration::from_millis(LEASE_MS) {
            return Err(error);
        }
        tracing::warn!(submission = %job.submission, check = %job.name, %error, "what a check found cannot be kept yet");
    }
    if state.is_none() {
        in_vain.insert((job.submission, job.name));
    }
    Ok(true)
}

/// Keeps what came of a check, and moves its submission on, in one change; without a state the check waits again.
async fn finish(
    store: &Store,
    job: &JobRecord,
    lease: &str,
    state: Option<CheckState>,
    outcome: &Outcome,
) -> Result<(), StoreError> {
    let now_ms = store.clock.now_ms();
    let mut change = store.database.change().await?;
    let Some(state) = state else {
        jobs::give_back(&mut change, job, lease, outcome, now_ms).await?;
        return commit(change).await;
    };
    if !jobs::end(&mut change, job, lease, state, outcome, now_ms).await? {
        return Ok(());
    }
    if let Some(record) = records::get(&mut change, &job.submission).await?
        && state.is_ended()
    {
        settle(&mut change, &record, job, now_ms).await?;
    }
    commit(change).await
}

async fn perform(store: &Store, checks: &Checks, job: &JobRecord, stopping: Arc<AtomicBool>) -> Result<Tried, Broke> {
    let broke = |error: StoreError| Broke::NoAnswer(error.to_string());
    let record = records::get(&mut *store.database.read().await.map_err(broke)?, &job.submission).await;
    let record = record.map_err(broke)?.ok_or_else(|| Broke::NoAnswer("the submission is gone".to_owned()))?;
    let turn = Turn { store, checks, record, stopping };
    match job.name {
        CheckName::Desk => desk::look(&turn).await,
        CheckName::Yara => yara::look(&turn).await,
        CheckName::Pages => pages::look(&turn).await,
        CheckName::Journeys => journeys::look(&turn).await,
        CheckName::Package
        | CheckName::Secrets
        | CheckName::Uses
        | CheckName::Names
        | CheckName::Icons
        | CheckName::Size => {
            let given = given(store, &turn.record, job.name).await?;
            let mut command = run::process(&checks.program);
            command.arg(child::WORD);
            let ran = turn.run(command, Some(given), MOST_TIME).await?;
            let answer: Answer = answered(&ran)?;
            keep(store, &answer.looks).await.map_err(broke)?;
            Ok(Tried::Done(answer.findings))
        }
    }
}

/// One check of one submission, while it is made.
pub(super) struct Turn<'a> {
    pub(super) store: &'a Store,
    pub(super) checks: &'a Checks,
    pub(super) record: SubmissionRecord,
    stopping: Arc<AtomicBool>,
}

impl Turn<'_> {
    /// Runs a process to its end, or the server's.
    pub(super) async fn run(&self, command: Command, given: Option<Given>, most: Duration) -> Result<run::Ran, Broke> {
        let stopping = Arc::clone(&self.stopping);
        let work = move || {
            let input = given.map(|given| given.to_bytes()).transpose();
            let input = input.map_err(|error| Broke::NoAnswer(error.to_string()))?;
            run::run(command, input.unwrap_or_default(), most, &stopping)
        };
        blocking("run a check", work).await.unwrap_or_else(|error| Err(Broke::NoAnswer(error.to_string())))
    }

    /// Another program in a cage, in which it may read these places.
    pub(super) fn caged(&self, program: &Path, places: &[&Path]) -> Command {
        let places: Vec<OsString> = places.iter().map(OsString::from).collect();
        let mut command = run::process(&self.checks.program);
        command.args(child::caged(&places, program));
        command
    }

    /// The file of the package, which is not taken away meanwhile.
    pub(super) async fn package(&self) -> Result<Kept, Broke> {
        let (folder, digest) = (self.store.folder.clone(), self.record.package);
        let found = blocking("find a package", move || folder.admitted_file(digest)).await.flatten();
        Ok(found?.0)
    }
}

/// What the process of a check is given.
async fn given(store: &Store, record: &SubmissionRecord, check: CheckName) -> Result<Given, StoreError> {
    let mut connection = store.database.read().await?;
    let listed = departments::get(&mut connection, &record.department).await?;
    let listed = listed.ok_or_else(|| StoreError::Document {
        operation: "look up who sealed it",
        reason: format!("there is no department {}", record.department),
    })?;
    let others = match check {
        CheckName::Names => records::released_by_others(&mut connection, &record.department).await?,
        _ => Vec::new(),
    };
    let before = match check {
        CheckName::Size => records::last_released_before(&mut connection, record).await?,
        _ => None,
    };
    let mut same_icon = Vec::new();
    if check == CheckName::Names {
        for icon in icons(store, record).await? {
            same_icon.extend(records::others_with_file(&mut connection, &record.department, icon).await?);
        }
    }
    drop(connection);
    let Brought { icons, unseen, missed } =
        if check == CheckName::Icons { others_icons(store, record).await? } else { Brought::default() };
    let (folder, package, before) = (store.folder.clone(), record.package, before.map(|before| before.package));
    let read = blocking("read a package", move || {
        let package = folder.admitted(package)?;
        let before = before.map(|before| folder.admitted(before).map_err(StoreError::of_the_one_before));
        Ok::<_, StoreError>((package, before.transpose()?))
    });
    let (package, before) = read.await??;
    let others = others.into_iter();
    let task = Task {
        check,
        keys: repository::publisher_keys(&listed),
        others: others
            .map(|(app_id, department, names)| Other { app_id, department, names: names.into_values().collect() })
            .collect(),
        same_icon,
        icons,
        missed,
        package_bytes: package.len(),
        before_bytes: before.as_ref().map(Vec::len),
    };
    Ok(Given { task, package, before, icons: unseen })
}

/// The icons under which other departments have apps now.
#[derive(Default)]
struct Brought {
    icons: Vec<OtherIcon>,
    /// The bytes of those nobody has looked at, in their order.
    unseen: Vec<Vec<u8>>,
    missed: Vec<Missed>,
}

/// Brings the icons of other departments, and of those nobody has looked at as many as one check may: the rest another time.
async fn others_icons(store: &Store, record: &SubmissionRecord) -> Result<Brought, StoreError> {
    let known = looks::all(&mut *store.database.read().await?).await?;
    let (others, lost) = catalogue::icons_of_others(store, &record.department).await?;
    let lost = lost.into_iter().map(|(app_id, department)| Missed { why: Why::Lost, app_id, department });
    let (mut icons, mut unseen, mut missed) = (Vec::new(), Vec::new(), Vec::from_iter(lost));
    for other in others {
        let without = |why| Missed { why, app_id: other.app_id.clone(), department: other.department.clone() };
        let look = known.get(&other.sha256).cloned();
        let mut bytes = 0;
        if look.is_none() {
            if unseen.len() >= MOST_UNSEEN {
                missed.push(without(Why::Later));
                continue;
            }
            let read = match catalogue::icon_bytes(store, other.sha256).await {
                Ok(read) => read,
                // Nobody is held up by what another app has lost.
                Err(error) if error.is_lost() => {
                    tracing::error!(app = %other.app_id, %error, "an icon is compared with none of this app");
                    missed.push(without(Why::Lost));
                    continue;
                }
                Err(error) => return Err(error),
            };
            if read.len() > MOST_ICON {
                missed.push(without(Why::Unseen));
                continue;
            }
            bytes = read.len();
            unseen.push(read);
        }
        let catalogue::OtherIcon { app_id, department, sha256, path } = other;
        icons.push(OtherIcon { app_id, department, sha256, path, look, bytes });
    }
    Ok(Brought { icons, unseen, missed })
}

/// Keeps how icons look.
async fn keep(store: &Store, looks: &Looks) -> Result<(), StoreError> {
    if looks.is_empty() {
        return Ok(());
    }
    let mut change = store.database.change().await?;
    for (icon, look) in looks {
        looks::keep(&mut change, *icon, look).await?;
    }
    commit(change).await
}

/// The files that the manifest names as icons.
async fn icons(store: &Store, record: &SubmissionRecord) -> Result<BTreeSet<Digest>, StoreError> {
    let package = match submissions::open(store, record).await {
        Ok(package) => package,
        Err(NotDone::Failed(error)) => return Err(error),
        // What cannot be opened any more is said by the check of the package.
        Err(NotDone::Refused(_)) => return Ok(BTreeSet::new()),
    };
    let digest = |path: String| package.file(&path).map(Digest::of);
    Ok(package.manifest().icons.iter().filter_map(|icon| digest(icon.src.to_string())).collect())
}

/// What a process has answered in JSON.
pub(super) fn answered<T: for<'a> Deserialize<'a>>(ran: &run::Ran) -> Result<T, Broke> {
    if !ran.status.success() && ran.answer.is_empty() {
        return Err(Broke::Early { status: ran.status, said: ran.said.clone() });
    }
    serde_json::from_slice(&ran.answer).map_err(|error| Broke::NoAnswer(error.to_string()))
}

/// Why a check is skipped: a program is missing.
pub(super) fn not_there(program: &str) -> Tried {
    Tried::Skipped(Said {
        en: format!("the program `{program}` is not installed beside the store; install it and look again"),
        zh: format!("商店旁边没有安装程序 `{program}`；安装后再检查一次"),
    })
}
