//! The tags of a page as they are written: enough to add a reference or to move a page, without changing anything else.

use std::ops::Range;

/// A tag as it is written.
#[derive(Clone, Debug)]
pub struct Tag<'a> {
    /// What stands between its brackets.
    text: &'a str,
    /// Where it lies in the document, its brackets included.
    pub range: Range<usize>,
}

/// An attribute as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its value without quotes, and otherwise as it is written.
    pub value: &'a str,
    /// Where the value lies in the document.
    pub range: Range<usize>,
}

impl<'a> Tag<'a> {
    /// Its name in lower case; that of a closing tag begins with `/`.
    pub fn name(&self) -> String {
        self.text.get(..self.name_length()).unwrap_or_default().to_ascii_lowercase()
    }

    /// The value of an attribute, `&amp;` decoded.
    pub fn attribute(&self, wanted: &str) -> Option<String> {
        let found = self.attributes().find(|attribute| attribute.name.eq_ignore_ascii_case(wanted))?;
        Some(found.value.replace("&amp;", "&"))
    }

    /// Every attribute that has a value.
    pub fn attributes(&self) -> impl Iterator<Item = Attribute<'a>> + use<'a> {
        let (text, start) = (self.text, self.range.start + 1);
        let mut at = self.name_length();
        std::iter::from_fn(move || {
            loop {
                at += blank(text.get(at..)?, |c| c.is_ascii_whitespace() || c == '/');
                let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
                let end = rest.find(|c: char| c.is_ascii_whitespace() || c == '=' || c == '/').unwrap_or(rest.len());
                let name = rest.get(..end.max(1))?;
                at += name.len();
                let space = blank(text.get(at..)?, |c| c.is_ascii_whitespace());
                if !text.get(at + space..)?.starts_with('=') {
                    continue;
                }
                at += space + 1;
                at += blank(text.get(at..)?, |c| c.is_ascii_whitespace());
                let rest = text.get(at..)?;
                let (value, passed) = match rest.chars().next() {
                    Some(quote @ ('"' | '\'')) => {
                        at += 1;
                        let value = rest.get(1..)?.split_once(quote)?.0;
                        (value, value.len() + 1)
                    }
                    _ => {
                        let value = rest.split(|c: char| c.is_ascii_whitespace()).next().unwrap_or_default();
                        (value, value.len())
                    }
                };
                let range = start + at..start + at + value.len();
                at += passed;
                return Some(Attribute { name, value, range });
            }
        })
    }

    fn name_length(&self) -> usize {
        let from = usize::from(self.text.starts_with('/'));
        let rest = self.text.get(from..).unwrap_or_default();
        from + rest.find(|c: char| c.is_ascii_whitespace() || c == '/' || c == '>').unwrap_or(rest.len())
    }
}

fn blank(text: &str, is_blank: impl Fn(char) -> bool) -> usize {
    text.len() - text.trim_start_matches(is_blank).len()
}

/// The tags of a document in their order, closing ones and the doctype among them; comments and the text of scripts and
/// styles are passed over.
pub fn tags(html: &str) -> impl Iterator<Item = Tag<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let open = at + html.get(at..)?.find('<')?;
            let rest = html.get(open + 1..)?;
            if let Some(comment) = rest.strip_prefix("!--") {
                at = open + 4 + comment.find("-->")? + 3;
                continue;
            }
            if !rest.trim_start_matches('/').starts_with(|c: char| c.is_ascii_alphabetic() || c == '!') {
                at = open + 1;
                continue;
            }
            let length = tag_length(rest)?;
            let tag = Tag { text: rest.get(..length)?, range: open..open + 1 + length + 1 };
            let name = tag.name();
            at = tag.range.end;
            if matches!(name.as_str(), "script" | "style" | "textarea" | "title") {
                at += html.get(at..)?.to_ascii_lowercase().find(&format!("</{name}")).unwrap_or(0);
            }
            return Some(tag);
        }
    })
}

/// Where the head's content begins: after `<head>`, else after `<html>`, else after the doctype, else at the start.
pub fn head_start(html: &str) -> usize {
    let end_of = |name: &str| tags(html).find(|tag| tag.name() == name).map(|tag| tag.range.end);
    end_of("head").or_else(|| end_of("html")).or_else(|| end_of("!doctype")).unwrap_or(0)
}

/// The package path a relative URL means on a page; none if it leaves the package or is not relative.
pub fn resolve(url: &str, page: &str) -> Option<String> {
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
pub fn url_path(path: &str) -> String {
    const KEPT: &percent_encoding::AsciiSet =
        &percent_encoding::NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_').remove(b'~');
    percent_encoding::utf8_percent_encode(path, KEPT).to_string()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_attributes_lie_where_they_say() {
        let html =
            "<!doctype html><!-- <i> --><IMG src='a.png' alt=\"x > y\" hidden width=3 /><script>'<b>'</script></p>";
        let names: Vec<_> = tags(html).map(|tag| tag.name()).collect();
        assert_eq!(names, ["!doctype", "img", "script", "/script", "/p"]);
        let image = tags(html).find(|tag| tag.name() == "img").unwrap();
        assert!(html[image.range.clone()].starts_with("<IMG") && html[image.range.clone()].ends_with("/>"));
        let all: Vec<_> = image.attributes().map(|attribute| (attribute.name, &html[attribute.range])).collect();
        assert_eq!(all, [("src", "a.png"), ("alt", "x > y"), ("width", "3")]);
        assert_eq!(image.attribute("WIDTH").as_deref(), Some("3"));
        assert_eq!(image.attribute("hidden"), None);
    }

    #[test]
    fn broken_markup_has_no_tags_that_are_not_there() {
        for html in
            ["<", "<>", "</", "</>", "<head", "<a href=", "<a href='>", "<!--", "<a =", "<a = x", "< b>", "<a 证=x"]
        {
            for tag in tags(html) {
                assert!(tag.attributes().all(|attribute| html.get(attribute.range).is_some()), "{html}");
            }
        }
    }
}
