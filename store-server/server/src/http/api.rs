//! The API: each route parses, calls one verb, answers.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Body,
    extract::{DefaultBodyLimit, OriginalUri, Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use guichet_api::{
    Approval, Beginning, Health, Me, PACKAGE_MEDIA_TYPE, Problem, Proposal, RefusalReason, Submission,
    SubmissionDetail, SubmissionList, SubmissionState, Trial, paths,
};
use serde::Deserialize;
use tokio_util::io::ReaderStream;
use utoipa::{
    Modify, OpenApi, ToSchema,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    API, etag,
    page::{Asked, Page},
    reader::{JsonBody, Narrowed},
    upload,
};
use crate::{
    admission::{self, HandedIn},
    database::people::Person,
    error::NotDone,
    lifecycle, problems, review, rollout,
    store::Store,
    submissions,
};

/// Role documents grow with the number of a department's apps.
pub(super) const JSON_LIMIT: usize = 8 * 1024 * 1024;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Guichet store",
        description = "Submit, review and release MiniApps. Devices need none of this: they read the static files.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    modifiers(&Token),
    security(("token" = [])),
)]
struct Document;

struct Token;

impl Modify for Token {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("A person's token.")).build();
        openapi.components.get_or_insert_default().add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

pub(super) fn routes() -> OpenApiRouter<Arc<Store>> {
    let api = OpenApiRouter::new()
        .routes(routes!(health))
        .routes(routes!(me))
        .routes(routes!(list, submit))
        .routes(routes!(show))
        .routes(routes!(package))
        .routes(routes!(propose))
        .routes(routes!(approve))
        .routes(routes!(refuse))
        .routes(routes!(withdraw))
        .routes(routes!(hand_in))
        .routes(routes!(begin))
        .routes(routes!(try_out))
        .routes(routes!(archive))
        .merge(super::releases::routes())
        .merge(super::lines::routes())
        .merge(super::services::routes())
        .merge(super::talk::routes())
        .merge(super::checks::routes())
        .merge(super::people::routes())
        .merge(super::record::routes())
        .layer(DefaultBodyLimit::max(JSON_LIMIT))
        .merge(super::beacons::routes())
        .merge(super::terminals::routes());
    OpenApiRouter::with_openapi(Document::openapi()).nest(API, api)
}

/// Serves the document.
pub(super) fn document(document: utoipa::openapi::OpenApi) -> Router<Arc<Store>> {
    let route = get(|| async move { Json(document) });
    Router::new().route(&format!("{API}{}", paths::OPENAPI), route)
}

/// Whether the store answers and reaches its database.
#[utoipa::path(get, path = paths::HEALTH, tag = "store", security(()),
    responses((status = 200, body = Health)))]
async fn health(State(store): State<Arc<Store>>) -> Result<Json<Health>, NotDone> {
    store.database.read().await?;
    Ok(Json(Health { status: "ok".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }))
}

/// Whom the token stands for.
#[utoipa::path(get, path = paths::ME, tag = "store",
    responses((status = 200, body = Me), (status = 401, body = Problem, content_type = "application/problem+json")))]
async fn me(person: Person) -> Json<Me> {
    Json(person.into())
}

/// The bytes of a `.ma` file.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "only describes what is streamed")]
struct PackageFile(Vec<u8>);

#[derive(Deserialize)]
struct Handing {
    #[serde(default)]
    draft: bool,
    replaces: Option<String>,
}

/// Hands in a package. It is checked while you wait: refused packages are not kept.
#[utoipa::path(post, path = paths::SUBMISSIONS, tag = "submissions",
    params(
        ("draft" = Option<bool>, Query, description = "Keep it as a draft of its publisher."),
        ("replaces" = Option<String>, Query, description = "The submission of the same app whose place it takes."),
    ),
    request_body(content = inline(PackageFile), content_type = PACKAGE_MEDIA_TYPE, description = "The `.ma` file."),
    responses(
        (status = 201, body = Submission),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ))]
async fn submit(
    State(store): State<Arc<Store>>,
    person: Person,
    Narrowed(handing): Narrowed<Handing>,
    headers: HeaderMap,
    body: Body,
) -> Result<impl IntoResponse, NotDone> {
    let department = admission::publisher(&person)?;
    let quarantined = upload::quarantine(&store, &headers, body).await?;
    let submission = admission::admit(
        &store,
        &person,
        &department,
        quarantined,
        HandedIn { as_draft: handing.draft, replaces: handing.replaces },
    )
    .await?;
    let location = format!("{API}{}", paths::of(paths::SUBMISSION, &submission.id));
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(submission)))
}

#[derive(Deserialize)]
struct Filter {
    state: Option<String>,
}

/// The submissions you may see, newest first.
#[utoipa::path(get, path = paths::SUBMISSIONS, tag = "submissions",
    params(("state" = Option<SubmissionState>, Query, description = "Only those in this state.")),
    responses(
        (status = 200, body = SubmissionList),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
    ))]
async fn list(
    State(store): State<Arc<Store>>,
    person: Person,
    Narrowed(filter): Narrowed<Filter>,
    Narrowed(asked): Narrowed<Asked>,
    uri: OriginalUri,
) -> Result<Response, NotDone> {
    let state = match filter.state.as_deref() {
        None => None,
        Some(text) => Some(text.parse().map_err(|_| problems::unknown_state(text))?),
    };
    let limit = asked.limit()?;
    let items = submissions::page(&store, &person, state, asked.after()?, limit + 1).await?;
    let page = Page::of(items, limit, |item| item.id.clone());
    Ok(page.answered(&uri, |items| SubmissionList { items }))
}

