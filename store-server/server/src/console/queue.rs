//! The queue: what waits, longest first, how carefully it is to be looked at, who has it, and what became of the rest.

use std::{collections::BTreeMap, sync::Arc};

use askama::Template;
use axum::{
    Extension,
    extract::{Query, State},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use guichet_api::{Submission, SubmissionKind, SubmissionState};
use serde::Deserialize;

use super::{
    assets,
    frame::{Choice, Frame, Row, back_to, sent, shown, signed_in},
    words::Language,
};
use crate::{
    access::{self, Action},
    database::{
        departments,
        people::Person,
        talk::{self, ClaimRecord},
    },
    error::NotDone,
    http::WithScript,
    review::{
        self,
        risk::{self, Signs},
    },
    store::Store,
    submissions,
};

/// Whoever waits longer than this is seen.
const LONG_MS: u64 = 24 * 60 * 60 * 1000;

/// A filter of the queue.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tab {
    Open,
    Mine,
    Widening,
    Second,
    Quarantined,
    Drafts,
    Released,
    Closed,
    All,
}

/// A submission and who has it.
struct Item {
    submission: Submission,
    claim: Option<ClaimRecord>,
}

impl Tab {
    const EACH: [Self; 9] = [
        Self::Open,
        Self::Mine,
        Self::Widening,
        Self::Second,
        Self::Quarantined,
        Self::Drafts,
        Self::Released,
        Self::Closed,
        Self::All,
    ];

