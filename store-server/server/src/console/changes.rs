//! What a version holds that the one before did not, as the pages show it; and one file, line by line.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::HeaderMap,
    response::Response,
};
use guichet_contract::Scope;
use guichet_package::diff::{FileChange, FileChangeKind};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::{
    frame::{Choice, Frame, Place, shown, signed_in},
    look,
    words::Language,
};
use crate::{
    error::NotDone,
    http::Session,
    review::compare::{self, Comparison, FileText, Line, Mentioned},
    store::Store,
};

/// How one thing changed; its word is always beside it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Added,
    Removed,
    Kept,
}

/// One item of a limit: a host, a number.
pub(super) struct Limit {
    pub(super) mark: Mark,
    pub(super) text: String,
}

/// One member of a scope, such as `domains`.
pub(super) struct Member {
    pub(super) name: String,
    pub(super) limits: Vec<Limit>,
}

impl Mark {
    pub(super) fn is_added(self) -> bool {
        self == Self::Added
    }

    pub(super) fn is_removed(self) -> bool {
        self == Self::Removed
    }
}

/// A scope beside the one before it, item by item.
pub(super) fn members(before: Option<&Scope>, now: &Scope) -> Vec<Member> {
    let items = |limit: &serde_json::Value| -> BTreeSet<String> {
        let text = |item: &serde_json::Value| item.as_str().map_or_else(|| item.to_string(), str::to_owned);
        match limit {
            serde_json::Value::Array(items) => items.iter().map(text).collect(),
            other => [text(other)].into(),
        }
    };
    let all = |scope: &Scope| -> BTreeMap<String, BTreeSet<String>> {
        scope.members().iter().map(|(name, limit)| (name.clone(), items(limit))).collect()
    };
    let (old, new) = (before.map(all).unwrap_or_default(), all(now));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let member = |name: &String| {
        let none = BTreeSet::new();
        let (old, new) = (old.get(name).unwrap_or(&none), new.get(name).unwrap_or(&none));
        let limit = |text: &String| {
            let mark = match (old.contains(text), new.contains(text)) {
                (true, true) => Mark::Kept,
                (true, false) => Mark::Removed,
                (false, _) => Mark::Added,
            };
            Limit { mark, text: text.clone() }
        };
        Member { name: name.clone(), limits: old.union(new).map(limit).collect() }
    };
    names.into_iter().map(member).collect()
}

/// A name that files mention.
pub(super) struct Mention {
    pub(super) mark: Mark,
    pub(super) name: String,
    pub(super) files: String,
}

/// What is new first, then what is gone; what stays is folded away.
pub(super) struct Mentions {
    pub(super) changed: Vec<Mention>,
    pub(super) kept: Vec<Mention>,
}

