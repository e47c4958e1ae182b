//! Joining: whoever opens an invitation sees what it offers, and becomes that with one button.

use std::sync::Arc;

use askama::Template;
use axum::{
    Form,
    extract::{Query, State},
    http::HeaderMap,
    response::Response,
};
use serde::Deserialize;

use super::{
    assets,
    frame::{Choice, Frame, Place, problem_page, shown},
    look,
    members::SecretPage,
    people_words::PeopleWords,
    sign_in::{browser, with_cookie},
    words::{Language, Words},
};
use crate::{
    database::{departments, sessions::OpenedWith},
    error::NotDone,
    http::same_site,
    people::{self, SESSION_MS, Welcome},
    secret::Secret,
    store::Store,
};

#[derive(Template)]
#[template(path = "join.html")]
struct Page {
    words: &'static Words,
    people: &'static PeopleWords,
    language: Language,
    sheets: [String; 2],
    name: String,
    offer: String,
    until: String,
    invitation: String,
    organisation: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Invitation {
    #[serde(default)]
    invitation: String,
}

pub(super) async fn form(
    State(store): State<Arc<Store>>,
    Query(choice): Query<Choice>,
    Query(Invitation { invitation }): Query<Invitation>,
    headers: HeaderMap,
) -> Response {
    let language = choice.language(&headers);
    let drawn = draw(&store, invitation, language).await;
    choice.remember(drawn.unwrap_or_else(|not_done| problem_page(not_done, language)))
}

async fn draw(store: &Store, invitation: String, language: Language) -> Result<Response, NotDone> {
    let open = people::invited(store, &Secret::received(&invitation)).await?;
    let department = match &open.department {
        Some(id) => departments::get(&mut *store.database.read().await?, id).await?,
        None => None,
    };
    let department = department.map(|record| record.name(language == Language::Chinese).to_owned());
    shown(&Page {
        words: language.words(),
        people: language.people_words(),
        language,
        sheets: assets::sheets(),
        offer: language.joins_as(language.role(open.role), department.as_deref()),
        name: open.name,
        until: look::time(open.expires_at_ms),
        organisation: store.organisation.as_ref().map(|it| language.join_with(it.name(language == Language::Chinese))),
        invitation,
    })
}

pub(super) async fn enter(
    State(store): State<Arc<Store>>,
    headers: HeaderMap,
    Form(form): Form<Invitation>,
) -> Response {
    let language = Language::of(None, &headers);
    let joined = join(&store, &headers, &form.invitation, language).await;
    joined.unwrap_or_else(|not_done| problem_page(not_done, language))
}

async fn join(store: &Store, headers: &HeaderMap, invitation: &str, language: Language) -> Result<Response, NotDone> {
    same_site(headers)?;
    let welcome = people::join(store, &Secret::received(invitation)).await?;
    welcomed(store, headers, welcome, language).await
}

/// Signs in who has just joined, and shows their token once.
pub(super) async fn welcomed(
    store: &Store,
    headers: &HeaderMap,
    welcome: Welcome,
    language: Language,
) -> Result<Response, NotDone> {
    let change = store.database.change().await?;
    let opened_with = OpenedWith::Invitation;
    let secret = people::sign_in_with(store, change, &welcome.person, opened_with, browser(headers)).await?;
    let frame = Frame::of(store, welcome.person, language, Place::Account).await?;
    let page = shown(&SecretPage {
        title: frame.people.joined,
        about: frame.people.token_use.to_owned(),
        label: frame.words.token,
        secret: welcome.token.reveal().to_owned(),
        next: "/account".to_owned(),
        frame,
    })?;
    Ok(with_cookie(store, secret.reveal(), SESSION_MS / 1000, page))
}