/// One submission with all that a reviewer decides on.
#[utoipa::path(get, path = paths::SUBMISSION, tag = "submissions", params(("id" = String, Path)),
    responses(
        (status = 200, body = SubmissionDetail),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ))]
async fn show(
    State(store): State<Arc<Store>>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Json<SubmissionDetail>, NotDone> {
    Ok(Json(submissions::detail(&store, &person, &id).await?))
}

/// The package as it was submitted.
#[utoipa::path(get, path = paths::PACKAGE, tag = "submissions", params(("id" = String, Path)),
    responses(
        (status = 200, body = inline(PackageFile), content_type = PACKAGE_MEDIA_TYPE),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    ))]
async fn package(
    State(store): State<Arc<Store>>,
    person: Person,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, NotDone> {
    let record = submissions::readable(&store, &person, &id).await?;
    let file = submissions::file(&store, record.package).await?;
    let name = format!("attachment; filename=\"{}-{}.ma\"", record.app_id, record.version.code);
    let headers = [
        (header::CONTENT_TYPE, PACKAGE_MEDIA_TYPE.to_owned()),
        (header::CONTENT_LENGTH, record.package_length.to_string()),
        (header::CONTENT_DISPOSITION, name),
        (header::ETAG, etag::quoted(record.package)),
    ];
    Ok((headers, Body::from_stream(ReaderStream::new(file))))
}

/// What a reviewer's machine would sign.
#[utoipa::path(get, path = paths::PROPOSAL, tag = "review", params(("id" = String, Path)),
    responses(
        (status = 200, body = Proposal),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ))]
async fn propose(
    State(store): State<Arc<Store>>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Json<Proposal>, NotDone> {
    Ok(Json(review::propose(&store, &person, &id).await?))
}

/// Hands in what a reviewer's machine has signed. With the last signature needed, the release is made and published.
#[utoipa::path(post, path = paths::APPROVAL, tag = "review", params(("id" = String, Path)), request_body = Approval,
    responses(
        (status = 200, body = Submission),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ))]
async fn approve(
    State(store): State<Arc<Store>>,
    person: Person,
    Path(id): Path<String>,
    JsonBody(approval): JsonBody<Approval>,
) -> Result<Json<Submission>, NotDone> {
    Ok(Json(review::approve(&store, &person, &id, approval).await?))
}

/// Asks for changes, and says which.
#[utoipa::path(post, path = paths::REFUSAL, tag = "review", params(("id" = String, Path)), request_body = RefusalReason,
    responses(
        (status = 200, body = Submission),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ))]
async fn refuse(
    State(store): State<Arc<Store>>,
    person: Person,
    Path(id): Path<String>,
    JsonBody(refusal): JsonBody<RefusalReason>,
) -> Result<Json<Submission>, NotDone> {
    Ok(Json(review::refuse(&store, &person, &id, &refusal.reason).await?))
}

/// Takes a submission back, at any time before it is approved. It is a draft again.
#[utoipa::path(post, path = paths::WITHDRAWAL, tag = "submissions", params(("id" = String, Path)),
    responses(
        (status = 200, body = Submission),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ))]
async fn withdraw(
    State(store): State<Arc<Store>>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Json<Submission>, NotDone> {
    Ok(Json(lifecycle::withdraw(&store, &person, &id).await?))
}

/// Hands a draft in, or what was to be changed and needs no change after all.
#[utoipa::path(post, path = paths::HANDING_IN, tag = "submissions", params(("id" = String, Path)),
    responses(
        (status = 200, body = Submission),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ))]
async fn hand_in(
    State(store): State<Arc<Store>>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Json<Submission>, NotDone> {
    Ok(Json(lifecycle::hand_in(&store, &person, &id).await?))
}

/// Puts away what nobody goes on with.
#[utoipa::path(post, path = paths::ARCHIVING, tag = "submissions", params(("id" = String, Path)),
    responses(
        (status = 200, body = Submission),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ))]
async fn archive(
    State(store): State<Arc<Store>>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Json<Submission>, NotDone> {
    Ok(Json(lifecycle::archive(&store, &person, &id).await?))
}

/// Says how its release is to begin: with how many terminals, when, and in which groups. Groups are signed by reviewers, so
/// changing them lets what was signed lapse.
#[utoipa::path(post, path = paths::BEGINNING, tag = "submissions", params(("id" = String, Path)), request_body = Beginning,
    responses(
        (status = 200, body = Submission),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ))]
async fn begin(
    State(store): State<Arc<Store>>,
    person: Person,
    Path(id): Path<String>,
    // None of its members is needed, so that a list of nothing would pass for one.
    JsonBody(members): JsonBody<serde_json::Map<String, serde_json::Value>>,
) -> Result<Json<Submission>, NotDone> {
    let beginning: Beginning = serde_json::from_value(serde_json::Value::Object(members))
        .map_err(|error| problems::not_the_json(&error.to_string()))?;
    Ok(Json(rollout::begin(&store, &person, &id, &beginning).await?))
}

/// Says who may try a draft out. They see it at `/trials/{id}` of the console, and nobody else does.
#[utoipa::path(post, path = paths::TRIAL, tag = "submissions", params(("id" = String, Path)), request_body = Trial,
    responses(
        (status = 200, body = Submission),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ))]
async fn try_out(
    State(store): State<Arc<Store>>,
    person: Person,
    Path(id): Path<String>,
    JsonBody(trial): JsonBody<Trial>,
) -> Result<Json<Submission>, NotDone> {
    Ok(Json(lifecycle::try_out(&store, &person, &id, &trial.testers).await?))
}
