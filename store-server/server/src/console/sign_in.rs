//! In and out: a token is exchanged for a session cookie that no script and no other site can use.

use std::sync::Arc;

use askama::Template;
use axum::{
    Form,
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{
    assets,
    frame::{Choice, shown},
    words::{Language, Words},
};
use crate::{
    database::{commit, people},
    error::NotDone,
    http::{COOKIE, Session, same_site},
    secret::Secret,
    store::Store,
};

/// A working day; afterwards the token is asked for again.
const SESSION_MS: u64 = 12 * 60 * 60 * 1000;

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn {
    words: &'static Words,
    language: Language,
    sheets: [String; 2],
    unknown: bool,
}

#[derive(Deserialize)]
pub(super) struct Token {
    token: String,
}

fn page(language: Language, unknown: bool) -> Result<Response, NotDone> {
    let page = SignIn { words: language.words(), language, sheets: assets::sheets(), unknown };
    let status = if unknown { StatusCode::UNAUTHORIZED } else { StatusCode::OK };
    Ok((status, shown(&page)?).into_response())
}

pub(super) async fn form(Query(choice): Query<Choice>, headers: HeaderMap) -> Result<Response, NotDone> {
    Ok(choice.remember(page(choice.language(&headers), false)?))
}

pub(super) async fn enter(
    State(store): State<Arc<Store>>,
    Query(choice): Query<Choice>,
    headers: HeaderMap,
    Form(form): Form<Token>,
) -> Result<Response, NotDone> {
    same_site(&headers)?;
    let mut change = store.database.change().await?;
    let Some(person) = people::by_token(&mut change, Secret::received(&form.token).digest()).await? else {
        return page(choice.language(&headers), true);
    };
    let secret = Secret::generate()?;
    let expires_at_ms = store.clock.now_ms().saturating_add(SESSION_MS);
    people::open_session(&mut change, &person, secret.digest(), expires_at_ms).await?;
    commit(change).await?;
    Ok(with_cookie(&store, secret.reveal(), SESSION_MS / 1000, Redirect::to("/").into_response()))
}

pub(super) async fn leave(State(store): State<Arc<Store>>, headers: HeaderMap) -> Result<Response, NotDone> {
    same_site(&headers)?;
    if let Some(session) = Session::of(&headers, &store).await? {
        let mut change = store.database.change().await?;
        people::close_session(&mut change, session.secret.digest(), store.clock.now_ms()).await?;
        commit(change).await?;
    }
    Ok(with_cookie(&store, "", 0, Redirect::to("/sign-in").into_response()))
}

fn with_cookie(store: &Store, value: &str, seconds: u64, mut response: Response) -> Response {
    let secure = if store.settings.api_url.starts_with("https:") { "; Secure" } else { "" };
    let cookie = format!("{COOKIE}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
