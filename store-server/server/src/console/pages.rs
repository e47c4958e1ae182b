//! The queue and the submission.

use std::sync::Arc;

use askama::Template;
use axum::{
    Form,
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use guichet_api::{LogicKind, PermissionAsk, PersonRole, Problem, Submission, SubmissionDetail, SubmissionState};
use serde::Deserialize;

use super::{
    assets, look,
    words::{self, Language, Words},
};
use crate::{
    access::{self, Action},
    database::{departments, people::Person},
    error::{NotDone, StoreError},
    http::{Session, same_site, told},
    review,
    store::Store,
    submissions,
};

/// What the address may say about how to show things.
#[derive(Deserialize)]
pub(super) struct Choice {
    lang: Option<String>,
    show: Option<String>,
}

impl Choice {
    pub(super) fn language(&self, headers: &HeaderMap) -> Language {
        Language::of(self.lang.as_deref(), headers)
    }
}

/// Keeps the language that the address asked for.
pub(super) fn remember(choice: &Choice, mut response: Response) -> Response {
    let language = match choice.lang.as_deref() {
        Some("zh") => "zh",
        Some("en") => "en",
        _ => return response,
    };
    let cookie = format!("{}={language}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict", words::COOKIE);
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// What every page's frame shows.
struct Frame {
    words: &'static Words,
    language: Language,
    sheets: [String; 2],
    person: Person,
    role: &'static str,
    open: usize,
}

impl Frame {
    fn new(person: Person, language: Language, open: usize) -> Self {
        let role = language.role(person.role);
        Self { words: language.words(), language, sheets: assets::sheets(), person, role, open }
    }
}

/// A filter of the queue.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tab {
    Open,
    Released,
    Closed,
    All,
}

impl Tab {
    const EACH: [Self; 4] = [Self::Open, Self::Released, Self::Closed, Self::All];

    fn key(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Released => "released",
            Self::Closed => "closed",
            Self::All => "all",
        }
    }

    fn label(self, words: &'static Words) -> &'static str {
        match self {
            Self::Open => words.open,
            Self::Released => words.released,
            Self::Closed => words.closed,
            Self::All => words.all,
        }
    }

    fn holds(self, state: SubmissionState) -> bool {
        let open = matches!(state, SubmissionState::Submitted | SubmissionState::InReview | SubmissionState::Approved);
        match self {
            Self::Open => open,
            Self::Released => state == SubmissionState::Released,
            Self::Closed => !open && state != SubmissionState::Released,
            Self::All => true,
        }
    }
}

struct TabView {
    key: &'static str,
    label: &'static str,
    count: usize,
    chosen: bool,
}

struct Row {
    submission: Submission,
    name: String,
    department: String,
    age: String,
    state: &'static str,
    tint: &'static str,
    icon: &'static str,
}

#[derive(Template)]
#[template(path = "queue.html")]
struct Queue {
    frame: Frame,
    summary: String,
    tabs: Vec<TabView>,
    rows: Vec<Row>,
}

struct PermissionRow {
    ask: PermissionAsk,
    before: Option<String>,
    now: String,
}

struct FileRow {
    path: String,
    size: String,
}

struct Step {
    state: &'static str,
    tint: &'static str,
    icon: &'static str,
    by: String,
    at: String,
    note: Option<String>,
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
    package_size: String,
    logic: &'static str,
    files: Vec<FileRow>,
    steps: Vec<Step>,
    can_review: bool,
    own: bool,
    signed: bool,
    command: String,
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage {
    words: &'static Words,
    language: Language,
    sheets: [String; 2],
    problem: Problem,
}

/// A page could not be drawn: a fault of the store's own.
pub(super) fn internal(error: &askama::Error) -> NotDone {
    StoreError::Document { operation: "draw a page", reason: error.to_string() }.into()
}

fn shown(page: &impl Template) -> Result<Response, NotDone> {
    page.render().map(|html| Html(html).into_response()).map_err(|error| internal(&error))
}

fn problem_page(not_done: NotDone, language: Language) -> Response {
    let problem = told(not_done);
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let page = ProblemPage { words: language.words(), language, sheets: assets::sheets(), problem };
    match shown(&page) {
        Ok(page) => (status, page).into_response(),
        Err(not_done) => not_done.into_response(),
    }
}

/// The page for whoever is signed in; everybody else is sent to sign in.
async fn signed_in<F>(store: &Store, headers: &HeaderMap, language: Language, draw: F) -> Response
where
    F: AsyncFnOnce(Person) -> Result<Response, NotDone>,
{
    let drawn = match Session::of(headers, store).await {
        Ok(Some(session)) => draw(session.person).await,
        Ok(None) => Ok(Redirect::to("/sign-in").into_response()),
        Err(not_done) => Err(not_done),
    };
    drawn.unwrap_or_else(|not_done| problem_page(not_done, language))
}

pub(super) async fn queue(
    State(store): State<Arc<Store>>,
    Query(choice): Query<Choice>,
    headers: HeaderMap,
) -> Response {
    let language = choice.language(&headers);
    let response = signed_in(&store, &headers, language, async |person| {
        draw_queue(&store, person, language, choice.show.as_deref()).await
    });
    remember(&choice, response.await)
}

async fn draw_queue(
    store: &Store,
    person: Person,
    language: Language,
    show: Option<&str>,
) -> Result<Response, NotDone> {
    let words = language.words();
    let mut items = submissions::list(store, &person, None).await?;
    let now = store.clock.now_ms();
    let chosen = Tab::EACH.into_iter().find(|tab| Some(tab.key()) == show).unwrap_or(Tab::Open);
    let waiting = items.iter().filter(|item| Tab::Open.holds(item.state));
    let oldest = waiting.clone().map(|item| now.saturating_sub(item.submitted_at_ms)).max();
    let frame = Frame::new(person, language, waiting.count());
    let summary = language.waiting(frame.open, oldest);
    let count = |tab: Tab| items.iter().filter(|item| tab.holds(item.state)).count();
    let tab = |tab: Tab| TabView { key: tab.key(), label: tab.label(words), count: count(tab), chosen: tab == chosen };
    let tabs = Tab::EACH.into_iter().map(tab).collect();
    items.retain(|item| chosen.holds(item.state));
    if chosen == Tab::Open {
        items.reverse();
    }
    let mut rows = Vec::new();
    for item in items {
        rows.push(row(store, item, language).await?);
    }
    shown(&Queue { frame, summary, tabs, rows })
}

async fn row(store: &Store, submission: Submission, language: Language) -> Result<Row, NotDone> {
    let department = departments::get(&mut *store.database.read().await?, &submission.department).await?;
    Ok(Row {
        name: look::localized(&submission.names, language).to_owned(),
        department: department.map_or_else(
            || submission.department.to_string(),
            |department| department.name(language == Language::Chinese).to_owned(),
        ),
        age: language.age(store.clock.now_ms().saturating_sub(submission.submitted_at_ms)),
        state: language.state(submission.state),
        tint: look::tint(submission.state),
        icon: look::icon(submission.state),
        submission,
    })
}

pub(super) async fn submission(
    State(store): State<Arc<Store>>,
    Path(id): Path<String>,
    Query(choice): Query<Choice>,
    headers: HeaderMap,
) -> Response {
    let language = choice.language(&headers);
    let response =
        signed_in(&store, &headers, language, async |person| draw_submission(&store, person, language, &id).await);
    remember(&choice, response.await)
}

async fn draw_submission(store: &Store, person: Person, language: Language, id: &str) -> Result<Response, NotDone> {
    let words = language.words();
    let record = submissions::readable(store, &person, id).await?;
    let detail = submissions::detail(store, &person, id).await?;
    let open = submissions::list(store, &person, None).await?.iter().filter(|item| Tab::Open.holds(item.state)).count();
    let row = row(store, detail.submission.clone(), language).await?;
    let permission = |ask: &PermissionAsk| PermissionRow {
        before: ask.before.as_ref().map(|scope| look::scope(scope, words.unlimited)),
        now: look::scope(&ask.scope, words.unlimited),
        ask: ask.clone(),
    };
    let mut permissions: Vec<PermissionRow> = detail.permissions.iter().map(permission).collect();
    permissions.sort_by_key(|row| !row.ask.widens);
    let still_open = Tab::Open.holds(detail.submission.state);
    let step = |entry: &guichet_api::HistoryEntry| Step {
        state: language.state(entry.state),
        tint: look::tint(entry.state),
        icon: look::icon(entry.state),
        by: entry.by.clone(),
        at: look::time(entry.at_ms),
        note: entry.note.clone(),
    };
    shown(&Page {
        own: record.submitted_by == person.id,
        signed: detail.submission.approvals.iter().any(|mark| mark.reviewer == person.name),
        can_review: still_open
            && person.role == PersonRole::Reviewer
            && access::allows(&person, Action::Review, &record.department).is_ok(),
        command: format!(
            "GUICHET_STORE_URL={} guichet review approve {id} --key reviewer.key --trust guichet.trust.json",
            store.settings.base_url()
        ),
        description: look::localized(&detail.manifest.descriptions, language).to_owned(),
        replaces: detail.replaces.as_ref().map(|version| language.replaces(&version.name)),
        reviewers: language.reviewers(detail.submission.approvals.len(), detail.submission.approvals_needed),
        submitted_at: look::time(detail.submission.submitted_at_ms),
        package_size: look::size(detail.submission.package.length),
        logic: match detail.manifest.logic {
            LogicKind::Script => words.logic_script,
            LogicKind::Component => words.logic_component,
        },
        files: detail
            .files
            .iter()
            .map(|file| FileRow { path: file.path.clone(), size: look::size(file.size) })
            .collect(),
        steps: detail.history.iter().map(step).collect(),
        frame: Frame::new(person, language, open),
        row,
        permissions,
        detail,
    })
}

#[derive(Deserialize)]
pub(super) struct Reason {
    reason: String,
}

pub(super) async fn refuse(
    State(store): State<Arc<Store>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(form): Form<Reason>,
) -> Response {
    let language = Language::of(None, &headers);
    signed_in(&store, &headers, language, async |person| {
        same_site(&headers)?;
        review::refuse(&store, &person, &id, &form.reason).await?;
        Ok(Redirect::to(&format!("/submissions/{id}")).into_response())
    })
    .await
}
