//! A file of a package as a view receives it: its media type, the headers that close the view, and a completed page.

mod html;

pub(crate) use html::{Companions, complete};

/// The policy of every response (P-A14: `default-src 'none'` and only the app's own files).
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data: blob:; font-src 'self'; media-src 'self' blob:; connect-src 'self'; worker-src 'self'; \
    frame-src 'none'; child-src 'none'; object-src 'none'; manifest-src 'none'; form-action 'none'; base-uri 'none'; \
    frame-ancestors 'none'";

/// What a view gets for a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Its media type, with the charset where there is one.
    pub mime: &'static str,
    /// Headers of the response, `Content-Type` among them.
    pub headers: Vec<(&'static str, &'static str)>,
    /// The body.
    pub bytes: Vec<u8>,
}

/// Why a view gets nothing for a path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct NotServed {
    /// The HTTP status that says it best.
    pub status: u16,
    /// A stable word, such as `page/not-in-package`.
    pub class: &'static str,
    /// One sentence.
    pub reason: String,
}

impl Resource {
    pub(crate) fn new(path: &str, bytes: Vec<u8>) -> Self {
        let mime = mime_of(path);
        let headers = vec![
            ("Content-Type", mime),
            ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Cache-Control", "no-store"),
        ];
        Self { mime, headers, bytes }
    }
}

/// The media type of a file by its extension; what is unknown is only bytes.
pub(crate) fn mime_of(path: &str) -> &'static str {
    let name = path.rsplit('/').next().unwrap_or(path);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension.to_ascii_lowercase().as_str() {
        "html" | "htm" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" | "map" => "application/json",
        "txt" | "md" => "text/plain; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        "xml" => "application/xml",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "ttf" => "font/ttf",
        "otf" => "font/otf",
        "mp3" => "audio/mpeg",
        "ogg" => "audio/ogg",
        "wav" => "audio/wav",
        "mp4" => "video/mp4",
        "webm" => "video/webm",
        "pdf" => "application/pdf",
        "wasm" => "application/wasm",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_response_closes_the_view() {
        let resource = Resource::new("common/unknown.thing", Vec::new());
        assert_eq!(resource.mime, "application/octet-stream");
        assert!(resource.headers.contains(&("Content-Security-Policy", CONTENT_SECURITY_POLICY)));
        assert!(resource.headers.contains(&("X-Content-Type-Options", "nosniff")));
    }

    #[test]
    fn the_policy_lets_nothing_out() {
        insta::assert_snapshot!(CONTENT_SECURITY_POLICY, @"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; media-src 'self' blob:; connect-src 'self'; worker-src 'self'; frame-src 'none'; child-src 'none'; object-src 'none'; manifest-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'");
    }

    #[test]
    fn the_extension_decides_in_any_case() {
        assert_eq!(mime_of("common/Photo.JPG"), "image/jpeg");
        assert_eq!(mime_of("app.js"), "text/javascript; charset=utf-8");
        assert_eq!(mime_of("folder.js/file"), "application/octet-stream");
    }
}
