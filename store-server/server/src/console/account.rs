//! One's own account: who one is here, where one is signed in, and one's token.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension, Form,
    extract::{Path, Query, State},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{
    assets,
    dress::Dress,
    frame::{Choice, Frame, Place, back_to, sent, shown, signed_in},
    look,
    members::SecretPage,
    words::Language,
};
use crate::{
    access::{self, Action},
    database::{departments, passkeys::PasskeyRecord, people::Person, sessions::SessionRecord, tokens::TokenRecord},
    error::NotDone,
    http::{Session, WithScript},
    organisation, passkeys,
    people::{self, Actor, NewToken, problems},
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
        browser: look::browser(&session.browser),
        since: look::time(session.opened_at_ms),
        until: look::time(session.expires_at_ms),
        is_this: session.id == this,
    };
    sessions.iter().map(row).collect()
}

/// A token in the words of one language.
pub(super) struct TokenRow {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) may: String,
    pub(super) department: Option<String>,
    pub(super) until: String,
}

pub(super) fn token_rows(tokens: &[TokenRecord], language: Language) -> Vec<TokenRow> {
    let row = |token: &TokenRecord| TokenRow {
        id: token.id.clone(),
        name: token.name.clone(),
        may: token.limits.actions.iter().map(|action| language.action(*action)).collect::<Vec<_>>().join(" · "),
        department: token.limits.department.as_ref().map(ToString::to_string),
        until: look::time(token.expires_at_ms),
    };
    tokens.iter().map(row).collect()
}

/// A passkey in the words of one language.
pub(super) struct PasskeyRow {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) since: String,
}

pub(super) async fn passkey_rows(store: &Store, by: &Person, of: &str) -> Result<Vec<PasskeyRow>, NotDone> {
    let keys = passkeys::of(store, Actor::Person(by), of).await?;
    let row = |key: PasskeyRecord| PasskeyRow { id: key.id, name: key.name, since: look::time(key.created_at_ms) };
    Ok(keys.into_iter().map(row).collect())
}

#[derive(Template)]
#[template(path = "account.html")]
struct Page {
    frame: Frame,
    sessions: Vec<SessionRow>,
    tokens: Vec<TokenRow>,
    passkeys: Vec<PasskeyRow>,
    script: String,
    actions: Vec<(&'static str, &'static str)>,
    departments: Vec<(String, String)>,
    dress: Dress,
}

pub(super) async fn show(
    State(store): State<Arc<Store>>,
    Query(choice): Query<Choice>,
    headers: HeaderMap,
) -> Response {
    let language = choice.language(&headers);
    let dress = Dress::worn(&headers);
    let drawn = signed_in(&store, &headers, language, async |session| draw(&store, session, language, dress).await);
    choice.remember(drawn.await)
}

async fn draw(store: &Store, session: Session, language: Language, dress: Dress) -> Result<Response, NotDone> {
    let sessions = people::signed_in(store, Actor::Person(&session.person), &session.person.id).await?;
    let tokens = people::tokens_of(store, Actor::Person(&session.person), &session.person.id).await?;
    let departments = match session.person.department {
        Some(_) => Vec::new(),
        None => departments::all(&mut *store.database.read().await?).await?,
    };
    let may = Action::ALL.into_iter().filter(|action| action.is_for_machines());
    let may = may.filter(|action| access::reach(&session.person, *action).is_ok());
    let page = Page {
        dress,
        passkeys: passkey_rows(store, &session.person, &session.person.id).await?,
        script: if store.passkeys.are_possible() { assets::script() } else { String::new() },
        tokens: token_rows(&tokens, language),
        actions: may.map(|action| (action.as_str(), language.action(action))).collect(),
        departments: departments
            .iter()
            .map(|it| (it.id.to_string(), it.name(language == Language::Chinese).to_owned()))
            .collect(),
        sessions: session_rows(&sessions, &session.id, language),
        frame: Frame::of(store, session.person, language, Place::Account).await?,
    };
    Ok((Extension(WithScript), shown(&page)?).into_response())
}

/// Who is here on an organisation's word takes nothing along that outlasts it.
fn on_ones_own(person: &Person) -> Result<(), NotDone> {
    if person.limits.is_some() { Err(organisation::problems::not_enough().into()) } else { Ok(()) }
}

pub(super) async fn token(State(store): State<Arc<Store>>, headers: HeaderMap) -> Response {
    sent(&store, &headers, async |session, language| {
        on_ones_own(&session.person)?;
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

/// A form has a box for each action.
#[derive(Deserialize)]
pub(super) struct TokenForm {
    name: String,
    #[serde(default)]
    department: String,
    days: String,
    read: Option<String>,
    submit: Option<String>,
    review: Option<String>,
    stop: Option<String>,
    audit: Option<String>,
}

pub(super) async fn make(State(store): State<Arc<Store>>, headers: HeaderMap, Form(form): Form<TokenForm>) -> Response {
    sent(&store, &headers, async |session, language| {
        on_ones_own(&session.person)?;
        let chosen = [
            (Action::Read, form.read),
            (Action::Submit, form.submit),
            (Action::Review, form.review),
            (Action::Stop, form.stop),
            (Action::Audit, form.audit),
        ];
        let new = NewToken {
            name: form.name,
            actions: chosen.into_iter().filter(|(_, box_)| box_.is_some()).map(|(action, _)| action).collect(),
            department: match form.department.as_str() {
                "" => None,
                text => Some(text.parse().map_err(|_| problems::not_the_form("department"))?),
            },
            days: form.days.trim().parse().map_err(|_| problems::not_the_form("number of days"))?,
        };
        let (token, secret) = people::make_token(&store, Actor::Person(&session.person), &session.person, new).await?;
        let frame = Frame::of(&store, session.person, language, Place::Account).await?;
        shown(&SecretPage {
            title: frame.people.token_made,
            about: format!("{} · {} {}", token.name, frame.people.valid_until, look::time(token.expires_at_ms)),
            label: frame.people.token_for_machine,
            secret: secret.reveal().to_owned(),
            next: "/account".to_owned(),
            frame,
        })
    })
    .await
}

pub(super) async fn revoke(State(store): State<Arc<Store>>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    sent(&store, &headers, async |session, _| {
        let revoked = people::revoke_token(&store, Actor::Person(&session.person), &id).await?;
        match revoked.person {
            own if own == session.person.id => back_to("/account"),
            other => back_to(&format!("/members/{other}")),
        }
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
