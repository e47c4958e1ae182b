//! In and out: a token is exchanged for a session cookie that no script and no other site can use.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension, Form,
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{
    assets,
    frame::{Choice, problem_page, shown},
    people_words::PeopleWords,
    words::{Language, Words},
};
use crate::{
    database::{passkeys, people as records, sessions::OpenedWith},
    error::NotDone,
    http::{COOKIE, Session, WithScript, same_site},
    people::{self, Actor, SESSION_MS, problems},
    secret::Secret,
    store::Store,
};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn {
    words: &'static Words,
    language: Language,
    sheets: [String; 2],
    unknown: bool,
    script: String,
    passkeys: bool,
    organisation: Option<String>,
    people: &'static PeopleWords,
}

#[derive(Deserialize)]
pub(super) struct Token {
    token: String,
}

fn page(store: &Store, language: Language, unknown: bool) -> Result<Response, NotDone> {
    let page = SignIn {
        words: language.words(),
        language,
        sheets: assets::sheets(),
        unknown,
        script: assets::script(),
        passkeys: store.passkeys.are_possible(),
        organisation: store
            .organisation
            .as_ref()
            .map(|it| language.sign_in_with(it.name(language == Language::Chinese))),
        people: language.people_words(),
    };
    let status = if unknown { StatusCode::UNAUTHORIZED } else { StatusCode::OK };
    Ok((status, Extension(WithScript), shown(&page)?).into_response())
}

pub(super) async fn form(
    State(store): State<Arc<Store>>,
    Query(choice): Query<Choice>,
    headers: HeaderMap,
) -> Result<Response, NotDone> {
    Ok(choice.remember(page(&store, choice.language(&headers), false)?))
}

pub(super) async fn enter(
    State(store): State<Arc<Store>>,
    Query(choice): Query<Choice>,
    headers: HeaderMap,
    Form(form): Form<Token>,
) -> Result<Response, NotDone> {
    same_site(&headers)?;
    let mut change = store.database.change().await?;
    let Some(person) = records::by_token(&mut change, Secret::received(&form.token).digest()).await? else {
        return page(&store, choice.language(&headers), true);
    };
    if store.passkeys.are_possible() && !passkeys::of(&mut change, &person.id).await?.is_empty() {
        return Ok(problem_page(problems::passkey_needed().into(), choice.language(&headers)));
    }
    let secret = people::sign_in_with(&store, change, &person, OpenedWith::Token, browser(&headers)).await?;
    Ok(with_cookie(&store, secret.reveal(), SESSION_MS / 1000, Redirect::to("/").into_response()))
}

/// What a browser calls itself.
pub(super) fn browser(headers: &HeaderMap) -> &str {
    headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

pub(super) async fn leave(State(store): State<Arc<Store>>, headers: HeaderMap) -> Result<Response, NotDone> {
    same_site(&headers)?;
    if let Some(session) = Session::of(&headers, &store).await? {
        people::end(&store, Actor::Person(&session.person), &session.id).await?;
    }
    Ok(with_cookie(&store, "", 0, Redirect::to("/sign-in").into_response()))
}

pub(super) fn with_cookie(store: &Store, value: &str, seconds: u64, mut response: Response) -> Response {
    let secure = if store.settings.api_url.starts_with("https:") { "; Secure" } else { "" };
    let cookie = format!("{COOKIE}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
