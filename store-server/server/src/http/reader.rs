//! Who is asking: a bearer token at the API, a session cookie at the console.

use std::sync::Arc;

use axum::{
    Json,
    extract::{
        FromRequest, FromRequestParts, OptionalFromRequest, Query, Request,
        rejection::{JsonRejection, QueryRejection},
    },
    http::{HeaderMap, header, request::Parts},
};
use serde::de::DeserializeOwned;

use super::{acts::Asker, pace::Who};
use crate::{
    audit::Caller,
    database::{
        people::{self, Person},
        sessions, tokens,
    },
    error::NotDone,
    problems,
    secret::Secret,
    store::Store,
};

/// The name of the console's cookie.
pub(crate) const COOKIE: &str = "guichet_session";

/// The token of an `Authorization: Bearer` header.
pub(super) fn bearer(headers: &HeaderMap) -> Option<Secret> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| Secret::received(token))
}

/// The value of one cookie.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

impl FromRequestParts<Arc<Store>> for Person {
    type Rejection = NotDone;

    async fn from_request_parts(parts: &mut Parts, store: &Arc<Store>) -> Result<Self, NotDone> {
        if let Some(Asker(person)) = parts.extensions.get() {
            return Ok(person.clone());
        }
        let token = bearer(&parts.headers).ok_or_else(problems::unknown_token)?;
        let mut connection = store.database.read().await?;
        let person = match people::by_token(&mut connection, token.digest()).await? {
            Some(person) => Some(person),
            None => tokens::by_secret(&mut connection, token.digest(), store.clock.now_ms()).await?,
        };
        let person = person.ok_or_else(problems::unknown_token)?;
        let now_ms = store.clock.now_ms();
        store.paces.admit(Who::Token(token.digest()), now_ms)?;
        store.paces.admit(Who::Person(person.id.clone()), now_ms)?;
        if let Some(caller) = parts.extensions.get::<Caller>() {
            caller.is(&person);
        }
        Ok(person)
    }
}

/// Somebody signed in at the console.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    /// Who.
    pub(crate) person: Person,
    /// Which sign-in it is, to end it by.
    pub(crate) id: String,
}

impl Session {
    /// The session of this request, if there is one that has not run out.
    pub(crate) async fn of(headers: &HeaderMap, store: &Store) -> Result<Option<Self>, NotDone> {
        let Some(secret) = cookie(headers, COOKIE).map(Secret::received) else {
            return Ok(None);
        };
        let mut connection = store.database.read().await?;
        let found = sessions::by_secret(&mut connection, secret.digest(), store.clock.now_ms()).await?;
        Ok(found.map(|record| Self { person: record.person, id: record.id }))
    }
}

/// A JSON body whose faults are told as a problem.
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Arc<Store>> for JsonBody<T> {
    type Rejection = NotDone;

    async fn from_request(request: Request, store: &Arc<Store>) -> Result<Self, NotDone> {
        let body: Result<Json<T>, JsonRejection> =
            <Json<T> as FromRequest<Arc<Store>>>::from_request(request, store).await;
        body.map(|Json(body)| Self(body)).map_err(|rejection| problems::not_the_json(&rejection.body_text()).into())
    }
}

impl<T: DeserializeOwned> OptionalFromRequest<Arc<Store>> for JsonBody<T> {
    type Rejection = NotDone;

    async fn from_request(request: Request, store: &Arc<Store>) -> Result<Option<Self>, NotDone> {
        if !request.headers().contains_key(header::CONTENT_TYPE) {
            return Ok(None);
        }
        <Self as FromRequest<Arc<Store>>>::from_request(request, store).await.map(Some)
    }
}

/// What narrows a list, after the `?`, whose faults are told as a problem.
pub(crate) struct Narrowed<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<Arc<Store>> for Narrowed<T> {
    type Rejection = NotDone;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Store>) -> Result<Self, NotDone> {
        let query: Result<Query<T>, QueryRejection> = Query::try_from_uri(&parts.uri);
        query
            .map(|Query(query)| Self(query))
            .map_err(|rejection| problems::not_the_query(&rejection.body_text()).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, "a=1; guichet_session=gst_x; guichet_session2=no".parse().unwrap());
        assert_eq!(cookie(&headers, COOKIE), Some("gst_x"));
        assert_eq!(cookie(&headers, "session"), None);
    }

    #[test]
    fn a_bearer_token_needs_its_scheme() {
        let mut headers = HeaderMap::new();
        assert!(bearer(&headers).is_none());
        headers.insert(header::AUTHORIZATION, "Basic abc".parse().unwrap());
        assert!(bearer(&headers).is_none());
        headers.insert(header::AUTHORIZATION, "bearer abc".parse().unwrap());
        assert_eq!(bearer(&headers), Some(Secret::received("abc")));
    }
}
