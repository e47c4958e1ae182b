//! What machines looked at: each route parses, calls one verb, answers.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::header,
    response::IntoResponse,
};
use guichet_api::{CheckAgain, CheckList, Journeys, PagePictureList, Problem, paths};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    etag,
    reader::{JsonBody, Narrowed},
};
use crate::{checks, database::people::Person, error::NotDone, store::Store};

pub(super) fn routes() -> OpenApiRouter<Arc<Store>> {
    OpenApiRouter::new()
        .routes(routes!(list, again))
        .routes(routes!(journeys))
        .routes(routes!(pictures))
        .routes(routes!(picture))
}

/// What machines looked at before people do, and what they found; what is under way is shown as such.
#[utoipa::path(get, path = paths::CHECKS, tag = "review", params(("id" = String, Path)),
    responses(
        (status = 200, body = CheckList),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ))]
async fn list(
    State(store): State<Arc<Store>>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Json<CheckList>, NotDone> {
    Ok(Json(CheckList { items: checks::of(&store, &person, &id).await? }))
}

/// Has a check made again, which has ended.
#[utoipa::path(post, path = paths::CHECKS, tag = "review", params(("id" = String, Path)), request_body = CheckAgain,
    responses(
        (status = 200, body = CheckList),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ))]
async fn again(
    State(store): State<Arc<Store>>,
    person: Person,
    Path(id): Path<String>,
    JsonBody(CheckAgain { name }): JsonBody<CheckAgain>,
) -> Result<Json<CheckList>, NotDone> {
    checks::retry(&store, &person, &id, name.as_str()).await?;
    Ok(Json(CheckList { items: checks::of(&store, &person, &id).await? }))
}

/// Takes the journeys of the app, which are no part of its package, and runs them while it is in review.
#[utoipa::path(post, path = paths::JOURNEYS, tag = "submissions", params(("id" = String, Path)), request_body = Journeys,
    responses(
        (status = 200, body = CheckList),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ))]
async fn journeys(
    State(store): State<Arc<Store>>,
    person: Person,
    Path(id): Path<String>,
    JsonBody(journeys): JsonBody<Journeys>,
) -> Result<Json<CheckList>, NotDone> {
    checks::hand_over(&store, &person, &id, &journeys).await?;
    Ok(Json(CheckList { items: checks::of(&store, &person, &id).await? }))
}

/// Its pages as they are seen on terminals, in both languages, light and dark.
#[utoipa::path(get, path = paths::PICTURES, tag = "review", params(("id" = String, Path)),
    responses(
        (status = 200, body = PagePictureList),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ))]
async fn pictures(
    State(store): State<Arc<Store>>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Json<PagePictureList>, NotDone> {
    Ok(Json(PagePictureList { items: checks::pictures::of(&store, &person, &id).await? }))
}

/// A PNG.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "only describes what is sent")]
struct Picture(Vec<u8>);

#[derive(Deserialize)]
struct Which {
    #[serde(default)]
    before: bool,
}

/// One of those pictures.
#[utoipa::path(get, path = paths::PICTURE, tag = "review",
    params(
        ("id" = String, Path),
        ("name" = String, Path),
        ("before" = Option<bool>, Query, description = "That of the release before."),
    ),
    responses(
        (status = 200, body = inline(Picture), content_type = "image/png"),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ))]
async fn picture(
    State(store): State<Arc<Store>>,
    person: Person,
    Path((id, name)): Path<(String, String)>,
    Narrowed(Which { before }): Narrowed<Which>,
) -> Result<impl IntoResponse, NotDone> {
    let png = checks::pictures::one(&store, &person, &id, &name, before).await?;
    let tag = etag::of(&png);
    Ok(([(header::CONTENT_TYPE, "image/png".to_owned()), (header::ETAG, tag)], png))
}
