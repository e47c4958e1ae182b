//! One submission: what it may do first, then what it is, then how to decide.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use guichet_api::{
    Beginning, HistoryEntry, LogicKind, PermissionAsk, PersonRole, SubmissionDetail, SubmissionKind, SubmissionState,
};
use guichet_trust::digest::Digest;

use super::{
    acts, assets,
    changes::{Changes, Member, members},
    checks::{Checks, said},
    frame::{Choice, Frame, Row, shown, signed_in},
    look,
    pictures::{self, PageRow},
    releases::percent,
    rollout::in_time_field,
    rollout_words::RolloutWords,
    words::Language,
};
use crate::{
    access::{self, Action},
    checks::{self, Waits},
    database::{
        departments, passkeys,
        people::Person,
        submissions::SubmissionRecord,
        talk::{self, MessageRecord},
        testers,
    },
    error::{NotDone, StoreError},
    http::WithScript,
    lifecycle::{self, Event},
    people::Actor,
    problems,
    review::compare,
    store::Store,
    submissions,
};

struct PermissionRow {
    ask: PermissionAsk,
    before: Option<String>,
    members: Vec<Member>,
    now: String,
    reason: String,
}

struct Message {
    name: String,
    role: &'static str,
    age: String,
    text: String,
}

struct Step {
    state: String,
    tint: &'static str,
    icon: &'static str,
    by: String,
    at: String,
    note: Option<String>,
}

/// What the person at the screen can do about it.
#[derive(PartialEq, Eq)]
enum Decision {
    Possible,
    Own,
    Signed,
    NeedsPasskey,
    Agree,
    Agreed,
    NotTheirs,
}

#[derive(Template)]
#[template(path = "submission.html")]
struct Page {
    frame: Frame,
    row: Row,
    detail: SubmissionDetail,
    description: String,
    replaces: Option<String>,
    permissions: Vec<PermissionRow>,
    reviewers: String,
    submitted_at: String,
    logic: &'static str,
    changes: Changes,
    checks: Checks,
    pictures: Vec<PageRow>,
    page_count: usize,
    is_scanning: bool,
    steps: Vec<Step>,
    messages: Vec<Message>,
    reasons: Vec<(&'static str, &'static str)>,
    claim: Option<String>,
    testers: Vec<String>,
    may: May,
    decision: Decision,
    has_agreed: bool,
    script: String,
    console_script: String,
    command: String,
    now: String,
    beginning: Option<BeginFields>,
    rollout: &'static RolloutWords,
}

/// How its release is to begin, as the form holds it.
struct BeginFields {
    percent: String,
    not_before: String,
    groups: String,
}

/// What else the person at the screen can do.
struct May {
    claim: bool,
    unclaim: bool,
    say: bool,
    quarantine: bool,
    free: bool,
    withdraw: bool,
    hand_in: bool,
    archive: bool,
    try_out: bool,
}

impl May {
    fn publish(&self) -> bool {
        self.withdraw || self.hand_in || self.archive
    }
}

pub(super) async fn show(
    State(store): State<Arc<Store>>,
    Path(id): Path<String>,
    Query(choice): Query<Choice>,
    headers: HeaderMap,
) -> Response {
    let language = choice.language(&headers);
    let response = signed_in(&store, &headers, language, async |session| {
        match draw(&store, session.person.clone(), language, &id).await {
            Err(NotDone::Failed(StoreError::Package { place, source })) => {
                tracing::warn!(submission = %id, %place, %source, "a package cannot be shown");
                draw_without(&store, session.person, language, &id, Waits::for_it(&source)).await
            }
            Err(NotDone::Failed(StoreError::PackageBefore { place, source })) => {
                tracing::warn!(submission = %id, %place, %source, "the package of the release before cannot be shown");
                draw_without(&store, session.person, language, &id, Waits::for_the_one_before(&source)).await
            }
            drawn => drawn,
        }
    });
    choice.remember(response.await)
}

/// A submission whose package cannot be had: why, and the checks that wait for it.
#[derive(Template)]
#[template(path = "missing.html")]
struct Missing {
    frame: Frame,
    row: Row,
    what: String,
    hint: String,
    checks: Checks,
}

