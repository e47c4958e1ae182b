//! The two origins on the glass, and where a view may go: the decision about every navigation, without a view.

use guichet_contract::AppId;
use guichet_package::{Address, address};

/// The scheme of the host's own page.
pub(crate) const HOME_SCHEME: &str = "guichet-home";

/// The scheme of every app; the app id is the host of the URL.
pub(crate) const APP_SCHEME: &str = "guichet-app";

/// The host's own page.
pub(crate) const HOME_URL: &str = "guichet-home://home/index.html";

/// The page that asks whether somebody is still there.
pub(crate) const IDLE_URL: &str = "guichet-home://home/idle.html";

/// What happens to a navigation that a view asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The view loads it: the host asked for it, or it stays in the present document.
    Load,
    /// Not by the view: the session opens the page at this path, with its query, and the host loads it.
    Page(String),
    /// Another app, whose page it opens above.
    Visit(Address),
    /// Nothing happens.
    Refuse,
}

/// Judges where the view of an app may go.
///
/// `expected` is what the host itself has asked the view to load, `present` what the view shows.
pub(crate) fn judge(app_id: &AppId, expected: Option<&str>, present: Option<&str>, url: &str) -> Verdict {
    if expected == Some(url) || url == "about:blank" || url == "about:srcdoc" {
        return Verdict::Load;
    }
    let Some(path) = path_in(app_id, url) else {
        // Whether this terminal knows the host of an `https` address is the desk's to say.
        return url.parse().map_or(Verdict::Refuse, |address: Address| match address.page_query_and_fragment() {
            Some(page) if address.app_id == *app_id && address.version.is_none() => Verdict::Page(page),
            _ => Verdict::Visit(address),
        });
    };
    if present.is_some_and(|present| document(present) == document(url)) {
        return Verdict::Load;
    }
    let file = path.split(['?', '#']).next().unwrap_or_default();
    if file.ends_with(".html") && address::page(file).is_some() {
        Verdict::Page(format!("/{path}"))
    } else {
        Verdict::Refuse
    }
}

/// The URL of a page; query and fragment reach it (A5).
pub(crate) fn page_url(app_id: &AppId, route: &str, query: &str, fragment: &str) -> String {
    format!("{APP_SCHEME}://{app_id}/{}", page_text(&format!("{route}.html"), query, fragment))
}

/// A page as a session is asked for it: percent-encoded, with query and fragment.
pub(crate) fn page_text(route: &str, query: &str, fragment: &str) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const KEEP: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    let part = |mark, part: &str| if part.is_empty() { String::new() } else { format!("{mark}{part}") };
    format!("{}{}{}", utf8_percent_encode(route, KEEP), part('?', query), part('#', fragment))
}

/// What follows the origin of this app and its slash; none for any other origin.
///
/// Compared as text: a user, a port or another spelling of the host is another origin.
pub(crate) fn path_in<'a>(app_id: &AppId, url: &'a str) -> Option<&'a str> {
    url.strip_prefix(APP_SCHEME)?.strip_prefix("://")?.strip_prefix(app_id.as_str())?.strip_prefix('/')
}

fn document(url: &str) -> &str {
    url.split_once('#').map_or(url, |(document, _)| document)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(url: &str) -> Verdict {
        let app_id = "gov.example.permit".parse().unwrap();
        let expected = "guichet-app://gov.example.permit/pages/next.html";
        let present = "guichet-app://gov.example.permit/pages/start.html?a=1";
        judge(&app_id, Some(expected), Some(present), url)
    }

    fn page(path: &str) -> Verdict {
        Verdict::Page(path.to_owned())
    }

    #[test]
    fn every_way_out_of_a_page_has_a_verdict() {
        let cases = [
            ("guichet-app://gov.example.permit/pages/next.html", Verdict::Load),
            ("guichet-app://gov.example.permit/pages/start.html?a=1", Verdict::Load),
            ("guichet-app://gov.example.permit/pages/start.html?a=1#part", Verdict::Load),
            ("about:blank", Verdict::Load),
            ("about:srcdoc", Verdict::Load),
            ("guichet-app://gov.example.permit/pages/start.html?a=2", page("/pages/start.html?a=2")),
            ("guichet-app://gov.example.permit/pages/list.html?x=%201#y", page("/pages/list.html?x=%201#y")),
            ("guichet-app://gov.example.permit/pages/%E8%AF%81.html", page("/pages/%E8%AF%81.html")),
            ("guichet-app://gov.example.permit/common/paper.pdf", Verdict::Refuse),
            ("guichet-app://gov.example.permit/app.js", Verdict::Refuse),
            ("guichet-app://gov.example.permit/", Verdict::Refuse),
            ("guichet-app://gov.example.permit/pages/..%2f..%2fx.html", Verdict::Refuse),
            ("guichet-app://gov.example.permit.evil/pages/x.html", Verdict::Refuse),
            ("guichet-app://gov.example.permit@evil/pages/x.html", Verdict::Refuse),
            ("guichet-app://gov.example.permit:80/pages/x.html", Verdict::Refuse),
            ("guichet-app://gov.example.other/pages/x.html", Verdict::Refuse),
            ("guichet-app:pages/x.html", Verdict::Refuse),
            ("guichet://miniapp/gov.example.permit/pages/list?x=1#y", page("pages/list?x=1#y")),
            ("guichet://miniapp/gov.example.permit/../x", Verdict::Refuse),
            ("guichet://miniapp/other", Verdict::Refuse),
            ("guichet:x", Verdict::Refuse),
            ("other://miniapp/gov.example.tax", Verdict::Refuse),
            ("https://hall.example/other/gov.example.tax", Verdict::Refuse),
            ("guichet-home://home/index.html", Verdict::Refuse),
            ("https://gov.example.permit/pages/x.html", Verdict::Refuse),
            ("http://127.0.0.1:1/", Verdict::Refuse),
            ("file:///etc/passwd", Verdict::Refuse),
            ("data:text/html,x", Verdict::Refuse),
            ("blob:guichet-app://gov.example.permit/1", Verdict::Refuse),
            ("javascript:1", Verdict::Refuse),
            ("tel:110", Verdict::Refuse),
            ("", Verdict::Refuse),
        ];
        for (url, expected) in cases {
            assert_eq!(verdict(url), expected, "{url}");
        }
    }

    #[test]
    fn a_link_to_another_app_is_a_visit() {
        for url in ["guichet://miniapp/gov.example.tax/pages/x?y#z", "https://hall.example/miniapp/gov.example.tax"] {
            assert_eq!(verdict(url), Verdict::Visit(url.parse().unwrap()), "{url}");
        }
        let other_version = "guichet://miniapp/gov.example.permit;version=1.0/pages/list";
        assert_eq!(verdict(other_version), Verdict::Visit(other_version.parse().unwrap()));
    }

    #[test]
    fn a_page_and_its_url_say_the_same() {
        let app_id = "a.b".parse().unwrap();
        let url = page_url(&app_id, "pages/证 1", "q=1", "top");
        assert_eq!(url, "guichet-app://a.b/pages/%E8%AF%81%201.html?q=1#top");
        assert_eq!(judge(&app_id, None, None, &url), page("/pages/%E8%AF%81%201.html?q=1#top"));
    }
}
