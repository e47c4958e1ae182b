//! The catalogue, for everybody; and the shelf, for those who look after it.

use std::sync::Arc;

use axum::{
    Json,
    extract::{OriginalUri, Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use guichet_api::{Problem, ServiceDetail, ServiceList, Shelf, StopReason, paths};
use guichet_contract::{AppId, Part};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    etag,
    page::{Asked, Order},
    reader::{JsonBody, Narrowed},
};
use crate::{
    catalogue::{self, MOST_ASKED, Needs, Query, Wanted},
    database::people::Person,
    error::NotDone,
    people::Actor,
    problems,
    store::Store,
};

pub(super) fn routes() -> OpenApiRouter<Arc<Store>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(icon))
        .routes(routes!(delist))
        .routes(routes!(list_again))
}

/// What somebody looks for, as it stands in an address.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Search {
    pub(crate) q: Option<String>,
    pub(crate) event: Option<String>,
    pub(crate) needs: Option<String>,
    pub(crate) has: Option<String>,
}

impl Search {
    /// The same as it is meant. What is left empty in a form is not asked.
    pub(crate) fn wanted(&self) -> Result<Wanted, NotDone> {
        let said = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let wrong = |reason: &str| NotDone::from(problems::not_the_query(reason));
        let query = Query::new(self.q.as_deref().unwrap_or_default());
        let query = query.ok_or_else(|| wrong(&format!("`q` has more than {MOST_ASKED} characters")))?;
        let glaze = match said(&self.event) {
            Some(text) => Some(text.parse().map_err(|_| wrong("`event` is none of the eight glazes"))?),
            None => None,
        };
        let needs = match said(&self.needs) {
            Some(text) => {
                let needs = Needs::all().find(|needs| needs.as_str() == text);
                Some(needs.ok_or_else(|| wrong("`needs` is neither `nothing` nor a part of a terminal"))?)
            }
            None => None,
        };
        let has =
            match said(&self.has) {
                Some(text) if text == "nothing" => Some(Vec::new()),
                Some(text) => {
                    let parts: Option<Vec<Part>> = text.split(',').map(Part::named).collect();
                    Some(parts.ok_or_else(|| {
                        wrong("`has` is neither `nothing` nor parts of a terminal with commas between")
                    })?)
                }
                None => None,
            };
        Ok(Wanted { query, glaze, needs, has })
    }
}

/// The services that people may find.
#[utoipa::path(get, path = paths::SERVICES, tag = "services", security(()),
    params(
        ("q" = Option<String>, Query, max_length = 100, description = "Words to find in names, descriptions, departments and life events, Chinese or English."),
        ("event" = Option<String>, Query, pattern = "^(celadon|indigo|plum|ochre|persimmon|moss|rose|slate)?$", description = "Only those of this life event, by its glaze."),
        ("needs" = Option<String>, Query, pattern = "^(nothing|print|card|speech|clipboard|scan|notify|files|open-app|telemetry)?$", description = "Only those that need this part of a terminal, or none."),
        ("has" = Option<String>, Query, pattern = "^(nothing|(print|card|speech|clipboard|scan|notify|files|open-app|telemetry)(,(print|card|speech|clipboard|scan|notify|files|open-app|telemetry))*)?$", description = "Only those that work on a terminal with these parts and no others, or with none."),
    ),
    responses(
        (status = 200, body = ServiceList),
        (status = 400, body = Problem, content_type = "application/problem+json"),
    ))]
async fn list(
    State(store): State<Arc<Store>>,
    Narrowed(search): Narrowed<Search>,
    Narrowed(asked): Narrowed<Asked>,
    uri: OriginalUri,
) -> Result<Response, NotDone> {
    let (found, events) = catalogue::find(&store, &search.wanted()?).await?;
    let page = asked.of(found, Order::Rising, |found| found.key.clone())?;
    let list = |items: Vec<catalogue::Found>| ServiceList {
        items: items.into_iter().map(|found| found.service).collect(),
        events,
    };
    Ok(page.answered(&uri, list))
}

/// One service with all that people may want to know.
#[utoipa::path(get, path = paths::SERVICE, tag = "services", security(()), params(("app" = String, Path)),
    responses(
        (status = 200, body = ServiceDetail),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 410, body = Problem, content_type = "application/problem+json"),
    ))]
async fn show(State(store): State<Arc<Store>>, Path(app): Path<String>) -> Result<Json<ServiceDetail>, NotDone> {
    Ok(Json(catalogue::detail(&store, &app).await?))
}

/// A picture.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "only describes what is answered")]
struct Picture(Vec<u8>);

/// The icon of a service, as it is in its package.
#[utoipa::path(get, path = paths::SERVICE_ICON, tag = "services", security(()), params(("app" = String, Path)),
    responses(
        (status = 200, body = inline(Picture), content_type = "image/*"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 410, body = Problem, content_type = "application/problem+json"),
    ))]
async fn icon(State(store): State<Arc<Store>>, Path(app): Path<String>) -> Result<Response, NotDone> {
    let (digest, bytes, media_type) = catalogue::icon(&store, &app).await?;
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    if let Ok(kind) = HeaderValue::from_str(&media_type) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    if let Ok(tag) = HeaderValue::from_str(&etag::quoted(digest)) {
        headers.insert(header::ETAG, tag);
    }
    Ok(response)
}

fn named(app: &str) -> Result<AppId, NotDone> {
    Ok(app.parse().map_err(|_| catalogue::problems::no_such_service(app))?)
}

/// Takes a service off the shelf: people no longer find it, and where it is installed it goes on working.
#[utoipa::path(post, path = paths::DELISTING, tag = "services", params(("app" = String, Path)), request_body = StopReason,
    responses(
        (status = 200, body = Shelf),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ))]
async fn delist(
    State(store): State<Arc<Store>>,
    person: Person,
    Path(app): Path<String>,
    JsonBody(StopReason { reason }): JsonBody<StopReason>,
) -> Result<Json<Shelf>, NotDone> {
    Ok(Json(catalogue::delist(&store, Actor::Person(&person), &named(&app)?, &reason).await?))
}

/// Puts a service back on the shelf.
#[utoipa::path(post, path = paths::LISTING, tag = "services", params(("app" = String, Path)), request_body = StopReason,
    responses(
        (status = 200, body = Shelf),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ))]
async fn list_again(
    State(store): State<Arc<Store>>,
    person: Person,
    Path(app): Path<String>,
    JsonBody(StopReason { reason }): JsonBody<StopReason>,
) -> Result<Json<Shelf>, NotDone> {
    Ok(Json(catalogue::list_again(&store, Actor::Person(&person), &named(&app)?, &reason).await?))
}
