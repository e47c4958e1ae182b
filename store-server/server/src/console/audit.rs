//! The record of who did what, newest first, for those who may read it.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Query, State},
    http::HeaderMap,
    response::Response,
};
use serde::Deserialize;

use super::{
    frame::{Choice, Frame, Place, shown, signed_in},
    look,
    words::Language,
};
use crate::{
    access::{self, Action},
    audit::Outcome,
    database::audit::{self as records, Filter},
    error::NotDone,
    http::Session,
    store::Store,
};

/// How many entries a page has.
const A_PAGE: usize = 50;

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    who: String,
    #[serde(default)]
    deed: String,
    #[serde(default)]
    outcome: String,
    before: Option<u64>,
}

struct Row {
    position: u64,
    at: String,
    name: String,
    deed: String,
    about: String,
    department: Option<String>,
    is_denied: bool,
    why: Option<String>,
    before: Option<String>,
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct Page {
    frame: Frame,
    asked: Asked,
    deeds: Vec<String>,
    rows: Vec<Row>,
    older: Option<String>,
}

pub(super) async fn show(
    State(store): State<Arc<Store>>,
    Query(choice): Query<Choice>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    let language = choice.language(&headers);
    let drawn = signed_in(&store, &headers, language, async |session| draw(&store, session, language, asked).await);
    choice.remember(drawn.await)
}

async fn draw(store: &Store, session: Session, language: Language, asked: Asked) -> Result<Response, NotDone> {
    let said = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
    let filter = Filter {
        department: access::reach(&session.person, Action::Audit)?.cloned(),
        name: said(&asked.who),
        deed: said(&asked.deed),
        outcome: Outcome::ALL.into_iter().find(|outcome| outcome.as_str() == asked.outcome),
        before: asked.before,
    };
    let mut connection = store.database.read().await?;
    let mut entries = records::page(&mut connection, &filter, A_PAGE + 1).await?;
    let deeds = records::deeds(&mut connection).await?;
    drop(connection);
    let has_older = entries.len() > A_PAGE;
    entries.truncate(A_PAGE);
    let older = entries.last().filter(|_| has_older).map(|last| {
        let part =
            |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
        format!(
            "/audit?who={}&deed={}&outcome={}&before={}",
            part(&asked.who),
            part(&asked.deed),
            part(&asked.outcome),
            last.position
        )
    });
    let rows = entries.into_iter().map(|entry| Row {
        position: entry.position,
        at: look::time(entry.at_ms),
        name: entry.name,
        deed: entry.deed,
        about: entry.about,
        department: entry.department,
        is_denied: entry.outcome == Outcome::Denied,
        why: entry.why,
        before: entry.before,
        after: entry.after,
    });
    shown(&Page {
        rows: rows.collect(),
        frame: Frame::of(store, session.person, language, Place::Audit).await?,
        asked,
        deeds,
        older,
    })
}
