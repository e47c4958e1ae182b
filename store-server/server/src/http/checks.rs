//! What machines looked at: each route parses, calls one verb, answers.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use guichet_api::{CheckAgain, CheckList, Problem, paths};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::reader::JsonBody;
use crate::{checks, database::people::Person, error::NotDone, store::Store};

pub(super) fn routes() -> OpenApiRouter<Arc<Store>> {
    OpenApiRouter::new().routes(routes!(list, again))
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
