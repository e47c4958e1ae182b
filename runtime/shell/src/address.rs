//! Where a person wants to go: an app id, or an address as W3C MiniApp Addressing writes it.

use std::str::FromStr;

use guichet_contract::AppId;
use percent_encoding::percent_decode_str;

/// A page of an app, or the app itself.
///
/// Invariant: `route` has no empty segment and no dot segment, so it can only name something below the app's root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// The app.
    pub(crate) app_id: AppId,
    /// The version the address asks for; a terminal runs what it has and may say so.
    pub(crate) version: Option<String>,
    /// `pages/x`; absent: the app's first page.
    pub(crate) route: Option<String>,
    /// What follows the question mark; may be empty.
    pub(crate) query: String,
}

/// A text is neither an app id nor an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` does not say which service to open: {why}")]
pub(crate) struct InvalidAddress {
    text: String,
    why: &'static str,
}

impl InvalidAddress {
    /// What to write instead.
    pub(crate) fn hint(&self) -> &'static str {
        "write an app id such as gov.example.residence, or guichet://miniapp/gov.example.residence/pages/start?case=1"
    }
}

impl Address {
    /// The page with its query, as a session takes it; nothing means the app's first page.
    pub(crate) fn route_and_query(&self) -> Option<String> {
        let route = self.route.as_ref()?;
        Some(if self.query.is_empty() { route.clone() } else { format!("{route}?{}", self.query) })
    }
}

impl FromStr for Address {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        let refuse = |why| InvalidAddress { text: text.to_owned(), why };
        let Some(rest) = after_miniapp(text) else {
            let app_id = text.parse().map_err(|_| refuse("it is no app id and no address"))?;
            return Ok(Self { app_id, version: None, route: None, query: String::new() });
        };
        let rest = rest.split_once('#').map_or(rest, |(before, _)| before);
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (name, page) = path.split_once('/').unwrap_or((path, ""));
        let (id, version) = match name.split_once(';') {
            None => (name, None),
            Some((id, parameter)) => {
                let version = parameter
                    .strip_prefix("version=")
                    .ok_or_else(|| refuse("only `;version=` may follow the app id"))?;
                (id, Some(version.to_owned()))
            }
        };
        let app_id = id.parse().map_err(|_| refuse("what follows `miniapp/` is no app id"))?;
        let route = match page {
            "" => None,
            page => Some(route(page).ok_or_else(|| refuse("the page leaves the app or is not text"))?),
        };
        Ok(Self { app_id, version, route, query: query.to_owned() })
    }
}

/// The route of a page's path: decoded, without `.html`; none if it could leave the app.
pub(crate) fn route(path: &str) -> Option<String> {
    let path = percent_decode_str(path).decode_utf8().ok()?;
    let is_plain = |segment: &str| {
        !segment.is_empty() && segment != "." && segment != ".." && !segment.contains(['\\', '\0', '?', '#'])
    };
    let route = path.strip_suffix(".html").unwrap_or(&path);
    route.split('/').all(is_plain).then(|| route.to_owned())
}

fn after_miniapp(text: &str) -> Option<&str> {
    if let Some(rest) = text.strip_prefix("guichet://miniapp/") {
        return Some(rest);
    }
    let (_host, rest) = text.strip_prefix("https://")?.split_once('/')?;
    rest.strip_prefix("miniapp/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, app_id: &str, version: Option<&str>, page: Option<&str>) {
        let address: Address = text.parse().unwrap();
        assert_eq!(address.app_id.as_str(), app_id, "{text}");
        assert_eq!(address.version.as_deref(), version, "{text}");
        assert_eq!(address.route_and_query().as_deref(), page, "{text}");
    }

    #[test]
    fn app_ids_and_addresses_name_a_page() {
        check("gov.example.permit", "gov.example.permit", None, None);
        check("guichet://miniapp/gov.example.permit", "gov.example.permit", None, None);
        check("guichet://miniapp/gov.example.permit/", "gov.example.permit", None, None);
        check("guichet://miniapp/gov.example.permit/pages/new", "gov.example.permit", None, Some("pages/new"));
        check(
            "guichet://miniapp/a.b;version=1.2/pages/new.html?x=1&y=2#top",
            "a.b",
            Some("1.2"),
            Some("pages/new?x=1&y=2"),
        );
        check("https://hall.example/miniapp/a.b/pages/%E8%AF%81?q", "a.b", None, Some("pages/证?q"));
    }

    #[test]
    fn anything_else_is_refused_with_the_reason() {
        let refuse = |text: &str| text.parse::<Address>().unwrap_err().to_string();
        insta::assert_snapshot!(refuse("permit"), @"`permit` does not say which service to open: it is no app id and no address");
        insta::assert_snapshot!(refuse("https://hall.example/other/a.b"), @"`https://hall.example/other/a.b` does not say which service to open: it is no app id and no address");
        insta::assert_snapshot!(refuse("guichet://miniapp/Nope/x"), @"`guichet://miniapp/Nope/x` does not say which service to open: what follows `miniapp/` is no app id");
        insta::assert_snapshot!(refuse("guichet://miniapp/a.b;v=1/x"), @"`guichet://miniapp/a.b;v=1/x` does not say which service to open: only `;version=` may follow the app id");
        for page in ["../x", "a//b", "a/%2e%2e/b", "a/%2E/b", "a%5Cb", "%ff"] {
            insta::allow_duplicates! {
                let why = format!("guichet://miniapp/a.b/{page}").parse::<Address>().unwrap_err().why;
                insta::assert_snapshot!(why, @"the page leaves the app or is not text");
            }
        }
    }
}
