//! What a request that changes something may say about itself: that it is the same as before (`Idempotency-Key`), and of
//! what state its asker speaks (`If-Match`).

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use guichet_api::paths;

use super::{API, etag, lines, once};
use crate::{
    database::{
        act::{Act, AsSeen},
        people::Person,
    },
    error::{NotDone, StoreError},
    store::Store,
    submissions,
};

/// Who asks, found out before a route does.
#[derive(Clone, Debug)]
pub(super) struct Asker(pub(super) Person);

/// Heeds both, where either is said. Devices' beacons have neither.
pub(super) async fn heed(State(store): State<Arc<Store>>, request: Request, next: Next) -> Response {
    let says = request.headers().contains_key(once::KEY) || request.headers().contains_key(header::IF_MATCH);
    let is_beacon = request.uri().path().strip_prefix(API) == Some(paths::BEACONS);
    if request.method() != Method::POST || is_beacon || !says {
        return next.run(request).await;
    }
    act(store, request, next).await.unwrap_or_else(IntoResponse::into_response)
}

async fn act(store: Arc<Store>, request: Request, next: Next) -> Result<Response, NotDone> {
    let (mut parts, body) = request.into_parts();
    let person = Person::from_request_parts(&mut parts, &store).await?;
    parts.extensions.insert(Asker(person.clone()));
    let as_seen = etag::listed(&parts.headers, header::IF_MATCH)
        .and_then(|tags| as_seen(Arc::clone(&store), person, parts.uri.path(), tags));
    if parts.headers.contains_key(once::KEY) {
        return once::answer(store, parts, body, as_seen, next).await;
    }
    Ok(Act::new(None, as_seen).within(next.run(Request::from_parts(parts, body))).await)
}

/// Whether what a path changes is what its `GET` gave with one of these tags. What the asker may not see is left to the route
/// to refuse.
fn as_seen(store: Arc<Store>, person: Person, path: &str, tags: String) -> Option<AsSeen> {
    let parts: Vec<String> = path.strip_prefix(API)?.split('/').skip(1).map(str::to_owned).collect();
    let parts: [String; 3] = match <[String; 4]>::try_from(parts) {
        Ok([first, app, channel, _]) if first == "apps" => ["apps".to_owned(), app, channel],
        Ok(_) => return None,
        Err(parts) => match <[String; 3]>::try_from(parts) {
            Ok([first, id, _]) if first == "submissions" => [first, id, String::new()],
            _ => return None,
        },
    };
    Some(Box::pin(async move {
        let [what, first, second] = &parts;
        let now = match what.as_str() {
            "apps" => lines::detail(&store, &person, first, second).await.map(|line| serde_json::to_vec(&line)),
            _ => submissions::detail(&store, &person, first).await.map(|detail| serde_json::to_vec(&detail)),
        };
        match now {
            Ok(Ok(body)) => Ok(etag::names(&tags, &etag::of(&body), false)),
            Ok(Err(error)) => Err(StoreError::document("write an answer")(error)),
            Err(NotDone::Refused(_)) => Ok(true),
            Err(NotDone::Failed(error)) => Err(error),
        }
    }))
}
