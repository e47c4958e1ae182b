//! The static files: what is small and asked for often from memory, without a database, a router or a wait; the rest
//! from disk piece by piece. A `.zst` sibling is a file of its own, never a content encoding.

mod dictionary;
mod kind;
mod range;
mod shelf;

use std::{
    borrow::Cow,
    io::{Seek, SeekFrom},
    sync::Arc,
};

use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::Response,
};
use tokio::io::AsyncReadExt as _;
use tokio_util::io::ReaderStream;

pub(crate) use shelf::Found;
pub use shelf::Shelf;

use self::{
    range::Part,
    shelf::{CROSS_ORIGIN_RESOURCE_POLICY, Face, Large},
};
use crate::{blobs::Failure, error::StoreError, http::security, store::Store};

/// Every address of a static file begins with this.
pub(super) const PREFIX: &str = "/static/";
/// How much of a large file is read at a time.
const PIECE: usize = 256 << 10;

/// The answer, if it can be given at once: a file that is in memory, whole or unchanged.
pub(super) fn at_once(shelf: &Shelf, method: &Method, path: &str, headers: &HeaderMap) -> Option<Response<Bytes>> {
    let path = path.strip_prefix(PREFIX)?;
    let has_body = match *method {
        Method::GET => true,
        Method::HEAD => false,
        _ => return None,
    };
    let held = shelf.fresh(path)?;
    let may_be_in_part = held.face.is_immutable && headers.contains_key(header::RANGE);
    if may_be_in_part || dictionary::may_apply(path, headers) {
        return None;
    }
    Some(if range::is_unchanged(headers, &held.face) {
        answer(StatusCode::NOT_MODIFIED, held.face.unchanged.clone(), Bytes::new())
    } else {
        let body = if has_body { held.bytes.clone() } else { Bytes::new() };
        answer(StatusCode::OK, held.face.whole.clone(), body)
    })
}

/// Any answer about a static file.
pub(super) async fn serve(State(store): State<Arc<Store>>, request: Request) -> Response {
    let (method, headers) = (request.method(), request.headers());
    if !matches!(*method, Method::GET | Method::HEAD) {
        let mut refused = empty(StatusCode::METHOD_NOT_ALLOWED);
        refused.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return refused;
    }
    let Some(path) = below(request.uri().path()) else { return empty(StatusCode::NOT_FOUND) };
    if *method == Method::GET
        && let Some(delta) = dictionary::negotiate(&store, &path, headers).await
    {
        return delta;
    }
    match store.shelf.find(&path).await {
        Ok(Some(found)) => whole_or_part(found, headers, *method == Method::GET).await,
        Ok(None) => empty(StatusCode::NOT_FOUND),
        Err(error) => {
            if let StoreError::Bucket { source: Failure::Lost | Failure::Altered, .. } = &error {
                // The next round puts it there again.
                store.set_lagging(true);
            }
            tracing::error!(%error, source = ?std::error::Error::source(&error), "could not serve a static file");
            empty(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

/// The path below the public folder; none if it is not one of names that follow each other.
fn below(path: &str) -> Option<Cow<'_, str>> {
    let path = percent_encoding::percent_decode_str(path.strip_prefix(PREFIX)?).decode_utf8().ok()?;
    let is_name = |name: &str| !name.is_empty() && !name.starts_with('.') && !name.contains(['\\', '\0', ':']);
    path.split('/').all(is_name).then_some(path)
}

async fn whole_or_part(found: Found, headers: &HeaderMap, has_body: bool) -> Response {
    let (face, length) = match &found {
        Found::Held(held) => (&held.face, held.bytes.len() as u64),
        Found::Large(large) => (&large.face, large.length),
    };
    if range::is_unchanged(headers, face) {
        return answer(StatusCode::NOT_MODIFIED, face.unchanged.clone(), Body::empty());
    }
    let (status, from, length, headers) = match range::part(headers, face, length) {
        Part::Whole => (StatusCode::OK, 0, length, face.whole.clone()),
        Part::Range(from, part) => (StatusCode::PARTIAL_CONTENT, from, part, partial(face, from, part, length)),
        Part::Beyond => {
            let mut refused = empty(StatusCode::RANGE_NOT_SATISFIABLE);
            refused.headers_mut().insert(header::CONTENT_RANGE, range_value(format!("bytes */{length}")));
            return refused;
        }
    };
    let body = match found {
        _ if !has_body => Body::empty(),
        Found::Held(held) => Body::from(held.bytes.slice(from as usize..(from + length) as usize)),
        Found::Large(large) => match stream(*large, from, length) {
            Ok(body) => body,
            Err(error) => {
                tracing::error!(%error, "could not read on in a static file");
                return empty(StatusCode::INTERNAL_SERVER_ERROR);
            }
        },
    };
    answer(status, headers, body)
}

fn partial(face: &Face, from: u64, part: u64, length: u64) -> HeaderMap {
    let mut headers = face.whole.clone();
    let last = from + part - 1;
    headers.insert(header::CONTENT_RANGE, range_value(format!("bytes {from}-{last}/{length}")));
    headers.insert(header::CONTENT_LENGTH, part.into());
    headers
}

fn range_value(text: String) -> HeaderValue {
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("bytes */*"))
}

fn stream(large: Large, from: u64, length: u64) -> std::io::Result<Body> {
    let mut file = large.file;
    if from > 0 {
        file.seek(SeekFrom::Start(from))?;
    }
    let mut file = tokio::fs::File::from_std(file);
    file.set_max_buf_size(PIECE);
    Ok(Body::from_stream(ReaderStream::with_capacity(file.take(length), PIECE)))
}

fn answer<B>(status: StatusCode, headers: HeaderMap, body: B) -> Response<B> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// An answer with nothing in it, kept nowhere.
fn empty(status: StatusCode) -> Response {
    let mut response = answer(status, HeaderMap::new(), Body::empty());
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
    security::lock_down(headers);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_names_that_follow_each_other() {
        for (path, wanted) in [
            ("/static/metadata/1.root.json", Some("metadata/1.root.json")),
            ("/static/%6detadata/1.root.json", Some("metadata/1.root.json")),
            ("/static/", None),
            ("/static/a//b", None),
            ("/static//etc/passwd", None),
            ("/static/a/", None),
            ("/static/./a", None),
            ("/static/../store.db", None),
            ("/static/a/%2e%2e/%2e%2e/store.db", None),
            ("/static/..%2fstore.db", None),
            ("/static/%5c..%5cstore.db", None),
            ("/static/c:/a", None),
            ("/static/a%00", None),
            ("/static/%ff", None),
            ("/staticx", None),
        ] {
            assert_eq!(below(path).as_deref(), wanted, "{path}");
        }
    }
}
