//! Compression Dictionary Transport (RFC 9842): a package is a dictionary for the packages after it.

use std::sync::Arc;

use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use guichet_package::delta::Coding;
use guichet_trust::digest::Digest;

use super::{kind, shelf::CROSS_ORIGIN_RESOURCE_POLICY};
use crate::{delta, http::security, store::Store};

const USE_AS_DICTIONARY: HeaderName = HeaderName::from_static("use-as-dictionary");
const AVAILABLE_DICTIONARY: HeaderName = HeaderName::from_static("available-dictionary");

/// Whether a delta may be wanted instead of the file at this path.
pub(super) fn may_apply(path: &str, headers: &HeaderMap) -> bool {
    path.starts_with("packages/") && headers.contains_key(AVAILABLE_DICTIONARY)
}

/// Says that a package is a dictionary, and what its answer depends on.
pub(super) fn describe(headers: &mut HeaderMap) {
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding, available-dictionary"));
    headers.insert(USE_AS_DICTIONARY, HeaderValue::from_static("match=\"/static/packages/*.ma\""));
}

/// The delta, where a package is wanted, the asker holds a dictionary, and one can be had.
pub(super) async fn negotiate(store: &Arc<Store>, path: &str, headers: &HeaderMap) -> Option<Response> {
    let package = package(path)?;
    let (dictionary, codings) = asked(headers)?;
    match delta::delta(store, dictionary, package, &codings).await {
        Ok(found) => found.map(|(coding, delta)| answer(path, headers, dictionary, package, coding, delta)),
        Err(error) => {
            tracing::error!(%error, "could not make a delta");
            None
        }
    }
}

/// The package of `packages/<sha256>.ma`.
pub(super) fn package(path: &str) -> Option<Digest> {
    path.strip_prefix("packages/")?.strip_suffix(".ma")?.parse().ok()
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

fn answer(path: &str, asked: &HeaderMap, from: Digest, package: Digest, coding: Coding, delta: Bytes) -> Response {
    let tag = format!("\"{package}-{from}-{coding}\"");
    let is_unchanged = asked.get(header::IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == tag.as_bytes());
    let headers = [
        (header::ETAG, tag.as_str()),
        (header::CACHE_CONTROL, kind::keep(path)),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (CROSS_ORIGIN_RESOURCE_POLICY, "cross-origin"),
    ];
    let mut response = if is_unchanged {
        (StatusCode::NOT_MODIFIED, headers).into_response()
    } else {
        let about = [(header::CONTENT_TYPE, kind::media_type(path)), (header::CONTENT_ENCODING, coding.as_str())];
        (StatusCode::OK, headers, about, delta).into_response()
    };
    describe(response.headers_mut());
    security::lock_down(response.headers_mut());
    response
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
        assert_eq!(package(&format!("packages/{digest}.ma")), Some(digest));
        for other in [&format!("packages/{digest}.ma.zst"), "packages/x.ma", "blobs/00/00", "packages/../store.db"] {
            assert_eq!(package(other), None, "{other}");
        }
    }
}
