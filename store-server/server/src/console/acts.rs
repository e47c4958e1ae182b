//! What people do with a submission besides signing it: each is a form, and works without script.

use std::sync::Arc;

use axum::{
    Form, Json,
    extract::{Path, State},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::frame::{back_to, sent, signed_in};
use super::words::Language;
use crate::{
    database::{jobs, passkeys, reviews, talk},
    error::NotDone,
    lifecycle,
    people::Actor,
    review,
    store::Store,
    submissions,
};

#[derive(Deserialize)]
pub(super) struct Words {
    #[serde(default)]
    text: String,
    /// A common reason, chosen from a list.
    #[serde(default)]
    canned: String,
}

impl Words {
    fn all(&self) -> String {
        format!("{} {}", self.canned.trim(), self.text.trim()).trim().to_owned()
    }
}

fn page(id: &str) -> Result<Response, NotDone> {
    back_to(&format!("/submissions/{id}"))
}

pub(super) async fn refuse(
    State(store): State<Arc<Store>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(form): Form<Words>,
) -> Response {
    sent(&store, &headers, async |session, _| {
        review::refuse(&store, &session.person, &id, &form.all()).await?;
        page(&id)
    })
    .await
}

pub(super) async fn say(
    State(store): State<Arc<Store>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(form): Form<Words>,
) -> Response {
    sent(&store, &headers, async |session, _| {
        review::say(&store, &session.person, &id, &form.all()).await?;
        back_to(&format!("/submissions/{id}#conversation"))
    })
    .await
}

pub(super) async fn quarantine(
    State(store): State<Arc<Store>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(form): Form<Words>,
) -> Response {
    sent(&store, &headers, async |session, _| {
        review::quarantine(&store, &session.person, &id, &form.all()).await?;
        page(&id)
    })
    .await
}

pub(super) async fn free(
    State(store): State<Arc<Store>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(form): Form<Words>,
) -> Response {
    sent(&store, &headers, async |session, _| {
        review::free(&store, &session.person, &id, &form.all()).await?;
        page(&id)
    })
    .await
}

pub(super) async fn claim(State(store): State<Arc<Store>>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    sent(&store, &headers, async |session, _| {
        review::claim(&store, &session.person, &id).await?;
        page(&id)
    })
    .await
}

pub(super) async fn unclaim(State(store): State<Arc<Store>>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    sent(&store, &headers, async |session, _| {
        review::unclaim(&store, &session.person, &id).await?;
        back_to("/")
    })
    .await
}

pub(super) async fn withdraw(State(store): State<Arc<Store>>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    sent(&store, &headers, async |session, _| {
        lifecycle::withdraw(&store, &session.person, &id).await?;
        page(&id)
    })
    .await
}

pub(super) async fn hand_in(State(store): State<Arc<Store>>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    sent(&store, &headers, async |session, _| {
        lifecycle::hand_in(&store, &session.person, &id).await?;
        page(&id)
    })
    .await
}

pub(super) async fn archive(State(store): State<Arc<Store>>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    sent(&store, &headers, async |session, _| {
        lifecycle::archive(&store, &session.person, &id).await?;
        page(&id)
    })
    .await
}

#[derive(Serialize)]
struct Now {
    now: String,
}

/// What a page compares to say that it is no longer how things are.
pub(super) async fn now(State(store): State<Arc<Store>>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    signed_in(&store, &headers, Language::of(None, &headers), async |session| {
        submissions::readable(&store, &session.person, &id).await?;
        let now = mark(&store, Actor::Person(&session.person), &id).await?;
        Ok(Json(Now { now }).into_response())
    })
    .await
}

/// State, signatures, agreement, claim, messages and checks of a submission in one short text.
pub(super) async fn mark(store: &Store, by: Actor<'_>, id: &str) -> Result<String, NotDone> {
    let mut connection = store.database.read().await?;
    let record = crate::database::submissions::get(&mut connection, id).await?;
    let state = record.map(|record| record.state.as_str()).unwrap_or_default();
    let signed = reviews::approvals(&mut connection, id).await?.len();
    let claim = talk::claimed(&mut connection, id).await?.map(|claim| claim.name).unwrap_or_default();
    let said = talk::said(&mut connection, id).await?.len();
    let agreed = match by.id() {
        Some(person) => passkeys::decided(&mut connection, id, person).await?.is_some(),
        None => false,
    };
    let looked = jobs::of(&mut connection, id).await?.iter().filter(|job| job.state.is_ended()).count();
    Ok(format!("{state} {signed} {agreed} {said} {looked} {claim}"))
}
