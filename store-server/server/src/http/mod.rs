//! The doors: the API, the static files and the console behind one router.

mod answer;
mod api;
mod beacons;
mod dictionary;
mod pace;
mod public;
mod reader;
mod releases;
mod security;
mod upload;

pub(crate) use answer::told;
pub(crate) use reader::{COOKIE, Session, cookie};
pub(crate) use security::same_site;

use std::sync::Arc;

use axum::{Router, middleware, routing::get_service};
use guichet_api::paths;
use tower_http::trace::TraceLayer;
use utoipa::openapi::OpenApi;

pub use pace::{MOST_A_MINUTE, Pace};

use crate::{console, store::Store};

/// Everything the store answers.
pub fn router(store: Arc<Store>) -> Router {
    let (api, document) = api::routes().split_for_parts();
    let negotiate = middleware::from_fn_with_state(Arc::clone(&store), dictionary::negotiate);
    let public = Router::new()
        .fallback_service(get_service(public::files(&store.folder.public())))
        .layer(negotiate)
        .layer(middleware::from_fn(public::describe));
    Router::new()
        .merge(api.merge(api::document(document)))
        .nest_service("/static", public)
        .merge(console::routes())
        .fallback(answer::nothing_here)
        .layer(middleware::map_response(security::headers))
        .layer(TraceLayer::new_for_http())
        .with_state(store)
}

/// The API as an OpenAPI document.
pub fn openapi() -> OpenApi {
    api::routes().into_openapi()
}

/// Every path of the API begins with this.
const API: &str = paths::PREFIX;
