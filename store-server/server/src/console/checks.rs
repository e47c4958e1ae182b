//! What machines looked at, as the page of a submission shows it.

use std::sync::Arc;

use axum::{
    Form,
    extract::{Path, Query, State},
    http::{HeaderMap, header},
    response::{IntoResponse as _, Response},
};
use guichet_api::{Check, CheckFinding, CheckState, CheckWeight, Said};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::{
    check_words::CheckWords,
    frame::{back_to, sent, signed_in},
    words::Language,
};
use crate::{catalogue, checks, problems, store::Store, submissions};

/// All checks of a submission.
pub(super) struct Checks {
    pub(super) words: &'static CheckWords,
    pub(super) all: Vec<CheckRow>,
    pub(super) is_under_way: bool,
}

/// One check; its word is always beside its tint.
pub(super) struct CheckRow {
    pub(super) name: String,
    pub(super) word: String,
    pub(super) state: &'static str,
    pub(super) tint: &'static str,
    pub(super) icon: &'static str,
    /// How much was found, how long it took, how often it was tried.
    pub(super) facts: String,
    pub(super) why: Option<String>,
    pub(super) findings: Vec<FindingRow>,
    /// Whether it is shown unfolded.
    pub(super) is_open: bool,
    pub(super) may_again: bool,
}

/// One thing that was found.
pub(super) struct FindingRow {
    pub(super) class: String,
    pub(super) weight: &'static str,
    pub(super) tint: &'static str,
    pub(super) icon: &'static str,
    pub(super) place: String,
    pub(super) what: String,
    pub(super) hint: String,
    pub(super) like: Option<Like>,
}

/// Two icons beside each other.
pub(super) struct Like {
    /// Where the submission's own lies.
    pub(super) own: String,
    pub(super) other: String,
    pub(super) apart: String,
}

impl Checks {
    pub(super) fn of(all: Vec<Check>, id: &str, may_again: bool, language: Language) -> Self {
        Self {
            words: language.check_words(),
            is_under_way: checks::is_under_way(&all),
            all: all.into_iter().map(|check| CheckRow::new(check, id, may_again, language)).collect(),
        }
    }
}

impl CheckRow {
    fn new(check: Check, id: &str, may_again: bool, language: Language) -> Self {
        let gravest = check.findings.iter().map(|found| found.weight).min();
        let is_stuck = checks::may_be_tried_at_once(check.state, check.why.as_ref());
        let (tint, icon) = match (check.state, gravest) {
            (CheckState::Waiting, _) if is_stuck => ("warn", "alert"),
            (CheckState::Waiting | CheckState::Running, _) => ("info", "clock"),
            (CheckState::Skipped, _) => ("", "minus"),
            (CheckState::Failed | CheckState::Unknown, _) => ("bad", "alert"),
            (CheckState::Done, Some(weight)) => look(weight),
            (CheckState::Done, None) => ("good", "check"),
        };
        let mut facts = Vec::new();
        if check.state == CheckState::Done {
            facts.push(language.found(check.findings.len()));
        }
        if let (Some(begun), Some(ended)) = (check.begun_at_ms, check.ended_at_ms) {
            facts.push(language.seconds(ended.saturating_sub(begun)));
        }
        if check.attempts > 1 {
            facts.push(language.tries(check.attempts));
        }
        let [english, chinese] = check.name.said();
        let name = if language == Language::Chinese { chinese } else { english };
        Self {
            name: name.to_owned(),
            word: check.name.as_str().to_owned(),
            state: match gravest {
                Some(weight) if check.state == CheckState::Done => weighs(weight, language),
                _ => pick(check.state.said(), language),
            },
            tint,
            icon,
            facts: facts.join(" · "),
            why: check.why.map(|why| said(why, language)),
            is_open: gravest.is_some_and(|weight| weight < CheckWeight::Note) && check.findings.len() <= 8,
            may_again: may_again && (check.state.is_ended() || is_stuck),
            findings: check.findings.into_iter().map(|found| FindingRow::new(found, id, language)).collect(),
        }
    }
}

impl FindingRow {
    fn new(found: CheckFinding, id: &str, language: Language) -> Self {
        let (tint, icon) = look(found.weight);
        let own = utf8_percent_encode(found.path.as_deref().unwrap_or_default(), NON_ALPHANUMERIC).to_string();
        let like = found.like.map(|like| Like {
            own: format!("/submissions/{id}/icon?path={own}"),
            other: format!("/submissions/{id}/icons/{}", like.app_id),
            apart: language.apart(like.apart),
        });
        let line = found.line.map(|line| language.line(line));
        Self {
            class: found.class,
            weight: weighs(found.weight, language),
            tint,
            icon,
            place: found.path.into_iter().chain(line).collect::<Vec<_>>().join(" · "),
            what: said(found.what, language),
            hint: said(found.hint, language),
            like,
        }
    }
}

fn look(weight: CheckWeight) -> (&'static str, &'static str) {
    match weight {
        CheckWeight::Grave | CheckWeight::Unknown => ("bad", "stop"),
        CheckWeight::Warning => ("warn", "alert"),
        CheckWeight::Note => ("info", "info"),
    }
}

fn weighs(weight: CheckWeight, language: Language) -> &'static str {
    let words = language.check_words();
    match weight {
        CheckWeight::Grave | CheckWeight::Unknown => words.grave,
        CheckWeight::Warning => words.warning,
        CheckWeight::Note => words.note,
    }
}

fn pick([english, chinese]: [&'static str; 2], language: Language) -> &'static str {
    if language == Language::Chinese { chinese } else { english }
}

pub(super) fn said(said: Said, language: Language) -> String {
    if language == Language::Chinese { said.zh } else { said.en }
}

#[derive(Deserialize)]
pub(super) struct Again {
    #[serde(default)]
    name: String,
}

pub(super) async fn again(
    State(store): State<Arc<Store>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(form): Form<Again>,
) -> Response {
    sent(&store, &headers, async |session, _| {
        checks::retry(&store, &session.person, &id, &form.name).await?;
        back_to(&format!("/submissions/{id}#checks"))
    })
    .await
}

#[derive(Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    path: String,
}

/// An icon of what was handed in.
pub(super) async fn icon(
    State(store): State<Arc<Store>>,
    Path(id): Path<String>,
    Query(Which { path }): Query<Which>,
    headers: HeaderMap,
) -> Response {
    signed_in(&store, &headers, Language::of(None, &headers), async |session| {
        let record = submissions::readable(&store, &session.person, &id).await?;
        let package = submissions::open(&store, &record).await?;
        let icon = catalogue::own_icon(&package, &path).ok_or_else(|| problems::no_such_picture(&path))?;
        let kept = "private, max-age=3600";
        Ok(([(header::CONTENT_TYPE, icon.1), (header::CACHE_CONTROL, kept)], icon.0).into_response())
    })
    .await
}

/// The icon of an app that a check of this submission found to be like its own, also where that is off the shelf.
pub(super) async fn other_icon(
    State(store): State<Arc<Store>>,
    Path((id, app)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    signed_in(&store, &headers, Language::of(None, &headers), async |session| {
        let all = checks::of(&store, &session.person, &id).await?;
        let mut likes = all.iter().flat_map(|check| &check.findings).filter_map(|found| found.like.as_ref());
        let like = likes.find(|like| like.app_id.as_str() == app).ok_or_else(|| problems::no_such_picture(&app))?;
        let (_, bytes, media_type) = catalogue::known_icon(&store, &like.app_id).await?;
        let kept = "private, max-age=3600";
        Ok(([(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, kept.to_owned())], bytes).into_response())
    })
    .await
}