impl Mentions {
    fn of(mentioned: &Mentioned) -> Self {
        let rows = |mark: Mark, names: &BTreeMap<String, BTreeSet<String>>| -> Vec<Mention> {
            let files = |files: &BTreeSet<String>| files.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            names.iter().map(|(name, all)| Mention { mark, name: name.clone(), files: files(all) }).collect()
        };
        let mut changed = rows(Mark::Added, &mentioned.added);
        changed.extend(rows(Mark::Removed, &mentioned.removed));
        Self { changed, kept: rows(Mark::Kept, &mentioned.kept) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.kept.is_empty()
    }
}

/// A file that is not the same.
pub(super) struct FileRow {
    pub(super) path: String,
    pub(super) kind: &'static str,
    pub(super) tint: &'static str,
    pub(super) icon: &'static str,
    pub(super) size: String,
    /// Of the largest, in tenths.
    pub(super) tenths: u64,
    pub(super) href: String,
}

/// All that the page shows of a comparison.
pub(super) struct Changes {
    pub(super) files: Vec<FileRow>,
    pub(super) files_text: String,
    pub(super) size: String,
    pub(super) calls: Mentions,
    pub(super) hosts: Mentions,
}

impl Changes {
    pub(super) fn of(comparison: &Comparison, id: &str, language: Language) -> Self {
        let weight = |file: &FileChange| file.old_size.unwrap_or(0).max(file.new_size.unwrap_or(0));
        let largest = comparison.files.iter().map(weight).max().unwrap_or(0).max(1);
        let row = |file: &FileChange| {
            let words = language.review_words();
            let (kind, tint, icon) = match file.kind {
                FileChangeKind::Added => (words.added, "info", "plus"),
                FileChangeKind::Changed => (words.changed, "warn", "arrow"),
                FileChangeKind::Removed => (words.removed, "", "minus"),
            };
            let path = file.path.to_string();
            FileRow {
                href: format!("/submissions/{id}/file?path={}", utf8_percent_encode(&path, NON_ALPHANUMERIC)),
                kind,
                tint,
                icon,
                size: difference(file.old_size, file.new_size.unwrap_or(0)),
                tenths: (weight(file).saturating_mul(10) / largest).max(1),
                path,
            }
        };
        Self {
            files: comparison.files.iter().map(row).collect(),
            files_text: language.files_changed(comparison.files.len(), comparison.all_files),
            size: difference(comparison.bytes_before, comparison.bytes),
            calls: Mentions::of(&comparison.calls),
            hosts: Mentions::of(&comparison.hosts),
        }
    }
}

/// A size, and by how much it is another than before.
fn difference(before: Option<u64>, now: u64) -> String {
    match before {
        Some(before) if before > now => format!("{} (−{})", look::size(now), look::size(before - now)),
        Some(before) if before < now => format!("{} (+{})", look::size(now), look::size(now - before)),
        _ => look::size(now),
    }
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    path: String,
}

#[derive(Template)]
#[template(path = "file.html")]
struct Page {
    frame: Frame,
    id: String,
    title: String,
    path: String,
    pieces: Vec<Vec<Line>>,
    note: Option<&'static str>,
}

pub(super) async fn file(
    State(store): State<Arc<Store>>,
    Path(id): Path<String>,
    Query(choice): Query<Choice>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    let language = choice.language(&headers);
    let drawn =
        signed_in(&store, &headers, language, async |session| draw(&store, session, language, &id, asked.path).await);
    choice.remember(drawn.await)
}

async fn draw(
    store: &Store,
    session: Session,
    language: Language,
    id: &str,
    path: String,
) -> Result<Response, NotDone> {
    let (record, text) = compare::text(store, &session.person, id, &path).await?;
    let words = language.review_words();
    let (pieces, note) = match text {
        FileText::Lines(pieces) => (pieces, None),
        FileText::Bytes => (Vec::new(), Some(words.no_text)),
        FileText::Same => (Vec::new(), Some(words.same_file)),
    };
    shown(&Page {
        title: format!("{} {}", look::localized(&record.names, language), record.version.name),
        frame: Frame::of(store, session.person, language, Place::Queue).await?,
        id: record.id,
        path,
        pieces,
        note,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_compared_item_by_item() {
        let scope = |text: &str| serde_json::from_str::<Scope>(text).unwrap();
        let before = scope(r#"{"domains":["a.example","old.example"],"bytes":50}"#);
        let now = scope(r#"{"domains":["a.example","*.example"],"bytes":60}"#);
        let shown = |members: Vec<Member>| -> Vec<String> {
            let sign = |mark| match mark {
                Mark::Added => '+',
                Mark::Removed => '-',
                Mark::Kept => '=',
            };
            let member = |member: &Member| {
                let limits = member.limits.iter().map(|limit| format!("{}{}", sign(limit.mark), limit.text));
                format!("{}: {}", member.name, limits.collect::<Vec<_>>().join(" "))
            };
            members.iter().map(member).collect()
        };
        assert_eq!(
            shown(members(Some(&before), &now)),
            ["bytes: -50 +60", "domains: +*.example =a.example -old.example"]
        );
        assert_eq!(shown(members(None, &before)), ["bytes: +50", "domains: +a.example +old.example"]);
    }
}
