//! The record of who did what, for those who may read it.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{OriginalUri, State},
    http::header,
    response::{IntoResponse, Response},
};
use guichet_api::{AuditEntry, AuditList, AuditOutcome, Problem, paths};
use serde::Deserialize;
use tokio::io::{AsyncWriteExt, DuplexStream};
use tokio_util::io::ReaderStream;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    page::{Asked, Page},
    problems::not_a_cursor,
    reader::Narrowed,
};
use crate::{
    access::{self, Action},
    audit::{Entry, Outcome},
    database::{
        audit::{self as records, Filter},
        people::Person,
    },
    error::{NotDone, StoreError},
    problems,
    store::Store,
};

/// As much of an export is made ahead as this.
const AHEAD: usize = 64 * 1024;
const LONGEST_FILTER: usize = 200;

pub(super) fn routes() -> OpenApiRouter<Arc<Store>> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(export))
}

#[derive(Deserialize)]
struct Narrowing {
    name: Option<String>,
    deed: Option<String>,
    outcome: Option<String>,
}

fn shown(entry: Entry) -> AuditEntry {
    AuditEntry {
        position: entry.position,
        at_ms: entry.at_ms,
        person: entry.person,
        name: entry.name,
        deed: entry.deed,
        about: entry.about,
        department: entry.department,
        outcome: match entry.outcome {
            Outcome::Done => AuditOutcome::Done,
            Outcome::Denied => AuditOutcome::Denied,
        },
        why: entry.why,
        before: entry.before,
        after: entry.after,
        previous: entry.previous,
        hash: entry.hash,
    }
}

/// What was done and what was refused, newest first: of your department, or of all.
#[utoipa::path(get, path = paths::AUDIT, tag = "audit",
    params(
        ("name" = Option<String>, Query, description = "Only what whoever has this name did."),
        ("deed" = Option<String>, Query, description = "Only this deed, such as `role.change`."),
        ("outcome" = Option<AuditOutcome>, Query, description = "Only what was done, or what was refused."),
    ),
    responses(
        (status = 200, body = AuditList),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
    ))]
async fn list(
    State(store): State<Arc<Store>>,
    person: Person,
    Narrowed(narrowing): Narrowed<Narrowing>,
    Narrowed(asked): Narrowed<Asked>,
    uri: OriginalUri,
) -> Result<Response, NotDone> {
    let department = access::reach(&person, Action::Audit)?.cloned();
    let outcome = match narrowing.outcome.as_deref() {
        None => None,
        Some(text) => {
            let known = Outcome::ALL.into_iter().find(|outcome| outcome.as_str() == text);
            Some(known.ok_or_else(|| problems::not_the_query("`outcome` is `done` or `denied`"))?)
        }
    };
    let before = match asked.after()? {
        None => None,
        Some(text) => Some(text.parse().map_err(|_| not_a_cursor())?),
    };
    // A database keeps no zero bytes, and nobody has so long a name.
    for text in [&narrowing.name, &narrowing.deed].into_iter().flatten() {
        if text.contains('\0') || text.len() > LONGEST_FILTER {
            return Err(problems::not_the_query("a name and a deed are at most 200 bytes of text").into());
        }
    }
    let limit = asked.limit()?;
    let filter = Filter { department, name: narrowing.name, deed: narrowing.deed, outcome, before };
    let entries = records::page(&mut *store.database.read().await?, &filter, limit + 1).await?;
    let page = Page::of(entries, limit, |entry| entry.position.to_string());
    Ok(page.answered(&uri, |items| AuditList { items: items.into_iter().map(shown).collect() }))
}

/// Lines of JSON.
#[derive(ToSchema)]
#[schema(value_type = String)]
#[expect(dead_code, reason = "only describes what is streamed")]
struct Lines(String);

/// The whole record, oldest first, a line of JSON each: what `guichet-store audit verify-file` checks.
#[utoipa::path(get, path = paths::AUDIT_EXPORT, tag = "audit",
    responses(
        (status = 200, body = inline(Lines), content_type = "application/jsonl"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
    ))]
async fn export(State(store): State<Arc<Store>>, person: Person) -> Result<Response, NotDone> {
    access::check(&person, Action::Audit, None)?;
    let (to, from) = tokio::io::duplex(AHEAD);
    tokio::spawn(async move {
        if let Err(error) = write(&store, to).await {
            // Whoever reads it finds that the last entry is missing.
            tracing::warn!(%error, "an export of the record ended early");
        }
    });
    let headers = [
        (header::CONTENT_TYPE, "application/jsonl"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"audit.jsonl\""),
    ];
    Ok((headers, Body::from_stream(ReaderStream::new(from))).into_response())
}

async fn write(store: &Store, mut to: DuplexStream) -> Result<(), StoreError> {
    let mut next = 0;
    loop {
        // Rows are only ever added, so pages of different moments fit together.
        let entries = records::from(&mut *store.database.read().await?, next).await?;
        let Some(last) = entries.last() else { return Ok(()) };
        next = last.position.saturating_add(1);
        for entry in &entries {
            let line = format!("{}\n", entry.line());
            let sent = to.write_all(line.as_bytes()).await;
            sent.map_err(StoreError::document("send the record"))?;
        }
    }
}
