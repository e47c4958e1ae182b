//! What operators do about releases that are out already: each route parses, calls one verb, answers.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use guichet_api::{Problem, Reach, ResumeReason, Revert, Stage, StopReason, Submission, paths};
use guichet_contract::{AppId, Channel};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::reader::JsonBody;
use crate::{database::people::Person, error::NotDone, problems, reissue, rollout, store::Store};

pub(super) fn routes() -> OpenApiRouter<Arc<Store>> {
    OpenApiRouter::new()
        .routes(routes!(halt))
        .routes(routes!(resume))
        .routes(routes!(let_out))
        .routes(routes!(revert))
        .routes(routes!(recall))
}

/// The line of releases that a path names.
fn line(app: &str, channel: &str) -> Result<(AppId, Channel), NotDone> {
    match (app.parse(), channel.parse()) {
        (Ok(app), Ok(channel)) => Ok((app, channel)),
        _ => Err(problems::no_such_page("POST", &format!("/apps/{app}/{channel}")).into()),
    }
}

/// Holds the newest release back: no device takes it until `resume`; whoever has nothing yet takes the one before.
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
    let sequence = rollout::halt(&store, &person, &app_id, &channel, &reason).await?;
    Ok(Json(Reach { app_id, channel, sequence }))
}

/// Lets the releases go on.
#[utoipa::path(post, path = paths::RESUME, tag = "releases", request_body = Option<ResumeReason>,
    params(("app" = String, Path), ("channel" = String, Path)),
    responses(
        (status = 200, body = Reach),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ))]
async fn resume(
    State(store): State<Arc<Store>>,
    person: Person,
    Path((app, channel)): Path<(String, String)>,
    body: Option<JsonBody<Option<ResumeReason>>>,
) -> Result<Json<Reach>, NotDone> {
    let (app_id, channel) = line(&app, &channel)?;
    let reason = body.and_then(|JsonBody(body)| body?.reason);
    let sequence = rollout::resume(&store, &person, &app_id, &channel, reason.as_deref()).await?;
    Ok(Json(Reach { app_id, channel, sequence }))
}

/// Lets the newest release out to so many of 10 000 terminals, within what its reviewers have signed.
#[utoipa::path(post, path = paths::ROLLOUT, tag = "releases", request_body = Stage,
    params(("app" = String, Path), ("channel" = String, Path)),
    responses(
        (status = 200, body = Reach),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ))]
async fn let_out(
    State(store): State<Arc<Store>>,
    person: Person,
    Path((app, channel)): Path<(String, String)>,
    JsonBody(Stage { ceiling, reason }): JsonBody<Stage>,
) -> Result<Json<Reach>, NotDone> {
    let (app_id, channel) = line(&app, &channel)?;
    let sequence = rollout::let_out(&store, &person, &app_id, &channel, ceiling, &reason).await?;
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
    rollout::may_stop(&store, &person, &app_id, &channel).await?;
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
    rollout::may_stop(&store, &person, &app_id, &channel).await?;
    let proposed = reissue::recall(&store, &person, &app_id, &channel, &reason).await?;
    Ok((StatusCode::CREATED, Json(proposed)))
}
