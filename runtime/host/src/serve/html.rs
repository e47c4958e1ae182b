//! A page as W3C means it: `app.css` is global to all pages, and a page has the style and the script of its own name.
//!
//! An author may write the references or leave them out. What is missing is added at the beginning of the head, so that
//! the page's own rules come after the global ones; what is written is left as it is.

use guichet_package::html::{Tag, head_start, resolve, tags, url_path};

/// The files that belong to a page, as far as the package has them.
#[derive(Debug, Default)]
pub(crate) struct Companions {
    /// Style sheets in the order in which they apply: `app.css`, then `pages/x.css`.
    pub(crate) styles: Vec<String>,
    /// `pages/x.js`.
    pub(crate) script: Option<String>,
    /// What the manifest's `color_scheme` means for CSS: colours that a page does not set follow it.
    pub(crate) color_scheme: Option<&'static str>,
}

/// Adds the references the page does not make itself.
pub(crate) fn complete(html: &str, page: &str, companions: &Companions) -> String {
    let referenced = references(html, page);
    let is_missing = |path: &&String| !referenced.contains(*path);
    let mut added = String::new();
    let says_scheme = |tag: Tag<'_>| {
        tag.name() == "meta" && tag.attribute("name").is_some_and(|name| name.eq_ignore_ascii_case("color-scheme"))
    };
    if let Some(scheme) = companions.color_scheme.filter(|_| !tags(html).any(says_scheme)) {
        added.push_str(&format!("<meta name=\"color-scheme\" content=\"{scheme}\">"));
    }
    for style in companions.styles.iter().filter(is_missing) {
        added.push_str(&format!("<link rel=\"stylesheet\" href=\"/{}\">", url_path(style)));
    }
    if let Some(script) = companions.script.as_ref().filter(is_missing) {
        added.push_str(&format!("<script defer src=\"/{}\"></script>", url_path(script)));
    }
    let at = head_start(html);
    let (before, after) = html.split_at_checked(at).unwrap_or((html, ""));
    format!("{before}{added}{after}")
}

/// The package paths that `link` and `script` elements name.
fn references(html: &str, page: &str) -> Vec<String> {
    tags(html)
        .filter_map(|tag| {
            let attribute = match tag.name().as_str() {
                "link" => "href",
                "script" => "src",
                _ => return None,
            };
            resolve(&tag.attribute(attribute)?, page)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, expected: &str) {
        let companions = Companions {
            styles: vec!["app.css".to_owned(), "pages/home.css".to_owned()],
            script: Some("pages/home.js".to_owned()),
            color_scheme: None,
        };
        assert_eq!(complete(html, "pages/home.html", &companions), expected);
    }

    const ALL: &str = concat!(
        r#"<link rel="stylesheet" href="/app.css"><link rel="stylesheet" href="/pages/home.css">"#,
        r#"<script defer src="/pages/home.js"></script>"#
    );

    #[test]
    fn a_page_that_refers_to_nothing_gets_all_three() {
        check(
            "<!doctype html><html lang=zh><head><title>x</title></head>",
            &format!("<!doctype html><html lang=zh><head>{ALL}<title>x</title></head>"),
        );
        check("<!DOCTYPE html><html><p>", &format!("<!DOCTYPE html><html>{ALL}<p>"));
        check("<!doctype html><p>", &format!("<!doctype html>{ALL}<p>"));
        check("<p>", &format!("{ALL}<p>"));
        check("", ALL);
    }

    #[test]
    fn what_is_written_is_not_added_again() {
        let html = r#"<head><LINK rel=stylesheet HREF='../app.css?v=2'><link href="home.css" rel="stylesheet"><script type="module" src=./home.js></script>"#;
        check(html, html);
        let absolute = r#"<head><link rel=stylesheet href=/app.css><link rel=stylesheet href=/pages/home.css><script src="/pages/%68ome.js"></script>"#;
        check(absolute, absolute);
    }

    #[test]
    fn references_that_do_not_count_are_not_counted() {
        for html in [
            r#"<head><!-- <link href="/app.css"> --></head>"#,
            r#"<head><title><link href="/app.css"></title></head>"#,
            r#"<head><script>"<link href='/app.css'>"</script></head>"#,
            r#"<head><link href="https://other.example/app.css"></head>"#,
            r#"<head><a href="/app.css">x</a></head>"#,
        ] {
            check(html, &html.replacen("<head>", &format!("<head>{ALL}"), 1));
        }
    }

    #[test]
    fn broken_markup_is_only_text() {
        for html in ["<", "<head", "<link href=", "<!--", "<script>", "a < b", "<head x='>"] {
            assert!(complete(html, "pages/home.html", &Companions::default()).ends_with(html), "{html}");
        }
    }

    #[test]
    fn only_files_the_package_has_are_added() {
        let companions = Companions { styles: vec!["app.css".to_owned()], script: None, color_scheme: Some("dark") };
        assert_eq!(
            complete("<head>", "pages/a b/x.html", &companions),
            r#"<head><meta name="color-scheme" content="dark"><link rel="stylesheet" href="/app.css">"#
        );
        let own = r#"<head><meta name="Color-Scheme" content="light">"#;
        assert!(!complete(own, "pages/x.html", &companions).contains("dark"), "the page's own word counts");
    }
}
