//! Style sheets: what they load.

use std::ops::Range;

use guichet_package::html::resolve;

use super::{App, Found, file, page::is_remote, rules};

/// Reads one style sheet, or the part of a page that is one: `text` stands in `path` from `base` on.
pub(super) fn of(app: &App<'_>, path: &str, text: &str, base: usize) -> Vec<Found> {
    let mut all = Vec::new();
    for Load { url, at, is_import } in loads(text) {
        let span = base + at..base + at + url.len();
        if is_remote(url) {
            let rule = if is_import { &rules::REMOTE_IMPORT } else { &rules::REMOTE_FILE };
            all.push(Found::new(rule, path, span, url));
        } else if !url.starts_with(['#', '%']) && !url.starts_with("data:") && !url.starts_with("blob:") {
            all.extend(resolve(url, path).and_then(|file| file::named(app, path, &file, url, span)));
        }
    }
    all
}

struct Load<'a> {
    url: &'a str,
    at: usize,
    is_import: bool,
}

/// Every `url(…)`, and the text of every `@import`, outside of comments and strings.
fn loads(text: &str) -> Vec<Load<'_>> {
    let (mut all, mut at, mut in_import) = (Vec::new(), 0, false);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let starts = |word: &str| rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
        if let Some(comment) = rest.strip_prefix("/*") {
            at += comment.find("*/").map_or(rest.len(), |end| end + 4);
        } else if starts("@import") {
            in_import = true;
            at += "@import".len();
        } else if starts("url(") {
            let inside = rest.get(4..).unwrap_or_default();
            let blank = inside.len() - inside.trim_start().len();
            let start = at + 4 + blank;
            let (url, length) = value(text, start);
            let skipped = usize::from(url.start > start);
            at = start + length + skipped;
            push(&mut all, text, url, in_import);
            in_import = false;
        } else if rest.starts_with(['"', '\'']) {
            let (string, length) = value(text, at);
            at += length.max(1) + 1;
            if in_import {
                push(&mut all, text, string, true);
                in_import = false;
            }
        } else {
            in_import &= !rest.starts_with(';');
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    all
}

fn push<'a>(all: &mut Vec<Load<'a>>, text: &'a str, range: Range<usize>, is_import: bool) {
    let at = range.start;
    if let Some(url) = text.get(range).map(str::trim_end).filter(|url| !url.is_empty()) {
        all.push(Load { url, at, is_import });
    }
}

/// The bytes of a value in quotes or without, and how many it takes up to its end.
fn value(text: &str, at: usize) -> (Range<usize>, usize) {
    let rest = text.get(at..).unwrap_or_default();
    match rest.chars().next().filter(|first| matches!(first, '"' | '\'')) {
        Some(quote) => {
            let inside = rest.get(1..).unwrap_or_default();
            let length = inside.find([quote, '\n']).unwrap_or(inside.len());
            (at + 1..at + 1 + length, length + 1)
        }
        None => {
            let length = rest.find(')').unwrap_or(rest.len());
            (at..at + length, length)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls(text: &str) -> Vec<(&str, bool)> {
        let all = loads(text);
        assert!(all.iter().all(|load| text[load.at..].starts_with(load.url)));
        all.into_iter().map(|load| (load.url, load.is_import)).collect()
    }

    #[test]
    fn what_a_style_loads_is_found_and_comments_are_not() {
        assert_eq!(urls("@import 'a.css'; @IMPORT url( \"b.css\" ) print;"), [("a.css", true), ("b.css", true)]);
        assert_eq!(urls("a { background: URL(c.png), url('d.png') }"), [("c.png", false), ("d.png", false)]);
        assert_eq!(urls("/* url(x) */ a::after { content: 'url(y)' } b { c: url( z.png ) }"), [("z.png", false)]);
    }

    #[test]
    fn whatever_is_cut_off_ends() {
        for text in ["url(", "@import", "@import \"", "/*", "url('a", "url(\"", "'", "é url(é", "url()", "\\\""] {
            let _ = loads(text);
        }
        assert_eq!(urls("a: 'never ends\nurl(a.png)"), [("a.png", false)]);
    }
}
