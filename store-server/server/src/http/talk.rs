//! What reviewers do before they decide: each route parses, calls one verb, answers.

use std::sync::Arc;

use axum::{
    Json,
    extract::{OriginalUri, Path, State},
    http::StatusCode,
    response::Response,
};
use guichet_api::{Claim, Message, MessageList, NewMessage, Problem, Submission, Why, paths};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    page::{Asked, Order},
    reader::{JsonBody, Narrowed},
};
use crate::{
    database::{people::Person, talk as records},
    error::NotDone,
    review,
    store::Store,
    submissions,
};

pub(super) fn routes() -> OpenApiRouter<Arc<Store>> {
    OpenApiRouter::new()
        .routes(routes!(claimed, claim))
        .routes(routes!(unclaim))
        .routes(routes!(messages, say))
        .routes(routes!(quarantine))
        .routes(routes!(free))
}

/// Who has taken a submission on.
#[utoipa::path(get, path = paths::CLAIM, tag = "review", params(("id" = String, Path)),
    responses(
        (status = 200, body = Claim),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ))]
async fn claimed(
    State(store): State<Arc<Store>>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Json<Claim>, NotDone> {
    submissions::readable(&store, &person, &id).await?;
    Ok(Json(held(&store, &id).await?))
}

async fn held(store: &Store, id: &str) -> Result<Claim, NotDone> {
    let claim = records::claimed(&mut *store.database.read().await?, id).await?;
    Ok(match claim {
        Some(claim) => Claim { by: Some(claim.name), at_ms: Some(claim.at_ms) },
        None => Claim { by: None, at_ms: None },
    })
}

/// Takes a submission on, also from a colleague: what is claimed is not locked.
#[utoipa::path(post, path = paths::CLAIM, tag = "review", params(("id" = String, Path)),
    responses(
        (status = 200, body = Claim),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ))]
async fn claim(
    State(store): State<Arc<Store>>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Json<Claim>, NotDone> {
    review::claim(&store, &person, &id).await?;
    Ok(Json(held(&store, &id).await?))
}

/// Gives a submission back to the queue.
#[utoipa::path(post, path = paths::UNCLAIM, tag = "review", params(("id" = String, Path)),
    responses(
        (status = 200, body = Claim),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ))]
async fn unclaim(
    State(store): State<Arc<Store>>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Json<Claim>, NotDone> {
    review::unclaim(&store, &person, &id).await?;
    Ok(Json(held(&store, &id).await?))
}

/// What was said about a submission, oldest first.
#[utoipa::path(get, path = paths::MESSAGES, tag = "review", params(("id" = String, Path)),
    responses(
        (status = 200, body = MessageList),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ))]
async fn messages(
    State(store): State<Arc<Store>>,
    person: Person,
    Path(id): Path<String>,
    Narrowed(asked): Narrowed<Asked>,
    uri: OriginalUri,
) -> Result<Response, NotDone> {
    submissions::readable(&store, &person, &id).await?;
    let said = records::said(&mut *store.database.read().await?, &id).await?;
    // Nothing is ever taken out, so that a place in the row is a key.
    let numbered = said.into_iter().enumerate().collect();
    let page = asked.of(numbered, Order::Rising, |(place, _)| format!("{place:09}"))?;
    Ok(page.answered(&uri, |items| MessageList { items: items.into_iter().map(|(_, said)| shown(said)).collect() }))
}

fn shown(said: records::MessageRecord) -> Message {
    Message { by: said.name, role: said.role, text: said.text, at_ms: said.at_ms }
}

/// Says something about a submission, which its publisher and its reviewers read.
#[utoipa::path(post, path = paths::MESSAGES, tag = "review", params(("id" = String, Path)), request_body = NewMessage,
    responses(
        (status = 201, body = Message),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ))]
async fn say(
    State(store): State<Arc<Store>>,
    person: Person,
    Path(id): Path<String>,
    JsonBody(new): JsonBody<NewMessage>,
) -> Result<(StatusCode, Json<Message>), NotDone> {
    let (by, role) = (person.name.clone(), person.role.to_string());
    let (text, at_ms) = review::say(&store, &person, &id, &new.text).await?;
    Ok((StatusCode::CREATED, Json(Message { by, role, text, at_ms })))
}

/// Holds a submission aside, and says why.
#[utoipa::path(post, path = paths::QUARANTINE, tag = "review", params(("id" = String, Path)), request_body = Why,
    responses(
        (status = 200, body = Submission),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ))]
async fn quarantine(
    State(store): State<Arc<Store>>,
    person: Person,
    Path(id): Path<String>,
    JsonBody(Why { reason }): JsonBody<Why>,
) -> Result<Json<Submission>, NotDone> {
    review::quarantine(&store, &person, &id, &reason).await?;
    Ok(Json(review::shown(&store, &id).await?))
}

/// Lets a submission out of quarantine, and says why.
#[utoipa::path(post, path = paths::FREEING, tag = "review", params(("id" = String, Path)), request_body = Why,
    responses(
        (status = 200, body = Submission),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ))]
async fn free(
    State(store): State<Arc<Store>>,
    person: Person,
    Path(id): Path<String>,
    JsonBody(Why { reason }): JsonBody<Why>,
) -> Result<Json<Submission>, NotDone> {
    review::free(&store, &person, &id, &reason).await?;
    Ok(Json(review::shown(&store, &id).await?))
}
