//! Headers that every answer carries, so that no page of the store can be framed, sniffed or made to run script.

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::Response,
};

use crate::{error::NotDone, problems};

/// Nothing may be loaded but our own style sheets; forms go home; no script runs at all.
pub(super) const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'";

/// The same for the few pages on which the console's one script runs.
const WITH_SCRIPT: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'; script-src 'self'; connect-src 'self'; require-trusted-types-for 'script'";

/// A mark on the answers whose page has the script.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WithScript;

const ALWAYS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // With `no-referrer` browsers say of our own forms, too, that they come from nowhere.
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), usb=()"),
];

/// Adds them; what is not said to be cacheable is not kept anywhere.
pub(super) async fn headers(mut response: Response) -> Response {
    let with_script = response.extensions().get::<WithScript>().is_some();
    let headers = response.headers_mut();
    lock_down(headers);
    if with_script {
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(WITH_SCRIPT));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Adds what every answer carries, whoever may keep it.
pub(super) fn lock_down(headers: &mut HeaderMap) {
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// Refuses a form that another site sent; the cookie is `SameSite=Strict` and this is the second bolt.
pub(crate) fn same_site(headers: &HeaderMap) -> Result<(), NotDone> {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let foreign_fetch =
        text(HeaderName::from_static("sec-fetch-site")).is_some_and(|site| !matches!(site, "same-origin" | "none"));
    let host = text(header::HOST);
    let foreign_origin =
        text(header::ORIGIN).is_some_and(|origin| origin.split_once("://").map(|(_, host)| host) != host);
    if foreign_fetch || foreign_origin { Err(problems::foreign_form().into()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sent: &[(&'static str, &'static str)], allowed: bool) {
        let headers: HeaderMap =
            sent.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect();
        assert_eq!(same_site(&headers).is_ok(), allowed, "{sent:?}");
    }

    #[test]
    fn a_form_of_another_site_is_refused() {
        check(&[], true);
        check(&[("host", "store.example"), ("origin", "https://store.example")], true);
        check(&[("host", "store.example"), ("origin", "https://evil.example")], false);
        check(&[("host", "store.example"), ("origin", "null")], false);
        check(&[("sec-fetch-site", "same-origin")], true);
        check(&[("sec-fetch-site", "cross-site")], false);
        check(&[("sec-fetch-site", "same-site")], false);
    }
}
