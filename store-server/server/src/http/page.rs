//! Lists, a page at a time: a cursor says after which item the next page begins, so nothing is shown twice or left out
//! because something new has come.

use axum::{
    Json,
    extract::OriginalUri,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::problems;
use crate::error::NotDone;

/// Items of a page, unless somebody asks for another number.
const USUAL: usize = 100;
/// Most items of a page.
pub(super) const MOST: usize = 200;
const LONGEST_CURSOR: usize = 260;

/// Which page somebody asks for.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Asked {
    cursor: Option<String>,
    limit: Option<u64>,
}

impl Asked {
    /// How many items it may have.
    pub(super) fn limit(&self) -> Result<usize, NotDone> {
        let limit = self.limit.map_or(Some(USUAL), |limit| usize::try_from(limit).ok());
        let limit = limit.filter(|limit| (1..=MOST).contains(limit));
        Ok(limit.ok_or_else(|| problems::not_a_limit(MOST))?)
    }

    /// After which item it begins; none for the first.
    pub(super) fn after(&self) -> Result<Option<&str>, NotDone> {
        let is_good = |cursor: &&str| {
            let bytes = cursor.bytes();
            (1..=LONGEST_CURSOR).contains(&cursor.len())
                && bytes.into_iter().all(|byte| byte.is_ascii_alphanumeric() || b"._/-".contains(&byte))
        };
        match self.cursor.as_deref() {
            None => Ok(None),
            Some(cursor) => Ok(Some(Some(cursor).filter(is_good).ok_or_else(problems::not_a_cursor)?)),
        }
    }

    /// The page of a list that is there as a whole, in the order of its keys.
    pub(super) fn of<T>(&self, items: Vec<T>, order: Order, key: impl Fn(&T) -> String) -> Result<Page<T>, NotDone> {
        let (after, limit) = (self.after()?, self.limit()?);
        let comes = |item: &T| match (after, order) {
            (None, _) => true,
            (Some(after), Order::Rising) => key(item).as_str() > after,
            (Some(after), Order::Falling) => key(item).as_str() < after,
        };
        Ok(Page::of(items.into_iter().filter(comes).take(limit + 1).collect(), limit, key))
    }
}

/// How the keys of a list follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// The smallest first.
    Rising,
    /// The largest first.
    Falling,
}

/// Some items, and where the next page begins if there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Page<T> {
    items: Vec<T>,
    next: Option<String>,
}

impl<T> Page<T> {
    /// The first of these items; one more than the limit says that there is another page.
    pub(super) fn of(mut items: Vec<T>, limit: usize, key: impl Fn(&T) -> String) -> Self {
        let has_more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| has_more).map(key);
        Self { items, next }
    }

    /// The answer, with a link to the next page (RFC 8288).
    pub(super) fn answered<L: Serialize>(self, uri: &OriginalUri, list: impl FnOnce(Vec<T>) -> L) -> Response {
        let link = self.next.map(|cursor| {
            let kept = uri.query().unwrap_or_default().split('&');
            let kept: String = kept
                .filter(|pair| !pair.is_empty() && pair.split('=').next() != Some("cursor"))
                .map(|pair| format!("{pair}&"))
                .collect();
            format!("<{}?{kept}cursor={cursor}>; rel=\"next\"", uri.path())
        });
        let mut response = Json(list(self.items)).into_response();
        if let Some(link) = link.and_then(|link| HeaderValue::from_str(&link).ok()) {
            response.headers_mut().insert(header::LINK, link);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(cursor: Option<&str>, limit: Option<u64>) -> Asked {
        Asked { cursor: cursor.map(str::to_owned), limit }
    }

    #[test]
    fn pages_follow_each_other_without_a_gap_and_end() {
        let all = || (0..5).map(|number| number.to_string()).collect::<Vec<_>>();
        let page = |cursor: Option<&str>| asked(cursor, Some(2)).of(all(), Order::Rising, Clone::clone).unwrap();
        let [first, second, third] = [page(None), page(Some("1")), page(Some("3"))];
        assert_eq!((first.items.join(""), first.next.as_deref()), ("01".to_owned(), Some("1")));
        assert_eq!((second.items.join(""), second.next.as_deref()), ("23".to_owned(), Some("3")));
        assert_eq!((third.items.join(""), third.next.as_deref()), ("4".to_owned(), None));
        // What the cursor names may be gone.
        assert_eq!(page(Some("10")).items.join(""), "23");
        let falling = asked(Some("3"), Some(2)).of(vec!["4", "3", "2", "1"], Order::Falling, |it| (*it).to_owned());
        assert_eq!(falling.unwrap().items, ["2", "1"]);
    }

    #[test]
    fn a_limit_and_a_cursor_are_within_bounds() {
        for limit in [0, 201, u64::MAX] {
            assert!(asked(None, Some(limit)).limit().is_err(), "{limit}");
        }
        assert_eq!(asked(None, None).limit().unwrap(), USUAL);
        for cursor in ["", "a b", "\0", "%", "é"] {
            assert!(asked(Some(cursor), None).after().is_err(), "{cursor:?}");
        }
    }

    #[test]
    fn a_link_keeps_what_else_was_asked() {
        let uri = OriginalUri("/api/v1/submissions?state=draft&cursor=7&limit=1".parse().unwrap());
        let answer = Page { items: vec![1], next: Some("9".to_owned()) }.answered(&uri, |items| items);
        let link = answer.headers().get(header::LINK).unwrap();
        assert_eq!(link, "</api/v1/submissions?state=draft&limit=1&cursor=9>; rel=\"next\"");
    }
}
