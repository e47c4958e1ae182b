//! What terminals of halls ask and tell: no token, but their own signature.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Extension, Json,
    extract::{ConnectInfo, DefaultBodyLimit, Path, State},
    http::StatusCode,
};
use guichet_api::{
    Enrolled, Enrolment, MOST_PICTURE_BYTES, MOST_REPORT_BYTES, Problem, ReportTaken, SignedReport, TerminalPicture,
    paths,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{pace::Who, reader::JsonBody};
use crate::{
    error::NotDone,
    fleet::{self, problems},
    store::Store,
};

/// A report's text is escaped once more on the way.
const MOST_JSON: usize = 2 * MOST_REPORT_BYTES + 1024;
/// Base64 is a third longer.
const MOST_PICTURE_JSON: usize = MOST_PICTURE_BYTES / 3 * 4 + (16 << 10);

pub(super) fn routes() -> OpenApiRouter<Arc<Store>> {
    let told =
        OpenApiRouter::new().routes(routes!(enrol)).routes(routes!(tell)).layer(DefaultBodyLimit::max(MOST_JSON));
    told.merge(OpenApiRouter::new().routes(routes!(picture)).layer(DefaultBodyLimit::max(MOST_PICTURE_JSON)))
}

/// Takes a terminal in that has a code, and gives it what it needs: the trust file, the operator's key, its policy.
#[utoipa::path(post, path = paths::ENROLMENT, tag = "terminals", security(()), request_body = Enrolment,
    responses(
        (status = 200, body = Enrolled),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ))]
async fn enrol(
    State(store): State<Arc<Store>>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    JsonBody(enrolment): JsonBody<Enrolment>,
) -> Result<Json<Enrolled>, NotDone> {
    // Without a connection there is no address: somebody calls the router itself.
    if let Some(Extension(ConnectInfo(peer))) = peer
        && !store.paces.codes.admits(Who::Address(peer.ip()), store.clock.now_ms())
    {
        return Err(problems::too_many_codes().into());
    }
    Ok(Json(fleet::enrol(&store, &enrolment).await?))
}

/// Takes how a terminal is, and says what it is to do.
#[utoipa::path(post, path = paths::TERMINAL_REPORT, tag = "terminals", security(()), request_body = SignedReport,
    params(("id" = String, Path, description = "The terminal.")),
    responses(
        (status = 200, body = ReportTaken),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ))]
async fn tell(
    State(store): State<Arc<Store>>,
    Path(id): Path<String>,
    JsonBody(signed): JsonBody<SignedReport>,
) -> Result<Json<ReportTaken>, NotDone> {
    Ok(Json(fleet::tell(&store, &id, &signed).await?))
}

/// Takes a picture of a terminal's home page that somebody has asked for.
#[utoipa::path(post, path = paths::TERMINAL_PICTURE, tag = "terminals", security(()), request_body = TerminalPicture,
    params(("id" = String, Path, description = "The terminal.")),
    responses(
        (status = 204, description = "Kept."),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ))]
async fn picture(
    State(store): State<Arc<Store>>,
    Path(id): Path<String>,
    JsonBody(sent): JsonBody<TerminalPicture>,
) -> Result<StatusCode, NotDone> {
    fleet::keep_picture(&store, &id, &sent).await?;
    Ok(StatusCode::NO_CONTENT)
}
