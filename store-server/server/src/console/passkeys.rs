//! The passkey ceremonies: what the console's script asks for and hands in. Everything else about passkeys is a form.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::{
    frame::{back_to, problem_for_script, sent},
    sign_in::{browser, with_cookie},
};
use crate::{
    audit::AskedBy,
    error::NotDone,
    http::{JsonBody, Session, same_site},
    passkeys::{self, Answer},
    people::{Actor, SESSION_MS},
    problems,
    store::Store,
};

/// What the script hands in.
#[derive(Deserialize)]
pub(super) struct HandedIn {
    ceremony: String,
    #[serde(default)]
    name: String,
    answer: Answer,
}

/// Where the browser goes next.
#[derive(Serialize)]
struct Next {
    next: String,
}

fn next(path: impl Into<String>) -> Response {
    Json(Next { next: path.into() }).into_response()
}

/// What our script asks for, by whoever is signed in; it reads problems, not pages.
async fn scripted<F>(store: &Store, headers: &HeaderMap, act: F) -> Response
where
    F: AsyncFnOnce(Session) -> Result<Response, NotDone>,
{
    let session = match same_site(headers) {
        Ok(()) => Session::of(headers, store).await,
        Err(foreign) => Err(foreign),
    };
    let session = match session.and_then(|session| session.ok_or_else(|| problems::unknown_token().into())) {
        Ok(session) => session,
        Err(not_done) => return problem_for_script(not_done, headers),
    };
    let person = session.person.clone();
    act(session).await.unwrap_or_else(|not_done| {
        let mut response = problem_for_script(not_done, headers);
        response.extensions_mut().insert(AskedBy(person));
        response
    })
}

pub(super) async fn offer_registration(State(store): State<Arc<Store>>, headers: HeaderMap) -> Response {
    scripted(&store, &headers, async |session| {
        Ok(Json(passkeys::offer_registration(&store, &session.person).await?).into_response())
    })
    .await
}

pub(super) async fn register(
    State(store): State<Arc<Store>>,
    headers: HeaderMap,
    JsonBody(made): JsonBody<HandedIn>,
) -> Response {
    scripted(&store, &headers, async |session| {
        passkeys::register(&store, &session.person, &made.ceremony, &made.name, &made.answer).await?;
        Ok(next("/account"))
    })
    .await
}

pub(super) async fn remove(State(store): State<Arc<Store>>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    sent(&store, &headers, async |session, _| {
        let owner = passkeys::remove(&store, Actor::Person(&session.person), &id).await?;
        if owner == session.person.id { back_to("/account") } else { back_to(&format!("/members/{owner}")) }
    })
    .await
}

pub(super) async fn offer_sign_in(State(store): State<Arc<Store>>, headers: HeaderMap) -> Response {
    let offered = same_site(&headers).and_then(|()| passkeys::offer_sign_in(&store));
    offered.map_or_else(|not_done| problem_for_script(not_done, &headers), |offer| Json(offer).into_response())
}

pub(super) async fn sign_in(
    State(store): State<Arc<Store>>,
    headers: HeaderMap,
    JsonBody(used): JsonBody<HandedIn>,
) -> Response {
    let signed_in = async {
        same_site(&headers)?;
        passkeys::sign_in(&store, &used.ceremony, &used.answer, browser(&headers)).await
    };
    match signed_in.await {
        Ok(secret) => with_cookie(&store, secret.reveal(), SESSION_MS / 1000, next("/")),
        Err(not_done) => problem_for_script(not_done, &headers),
    }
}

pub(super) async fn offer_decision(
    State(store): State<Arc<Store>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    scripted(&store, &headers, async |session| {
        Ok(Json(passkeys::offer_decision(&store, &session.person, &id).await?).into_response())
    })
    .await
}

pub(super) async fn decide(
    State(store): State<Arc<Store>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    JsonBody(used): JsonBody<HandedIn>,
) -> Response {
    scripted(&store, &headers, async |session| {
        passkeys::agree(&store, &session.person, &id, &used.ceremony, &used.answer).await?;
        Ok(next(format!("/submissions/{id}")))
    })
    .await
}
