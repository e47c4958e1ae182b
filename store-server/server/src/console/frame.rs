//! What every page has around it: the language, who is signed in, and the page for what went wrong.

use askama::Template;
use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use guichet_api::{Problem, Submission, SubmissionState};
use serde::Deserialize;

use super::{
    assets, look,
    words::{self, Language, Words},
};
use crate::{
    database::{departments::DepartmentRecord, people::Person},
    error::{NotDone, StoreError},
    http::{Session, told},
    store::Store,
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

/// What every page's frame shows.
pub(super) struct Frame {
    pub(super) words: &'static Words,
    pub(super) language: Language,
    pub(super) sheets: [String; 2],
    pub(super) person: Person,
    pub(super) role: &'static str,
    pub(super) open: usize,
}

impl Frame {
    pub(super) fn new(person: Person, language: Language, open: usize) -> Self {
        let role = language.role(person.role);
        Self { words: language.words(), language, sheets: assets::sheets(), person, role, open }
    }
}

/// A submission in the words of one language.
pub(super) struct Row {
    pub(super) submission: Submission,
    pub(super) name: String,
    pub(super) department: String,
    pub(super) age: String,
    pub(super) state: &'static str,
    pub(super) kind: Option<&'static str>,
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

/// Whether something is still to be decided.
pub(super) fn is_open(state: SubmissionState) -> bool {
    matches!(state, SubmissionState::Submitted | SubmissionState::InReview | SubmissionState::Approved)
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage {
    words: &'static Words,
    language: Language,
    sheets: [String; 2],
    problem: Problem,
}

/// The page as an answer.
pub(super) fn shown(page: &impl Template) -> Result<Response, NotDone> {
    let drawn = page.render().map(|html| Html(html).into_response());
    drawn.map_err(|error| StoreError::Document { operation: "draw a page", reason: error.to_string() }.into())
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
pub(super) async fn signed_in<F>(store: &Store, headers: &HeaderMap, language: Language, draw: F) -> Response
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
