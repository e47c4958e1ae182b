//! Compression Dictionary Transport (RFC 9842): a package is a dictionary for the packages after it.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use guichet_package::delta::Coding;
use guichet_trust::digest::Digest;

use crate::{delta, store::Store};

const USE_AS_DICTIONARY: HeaderName = HeaderName::from_static("use-as-dictionary");
const AVAILABLE_DICTIONARY: HeaderName = HeaderName::from_static("available-dictionary");

/// Answers with a delta where the asker holds a dictionary and one can be had; otherwise with the package.
pub(super) async fn negotiate(State(store): State<Arc<Store>>, request: Request, next: Next) -> Response {
    let Some(package) = package(request.uri().path()) else { return next.run(request).await };
    let coded = match (request.method() == Method::GET).then(|| asked(request.headers())).flatten() {
        Some((dictionary, codings)) => match delta::delta(&store, dictionary, package, &codings).await {
            Ok(Some((coding, delta))) => Some(answer(dictionary, package, coding, &delta)),
            Ok(None) => None,
            Err(error) => {
                tracing::error!(%error, "could not make a delta");
                None
            }
        },
        None => None,
    };
    let mut response = match coded {
        Some(coded) => coded,
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("accept-encoding, available-dictionary"));
    headers.insert(USE_AS_DICTIONARY, HeaderValue::from_static("match=\"/static/packages/*.ma\""));
    response
}

/// The package of `/packages/<sha256>.ma`.
fn package(path: &str) -> Option<Digest> {
    path.strip_prefix("/packages/")?.strip_suffix(".ma")?.parse().ok()
}

/// The dictionary the asker holds, and the codings it takes, best first.
fn asked(headers: &HeaderMap) -> Option<(Digest, Vec<Coding>)> {
    let dictionary = byte_sequence(headers.get(AVAILABLE_DICTIONARY)?.to_str().ok()?)?;
    let accepted: Vec<_> =
        headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok()).collect();
    let takes = |coding: &Coding| accepted.iter().any(|value| accepts(value, coding.as_str()));
    let codings: Vec<_> = [Coding::Dcb, Coding::Dcz].into_iter().filter(takes).collect();
    (!codings.is_empty()).then_some((dictionary, codings))
}

/// An Item of Structured Fields (RFC 9651) that is a Byte Sequence of 32 bytes.
fn byte_sequence(value: &str) -> Option<Digest> {
    let item = value.split(';').next()?.trim();
    let text = item.strip_prefix(':')?.strip_suffix(':')?;
    Some(Digest::from_bytes(STANDARD.decode(text).ok()?.try_into().ok()?))
}

/// Whether one value of `Accept-Encoding` names this coding with a weight above zero.
fn accepts(value: &str, coding: &str) -> bool {
    value.split(',').any(|accepted| {
        let mut parts = accepted.split(';').map(str::trim);
        let is_named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(coding));
        let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        is_named && weight.is_none_or(|weight| weight.parse().is_ok_and(|weight: f32| weight > 0.0))
    })
}

fn answer(dictionary: Digest, package: Digest, coding: Coding, delta: &[u8]) -> Response {
    let tag = format!("\"{package}-{dictionary}-{coding}\"");
    let headers = [(header::CONTENT_ENCODING, coding.as_str()), (header::ETAG, tag.as_str())];
    (StatusCode::OK, headers, Body::from(delta.to_vec())).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weight_of_zero_is_no() {
        for (value, yes) in [
            ("gzip, br, zstd, dcb, dcz", true),
            ("DCB", true),
            ("dcb;q=0.5", true),
            ("dcb; q=0", false),
            ("dcb;q=0.000", false),
            ("dcb;q=much", false),
            ("*", false),
            ("dcbx, x-dcb", false),
            ("", false),
        ] {
            assert_eq!(accepts(value, "dcb"), yes, "{value}");
        }
    }

    #[test]
    fn a_dictionary_is_named_by_32_bytes() {
        let digest = Digest::of(b"dictionary");
        let text = STANDARD.encode(digest.as_bytes());
        assert_eq!(byte_sequence(&format!(":{text}:")), Some(digest));
        assert_eq!(byte_sequence(&format!(" :{text}:;x=1")), Some(digest));
        for bad in ["", ":", "::", ":AAAA:", "\"text\"", &text, &format!(":{text}"), &format!(":{}:", &text[4..])] {
            assert_eq!(byte_sequence(bad), None, "{bad}");
        }
    }

    #[test]
    fn only_packages_are_negotiated() {
        let digest = Digest::of(b"package");
        assert_eq!(package(&format!("/packages/{digest}.ma")), Some(digest));
        for other in [&format!("/packages/{digest}.ma.zst"), "/packages/x.ma", "/blobs/00/00", "/packages/../store.db"]
        {
            assert_eq!(package(other), None, "{other}");
        }
    }
}
