//! One app's releases: how far the newest was let out, what became of it on devices, and how to stop and undo it.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension, Form,
    extract::{Path, Query, State},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use guichet_api::{DayCount, SubmissionKind, SubmissionState};
use guichet_contract::{AppId, Channel, telemetry::Event};
use guichet_package::{ReleaseDocument, release::EVERYONE};
use jiff::Timestamp;
use serde::Deserialize;

use super::{
    assets,
    catalogue_words::CatalogueWords,
    chart::Chart,
    frame::{Choice, Frame, Place, back_to, sent, shown, signed_in},
    look,
    releases::{percent, points},
    rollout_words::RolloutWords,
    words::Language,
};
use crate::{
    access::{self, Action},
    brake, catalogue,
    database::{
        brakes::{self, BrakeEntry},
        departments, events, log,
        submissions::{self as records, SubmissionRecord},
    },
    error::{NotDone, StoreError},
    http::{Session, WithScript},
    people::problems as people_problems,
    problems, reissue, rollout,
    rollout::{Buckets, Curve},
    store::Store,
};

/// The stages that are offered; any other number may be typed.
const STAGES: [u16; 5] = [100, 500, 2500, 5000, EVERYONE];
const HOUR_MS: u64 = 60 * 60 * 1000;
const DAY_MS: u64 = 24 * HOUR_MS;
/// Whoever holds it counts.
const TELEMETRY: &str = "host:telemetry";

/// One arch of the row of stages.
struct Stage {
    points: String,
    label: String,
    is_past: bool,
    is_now: bool,
}

/// One thing that happened.
struct Step {
    what: String,
    tint: &'static str,
    at: String,
    note: String,
}

/// One bucket of the tables below the curves.
struct Bucket {
    until: String,
    installed: u64,
    before: Option<u64>,
    errors: String,
    errors_before: Option<String>,
}

/// An earlier version that could come back.
struct Earlier {
    sequence: u64,
    label: String,
}

/// The curves and all that is said about them.
struct Told {
    adoption: Chart,
    adoption_text: String,
    errors: Chart,
    errors_text: String,
    buckets: Vec<Bucket>,
    before: Option<String>,
    installed: u64,
    launches: u64,
    error_free: String,
    reverted: u64,
    is_empty: bool,
}

/// How often a version has counted an event.
struct Counted {
    event: Event,
    version: String,
    sequence: u64,
    today: u64,
    week: u64,
    month: u64,
}

/// Whether everybody finds the app, and why not.
struct Shelf {
    words: &'static CatalogueWords,
    off: Option<(String, String)>,
}

