//! The answer to a view's request: status, headers and bytes, and the part of them that was asked for.

use std::{borrow::Cow, ops::Range};

use wry::http::{Response, StatusCode, header};

/// An answer as the view takes it.
pub(crate) type Answer = Response<Cow<'static, [u8]>>;

/// The whole file, or the part that a `Range` header asks for; the headers come with the file.
pub(crate) fn file(headers: &[(&'static str, &'static str)], bytes: Vec<u8>, range: Option<&str>) -> Answer {
    let length = bytes.len();
    match range.and_then(|range| part(range, length)) {
        None => build(StatusCode::OK, headers, Cow::from(bytes), None),
        Some(Part::Some(some)) => {
            let place = format!("bytes {}-{}/{length}", some.start, some.end - 1);
            let bytes = bytes.get(some).unwrap_or_default().to_vec();
            build(StatusCode::PARTIAL_CONTENT, headers, Cow::from(bytes), Some(place))
        }
        Some(Part::Beyond) => {
            build(StatusCode::RANGE_NOT_SATISFIABLE, CLOSED, Cow::from(&b""[..]), Some(format!("bytes */{length}")))
        }
    }
}

/// What the host's own pages may reach.
pub(crate) const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'none'; \
    base-uri 'none'; frame-ancestors 'none'";

/// One of the files of the host's own pages, each with its name, its type and its bytes; `path` is what a URL has after the
/// host, with its query.
pub(crate) fn own(files: &[(&str, &'static str, &[u8])], path: Option<&str>) -> Answer {
    let path = path.map(|path| path.split(['?', '#']).next().unwrap_or_default());
    match files.iter().find(|(name, ..)| Some(*name) == path) {
        Some((_, mime, bytes)) => {
            let headers =
                [("content-type", *mime), ("content-security-policy", POLICY), ("x-content-type-options", "nosniff")];
            file(&headers, bytes.to_vec(), None)
        }
        None => nothing(StatusCode::NOT_FOUND),
    }
}

/// No bytes: the request is refused, or nothing is there.
pub(crate) fn nothing(status: StatusCode) -> Answer {
    build(status, CLOSED, Cow::from(&b""[..]), None)
}

/// What an answer without a file carries.
const CLOSED: &[(&str, &str)] =
    &[("content-type", "text/plain"), ("content-security-policy", "default-src 'none'"), ("cache-control", "no-store")];

fn build(
    status: StatusCode,
    headers: &[(&'static str, &'static str)],
    bytes: Cow<'static, [u8]>,
    place: Option<String>,
) -> Answer {
    let mut answer = Response::builder().status(status).header(header::ACCEPT_RANGES, "bytes");
    for (name, value) in headers {
        answer = answer.header(*name, *value);
    }
    if let Some(place) = place {
        answer = answer.header(header::CONTENT_RANGE, place);
    }
    answer.body(bytes).unwrap_or_else(|_| Response::new(Cow::from(&b""[..])))
}

#[derive(Debug, PartialEq, Eq)]
enum Part {
    Some(Range<usize>),
    Beyond,
}

/// One range of bytes (RFC 9110 section 14.2); several ranges and other units are answered with the whole file.
fn part(range: &str, length: usize) -> Option<Part> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    if last.contains(',') {
        return None;
    }
    let some = match (first.trim(), last.trim()) {
        ("", suffix) => length.saturating_sub(suffix.parse().ok()?)..length,
        (first, "") => first.parse().ok()?..length,
        (first, last) => first.parse().ok()?..last.parse::<usize>().ok()?.saturating_add(1).min(length),
    };
    Some(if some.start < some.end { Part::Some(some) } else { Part::Beyond })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_answered_with_its_part() {
        for (range, expected) in [
            ("bytes=0-1", Some(Part::Some(0..2))),
            ("bytes=8-", Some(Part::Some(8..10))),
            ("bytes=-3", Some(Part::Some(7..10))),
            ("bytes=-30", Some(Part::Some(0..10))),
            ("bytes=5-99", Some(Part::Some(5..10))),
            ("bytes=10-", Some(Part::Beyond)),
            ("bytes=7-3", Some(Part::Beyond)),
            ("bytes=0-1,3-4", None),
            ("lines=0-1", None),
            ("bytes=x-1", None),
        ] {
            assert_eq!(part(range, 10), expected, "{range}");
        }
        let answer = file(&[("content-security-policy", "x")], b"0123456789".to_vec(), Some("bytes=2-4"));
        assert_eq!((answer.status().as_u16(), answer.body().as_ref()), (206, &b"234"[..]));
        assert_eq!(answer.headers()["content-range"], "bytes 2-4/10");
        assert_eq!(answer.headers()["content-security-policy"], "x");
    }

    #[test]
    fn an_answer_without_a_file_allows_nothing() {
        for answer in [nothing(StatusCode::NOT_FOUND), file(&[], Vec::new(), Some("bytes=9-"))] {
            assert_eq!(answer.headers()["content-security-policy"], "default-src 'none'");
            assert!(answer.body().is_empty());
        }
    }
}
