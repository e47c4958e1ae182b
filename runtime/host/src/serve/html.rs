//! A page as W3C means it: `app.css` is global to all pages, and a page has the style and the script of its own name.
//!
//! An author may write the references or leave them out. What is missing is added at the beginning of the head, so that
//! the page's own rules come after the global ones; what is written is left as it is.

/// The files that belong to a page, as far as the package has them.
#[derive(Debug, Default)]
pub(crate) struct Companions {
    /// Style sheets in the order in which they apply: `app.css`, then `pages/x.css`.
    pub(crate) styles: Vec<String>,
    /// `pages/x.js`.
    pub(crate) script: Option<String>,
}

/// Adds the references the page does not make itself.
pub(crate) fn complete(html: &str, page: &str, companions: &Companions) -> String {
    let referenced = references(html, page);
    let is_missing = |path: &&String| !referenced.contains(*path);
    let mut added = String::new();
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

/// Where the head's content begins: after `<head>`, else after `<html>`, else after the doctype, else at the start.
fn head_start(html: &str) -> usize {
    let end_of = |name: &str| tags(html).find(|tag| tag.name() == name).map(|tag| tag.end);
    end_of("head").or_else(|| end_of("html")).or_else(|| end_of("!doctype")).unwrap_or(0)
}

/// A tag as it is written, without its brackets.
struct Tag<'a> {
    text: &'a str,
    end: usize,
}

impl Tag<'_> {
    fn name(&self) -> String {
        let end = self.text.find(|c: char| c.is_ascii_whitespace() || c == '/' || c == '>').unwrap_or(self.text.len());
        self.text.get(..end).unwrap_or_default().to_ascii_lowercase()
    }

    fn attribute(&self, wanted: &str) -> Option<String> {
        let mut rest = self.text.get(self.name().len()..)?;
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
            let end = rest.find(|c: char| c.is_ascii_whitespace() || c == '=' || c == '/').unwrap_or(rest.len());
            if rest.is_empty() {
                return None;
            }
            let (name, after) = rest.split_at_checked(end.max(1))?;
            let after = after.trim_ascii_start();
            let Some(value) = after.strip_prefix('=') else {
                rest = after;
                continue;
            };
            let value = value.trim_ascii_start();
            let (value, after) = match value.chars().next() {
                Some(quote @ ('"' | '\'')) => value.get(1..)?.split_once(quote)?,
                _ => value.split_at_checked(value.find(|c: char| c.is_ascii_whitespace()).unwrap_or(value.len()))?,
            };
            if name.eq_ignore_ascii_case(wanted) {
                return Some(value.replace("&amp;", "&"));
            }
            rest = after;
        }
    }
}

/// The opening tags of a document; comments and the text of scripts and styles are passed over.
fn tags(html: &str) -> impl Iterator<Item = Tag<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let open = at + html.get(at..)?.find('<')?;
            let rest = html.get(open + 1..)?;
            if let Some(comment) = rest.strip_prefix("!--") {
                at = open + 4 + comment.find("-->")? + 3;
                continue;
            }
            if !rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '!') {
                at = open + 1;
                continue;
            }
            let length = tag_length(rest)?;
            let tag = Tag { text: rest.get(..length)?, end: open + 1 + length + 1 };
            let name = tag.name();
            at = tag.end;
            if matches!(name.as_str(), "script" | "style" | "textarea" | "title") {
                at += html.get(at..)?.to_ascii_lowercase().find(&format!("</{name}")).unwrap_or(0);
            }
            return Some(tag);
        }
    })
}

/// Bytes before the `>` that ends the tag, quoted values passed over.
fn tag_length(rest: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in rest.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(at),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

/// The package path a relative URL means on a page; none if it leaves the package or is not relative.
fn resolve(url: &str, page: &str) -> Option<String> {
    let path = url.trim().split(['?', '#']).next().unwrap_or_default();
    if path.is_empty() || path.starts_with("//") || path.contains(':') {
        return None;
    }
    let mut segments: Vec<&str> = match path.strip_prefix('/') {
        Some(_) => Vec::new(),
        None => {
            page.split('/').collect::<Vec<_>>().split_last().map(|(_, folders)| folders.to_vec()).unwrap_or_default()
        }
    };
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            segment => segments.push(segment),
        }
    }
    let joined = segments.join("/");
    Some(percent_encoding::percent_decode_str(&joined).decode_utf8().ok()?.into_owned())
}

/// A package path as it is written in an attribute.
fn url_path(path: &str) -> String {
    const KEPT: &percent_encoding::AsciiSet =
        &percent_encoding::NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_').remove(b'~');
    percent_encoding::utf8_percent_encode(path, KEPT).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, expected: &str) {
        let companions = Companions {
            styles: vec!["app.css".to_owned(), "pages/home.css".to_owned()],
            script: Some("pages/home.js".to_owned()),
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
        let companions = Companions { styles: vec!["app.css".to_owned()], script: None };
        assert_eq!(
            complete("<head>", "pages/a b/x.html", &companions),
            r#"<head><link rel="stylesheet" href="/app.css">"#
        );
    }
}