async fn draw_without(
    store: &Store,
    person: Person,
    language: Language,
    id: &str,
    why: Waits,
) -> Result<Response, NotDone> {
    let all = submissions::list(store, &person, None).await?;
    let open = all.iter().filter(|item| item.state.is_open()).count();
    let submission = all.into_iter().find(|item| item.id == id).ok_or_else(|| problems::no_such_submission(id))?;
    let departments = departments::all(&mut *store.database.read().await?).await?;
    let may_again = store.checks.is_some()
        && submission.state.is_open()
        && [Action::Review, Action::Submit]
            .into_iter()
            .any(|action| access::allows(&person, action, Some(&submission.department)).is_ok());
    let mut checks = Checks::of(checks::of(store, &person, id).await?, id, may_again, language);
    let told = said(why.clone().told(), language);
    for check in &mut checks.all {
        // It is said above.
        check.why.take_if(|reason| *reason == told);
    }
    let page = Missing {
        what: language.sentence(why.what),
        hint: language.sentence(why.hint),
        checks,
        frame: Frame::new(person, language, open),
        row: Row::new(submission, &departments, language, store.clock.now_ms()),
    };
    Ok((StatusCode::SERVICE_UNAVAILABLE, shown(&page)?).into_response())
}

async fn draw(store: &Store, person: Person, language: Language, id: &str) -> Result<Response, NotDone> {
    let words = language.words();
    let record = submissions::readable(store, &person, id).await?;
    let package = submissions::open(store, &record).await?;
    let detail = submissions::known(store, record.clone(), Some(&package)).await?;
    let manifest = submissions::summary(&package);
    drop(package);
    let open = submissions::list(store, &person, None).await?.iter().filter(|item| item.state.is_open()).count();
    let departments = departments::all(&mut *store.database.read().await?).await?;
    let submission = detail.submission.clone();
    let comparison = compare::compare(store, &record).await?;
    let (claim, said, testers) = {
        let mut connection = store.database.read().await?;
        let claim = talk::claimed(&mut connection, id).await?;
        (claim, talk::said(&mut connection, id).await?, testers::names(&mut connection, id).await?)
    };
    let taken = checks::pictures::of(store, &person, id).await?;
    let looked_at = checks::of(store, &person, id).await?;
    let now_ms = store.clock.now_ms();
    let is_mine = claim.as_ref().is_some_and(|claim| claim.person == person.id);
    let may = may(&person, &record, is_mine);
    let may_begin = [Action::Submit, Action::Stop]
        .into_iter()
        .any(|action| access::allows(&person, action, Some(&record.department)).is_ok())
        && record.released_at_ms.is_none()
        && (record.state.is_open() || record.state.is_with_publisher());
    let mut permissions: Vec<PermissionRow> =
        detail.permissions.iter().map(|ask| PermissionRow::new(ask, language)).collect();
    permissions.sort_by_key(|row| !row.ask.widens);
    let agreement = agreement(store, &person, &detail, &record).await?;
    let page = Page {
        has_agreed: agreement == Decision::Agreed,
        decision: agreement,
        script: assets::script(),
        console_script: assets::console_script(),
        now: acts::mark(store, Actor::Person(&person), id).await?,
        changes: Changes::of(&comparison, id, language),
        checks: Checks::of(looked_at, id, may.say && record.state.is_open() && store.checks.is_some(), language),
        pictures: pictures::rows(taken, id, language),
        is_scanning: record.state == SubmissionState::Scanning,
        reasons: language.reasons(),
        testers,
        messages: said.into_iter().map(|it| Message::new(it, language, now_ms)).collect(),
        claim: claim.map(|claim| if is_mine { language.review_words().you.to_owned() } else { claim.name }),
        beginning: may_begin.then(|| BeginFields::of(detail.submission.beginning.clone().unwrap_or_default())),
        rollout: language.rollout_words(),
        may,
        command: format!(
            "GUICHET_STORE_URL={} guichet review approve {id} --key reviewer.key --trust guichet.trust.json{}",
            store.settings.base_url(),
            match submission.kind {
                SubmissionKind::Package | SubmissionKind::Unknown => "",
                SubmissionKind::Revert => " --revert",
                SubmissionKind::Recall => " --recall",
            }
        ),
        description: look::localized(&manifest.descriptions, language).to_owned(),
        page_count: manifest.pages.len(),
        replaces: detail.replaces.as_ref().map(|version| language.replaces(&version.name)),
        reviewers: language.reviewers(submission.approvals.len(), submission.approvals_needed),
        submitted_at: look::time(submission.submitted_at_ms),
        logic: match manifest.logic {
            LogicKind::Script => words.logic_script,
            LogicKind::Component | LogicKind::Unknown => words.logic_component,
        },
        steps: detail.history.iter().map(|entry| Step::new(entry, language)).collect(),
        frame: Frame::new(person, language, open),
        row: Row::new(submission, &departments, language, now_ms),
        permissions,
        detail,
    };
    Ok((Extension(WithScript), shown(&page)?).into_response())
}

