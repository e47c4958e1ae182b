//! One's own account: who one is here, where one is signed in, and one's token.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::HeaderMap,
    response::Response,
};

use super::{
    frame::{Choice, Frame, Place, back_to, sent, shown, signed_in},
    look,
    members::SecretPage,
    words::Language,
};
use crate::{
    database::sessions::SessionRecord,
    error::NotDone,
    http::Session,
    people::{self, Actor},
    store::Store,
};

/// A sign-in in the words of one language.
pub(super) struct SessionRow {
    pub(super) id: String,
    pub(super) with: &'static str,
    pub(super) browser: String,
    pub(super) since: String,
    pub(super) until: String,
    pub(super) is_this: bool,
}

pub(super) fn session_rows(sessions: &[SessionRecord], this: &str, language: Language) -> Vec<SessionRow> {
    let row = |session: &SessionRecord| SessionRow {
        id: session.id.clone(),
        with: language.opened_with(session.opened_with),
        browser: if session.browser.is_empty() { "–".to_owned() } else { session.browser.clone() },
        since: look::time(session.opened_at_ms),
        until: look::time(session.expires_at_ms),
        is_this: session.id == this,
    };
    sessions.iter().map(row).collect()
}

#[derive(Template)]
#[template(path = "account.html")]
struct Page {
    frame: Frame,
    sessions: Vec<SessionRow>,
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
    let sessions = people::signed_in(store, Actor::Person(&session.person), &session.person.id).await?;
    shown(&Page {
        sessions: session_rows(&sessions, &session.id, language),
        frame: Frame::of(store, session.person, language, Place::Account).await?,
    })
}

pub(super) async fn token(State(store): State<Arc<Store>>, headers: HeaderMap) -> Response {
    sent(&store, &headers, async |session, language| {
        let token = people::replace_token(&store, Actor::Person(&session.person), &session.person.id).await?;
        let frame = Frame::of(&store, session.person, language, Place::Account).await?;
        shown(&SecretPage {
            title: frame.people.token_ready,
            about: frame.people.new_token_text.to_owned(),
            label: frame.words.token,
            secret: token.reveal().to_owned(),
            next: "/account".to_owned(),
            frame,
        })
    })
    .await
}

pub(super) async fn end(State(store): State<Arc<Store>>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    sent(&store, &headers, async |session, _| {
        let ended = people::end(&store, Actor::Person(&session.person), &id).await?;
        match ended.person.id {
            own if own == session.person.id => back_to("/account"),
            other => back_to(&format!("/members/{other}")),
        }
    })
    .await
}
