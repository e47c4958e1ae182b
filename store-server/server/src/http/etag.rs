//! Strong entity tags (RFC 9110, 8.8.3): a digest over the very bytes, so the same tag is the same answer.

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use guichet_trust::digest::Digest;

use crate::{error::StoreError, http::answer};

/// The tag of an answer.
pub(super) fn of(body: &[u8]) -> String {
    quoted(Digest::of(body))
}

/// The tag of what has this digest.
pub(super) fn quoted(digest: Digest) -> String {
    format!("\"{digest}\"")
}

/// All values of a header that is a list, if it is there.
pub(super) fn listed(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    let values: Vec<_> = headers.get_all(name).iter().map(|value| value.to_str().unwrap_or_default()).collect();
    (!values.is_empty()).then(|| values.join(","))
}

/// Whether a list of tags names this one. A weak tag is never the same in `If-Match`, and as good in `If-None-Match`.
pub(super) fn names(list: &str, tag: &str, weak_too: bool) -> bool {
    list.split(',').map(str::trim).any(|one| {
        let one = if weak_too { one.strip_prefix("W/").unwrap_or(one) } else { one };
        one == "*" || one == tag
    })
}

/// Gives what is read a tag, and says only that nothing has changed to whoever has it.
pub(super) async fn tagged(request: Request, next: Next) -> Response {
    let is_read = request.method() == Method::GET;
    let known = listed(request.headers(), header::IF_NONE_MATCH);
    let response = next.run(request).await;
    if !is_read || response.status() != StatusCode::OK {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let is_json = parts.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    let (tag, body) = match parts.headers.get(header::ETAG).and_then(|tag| tag.to_str().ok()) {
        Some(tag) => (tag.to_owned(), body),
        None if is_json => match to_bytes(body, usize::MAX).await {
            Ok(bytes) => (of(&bytes), Body::from(bytes)),
            Err(error) => {
                return answer::failed(StoreError::Document { operation: "read an answer", reason: error.to_string() });
            }
        },
        None => return Response::from_parts(parts, body),
    };
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        parts.headers.insert(header::ETAG, tag);
    }
    // It may be kept by whoever asked, who asks again before using it.
    parts.headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-cache"));
    parts.headers.append(header::VARY, HeaderValue::from_static("authorization"));
    if known.is_some_and(|known| names(&known, &tag, true)) {
        let kept = [header::ETAG, header::CACHE_CONTROL, header::VARY, header::LINK];
        let mut headers = HeaderMap::new();
        for name in kept {
            if let Some(value) = parts.headers.get(&name) {
                headers.insert(name, value.clone());
            }
        }
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    Response::from_parts(parts, body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_among_others_and_a_weak_one_only_where_it_may_be() {
        for (list, weak_too, found) in [
            ("\"a\"", false, true),
            ("\"b\", \"a\"", false, true),
            ("*", false, true),
            ("W/\"a\"", false, false),
            ("W/\"a\"", true, true),
            ("a", true, false),
            ("\"ab\"", true, false),
            ("", true, false),
        ] {
            assert_eq!(names(list, "\"a\"", weak_too), found, "{list}");
        }
    }
}