/// What the person can do: who has passkeys, and where the store says so everybody, agrees before signing.
async fn agreement(
    store: &Store,
    person: &Person,
    detail: &SubmissionDetail,
    record: &SubmissionRecord,
) -> Result<Decision, NotDone> {
    let decision = decision(person, detail, record.is_by(person));
    if decision != Decision::Possible {
        return Ok(decision);
    }
    let mut connection = store.database.read().await?;
    if passkeys::of(&mut connection, &person.id).await?.is_empty() {
        return Ok(if store.settings.passkeys_required { Decision::NeedsPasskey } else { Decision::Possible });
    }
    let id = &detail.submission.id;
    let agreed = passkeys::decided(&mut connection, id, &person.id).await?;
    let is_this = agreed == Some(Digest::of(&record.release_document));
    Ok(if is_this { Decision::Agreed } else { Decision::Agree })
}

fn decision(person: &Person, detail: &SubmissionDetail, is_own: bool) -> Decision {
    let submission = &detail.submission;
    let may = access::allows(person, Action::Review, Some(&submission.department)).is_ok()
        && submission.state.is_reviewable();
    if !may {
        Decision::NotTheirs
    } else if is_own {
        Decision::Own
    } else if submission.approvals.iter().any(|mark| mark.reviewer == person.name) {
        Decision::Signed
    } else {
        Decision::Possible
    }
}

fn may(person: &Person, record: &SubmissionRecord, is_mine: bool) -> May {
    let is_reviewer = access::allows(person, Action::Review, Some(&record.department)).is_ok();
    let is_publisher = access::allows(person, Action::Submit, Some(&record.department)).is_ok();
    let can = |event| lifecycle::advance(record.state, event).is_ok();
    let reviews = |event| is_reviewer && !record.is_by(person) && can(event);
    May {
        claim: reviews(Event::Claim) && !is_mine,
        unclaim: is_mine && record.state.is_reviewable(),
        say: is_reviewer || is_publisher,
        quarantine: reviews(Event::Quarantine),
        free: reviews(Event::Free),
        withdraw: is_publisher && can(Event::Withdraw),
        hand_in: is_publisher && can(Event::Submit),
        archive: is_publisher && can(Event::Archive),
        try_out: is_publisher && can(Event::Try),
    }
}

impl BeginFields {
    fn of(beginning: Beginning) -> Self {
        Self {
            percent: beginning.ceiling.map(percent).unwrap_or_default().trim_end_matches('%').to_owned(),
            not_before: beginning.not_before_ms.map(in_time_field).unwrap_or_default(),
            groups: beginning.groups.into_iter().collect::<Vec<_>>().join(", "),
        }
    }
}

impl Message {
    fn new(said: MessageRecord, language: Language, now_ms: u64) -> Self {
        let role = PersonRole::ALL.into_iter().find(|role| role.as_str() == said.role);
        Self {
            role: role.map(|role| language.role(role)).unwrap_or_default(),
            age: language.age(now_ms.saturating_sub(said.at_ms)),
            name: said.name,
            text: said.text,
        }
    }
}

impl PermissionRow {
    fn new(ask: &PermissionAsk, language: Language) -> Self {
        let words = language.words();
        let reason = look::localized(&ask.reasons, language);
        Self {
            before: ask.before.as_ref().map(|scope| look::scope(scope, words.unlimited)),
            members: members(ask.before.as_ref(), &ask.scope),
            now: look::scope(&ask.scope, words.unlimited),
            reason: if reason.is_empty() { words.no_reason.to_owned() } else { reason.to_owned() },
            ask: ask.clone(),
        }
    }
}

impl Step {
    fn new(entry: &HistoryEntry, language: Language) -> Self {
        Self {
            state: language.state(entry.state),
            tint: look::tint(entry.state),
            icon: look::icon(entry.state),
            by: entry.by.clone(),
            at: look::time(entry.at_ms),
            note: entry.note.clone(),
        }
    }
}
