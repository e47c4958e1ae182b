//! Where something stands in a file: byte ranges, lines and columns, and the members of a manifest.

use std::ops::Range;

/// Lines and columns, counted from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Place {
    /// Where it begins.
    pub(crate) line: usize,
    /// Where it begins.
    pub(crate) column: usize,
    /// Where it has ended.
    end_line: usize,
    /// Where it has ended.
    end_column: usize,
}

impl Place {
    /// Where bytes of a text stand.
    pub(super) fn of(text: &str, span: &Range<usize>) -> Self {
        let ((line, column), (end_line, end_column)) =
            (line_and_column(text, span.start), line_and_column(text, span.end.max(span.start)));
        Self { line, column, end_line, end_column }
    }
}

fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..floor(text, at)).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

/// The byte at a line and a column as parsers of JSON count them: from 1, columns in bytes.
pub(super) fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    floor(text, start + column.saturating_sub(1))
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// A member or an item in a JSON text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    /// The name with its quotes; of an item the item itself.
    pub(super) name: Range<usize>,
    /// The value.
    pub(super) value: Range<usize>,
}

/// Finds what a JSON pointer names; if it is not there, what would hold it.
pub(super) fn member(text: &str, pointer: &str) -> Option<Member> {
    let mut reader = Reader { text, at: 0 };
    reader.blank();
    let whole = reader.value()?;
    let mut found = Member { name: whole.start..whole.start + 1, value: whole };
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        match inside(text, &found.value, &step) {
            Some(next) => found = next,
            None => break,
        }
    }
    Some(found)
}

/// One member of an object, or one item of a list.
fn inside(text: &str, outer: &Range<usize>, step: &str) -> Option<Member> {
    let mut reader = Reader { text: text.get(..outer.end)?, at: outer.start };
    let is_object = reader.take('{');
    if !is_object && !reader.take('[') {
        return None;
    }
    for index in 0.. {
        reader.blank();
        let name = if is_object {
            let name = reader.value()?;
            reader.blank();
            reader.take(':').then_some(())?;
            reader.blank();
            Some(name)
        } else {
            None
        };
        let value = reader.value()?;
        let is_it = match &name {
            Some(name) => serde_json::from_str::<String>(text.get(name.clone())?).ok()? == step,
            None => index.to_string() == step,
        };
        if is_it {
            return Some(Member { name: name.unwrap_or_else(|| value.clone()), value });
        }
        reader.blank();
        reader.take(',').then_some(())?;
    }
    None
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn blank(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start_matches(['\u{feff}', ' ', '\t', '\n', '\r']).len();
    }

    fn take(&mut self, sign: char) -> bool {
        let is_there = self.rest().starts_with(sign);
        self.at += if is_there { sign.len_utf8() } else { 0 };
        is_there
    }

    /// Steps over one value.
    fn value(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        let mut depth = 0_usize;
        loop {
            match self.rest().chars().next()? {
                '"' => self.string()?,
                '{' | '[' => {
                    depth += 1;
                    self.at += 1;
                }
                '}' | ']' => {
                    depth = depth.checked_sub(1)?;
                    self.at += 1;
                }
                _ if depth == 0 => {
                    let rest = self.rest();
                    let end = rest.find([',', '}', ']', ' ', '\t', '\n', '\r']).unwrap_or(rest.len());
                    if end == 0 {
                        return None;
                    }
                    self.at += end;
                }
                other => self.at += other.len_utf8(),
            }
            if depth == 0 {
                return Some(start..self.at);
            }
        }
    }

    fn string(&mut self) -> Option<()> {
        let mut is_escaped = false;
        let body = self.rest().get(1..)?;
        let end = body.char_indices().find(|(_, character)| {
            let ends = *character == '"' && !is_escaped;
            is_escaped = *character == '\\' && !is_escaped;
            ends
        });
        self.at += end?.0 + 2;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_counted_in_characters() {
        assert_eq!(line_and_column("ab\n居住x", 9), (2, 3));
        assert_eq!(line_and_column("ab\n居住x", 4), (2, 1));
        assert_eq!(line_and_column("ab", 99), (1, 3));
        assert_eq!(offset("ab\ncd", 2, 2), 4);
        assert_eq!(offset("ab", 9, 9), 2);
    }

    #[test]
    fn pointers_find_members_items_and_what_would_hold_them() {
        let text = r#"{ "a": {"b]": "x\"}"}, "pages": [ "one", {"c": -1.5} ], "~/": true }"#;
        let found = |pointer: &str| {
            let member = member(text, pointer).unwrap();
            (&text[member.name], &text[member.value])
        };
        assert_eq!(found("/a/b]"), (r#""b]""#, r#""x\"}""#));
        assert_eq!(found("/pages/0"), (r#""one""#, r#""one""#));
        assert_eq!(found("/pages/1/c"), (r#""c""#, "-1.5"));
        assert_eq!(found("/~0~1"), (r#""~/""#, "true"));
        assert_eq!(found("/pages/7").0, r#""pages""#);
        assert_eq!(found("/nothing").0, "{");
    }

    #[test]
    fn what_is_no_json_gives_nothing() {
        for text in ["", "{", "[1,", "{\"a\"", "}", "\"", "{\"a\": }", "[,]"] {
            let _ = member(text, "/a/0");
        }
    }
}
