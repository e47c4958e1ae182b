//! What operators do about releases that are out already: each route parses, calls one verb, answers.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use guichet_api::{Problem, Reach, Revert, StopReason, Submission, paths};
use guichet_contract::{AppId, Channel};
use guichet_package::release::MOST_REASON;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::reader::JsonBody;
use crate::{
    access::{self, Action},
    brake,
    database::{log, people::Person},
    error::NotDone,
    people::Actor,
    problems, reissue,
    store::Store,
};

pub(super) fn routes() -> OpenApiRouter<Arc<Store>> {
    OpenApiRouter::new().routes(routes!(halt)).routes(routes!(resume)).routes(routes!(revert)).routes(routes!(recall))
}

/// The line of releases that a path names.
fn line(app: &str, channel: &str) -> Result<(AppId, Channel), NotDone> {
    match (app.parse(), channel.parse()) {
        (Ok(app), Ok(channel)) => Ok((app, channel)),
        _ => Err(problems::no_such_page("POST", &format!("/apps/{app}/{channel}")).into()),
    }
}

async fn may_stop(store: &Store, person: &Person, app: &AppId, channel: &Channel) -> Result<(), NotDone> {
    let latest = log::latest(&mut *store.database.read().await?, app, channel).await?;
    let department = latest.ok_or_else(|| problems::never_released(app, channel))?.department;
    access::check(person, Action::Stop, Some(&department))
}

/// Holds the newest release and those before it back: no device takes them until `resume` or a newer release.
#[utoipa::path(post, path = paths::HALT, tag = "releases", request_body = StopReason,
    params(("app" = String, Path), ("channel" = String, Path)),
    responses(
        (status = 200, body = Reach),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ))]
async fn halt(
    State(store): State<Arc<Store>>,
    person: Person,
    Path((app, channel)): Path<(String, String)>,
    JsonBody(StopReason { reason }): JsonBody<StopReason>,
) -> Result<Json<Reach>, NotDone> {
    let (app_id, channel) = line(&app, &channel)?;
    may_stop(&store, &person, &app_id, &channel).await?;
    let reason = reissue::plain(&reason).ok_or_else(|| problems::no_stop_reason(MOST_REASON))?;
    let sequence = brake::halt(&store, Actor::Person(&person), &app_id, &channel, &reason).await?;
    Ok(Json(Reach { app_id, channel, sequence }))
}

/// Lets the releases go on.
#[utoipa::path(post, path = paths::RESUME, tag = "releases",
    params(("app" = String, Path), ("channel" = String, Path)),
    responses(
        (status = 200, body = Reach),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ))]
async fn resume(
    State(store): State<Arc<Store>>,
    person: Person,
    Path((app, channel)): Path<(String, String)>,
) -> Result<Json<Reach>, NotDone> {
    let (app_id, channel) = line(&app, &channel)?;
    may_stop(&store, &person, &app_id, &channel).await?;
    let sequence = brake::resume(&store, Actor::Person(&person), &app_id, &channel).await?;
    Ok(Json(Reach { app_id, channel, sequence }))
}

/// Proposes the contents of an earlier release again; reviewers sign it like any other.
#[utoipa::path(post, path = paths::REVERT, tag = "releases", request_body = Revert,
    params(("app" = String, Path), ("channel" = String, Path)),
    responses(
        (status = 201, body = Submission),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ))]
async fn revert(
    State(store): State<Arc<Store>>,
    person: Person,
    Path((app, channel)): Path<(String, String)>,
    JsonBody(Revert { to, reason }): JsonBody<Revert>,
) -> Result<(StatusCode, Json<Submission>), NotDone> {
    let (app_id, channel) = line(&app, &channel)?;
    may_stop(&store, &person, &app_id, &channel).await?;
    let proposed = reissue::revert(&store, &person, &app_id, &channel, to, &reason).await?;
    Ok((StatusCode::CREATED, Json(proposed)))
}

/// Proposes to take the newest release back; reviewers sign it like any other.
#[utoipa::path(post, path = paths::RECALL, tag = "releases", request_body = StopReason,
    params(("app" = String, Path), ("channel" = String, Path)),
    responses(
        (status = 201, body = Submission),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ))]
async fn recall(
    State(store): State<Arc<Store>>,
    person: Person,
    Path((app, channel)): Path<(String, String)>,
    JsonBody(StopReason { reason }): JsonBody<StopReason>,
) -> Result<(StatusCode, Json<Submission>), NotDone> {
    let (app_id, channel) = line(&app, &channel)?;
    may_stop(&store, &person, &app_id, &channel).await?;
    let proposed = reissue::recall(&store, &person, &app_id, &channel, &reason).await?;
    Ok((StatusCode::CREATED, Json(proposed)))
}
