//! A submission's pages as they are seen on terminals, beside those of the release before.

use std::sync::Arc;

use axum::{
    extract::{Path, Query, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use guichet_api::PagePicture;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::{frame::signed_in, words::Language};
use crate::{checks::pictures, store::Store};

/// The pictures of one page.
pub(super) struct PageRow {
    pub(super) page: String,
    pub(super) text: String,
    /// Whether it is shown unfolded.
    pub(super) is_open: bool,
    pub(super) shots: Vec<Shot>,
}

/// One picture.
pub(super) struct Shot {
    pub(super) number: usize,
    pub(super) what: String,
    pub(super) now: String,
    pub(super) before: Option<String>,
    pub(super) is_changed: bool,
    pub(super) tint: &'static str,
    pub(super) state: &'static str,
}

/// The pictures, page by page; what has changed first.
pub(super) fn rows(all: Vec<PagePicture>, id: &str, language: Language) -> Vec<PageRow> {
    let words = language.check_words();
    let mut rows: Vec<PageRow> = Vec::new();
    for (number, picture) in all.into_iter().enumerate() {
        let now = format!("/submissions/{id}/pictures/{}", utf8_percent_encode(&picture.name, NON_ALPHANUMERIC));
        let shot = Shot {
            number,
            what: language.seen_on(&picture.terminal, &picture.language, &picture.theme),
            before: picture.before.then(|| format!("{now}?before=true")),
            is_changed: picture.changed,
            tint: if picture.changed { "warn" } else { "" },
            state: match (picture.before, picture.changed) {
                (false, _) => words.picture_new,
                (true, true) => words.picture_changed,
                (true, false) => words.picture_same,
            },
            now,
        };
        match rows.last_mut().filter(|row| row.page == picture.page) {
            Some(row) => row.shots.push(shot),
            None => rows.push(PageRow { page: picture.page, text: String::new(), is_open: false, shots: vec![shot] }),
        }
    }
    for row in &mut rows {
        let changed = row.shots.iter().filter(|shot| shot.is_changed).count();
        row.shots.sort_by_key(|shot| !shot.is_changed);
        row.text = language.pictures(row.shots.len(), changed);
    }
    // One is seen without asking: what has changed, or where the app opens.
    let first = rows.iter().position(|row| row.shots.iter().any(|shot| shot.is_changed)).unwrap_or(0);
    if let Some(row) = rows.get_mut(first) {
        row.is_open = true;
    }
    rows
}

#[derive(Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    before: bool,
}

/// The picture itself.
pub(super) async fn show(
    State(store): State<Arc<Store>>,
    Path((id, name)): Path<(String, String)>,
    Query(Which { before }): Query<Which>,
    headers: HeaderMap,
) -> Response {
    signed_in(&store, &headers, Language::of(None, &headers), async |session| {
        let png = pictures::one(&store, &session.person, &id, &name, before).await?;
        let kept = "private, max-age=3600";
        Ok(([(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, kept)], png).into_response())
    })
    .await
}
