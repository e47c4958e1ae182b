//! The queue: what waits, longest first, and what became of the rest.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Query, State},
    http::HeaderMap,
    response::Response,
};
use guichet_api::SubmissionState;

use super::{
    frame::{Choice, Frame, Row, shown, signed_in},
    words::{Language, Words},
};
use crate::{
    database::{departments, people::Person},
    error::NotDone,
    store::Store,
    submissions,
};

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
        match self {
            Self::Open => state.is_open(),
            Self::Released => matches!(state, SubmissionState::Released | SubmissionState::Paused),
            Self::Closed => !Self::Open.holds(state) && !Self::Released.holds(state),
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

#[derive(Template)]
#[template(path = "queue.html")]
struct Queue {
    frame: Frame,
    summary: String,
    tabs: Vec<TabView>,
    rows: Vec<Row>,
}

pub(super) async fn show(
    State(store): State<Arc<Store>>,
    Query(choice): Query<Choice>,
    headers: HeaderMap,
) -> Response {
    let language = choice.language(&headers);
    let response = signed_in(&store, &headers, language, async |session| {
        draw(&store, session.person, language, choice.show.as_deref()).await
    });
    choice.remember(response.await)
}

async fn draw(store: &Store, person: Person, language: Language, show: Option<&str>) -> Result<Response, NotDone> {
    let words = language.words();
    let mut items = submissions::list(store, &person, None).await?;
    let departments = departments::all(&mut *store.database.read().await?).await?;
    let now_ms = store.clock.now_ms();
    let chosen = Tab::EACH.into_iter().find(|tab| Some(tab.key()) == show).unwrap_or(Tab::Open);
    let waiting = items.iter().filter(|item| item.state.is_open());
    let oldest = waiting.clone().map(|item| now_ms.saturating_sub(item.submitted_at_ms)).max();
    let frame = Frame::new(person, language, waiting.count());
    let summary = language.waiting(frame.open, oldest);
    let count = |tab: Tab| items.iter().filter(|item| tab.holds(item.state)).count();
    let view = |tab: Tab| TabView { key: tab.key(), label: tab.label(words), count: count(tab), chosen: tab == chosen };
    let tabs = Tab::EACH.into_iter().map(view).collect();
    items.retain(|item| chosen.holds(item.state));
    if chosen == Tab::Open {
        items.reverse();
    }
    let rows = items.into_iter().map(|item| Row::new(item, &departments, language, now_ms)).collect();
    shown(&Queue { frame, summary, tabs, rows })
}
