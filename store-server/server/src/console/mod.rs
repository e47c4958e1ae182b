//! The console: a few server-rendered pages for reviewers, without a line of script.

mod assets;
mod frame;
mod look;
mod queue;
mod sign_in;
mod submission;
mod words;

use std::sync::Arc;

use axum::{
    Router,
    routing::{get, post},
};

use crate::store::Store;

/// The console's pages.
pub(crate) fn routes() -> Router<Arc<Store>> {
    Router::new()
        .route("/", get(queue::show))
        .route("/submissions/{id}", get(submission::show))
        .route("/submissions/{id}/refusal", post(submission::refuse))
        .route("/sign-in", get(sign_in::form).post(sign_in::enter))
        .route("/sign-out", post(sign_in::leave))
        .route("/assets/{name}", get(assets::serve))
}