    fn key(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Mine => "mine",
            Self::Widening => "widening",
            Self::Second => "second",
            Self::Quarantined => "quarantined",
            Self::Drafts => "drafts",
            Self::Released => "released",
            Self::Closed => "closed",
            Self::All => "all",
        }
    }

    fn label(self, language: Language) -> &'static str {
        let (words, review) = (language.words(), language.review_words());
        match self {
            Self::Open => words.open,
            Self::Mine => review.mine,
            Self::Widening => review.widening,
            Self::Second => review.needs_second,
            Self::Quarantined => review.quarantined,
            Self::Drafts => review.drafts,
            Self::Released => words.released,
            Self::Closed => words.closed,
            Self::All => words.all,
        }
    }

    fn holds(self, item: &Item, person: &Person) -> bool {
        let state = item.submission.state;
        match self {
            Self::Open => state.is_open(),
            Self::Mine => state.is_open() && item.claim.as_ref().is_some_and(|claim| claim.person == person.id),
            Self::Widening => state.is_open() && !item.submission.widens.is_empty(),
            Self::Second => state.is_reviewable() && !item.submission.approvals.is_empty(),
            Self::Quarantined => state == SubmissionState::Quarantined,
            Self::Drafts => state.is_with_publisher(),
            Self::Released => matches!(state, SubmissionState::Released | SubmissionState::Paused),
            Self::Closed => {
                matches!(state, SubmissionState::Superseded | SubmissionState::Recalled | SubmissionState::Archived)
            }
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

/// One row of the queue.
struct Line {
    row: Row,
    risk: u8,
    level: &'static str,
    risk_text: String,
    waits_long: bool,
    with: Option<String>,
    claimable: bool,
}

#[derive(Template)]
#[template(path = "queue.html")]
struct Queue {
    frame: Frame,
    summary: String,
    tabs: Vec<TabView>,
    lines: Vec<Line>,
    asked: String,
    may_claim: bool,
    script: String,
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
}

pub(super) async fn show(
    State(store): State<Arc<Store>>,
    Query(choice): Query<Choice>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    let language = choice.language(&headers);
    let response = signed_in(&store, &headers, language, async |session| {
        draw(&store, session.person, language, choice.show.as_deref(), asked.q).await
    });
    choice.remember(response.await)
}

async fn items(store: &Store, person: &Person) -> Result<Vec<Item>, NotDone> {
    let all = submissions::list(store, person, None).await?;
    let mut claims: BTreeMap<String, ClaimRecord> = talk::claims(&mut *store.database.read().await?).await?;
    let item = |submission: Submission| Item { claim: claims.remove(&submission.id), submission };
    Ok(all.into_iter().map(item).collect())
}

async fn draw(
    store: &Store,
    person: Person,
    language: Language,
    show: Option<&str>,
    asked: String,
) -> Result<Response, NotDone> {
    let mut items = items(store, &person).await?;
    let departments = departments::all(&mut *store.database.read().await?).await?;
    let now_ms = store.clock.now_ms();
    let chosen = Tab::EACH.into_iter().find(|tab| Some(tab.key()) == show).unwrap_or(Tab::Open);
    let waiting = items.iter().filter(|item| Tab::Open.holds(item, &person));
    let oldest = waiting.clone().map(|item| now_ms.saturating_sub(item.submission.submitted_at_ms)).max();
    let count = waiting.count();
    let summary = language.waiting(count, oldest);
    let view = |tab: Tab| TabView {
        key: tab.key(),
        label: tab.label(language),
        count: items.iter().filter(|item| tab.holds(item, &person)).count(),
        chosen: tab == chosen,
    };
    let tabs = Tab::EACH.into_iter().map(view).collect();
    items.retain(|item| chosen.holds(item, &person));
    if chosen.holds_the_waiting() {
        items.reverse();
    }
    let wanted = asked.trim().to_lowercase();
    let may_claim = access::reach(&person, Action::Review).is_ok();
    let lines = items.into_iter().map(|item| Line::new(item, &person, &departments, language, now_ms));
    let page = Queue {
        lines: lines.filter(|line| wanted.is_empty() || line.row.mentions(&wanted)).collect(),
        frame: Frame::new(person, language, count),
        script: assets::console_script(),
        may_claim,
        summary,
        tabs,
        asked,
    };
    Ok((Extension(WithScript), shown(&page)?).into_response())
}

impl Tab {
    /// Whether the longest wait comes first.
    fn holds_the_waiting(self) -> bool {
        matches!(self, Self::Open | Self::Mine | Self::Widening | Self::Second | Self::Quarantined)
    }
}

impl Line {
    fn new(
        item: Item,
        person: &Person,
        departments: &[departments::DepartmentRecord],
        language: Language,
        now_ms: u64,
    ) -> Self {
        let Item { submission, claim } = item;
        let (risk, level) = risk::of(signs(&submission), submission.state);
        let is_mine = claim.as_ref().is_some_and(|claim| claim.person == person.id);
        let may_review = access::allows(person, Action::Review, Some(&submission.department)).is_ok();
        Self {
            risk,
            level: language.risk(level),
            risk_text: language.risk_of_five(risk),
            waits_long: submission.state.is_open() && now_ms.saturating_sub(submission.submitted_at_ms) > LONG_MS,
            claimable: may_review
                && !is_mine
                && submission.state.is_reviewable()
                && submission.submitted_by != person.name
                && claim.is_none(),
            with: claim.map(|claim| if is_mine { language.review_words().you.to_owned() } else { claim.name }),
            row: Row::new(submission, departments, language, now_ms),
        }
    }
}

/// What a submission's risk is made of.
pub(super) fn signs(submission: &Submission) -> Signs {
    Signs {
        widens: submission.widens.len(),
        is_first: submission.sequence == 1,
        is_new_key: submission.new_key,
        is_reissue: submission.kind != SubmissionKind::Package,
    }
}

/// Takes on what has waited longest among what this person may sign and nobody has.
pub(super) async fn claim_next(State(store): State<Arc<Store>>, headers: HeaderMap) -> Response {
    sent(&store, &headers, async |session, language| {
        let person = &session.person;
        let departments = departments::all(&mut *store.database.read().await?).await?;
        let items = items(&store, person).await?;
        let mut lines = items.into_iter().map(|item| Line::new(item, person, &departments, language, 0));
        // The newest comes first.
        let next = lines.rfind(|line| line.claimable);
        let Some(next) = next else { return back_to("/") };
        let id = next.row.submission.id;
        review::claim(&store, person, &id).await?;
        back_to(&format!("/submissions/{id}"))
    })
    .await
}
