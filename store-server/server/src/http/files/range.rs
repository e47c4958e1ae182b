//! What a request wants of a file: all of it, a range (RFC 9110, section 14), or to hear that it did not change (13).

use std::time::SystemTime;

use axum::http::{HeaderMap, HeaderValue, header};

use super::shelf::Face;

/// The part of a file that is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// All of it.
    Whole,
    /// From this byte, so many.
    Range(u64, u64),
    /// One that it does not have.
    Beyond,
}

/// Whether the asker has it already.
pub(super) fn is_unchanged(headers: &HeaderMap, face: &Face) -> bool {
    let mut tags = headers.get_all(header::IF_NONE_MATCH).iter().peekable();
    if tags.peek().is_some() {
        return tags.any(|value| names(value, &face.tag));
    }
    headers.get(header::IF_MODIFIED_SINCE).and_then(date).is_some_and(|since| face.modified_second() <= since)
}

/// Whether a list of entity tags has this one, compared weakly (RFC 9110, section 8.8.3.2).
fn names(value: &HeaderValue, tag: &HeaderValue) -> bool {
    if value == tag || value == "*" {
        return true;
    }
    // Ours hold no comma.
    let listed = |listed: &str| listed.trim().trim_start_matches("W/").as_bytes() == tag.as_bytes();
    value.to_str().is_ok_and(|value| value.split(',').any(listed))
}

fn date(value: &HeaderValue) -> Option<SystemTime> {
    httpdate::parse_http_date(value.to_str().ok()?).ok()
}

impl Face {
    /// As a date in a header has it.
    fn modified_second(&self) -> SystemTime {
        let since = self.modified.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(since.as_secs())
    }
}

/// The part that is wanted. No piece of what changes is given out, so that it cannot be joined to a piece of what it
/// changed to; and several ranges at once are answered with everything, which is always allowed.
pub(super) fn part(headers: &HeaderMap, face: &Face, length: u64) -> Part {
    let Some(range) = headers.get(header::RANGE).filter(|_| face.is_immutable) else { return Part::Whole };
    let is_same = |value: &HeaderValue| *value == face.tag || date(value) == Some(face.modified_second());
    if headers.get(header::IF_RANGE).is_some_and(|value| !is_same(value)) {
        return Part::Whole;
    }
    range.to_str().ok().and_then(|text| parse(text, length)).unwrap_or(Part::Whole)
}

/// One range of bytes; none if it is of another kind or not well-formed.
fn parse(text: &str, length: u64) -> Option<Part> {
    let (first, last) = text.strip_prefix("bytes=")?.trim().split_once('-')?;
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    let (from, until): (u64, u64) = match (first, last) {
        ("", last) => (length.saturating_sub(number(last)?), length),
        (first, "") => (number(first)?, length),
        (first, last) => {
            let (first, last): (u64, u64) = (number(first)?, number(last)?);
            if last < first {
                return None;
            }
            (first, last.saturating_add(1).min(length))
        }
    };
    Some(if from >= until { Part::Beyond } else { Part::Range(from, until - from) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_one_range_or_none() {
        for (text, wanted) in [
            ("bytes=0-0", Some(Part::Range(0, 1))),
            ("bytes=0-9", Some(Part::Range(0, 10))),
            ("bytes=4-99999", Some(Part::Range(4, 6))),
            ("bytes=9-", Some(Part::Range(9, 1))),
            ("bytes=-3", Some(Part::Range(7, 3))),
            ("bytes=-30", Some(Part::Range(0, 10))),
            ("bytes=-0", Some(Part::Beyond)),
            ("bytes=10-", Some(Part::Beyond)),
            ("bytes=10-20", Some(Part::Beyond)),
            ("bytes=3-2", None),
            ("bytes=0-1,3-4", None),
            ("bytes=+1-2", None),
            ("bytes=", None),
            ("bytes=-", None),
            ("bytes=99999999999999999999-", None),
            ("items=0-1", None),
        ] {
            assert_eq!(parse(text, 10), wanted, "{text}");
        }
        assert_eq!(parse("bytes=0-", 0), Some(Part::Beyond));
    }

    #[test]
    fn an_entity_tag_is_found_in_a_list() {
        let tag = HeaderValue::from_static("\"ab\"");
        for (value, yes) in [
            ("\"ab\"", true),
            ("W/\"ab\"", true),
            ("\"x\", \"ab\"", true),
            ("*", true),
            ("\"a\"", false),
            ("ab", false),
            ("\"abc\", W/\"a\"", false),
            ("", false),
        ] {
            assert_eq!(names(&HeaderValue::from_static(value), &tag), yes, "{value}");
        }
    }
}
