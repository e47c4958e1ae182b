//! Terminals of halls: which there are, how they are, and what can be done about one.

use std::sync::Arc;

use askama::Template;
use axum::{
    Form,
    extract::{Path, Query, State},
    http::{HeaderMap, header},
    response::{IntoResponse as _, Response},
};
use guichet_api::{PartHealth, TerminalReport};
use guichet_package::policy::SignedPolicy;
use serde::Deserialize;

use super::{
    fleet_words::FleetWords,
    frame::{Choice, Frame, Place, back_to, sent, shown, signed_in},
    look,
    members::SecretPage,
    words::Language,
};
use crate::{
    database::terminals::{CodeRecord, TerminalRecord},
    error::NotDone,
    fleet::{self, EVERY_SECONDS, LATE_AFTER, NewCode},
    http::Session,
    people::Actor,
    store::Store,
};

/// How many reports the page of one terminal shows.
const SHOWN: u32 = 48;

/// A terminal in the words of one language.
struct Row {
    id: String,
    hall: String,
    name: String,
    state: &'static str,
    tint: &'static str,
    icon: &'static str,
    version: String,
    seen: String,
    parts: String,
    policy: String,
    is_late: bool,
}

struct CodeRow {
    id: String,
    place: String,
    until: String,
}

#[derive(Template)]
#[template(path = "fleet.html")]
struct Page {
    frame: Frame,
    words: &'static FleetWords,
    summary: String,
    rows: Vec<Row>,
    codes: Vec<CodeRow>,
    has_operator: bool,
}

fn told(report: &str) -> Option<TerminalReport> {
    serde_json::from_str(report).ok()
}

fn row(terminal: &TerminalRecord, now_ms: u64, language: Language) -> Row {
    let words = language.fleet_words();
    let report = told(&terminal.report);
    let silent_ms = now_ms.saturating_sub(terminal.seen_at_ms);
    let is_late = terminal.revoked.is_none() && silent_ms > EVERY_SECONDS * LATE_AFTER * 1000;
    let (state, tint, icon) = match (&terminal.revoked, is_late) {
        (Some(_), _) => (words.revoked, "bad", "stop"),
        (None, true) => (words.late, "warn", "clock"),
        (None, false) => (words.heard, "ok", "check"),
    };
    let bad = |report: &TerminalReport| report.parts.iter().filter(|part| part.health != PartHealth::Ready).count();
    let obeys = report.as_ref().map_or(0, |report| report.policy_sequence);
    Row {
        id: terminal.id.clone(),
        hall: terminal.hall.clone(),
        name: terminal.name.clone(),
        state,
        tint,
        icon,
        version: report.as_ref().map_or_else(|| "–".to_owned(), |report| report.version.clone()),
        seen: match &report {
            Some(_) => language.ago(silent_ms),
            None => words.never.to_owned(),
        },
        parts: report.as_ref().map_or_else(|| "–".to_owned(), |it| language.part_count(bad(it), it.parts.len())),
        policy: match obeys == terminal.policy_sequence {
            true => obeys.to_string(),
            false => format!("{obeys} → {}", terminal.policy_sequence),
        },
        is_late,
    }
}

pub(super) async fn show(
    State(store): State<Arc<Store>>,
    Query(choice): Query<Choice>,
    headers: HeaderMap,
) -> Response {
    let language = choice.language(&headers);
    choice.remember(signed_in(&store, &headers, language, async |session| draw(&store, session, language).await).await)
}

async fn draw(store: &Store, session: Session, language: Language) -> Result<Response, NotDone> {
    let fleet = fleet::fleet(store, Actor::Person(&session.person)).await?;
    let now_ms = store.clock.now_ms();
    let mut rows: Vec<Row> = fleet.terminals.iter().map(|terminal| row(terminal, now_ms, language)).collect();
    let here = fleet.terminals.iter().filter(|terminal| terminal.revoked.is_none()).count();
    let late = rows.iter().filter(|row| row.is_late).count();
    // What needs somebody comes first, what is over last.
    rows.sort_by_key(|row| (row.tint == "bad", !row.is_late));
    let code = |code: &CodeRecord| CodeRow {
        id: code.id.clone(),
        place: format!("{} / {}", code.hall, code.name),
        until: look::time(code.expires_at_ms),
    };
    shown(&Page {
        words: language.fleet_words(),
        summary: language.terminal_count(here, late),
        rows,
        codes: fleet.codes.iter().map(code).collect(),
        has_operator: fleet::operator(store)?.is_some(),
        frame: Frame::of(store, session.person, language, Place::Fleet).await?,
    })
}

struct PartRow {
    name: String,
    health: &'static str,
    tint: &'static str,
    icon: &'static str,
    needs: String,
}

struct HistoryRow {
    at: String,
    version: String,
    policy: u64,
    parts: String,
    errors: u32,
    clock: String,
}

#[derive(Template)]
#[template(path = "terminal.html")]
struct TerminalPage {
    frame: Frame,
    words: &'static FleetWords,
    row: Row,
    key: String,
    enrolled: String,
    revoked: Option<(String, String)>,
    clock: String,
    uptime: String,
    policy_has: u64,
    policy_given: u64,
    policy_until: String,
    parts: Vec<PartRow>,
    apps: Vec<(String, u64)>,
    errors: Vec<(String, u32)>,
    history: Vec<HistoryRow>,
    picture: Option<String>,
    picture_waits: bool,
}

pub(super) async fn terminal(
    State(store): State<Arc<Store>>,
    Path(id): Path<String>,
    Query(choice): Query<Choice>,
    headers: HeaderMap,
) -> Response {
    let language = choice.language(&headers);
    let drawn = signed_in(&store, &headers, language, async |session| one(&store, session, &id, language).await);
    choice.remember(drawn.await)
}

