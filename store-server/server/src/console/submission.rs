//! One submission: what it may do first, then what it is, then how to decide.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension, Form,
    extract::{Path, Query, State},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use guichet_api::{HistoryEntry, LogicKind, PermissionAsk, SubmissionDetail, SubmissionKind};
use guichet_trust::digest::Digest;
use serde::Deserialize;

use super::{
    assets,
    frame::{Choice, Frame, Row, back_to, sent, shown, signed_in},
    look,
    words::Language,
};
use crate::{
    access::{self, Action},
    database::{departments, passkeys, people::Person, submissions as records},
    error::NotDone,
    http::WithScript,
    problems, review,
    store::Store,
    submissions,
};

struct PermissionRow {
    ask: PermissionAsk,
    before: Option<String>,
    now: String,
    reason: String,
}

struct FileRow {
    path: String,
    size: String,
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
    package_size: String,
    logic: &'static str,
    files: Vec<FileRow>,
    steps: Vec<Step>,
    decision: Decision,
    has_agreed: bool,
    script: String,
    command: String,
}

pub(super) async fn show(
    State(store): State<Arc<Store>>,
    Path(id): Path<String>,
    Query(choice): Query<Choice>,
    headers: HeaderMap,
) -> Response {
    let language = choice.language(&headers);
    let response =
        signed_in(&store, &headers, language, async |session| draw(&store, session.person, language, &id).await);
    choice.remember(response.await)
}

async fn draw(store: &Store, person: Person, language: Language, id: &str) -> Result<Response, NotDone> {
    let words = language.words();
    let detail = submissions::detail(store, &person, id).await?;
    let open = submissions::list(store, &person, None).await?.iter().filter(|item| item.state.is_open()).count();
    let departments = departments::all(&mut *store.database.read().await?).await?;
    let submission = detail.submission.clone();
    let mut permissions: Vec<PermissionRow> =
        detail.permissions.iter().map(|ask| PermissionRow::new(ask, language)).collect();
    permissions.sort_by_key(|row| !row.ask.widens);
    let agreement = agreement(store, &person, &detail).await?;
    let page = Page {
        has_agreed: agreement == Decision::Agreed,
        decision: agreement,
        script: assets::script(),
        command: format!(
            "GUICHET_STORE_URL={} guichet review approve {id} --key reviewer.key --trust guichet.trust.json{}",
            store.settings.base_url(),
            match submission.kind {
                SubmissionKind::Package => "",
                SubmissionKind::Revert => " --revert",
                SubmissionKind::Recall => " --recall",
            }
        ),
        description: look::localized(&detail.manifest.descriptions, language).to_owned(),
        replaces: detail.replaces.as_ref().map(|version| language.replaces(&version.name)),
        reviewers: language.reviewers(submission.approvals.len(), submission.approvals_needed),
        submitted_at: look::time(submission.submitted_at_ms),
        package_size: look::size(submission.package.length),
        logic: match detail.manifest.logic {
            LogicKind::Script => words.logic_script,
            LogicKind::Component => words.logic_component,
        },
        files: detail
            .files
            .iter()
            .map(|file| FileRow { path: file.path.clone(), size: look::size(file.size) })
            .collect(),
        steps: detail.history.iter().map(|entry| Step::new(entry, language)).collect(),
        frame: Frame::new(person, language, open),
        row: Row::new(submission, &departments, language, store.clock.now_ms()),
        permissions,
        detail,
    };
    Ok((Extension(WithScript), shown(&page)?).into_response())
}

/// What the person can do: who has passkeys, and where the store says so everybody, agrees before signing.
async fn agreement(store: &Store, person: &Person, detail: &SubmissionDetail) -> Result<Decision, NotDone> {
    let decision = decision(person, detail);
    if decision != Decision::Possible {
        return Ok(decision);
    }
    let mut connection = store.database.read().await?;
    if passkeys::of(&mut connection, &person.id).await?.is_empty() {
        return Ok(if store.settings.passkeys_required { Decision::NeedsPasskey } else { Decision::Possible });
    }
    let id = &detail.submission.id;
    let record = records::get(&mut connection, id).await?.ok_or_else(|| problems::no_such_submission(id))?;
    let agreed = passkeys::decided(&mut connection, id, &person.id).await?;
    let is_this = agreed == Some(Digest::of(&record.release_document));
    Ok(if is_this { Decision::Agreed } else { Decision::Agree })
}

fn decision(person: &Person, detail: &SubmissionDetail) -> Decision {
    let submission = &detail.submission;
    let may = access::allows(person, Action::Review, Some(&submission.department)).is_ok()
        && submission.state.is_reviewable();
    if !may {
        Decision::NotTheirs
    } else if submission.submitted_by == person.name {
        Decision::Own
    } else if submission.approvals.iter().any(|mark| mark.reviewer == person.name) {
        Decision::Signed
    } else {
        Decision::Possible
    }
}

impl PermissionRow {
    fn new(ask: &PermissionAsk, language: Language) -> Self {
        let words = language.words();
        let reason = look::localized(&ask.reasons, language);
        Self {
            before: ask.before.as_ref().map(|scope| look::scope(scope, words.unlimited)),
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
    sent(&store, &headers, async |session, _| {
        review::refuse(&store, &session.person, &id, &form.reason).await?;
        back_to(&format!("/submissions/{id}"))
    })
    .await
}
