//! In through an organisation's identity provider: there, and back.

use std::sync::Arc;

use askama::Template;
use axum::{
    Form,
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{
    assets,
    frame::{back_to, problem_page, sent, shown},
    join::welcomed,
    people_words::PeopleWords,
    sign_in::{browser, with_cookie},
    words::Language,
};
use crate::{
    database::{identities, sessions::OpenedWith},
    error::NotDone,
    http::cookie,
    organisation::{self, Organisation, Returned, problems},
    people::{self, Actor, SESSION_MS},
    secret::Secret,
    store::Store,
};

/// What the browser keeps while somebody is at the organisation. It comes back with the way back from another site, so it is
/// `Lax`; it opens nothing by itself.
const KEPT: &str = "guichet_organisation";

#[derive(Deserialize)]
pub(super) struct Taking {
    invitation: Option<String>,
}

fn organisation(store: &Store) -> Result<&Organisation, NotDone> {
    Ok(store.organisation.as_ref().ok_or_else(problems::none_here)?)
}

fn keep(store: &Store, value: &str, seconds: u32, mut response: Response) -> Response {
    let secure = if store.settings.api_url.starts_with("https:") { "; Secure" } else { "" };
    let cookie =
        format!("{KEPT}={value}; Path=/sign-in/organisation; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Sends the browser to the organisation. It is a link and not a form: forms may not lead elsewhere.
pub(super) async fn begin(
    State(store): State<Arc<Store>>,
    Query(Taking { invitation }): Query<Taking>,
    headers: HeaderMap,
) -> Response {
    let language = Language::of(None, &headers);
    let begun = async {
        let invitation = invitation.as_deref().map(Secret::received);
        if let Some(secret) = &invitation {
            people::invited(&store, secret).await?;
        }
        organisation(&store)?.begin(invitation, store.clock.now_ms()).await
    };
    match begun.await {
        Ok((address, secret)) => keep(&store, secret.reveal(), 600, Redirect::to(&address).into_response()),
        Err(not_done) => problem_page(not_done, language),
    }
}

/// The browser is back.
pub(super) async fn answer(
    State(store): State<Arc<Store>>,
    Query(returned): Query<Returned>,
    headers: HeaderMap,
) -> Response {
    let language = Language::of(None, &headers);
    let answered = enter(&store, &headers, returned, language).await;
    keep(&store, "", 0, answered.unwrap_or_else(|not_done| problem_page(not_done, language)))
}

/// A page that goes on by itself. A browser that comes from elsewhere sends no `Strict` cookie along with what it is
/// redirected to, but does with what our own page leads to.
#[derive(Template)]
#[template(path = "entered.html")]
struct Entered {
    people: &'static PeopleWords,
    language: Language,
    sheets: [String; 2],
    name: String,
}

async fn enter(
    store: &Store,
    headers: &HeaderMap,
    returned: Returned,
    language: Language,
) -> Result<Response, NotDone> {
    let kept = cookie(headers, KEPT).map(Secret::received).ok_or_else(problems::over)?;
    let (subject, invitation) = organisation(store)?.end(&kept, returned, store.clock.now_ms()).await?;
    if let Some(invitation) = invitation {
        let welcome = people::join_as(store, &invitation, Some(&subject)).await?;
        return welcomed(store, headers, welcome, language).await;
    }
    let mut change = store.database.change().await?;
    let person = identities::person(&mut change, &subject).await?;
    let person = person.ok_or_else(|| problems::unknown(&subject.subject))?;
    let secret = people::sign_in_with(store, change, &person, OpenedWith::Organisation, browser(headers)).await?;
    let page = Entered { people: language.people_words(), language, sheets: assets::sheets(), name: person.name };
    Ok(with_cookie(store, secret.reveal(), SESSION_MS / 1000, shown(&page)?))
}

#[derive(Deserialize)]
pub(super) struct Linked {
    #[serde(default)]
    subject: String,
}

/// Links somebody to their account there, or ends that.
pub(super) async fn link(
    State(store): State<Arc<Store>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(Linked { subject }): Form<Linked>,
) -> Response {
    sent(&store, &headers, async |session, _| {
        let by = Actor::Person(&session.person);
        if subject.is_empty() {
            organisation::unlink(&store, by, &id).await?;
        } else {
            organisation::link(&store, by, &id, &subject).await?;
        }
        back_to(&format!("/members/{id}"))
    })
    .await
}