#[derive(Template)]
#[template(path = "rollout.html")]
struct Page {
    frame: Frame,
    words: &'static RolloutWords,
    name: String,
    glaze: String,
    department: String,
    record: SubmissionRecord,
    state: String,
    tint: &'static str,
    icon: &'static str,
    since: String,
    replaces: Option<String>,
    reached: String,
    most: String,
    next: String,
    stages: Vec<Stage>,
    groups: String,
    told: Told,
    counts_events: bool,
    counted: Vec<Counted>,
    earlier: Vec<Earlier>,
    waiting: Vec<(String, &'static str)>,
    steps: Vec<Step>,
    halted_because: Option<String>,
    is_recalled: bool,
    shelf: Option<Shelf>,
    may: bool,
    script: String,
}

impl Page {
    fn base(&self) -> String {
        format!("/releases/{}/{}", self.record.app_id, self.record.channel)
    }
}

fn line(app: &str, channel: &str) -> Result<(AppId, Channel), NotDone> {
    match (app.parse(), channel.parse()) {
        (Ok(app), Ok(channel)) => Ok((app, channel)),
        _ => Err(problems::no_such_page("GET", &format!("/releases/{app}/{channel}")).into()),
    }
}

/// The counts of 30 days by event and version, events by name and the newest version first.
fn counted(days: Vec<DayCount>, now_ms: u64) -> Vec<Counted> {
    let today_ms = now_ms - now_ms % DAY_MS;
    let mut all: Vec<Counted> = Vec::new();
    for DayCount { day_ms, sequence, version, event, count } in days {
        let at = all.iter().position(|it| it.sequence == sequence && it.event == event).unwrap_or_else(|| {
            all.push(Counted { event, version, sequence, today: 0, week: 0, month: 0 });
            all.len() - 1
        });
        let Some(it) = all.get_mut(at) else { continue };
        it.month += count;
        it.week += if day_ms + 6 * DAY_MS >= today_ms { count } else { 0 };
        it.today += if day_ms >= today_ms { count } else { 0 };
    }
    all.sort_by(|one, other| one.event.cmp(&other.event).then(other.sequence.cmp(&one.sequence)));
    all
}

pub(super) async fn show(
    State(store): State<Arc<Store>>,
    Path((app, channel)): Path<(String, String)>,
    Query(choice): Query<Choice>,
    headers: HeaderMap,
) -> Response {
    let language = choice.language(&headers);
    let drawn =
        signed_in(&store, &headers, language, async |session| draw(&store, session, language, &app, &channel).await);
    choice.remember(drawn.await)
}

async fn draw(
    store: &Store,
    session: Session,
    language: Language,
    app: &str,
    channel: &str,
) -> Result<Response, NotDone> {
    let (app_id, channel) = line(app, channel)?;
    let words = language.rollout_words();
    let mut connection = store.database.read().await?;
    let sequence = log::last_sequence(&mut connection, &app_id, &channel).await?;
    let found = records::of_release(&mut connection, &app_id, &channel, sequence).await?;
    let (record, _) = found.ok_or_else(|| problems::never_released(&app_id, &channel))?;
    access::check(&session.person, Action::Read, Some(&record.department))?;
    let release = parsed(&record)?;
    let all = records::released_before(&mut connection, &record).await?;
    let acts = brakes::of_app(&mut connection, &app_id, &channel).await?;
    let open = records::open(&mut connection, &app_id, &channel).await?;
    let reached = brake::reached(&mut connection, &app_id, &channel, sequence).await?;
    let departments = departments::all(&mut connection).await?;
    let now_ms = store.clock.now_ms();
    let since_ms = (now_ms - now_ms % DAY_MS).saturating_sub(29 * DAY_MS);
    let counted = counted(events::of_app(&mut connection, &app_id, &channel, since_ms).await?, now_ms);
    drop(connection);
    let reached = reached.unwrap_or(EVERYONE).min(release.rollout.ceiling);
    let before = all.iter().rev().find(|earlier| earlier.kind != SubmissionKind::Recall);
    let told = told(store, &record, before, language).await?;
    let shelf = if channel == Channel::stable() {
        let off = catalogue::state(store, &app_id).await?.map(|off| (off.reason, look::time(off.at_ms)));
        Some(Shelf { words: language.catalogue_words(), off })
    } else {
        None
    };
    let halted =
        acts.iter().rev().find(|act| act.ceiling.is_none()).filter(|act| act.halted && act.sequence >= sequence);
    let earlier = all.iter().rev().filter(|earlier| {
        earlier.kind != SubmissionKind::Recall
            && release.allows(earlier.sequence)
            && (earlier.package != record.package || release.is_recall())
    });
    let department = departments.iter().find(|it| it.id == record.department);
    let page = Page {
        name: look::localized(&record.names, language).to_owned(),
        glaze: record.glaze.clone(),
        department: department
            .map_or_else(|| record.department.to_string(), |it| it.name(language == Language::Chinese).to_owned()),
        state: if record.state == SubmissionState::Approved && reached == 0 {
            words.held.to_owned()
        } else {
            language.state(record.state)
        },
        tint: look::tint(record.state),
        icon: look::icon(record.state),
        since: record.released_at_ms.map(look::time).unwrap_or_default(),
        replaces: before.map(|before| before.version.name.clone()),
        reached: percent(reached),
        most: percent(release.rollout.ceiling),
        next: STAGES.into_iter().find(|stage| *stage > reached).map_or_else(|| "100".to_owned(), in_field),
        stages: stages(reached, words),
        groups: release.rollout.groups.iter().map(String::as_str).collect::<Vec<_>>().join(", "),
        earlier: earlier
            .map(|it| Earlier { sequence: it.sequence, label: language.go_back_to(&it.version.name, it.sequence) })
            .collect(),
        waiting: open
            .into_iter()
            .filter(|open| open.kind != SubmissionKind::Package)
            .map(|open| (open.id, if open.kind == SubmissionKind::Recall { words.recall } else { words.revert }))
            .collect(),
        steps: steps(&acts, &all, &record, language),
        halted_because: halted.map(|halt| halt.reason.clone()),
        is_recalled: release.is_recall(),
        shelf,
        may: access::allows(&session.person, Action::Stop, Some(&record.department)).is_ok(),
        frame: Frame::of(store, session.person, language, Place::Releases).await?,
        script: assets::console_script(),
        words,
        told,
        counts_events: release.permissions.iter().any(|one| one.name.as_str() == TELEMETRY) || !counted.is_empty(),
        counted,
        record,
    };
    Ok((Extension(WithScript), shown(&page)?).into_response())
}

fn parsed(record: &SubmissionRecord) -> Result<ReleaseDocument, StoreError> {
    ReleaseDocument::parse(&record.release_document).map_err(StoreError::document("read a logged release document"))
}

/// Basis points as the field holds them.
fn in_field(points: u16) -> String {
    percent(points).trim_end_matches('%').to_owned()
}

fn stages(reached: u16, words: &RolloutWords) -> Vec<Stage> {
    let mut all: Vec<u16> = STAGES.into();
    if !all.contains(&reached) {
        all.push(reached);
        all.sort_unstable();
    }
    let stage = |points: u16| Stage {
        points: percent(points),
        label: if points == EVERYONE { words.everyone.to_owned() } else { percent(points) },
        is_past: points < reached,
        is_now: points == reached,
    };
    all.into_iter().map(stage).collect()
}

/// What was done about the app's releases, newest first.
fn steps(acts: &[BrakeEntry], all: &[SubmissionRecord], record: &SubmissionRecord, language: Language) -> Vec<Step> {
    let words = language.rollout_words();
    let act = |act: &BrakeEntry| {
        let (what, tint) = match (act.halted, act.ceiling) {
            (true, _) => (words.halted.to_owned(), "bad"),
            (false, None) => (words.resumed.to_owned(), "good"),
            (false, Some(ceiling)) => (format!("{} {}", words.let_out_to, percent(ceiling)), "info"),
        };
        let note = format!("#{} {}", act.sequence, act.reason);
        (act.at_ms, Step { what, tint, at: look::time(act.at_ms), note })
    };
    let release = |release: &SubmissionRecord| {
        let at_ms = release.released_at_ms.unwrap_or(release.submitted_at_ms);
        let what = language.kind(release.kind).unwrap_or_else(|| words.released.to_owned());
        let note = format!("#{} {}", release.sequence, release.version.name);
        (at_ms, Step { what, tint: "good", at: look::time(at_ms), note })
    };
    let mut steps: Vec<(u64, Step)> = all.iter().chain([record]).map(release).chain(acts.iter().map(act)).collect();
    steps.sort_by_key(|(at_ms, _)| *at_ms);
    steps.into_iter().rev().map(|(_, step)| step).take(20).collect()
}

async fn told(
    store: &Store,
    record: &SubmissionRecord,
    before: Option<&SubmissionRecord>,
    language: Language,
) -> Result<Told, NotDone> {
    let now_ms = store.clock.now_ms();
    let buckets = Buckets::since(record.released_at_ms.unwrap_or(now_ms), now_ms);
    let curve =
        async |of: &SubmissionRecord| rollout::curve(store, &of.app_id, &of.channel, of.sequence, &buckets).await;
    let new = curve(record).await?;
    let old = match before {
        Some(before) => Some(curve(before).await?),
        None => None,
    };
    let ends: Vec<String> = (0..buckets.count).map(|at| moment(buckets.end_ms(at), buckets.each_ms)).collect();
    #[expect(clippy::cast_precision_loss, reason = "a curve is drawn to a pixel")]
    let heights = |curve: &Curve| curve.installed.iter().map(|count| Some(*count as f64)).collect::<Vec<_>>();
    let (rates, rates_before) = (new.errors_of_a_thousand(), old.as_ref().map(Curve::errors_of_a_thousand));
    let installed: Vec<_> = [Some(&new), old.as_ref()].into_iter().flatten().map(heights).collect();
    let errors: Vec<_> = [Some(rates.clone()), rates_before.clone()].into_iter().flatten().collect();
    let (last, rate) = (new.installed.last().copied().unwrap_or(0), rates.last().copied().flatten());
    let (launches, wrong): (u64, u64) = (new.launched.iter().sum(), new.errors.iter().sum());
    let row = |at: usize| Bucket {
        until: ends.get(at).cloned().unwrap_or_default(),
        installed: new.installed.get(at).copied().unwrap_or(0),
        before: old.as_ref().and_then(|old| old.installed.get(at).copied()),
        errors: thousandth(rates.get(at).copied().flatten()),
        errors_before: rates_before.as_ref().map(|rates| thousandth(rates.get(at).copied().flatten())),
    };
    Ok(Told {
        adoption: Chart::of(&installed, &ends, |value| format!("{value:.0}")),
        adoption_text: language.adoption_in_words(&record.version.name, last),
        errors: Chart::of(&errors, &ends, |value| thousandth(Some(value))),
        errors_text: language.errors_in_words(&record.version.name, &thousandth(rate)),
        buckets: (0..buckets.count).rev().map(row).collect(),
        before: before.map(|before| before.version.name.clone()),
        installed: last,
        launches,
        error_free: error_free(launches, wrong),
        reverted: new.reverted,
        is_empty: last == 0 && launches == 0,
    })
}

/// The share of launches without an error.
fn error_free(launches: u64, errors: u64) -> String {
    if launches == 0 {
        return "–".to_owned();
    }
    let hundredths = 10_000_u64.saturating_sub(errors.saturating_mul(10_000) / launches);
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}

fn thousandth(rate: Option<f64>) -> String {
    rate.map_or_else(|| "–".to_owned(), |rate| format!("{rate:.2}‰"))
}

/// The end of a bucket: its day, and its hour where buckets are hours.
fn moment(at_ms: u64, each_ms: u64) -> String {
    let form = if each_ms < 12 * HOUR_MS { "%m-%d %H:%M" } else { "%m-%d" };
    let at = i64::try_from(at_ms).ok().and_then(|at| Timestamp::from_millisecond(at).ok());
    at.map(|at| at.strftime(form).to_string()).unwrap_or_default()
}

#[derive(Deserialize)]
pub(super) struct Why {
    #[serde(default)]
    reason: String,
    #[serde(default)]
    percent: String,
    to: Option<u64>,
}

/// One of the acts, by whoever is signed in; back to the page of these releases, or to what waits for signatures now.
async fn act<F>(store: &Store, headers: &HeaderMap, app: &str, channel: &str, act: F) -> Response
where
    F: AsyncFnOnce(&Session, &AppId, &Channel) -> Result<Option<String>, NotDone>,
{
    sent(store, headers, async |session, _| {
        let (app_id, channel) = line(app, channel)?;
        match act(&session, &app_id, &channel).await? {
            Some(submission) => back_to(&format!("/submissions/{submission}")),
            None => back_to(&format!("/releases/{app_id}/{channel}")),
        }
    })
    .await
}

pub(super) async fn let_out(
    State(store): State<Arc<Store>>,
    Path((app, channel)): Path<(String, String)>,
    headers: HeaderMap,
    Form(form): Form<Why>,
) -> Response {
    act(&store, &headers, &app, &channel, async |session, app_id, channel| {
        let ceiling = points(&form.percent).ok_or_else(|| people_problems::not_the_form("percent"))?;
        rollout::let_out(&store, &session.person, app_id, channel, ceiling, &form.reason).await?;
        Ok(None)
    })
    .await
}

pub(super) async fn halt(
    State(store): State<Arc<Store>>,
    Path((app, channel)): Path<(String, String)>,
    headers: HeaderMap,
    Form(form): Form<Why>,
) -> Response {
    act(&store, &headers, &app, &channel, async |session, app_id, channel| {
        rollout::halt(&store, &session.person, app_id, channel, &form.reason).await?;
        Ok(None)
    })
    .await
}

pub(super) async fn resume(
    State(store): State<Arc<Store>>,
    Path((app, channel)): Path<(String, String)>,
    headers: HeaderMap,
    Form(form): Form<Why>,
) -> Response {
    act(&store, &headers, &app, &channel, async |session, app_id, channel| {
        rollout::resume(&store, &session.person, app_id, channel, Some(&form.reason)).await?;
        Ok(None)
    })
    .await
}

pub(super) async fn revert(
    State(store): State<Arc<Store>>,
    Path((app, channel)): Path<(String, String)>,
    headers: HeaderMap,
    Form(form): Form<Why>,
) -> Response {
    act(&store, &headers, &app, &channel, async |session, app_id, channel| {
        rollout::may_stop(&store, &session.person, app_id, channel).await?;
        let to = form.to.ok_or_else(|| people_problems::not_the_form("version"))?;
        let proposed = reissue::revert(&store, &session.person, app_id, channel, to, &form.reason).await?;
        Ok(Some(proposed.id))
    })
    .await
}

pub(super) async fn recall(
    State(store): State<Arc<Store>>,
    Path((app, channel)): Path<(String, String)>,
    headers: HeaderMap,
    Form(form): Form<Why>,
) -> Response {
    act(&store, &headers, &app, &channel, async |session, app_id, channel| {
        rollout::may_stop(&store, &session.person, app_id, channel).await?;
        let proposed = reissue::recall(&store, &session.person, app_id, channel, &form.reason).await?;
        Ok(Some(proposed.id))
    })
    .await
}

#[derive(Deserialize)]
pub(super) struct BeginForm {
    #[serde(default)]
    percent: String,
    #[serde(default)]
    not_before: String,
    #[serde(default)]
    groups: String,
}

/// How a submission's release is to begin.
pub(super) async fn begin(
    State(store): State<Arc<Store>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(form): Form<BeginForm>,
) -> Response {
    sent(&store, &headers, async |session, _| {
        let ceiling = match form.percent.trim() {
            "" => None,
            text => Some(points(text).ok_or_else(|| people_problems::not_the_form("percent"))?),
        };
        let not_before_ms = match form.not_before.trim() {
            "" => None,
            text => Some(time_of(text).ok_or_else(|| people_problems::not_the_form("time"))?),
        };
        let plan = guichet_api::Beginning { ceiling, not_before_ms, groups: rollout::groups(&form.groups) };
        rollout::begin(&store, &session.person, &id, &plan).await?;
        back_to(&format!("/submissions/{id}"))
    })
    .await
}

/// A time as a form sends it, `2026-11-28T09:30`, in UTC.
fn time_of(text: &str) -> Option<u64> {
    let full = if text.matches(':').count() == 1 { format!("{text}:00Z") } else { format!("{text}Z") };
    let at: Timestamp = full.parse().ok()?;
    u64::try_from(at.as_millisecond()).ok()
}

/// The same back, as a field holds it.
pub(super) fn in_time_field(at_ms: u64) -> String {
    let at = i64::try_from(at_ms).ok().and_then(|at| Timestamp::from_millisecond(at).ok());
    at.map(|at| at.strftime("%Y-%m-%dT%H:%M").to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_in_a_form_is_utc_and_comes_back() {
        let at = time_of("2026-11-28T09:30").unwrap();
        assert_eq!((at, in_time_field(at).as_str()), (1_795_858_200_000, "2026-11-28T09:30"));
        assert_eq!(time_of("2026-11-28T09:30:00"), Some(at));
        assert_eq!(time_of("tomorrow"), None);
    }

    #[test]
    fn a_stage_that_nobody_offers_stands_among_the_others() {
        let labels = |reached: u16| -> Vec<String> {
            let sign = |stage: &Stage| {
                if stage.is_now {
                    "*"
                } else if stage.is_past {
                    "-"
                } else {
                    ""
                }
            };
            let words = Language::English.rollout_words();
            stages(reached, words).iter().map(|stage| format!("{}{}", sign(stage), stage.label)).collect()
        };
        assert_eq!(labels(500), ["-1%", "*5%", "25%", "50%", "Everyone"]);
        assert_eq!(labels(1250), ["-1%", "-5%", "*12.5%", "25%", "50%", "Everyone"]);
        assert_eq!(labels(EVERYONE), ["-1%", "-5%", "-25%", "-50%", "*Everyone"]);
    }

    #[test]
    fn shares_are_rounded_down_and_nothing_is_no_share() {
        assert_eq!(error_free(0, 0), "–");
        assert_eq!(error_free(10_000, 3), "99.97%");
        assert_eq!(error_free(3, 9), "0.00%");
    }
}
