//! Relative URLs of a manifest, resolved against the package's root.

use percent_encoding::percent_decode_str;

use crate::{PackagePath, path::PathRefusal};

/// Why a URL of a manifest names no file of the package.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum InvalidUrl {
    #[error("it has a scheme or a host, so it is not in the package")]
    Elsewhere,
    #[error("it leads out of the package")]
    Escapes,
    #[error("it has a query or a fragment")]
    MoreThanPath,
    #[error("it is not UTF-8 after percent-decoding")]
    NotUtf8,
    #[error(transparent)]
    Path(#[from] PathRefusal),
}

/// Resolves `text` as a URL relative to the root (D4; MiniApp Packaging, *Security*: paths stay inside the package, P-A15).
pub(super) fn resolve(text: &str) -> Result<PackagePath, InvalidUrl> {
    let text = text.trim();
    let head = text.split(['/', '?', '#']).next().unwrap_or(text);
    if text.starts_with("//") || head.contains(':') {
        return Err(InvalidUrl::Elsewhere);
    }
    if text.contains(['?', '#']) {
        return Err(InvalidUrl::MoreThanPath);
    }
    let mut names: Vec<&str> = Vec::new();
    for name in text.strip_prefix('/').unwrap_or(text).split('/') {
        match name {
            "." => {}
            ".." => {
                names.pop().ok_or(InvalidUrl::Escapes)?;
            }
            _ => names.push(name),
        }
    }
    let path = names.join("/");
    let decoded = percent_decode_str(&path).decode_utf8().map_err(|_| InvalidUrl::NotUtf8)?;
    Ok(decoded.parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_resolved_against_the_root() {
        for (text, path) in [
            ("pages/home", "pages/home"),
            ("/pages/home.html", "pages/home.html"),
            ("./pages/x/../home", "pages/home"),
            ("pages/%E8%AF%81", "pages/证"),
            (" common/a%20b.svg ", "common/a b.svg"),
        ] {
            assert_eq!(resolve(text).unwrap().as_str(), path, "{text}");
        }
    }

    #[test]
    fn a_url_that_is_not_in_the_package_is_refused() {
        let refuse = |text| resolve(text).unwrap_err().to_string();
        insta::assert_snapshot!(refuse("https://elsewhere.example/x"), @"it has a scheme or a host, so it is not in the package");
        insta::assert_snapshot!(refuse("//elsewhere.example/x"), @"it has a scheme or a host, so it is not in the package");
        insta::assert_snapshot!(refuse("pages/../../x"), @"it leads out of the package");
        insta::assert_snapshot!(refuse("pages/home?tab=1"), @"it has a query or a fragment");
        insta::assert_snapshot!(refuse("pages/%ff"), @"it is not UTF-8 after percent-decoding");
        insta::assert_snapshot!(refuse("pages/%2e%2e/x"), @"`pages/../x` has `.` or `..` in it");
        insta::assert_snapshot!(refuse(""), @"`` has an empty name in it");
    }
}
