//! The doors: the API, the static files and the console behind one router.

mod acts;
mod answer;
mod api;
mod beacons;
mod checks;
mod described;
mod door;
mod etag;
mod files;
mod lines;
mod once;
mod pace;
mod page;
mod people;
pub(crate) mod problems;
mod reader;
mod record;
mod releases;
mod security;
mod services;
mod talk;
mod terminals;
mod upload;

pub(crate) use answer::{answered, told};
pub(crate) use once::restore;
pub(crate) use reader::{COOKIE, JsonBody, Session, cookie};
pub(crate) use security::{WithScript, same_site};
pub(crate) use services::Search;

use std::sync::Arc;

use axum::{Router, middleware, routing::any};
use guichet_api::paths;
use tower_http::trace::TraceLayer;
use utoipa::openapi::OpenApi;

pub(crate) use files::Found;

pub use door::serve;
pub use files::Shelf;
pub use pace::{MOST_A_MINUTE, MOST_CODES, MOST_REQUESTS, MOST_SIGN_INS, Paces};

use crate::{audit, console, store::Store};

/// Everything the store answers.
pub fn router(store: Arc<Store>) -> Router {
    let (api, document) = api::routes().split_for_parts();
    let api = api
        .layer(middleware::from_fn_with_state(Arc::clone(&store), acts::heed))
        .layer(middleware::from_fn(etag::tagged));
    Router::new()
        .merge(api.merge(api::document(described::whole(document))))
        .merge(console::routes())
        .fallback(answer::nothing_here)
        .layer(middleware::from_fn_with_state(Arc::clone(&store), audit::watch))
        .layer(middleware::from_fn_with_state(Arc::clone(&store), pace::watch))
        .layer(middleware::map_response(security::headers))
        // What is public says itself who may keep it, and for how long.
        .route("/static/{*path}", any(files::serve))
        .route("/static/", any(files::serve))
        .layer(TraceLayer::new_for_http())
        .with_state(store)
}

/// The API as an OpenAPI document.
pub fn openapi() -> OpenApi {
    described::whole(api::routes().into_openapi())
}

/// Every page of the console with its methods, for who walks along them.
pub fn pages() -> &'static [(&'static str, &'static str)] {
    console::PAGES
}

/// Every path of the API begins with this.
const API: &str = paths::PREFIX;