async fn one(store: &Store, session: Session, id: &str, language: Language) -> Result<Response, NotDone> {
    let by = Actor::Person(&session.person);
    let terminal = fleet::terminal(store, by, id).await?;
    let history = fleet::history(store, by, id, SHOWN).await?;
    let (words, report) = (language.fleet_words(), told(&terminal.report));
    let clock = |report: &TerminalReport, at_ms: u64| {
        let offset = i64::try_from(report.at_ms).unwrap_or(i64::MAX).saturating_sub_unsigned(at_ms);
        language.clock_off(offset).unwrap_or_else(|| words.clock_right.to_owned())
    };
    let until = SignedPolicy::unverified(terminal.policy.as_bytes()).map(|(policy, _)| policy.expires.to_string());
    let told_then = history.iter().filter_map(|(at_ms, report)| {
        let report = told(report)?;
        let bad = report.parts.iter().filter(|part| part.health != PartHealth::Ready).count();
        Some(HistoryRow {
            at: look::time(*at_ms),
            parts: language.part_count(bad, report.parts.len()),
            errors: report.errors.values().fold(0, |sum, count| sum.saturating_add(*count)),
            clock: clock(&report, *at_ms),
            policy: report.policy_sequence,
            version: report.version,
        })
    });
    shown(&TerminalPage {
        words,
        row: row(&terminal, store.clock.now_ms(), language),
        enrolled: look::time(terminal.enrolled_at_ms),
        revoked: terminal.revoked.clone().map(|(at_ms, why)| (look::time(at_ms), why)),
        clock: report.as_ref().map_or_else(|| "–".to_owned(), |report| clock(report, terminal.seen_at_ms)),
        uptime: report.as_ref().map_or_else(|| "–".to_owned(), |it| language.age(it.uptime_seconds * 1000)),
        policy_has: report.as_ref().map_or(0, |report| report.policy_sequence),
        policy_given: terminal.policy_sequence,
        policy_until: until.unwrap_or_default(),
        parts: report.iter().flat_map(|report| &report.parts).map(|part| part_row(part, language)).collect(),
        apps: report.iter().flat_map(|report| &report.apps).map(|(app, it)| (app.to_string(), *it)).collect(),
        errors: report.iter().flat_map(|report| &report.errors).map(|(class, it)| (class.clone(), *it)).collect(),
        history: told_then.collect(),
        picture: terminal.picture_at_ms.map(look::time),
        picture_waits: terminal.picture_asked_at_ms.is_some(),
        key: terminal.public_key,
        frame: Frame::of(store, session.person, language, Place::Fleet).await?,
    })
}

fn part_row(part: &guichet_api::PartReport, language: Language) -> PartRow {
    let (tint, icon) = match part.health {
        PartHealth::Ready => ("ok", "check"),
        PartHealth::Attention => ("warn", "alert"),
        PartHealth::Down => ("bad", "stop"),
    };
    let name = if part.name.is_empty() { part.part.clone() } else { format!("{} ({})", part.name, part.part) };
    PartRow { name, health: language.part_health(part.health), tint, icon, needs: part.needs.clone() }
}

#[derive(Deserialize)]
pub(super) struct PolicyForm {
    policy: String,
}

pub(super) async fn make_code(
    State(store): State<Arc<Store>>,
    headers: HeaderMap,
    Form(form): Form<PolicyForm>,
) -> Response {
    sent(&store, &headers, async |session, language| {
        let new = NewCode { policy: form.policy };
        let (record, code) = fleet::make_code(&store, Actor::Person(&session.person), new).await?;
        let frame = Frame::of(&store, session.person, language, Place::Fleet).await?;
        let words = language.fleet_words();
        let until = look::time(record.expires_at_ms);
        shown(&SecretPage {
            title: words.code_made,
            about: format!("{} / {} · {} {until}", record.hall, record.name, words.valid_until),
            label: words.code,
            secret: code.reveal(),
            next: "/terminals".to_owned(),
            frame,
        })
    })
    .await
}

pub(super) async fn withdraw_code(
    State(store): State<Arc<Store>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    sent(&store, &headers, async |session, _| {
        fleet::withdraw_code(&store, Actor::Person(&session.person), &id).await?;
        back_to("/terminals")
    })
    .await
}

pub(super) async fn assign(
    State(store): State<Arc<Store>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(form): Form<PolicyForm>,
) -> Response {
    sent(&store, &headers, async |session, _| {
        fleet::assign(&store, Actor::Person(&session.person), &id, &form.policy).await?;
        back_to(&format!("/terminals/{id}"))
    })
    .await
}

pub(super) async fn ask_for_picture(
    State(store): State<Arc<Store>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    sent(&store, &headers, async |session, _| {
        fleet::ask_for_picture(&store, Actor::Person(&session.person), &id).await?;
        back_to(&format!("/terminals/{id}"))
    })
    .await
}

/// The picture itself: what a terminal sent, never read as anything but a picture.
pub(super) async fn picture(State(store): State<Arc<Store>>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    signed_in(&store, &headers, Language::of(None, &headers), async |session| {
        let png = fleet::picture(&store, Actor::Person(&session.person), &id).await?;
        Ok(([(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, "no-store")], png).into_response())
    })
    .await
}

#[derive(Deserialize)]
pub(super) struct RevocationForm {
    reason: String,
}

pub(super) async fn revoke(
    State(store): State<Arc<Store>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(form): Form<RevocationForm>,
) -> Response {
    sent(&store, &headers, async |session, _| {
        fleet::revoke(&store, Actor::Person(&session.person), &id, &form.reason).await?;
        back_to(&format!("/terminals/{id}"))
    })
    .await
}
