//! The static files: whole or in ranges, with entity tags, types and how long each may be kept.

use std::path::Path;

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use guichet_api::PACKAGE_MEDIA_TYPE;
use tower_http::services::ServeDir;

/// Serves the folder as it is; a `.zst` sibling is a file of its own, never a content encoding.
pub(super) fn files(folder: &Path) -> ServeDir {
    ServeDir::new(folder).append_index_html_on_directories(false)
}

/// Says what kind of file it is and how long it may be kept.
pub(super) async fn describe(mut request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    // No piece of what changes may be joined to a piece of what it changed to.
    if !is_immutable(&path) {
        request.headers_mut().remove(header::RANGE);
    }
    let mut response = next.run(request).await;
    let served = response.status().is_success() || response.status() == 304;
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin"));
    if served {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(&path)));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep(&path)));
    }
    response
}

fn is_immutable(path: &str) -> bool {
    // An index of deltas grows while better ones are made.
    let is_index = path.starts_with("/delta/") && path.ends_with(".json");
    let name = path.rsplit('/').next().unwrap_or_default();
    !(is_index || name == "timestamp.json" || path.ends_with("/log/checkpoint") || name.ends_with(".tlog-proof"))
}

fn keep(path: &str) -> &'static str {
    if is_immutable(path) { "public, max-age=31536000, immutable" } else { "no-cache" }
}

fn media_type(path: &str) -> &'static str {
    if path.ends_with("/log/checkpoint") || path.ends_with(".tlog-proof") {
        return "text/plain; charset=utf-8";
    }
    match path.rsplit('/').next().and_then(|name| name.rsplit_once('.')) {
        Some((_, "ma")) => PACKAGE_MEDIA_TYPE,
        Some((_, "zst")) => "application/zstd",
        Some((_, "json")) => "application/json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_file_has_its_type_and_its_time() {
        for (path, media, kept) in [
            ("/metadata/timestamp.json", "application/json", "no-cache"),
            ("/metadata/7.snapshot.json", "application/json", "public, max-age=31536000, immutable"),
            ("/packages/00.ma", "application/miniapp-pkg+zip", "public, max-age=31536000, immutable"),
            ("/packages/00.ma.zst", "application/zstd", "public, max-age=31536000, immutable"),
            ("/delta/00.json", "application/json", "no-cache"),
            ("/delta/00/00.dcb", "application/octet-stream", "public, max-age=31536000, immutable"),
            ("/blobs/00/00", "application/octet-stream", "public, max-age=31536000, immutable"),
            ("/log/tile/0/000.p/7", "application/octet-stream", "public, max-age=31536000, immutable"),
            ("/log/checkpoint", "text/plain; charset=utf-8", "no-cache"),
            ("/log/proof/00.tlog-proof", "text/plain; charset=utf-8", "no-cache"),
        ] {
            assert_eq!((media_type(path), keep(path)), (media, kept), "{path}");
        }
    }
}
