//! Problems as HTTP answers.

use axum::{
    Json,
    http::{HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use guichet_api::{PROBLEM_MEDIA_TYPE, Problem};

use crate::{
    audit::RefusedFor,
    error::{NotDone, StoreError},
    problems,
};

/// The problem to tell the asker; a failure of the store's own is written to the log and told in general words.
pub(crate) fn told(not_done: NotDone) -> Problem {
    match not_done {
        NotDone::Refused(problem) => {
            tracing::info!(class = %problem.class, what = %problem.what, "refused");
            *problem
        }
        NotDone::Failed(error) => {
            let chain: Vec<String> =
                std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source())
                    .map(ToString::to_string)
                    .collect();
            tracing::error!(error = chain.join(": "), "failed");
            match error {
                StoreError::Package { source, .. } => problems::package_away(&source),
                StoreError::PackageBefore { source, .. } => problems::package_before_away(&source),
                _ => problems::failed(),
            }
        }
    }
}

impl IntoResponse for NotDone {
    fn into_response(self) -> Response {
        answered(told(self))
    }
}

/// A problem as programs and scripts read it.
pub(crate) fn answered(problem: Problem) -> Response {
    let class = RefusedFor(problem.class.clone());
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, Json(problem)).into_response();
    response.extensions_mut().insert(class);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_MEDIA_TYPE));
    if status == StatusCode::TOO_MANY_REQUESTS {
        // What is counted is forgotten with the minute.
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
    }
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// What is answered when the store broke outside of a route.
pub(super) fn failed(error: StoreError) -> Response {
    NotDone::from(error).into_response()
}

/// What is answered where there is nothing.
pub(super) async fn nothing_here(method: Method, uri: Uri) -> NotDone {
    problems::no_such_page(method.as_str(), uri.path()).into()
}
