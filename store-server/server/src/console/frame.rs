//! What every page has around it: the language, who is signed in, and the page for what went wrong.

use askama::Template;
use axum::{
    Extension,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use guichet_api::{Problem, Submission};
use serde::Deserialize;

use super::{
    assets, look,
    people_words::PeopleWords,
    problem_words,
    review_words::ReviewWords,
    words::{self, Language, Words},
};
use crate::{
    access::{self, Action},
    audit::{AskedBy, RefusedFor},
    database::{departments::DepartmentRecord, people::Person},
    error::{NotDone, StoreError},
    http::{Session, answered, same_site, told},
    store::Store,
    submissions,
};

/// What the address may say about how to show things.
#[derive(Deserialize)]
pub(super) struct Choice {
    lang: Option<String>,
    pub(super) show: Option<String>,
}

impl Choice {
    pub(super) fn language(&self, headers: &HeaderMap) -> Language {
        Language::of(self.lang.as_deref(), headers)
    }

    /// Keeps the language that the address asked for.
    pub(super) fn remember(&self, mut response: Response) -> Response {
        let language = match self.lang.as_deref() {
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
}

/// Which part of the console a page belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Queue,
    Trial,
    Releases,
    Members,
    Fleet,
    Audit,
    Account,
}

/// What every page's frame shows.
pub(super) struct Frame {
    pub(super) words: &'static Words,
    pub(super) people: &'static PeopleWords,
    pub(super) review: &'static ReviewWords,
    pub(super) language: Language,
    pub(super) sheets: [String; 2],
    pub(super) person: Person,
    pub(super) role: &'static str,
    pub(super) open: usize,
    pub(super) place: Place,
}

impl Frame {
    pub(super) fn new(person: Person, language: Language, open: usize) -> Self {
        let role = language.role(person.role);
        Self {
            words: language.words(),
            people: language.people_words(),
            review: language.review_words(),
            language,
            sheets: assets::sheets(),
            person,
            role,
            open,
            place: Place::Queue,
        }
    }

    /// The frame of a page that shows no submissions.
    pub(super) async fn of(store: &Store, person: Person, language: Language, place: Place) -> Result<Self, NotDone> {
        let open = submissions::list(store, &person, None).await?.iter().filter(|item| item.state.is_open()).count();
        Ok(Self { place, ..Self::new(person, language, open) })
    }

    pub(super) fn is(&self, place: Place) -> bool {
        self.place == place
    }

    pub(super) fn may(&self, action: Action) -> bool {
        access::reach(&self.person, action).is_ok()
    }
}

/// A submission in the words of one language.
pub(super) struct Row {
    pub(super) submission: Submission,
    pub(super) name: String,
    pub(super) department: String,
    pub(super) age: String,
    pub(super) state: String,
    pub(super) kind: Option<String>,
    pub(super) tint: &'static str,
    pub(super) icon: &'static str,
}

impl Row {
    pub(super) fn new(
        submission: Submission,
        departments: &[DepartmentRecord],
        language: Language,
        now_ms: u64,
    ) -> Self {
        let department = departments.iter().find(|department| department.id == submission.department);
        let department = department.map(|department| department.name(language == Language::Chinese).to_owned());
        Self {
            name: look::localized(&submission.names, language).to_owned(),
            department: department.unwrap_or_else(|| submission.department.to_string()),
            age: language.age(now_ms.saturating_sub(submission.submitted_at_ms)),
            state: language.state(submission.state),
            kind: language.kind(submission.kind),
            tint: look::tint(submission.state),
            icon: look::icon(submission.state),
            submission,
        }
    }
}

impl Row {
    /// Whether this text stands in something that people look for: name, app, department, digest, version.
    pub(super) fn mentions(&self, wanted: &str) -> bool {
        let it = &self.submission;
        let all = [it.app_id.as_str(), &it.package.sha256, it.department.as_str(), &self.department, &it.version.name];
        let names = it.names.values().map(String::as_str);
        all.into_iter().chain(names).chain([it.id.as_str()]).any(|text| text.to_lowercase().contains(wanted))
    }
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage {
    words: &'static Words,
    language: Language,
    sheets: [String; 2],
    what: String,
    hint: String,
    /// The language of both.
    in_language: &'static str,
    /// What it is in English, where the page is in another language.
    detail: Option<String>,
    class: String,
    begins_again: bool,
}

impl ProblemPage {
    fn new(problem: Problem, language: Language) -> Self {
        let words = problem_words::of(&problem.class).filter(|_| language == Language::Chinese);
        let is_said = words.is_some();
        let spoken = if is_said { language } else { Language::English };
        let [what, hint] = words.map_or([problem.what.clone(), problem.hint], |words| words.map(str::to_owned));
        Self {
            words: language.words(),
            language,
            sheets: assets::sheets(),
            what,
            hint,
            in_language: spoken.tag(),
            detail: is_said.then_some(problem.what),
            begins_again: problem_words::begins_again(&problem.class),
            class: problem.class,
        }
    }
}

/// The page as an answer.
pub(super) fn shown(page: &impl Template) -> Result<Response, NotDone> {
    let drawn = page.render().map(|html| Html(html).into_response());
    drawn.map_err(|error| StoreError::Document { operation: "draw a page", reason: error.to_string() }.into())
}

pub(super) fn problem_page(not_done: NotDone, language: Language) -> Response {
    let problem = told(not_done);
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let class = RefusedFor(problem.class.clone());
    match shown(&ProblemPage::new(problem, language)) {
        Ok(page) => (status, Extension(class), page).into_response(),
        Err(not_done) => not_done.into_response(),
    }
}

/// What our script shows beside its form, in the language of the page.
pub(super) fn problem_for_script(not_done: NotDone, headers: &HeaderMap) -> Response {
    let problem = told(not_done);
    let words = problem_words::of(&problem.class).filter(|_| Language::of(None, headers) == Language::Chinese);
    answered(match words.map(|words| words.map(str::to_owned)) {
        Some([what, hint]) => Problem { title: what.clone(), what, hint, ..problem },
        None => problem,
    })
}

/// The page for whoever is signed in; everybody else is sent to sign in.
pub(super) async fn signed_in<F>(store: &Store, headers: &HeaderMap, language: Language, draw: F) -> Response
where
    F: AsyncFnOnce(Session) -> Result<Response, NotDone>,
{
    let session = match Session::of(headers, store).await {
        Ok(Some(session)) => session,
        Ok(None) => return Redirect::to("/sign-in").into_response(),
        Err(not_done) => return problem_page(not_done, language),
    };
    let person = session.person.clone();
    draw(session).await.unwrap_or_else(|not_done| {
        let mut response = problem_page(not_done, language);
        response.extensions_mut().insert(AskedBy(person));
        response
    })
}

/// What a form of ours asks for, by whoever is signed in.
pub(super) async fn sent<F>(store: &Store, headers: &HeaderMap, act: F) -> Response
where
    F: AsyncFnOnce(Session, Language) -> Result<Response, NotDone>,
{
    let language = Language::of(None, headers);
    signed_in(store, headers, language, async |session| {
        same_site(headers)?;
        act(session, language).await
    })
    .await
}

/// Back to a page, which shows what has changed.
pub(super) fn back_to(path: &str) -> Result<Response, NotDone> {
    Ok(Redirect::to(path).into_response())
}
