//! What is out: apps' channels with their releases, for whoever looks after them.

use std::sync::Arc;

use axum::{
    Json,
    extract::{OriginalUri, Path, State},
    response::Response,
};
use guichet_api::{Problem, Release, ReleaseAct, ReleaseLine, ReleaseLineDetail, ReleaseLineList, paths};
use guichet_contract::{AppId, Channel};
use guichet_package::{ReleaseDocument, release::EVERYONE};
use sqlx::AnyConnection;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    page::{Asked, Order},
    reader::Narrowed,
};
use crate::{
    access::{self, Action},
    brake,
    database::{
        brakes, log,
        people::Person,
        submissions::{self as records, SubmissionRecord},
    },
    error::{NotDone, StoreError},
    problems,
    store::Store,
};

pub(super) fn routes() -> OpenApiRouter<Arc<Store>> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show))
}

/// What is out, by app and channel.
#[utoipa::path(get, path = paths::APPS, tag = "releases",
    responses(
        (status = 200, body = ReleaseLineList),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
    ))]
async fn list(
    State(store): State<Arc<Store>>,
    person: Person,
    Narrowed(asked): Narrowed<Asked>,
    uri: OriginalUri,
) -> Result<Response, NotDone> {
    let mine = access::reach(&person, Action::Read)?;
    let mut connection = store.database.read().await?;
    let mut lines = Vec::new();
    for id in log::newest(&mut connection).await? {
        let Some(record) = records::get(&mut connection, &id).await? else { continue };
        if mine.is_none_or(|mine| *mine == record.department) {
            lines.push(line(&mut connection, &record).await?);
        }
    }
    drop(connection);
    let key = |line: &ReleaseLine| format!("{}/{}", line.app_id, line.channel);
    lines.sort_by_key(key);
    Ok(asked.of(lines, Order::Rising, key)?.answered(&uri, |items| ReleaseLineList { items }))
}

/// One app's channel: what is out, how far, and what was done about it.
#[utoipa::path(get, path = paths::APP, tag = "releases",
    params(("app" = String, Path), ("channel" = String, Path)),
    responses(
        (status = 200, body = ReleaseLineDetail),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ))]
async fn show(
    State(store): State<Arc<Store>>,
    person: Person,
    Path((app, channel)): Path<(String, String)>,
) -> Result<Json<ReleaseLineDetail>, NotDone> {
    Ok(Json(detail(&store, &person, &app, &channel).await?))
}

/// What `show` answers.
pub(super) async fn detail(
    store: &Store,
    person: &Person,
    app: &str,
    channel: &str,
) -> Result<ReleaseLineDetail, NotDone> {
    let (Ok(app_id), Ok(channel)) = (app.parse::<AppId>(), channel.parse::<Channel>()) else {
        return Err(problems::no_such_page("GET", &format!("/apps/{app}/{channel}")).into());
    };
    let mut connection = store.database.read().await?;
    let sequence = log::last_sequence(&mut connection, &app_id, &channel).await?;
    let newest = records::of_release(&mut connection, &app_id, &channel, sequence).await?;
    let (newest, _) = newest.ok_or_else(|| problems::never_released(&app_id, &channel))?;
    access::check(person, Action::Read, Some(&newest.department))?;
    let mut releases: Vec<Release> =
        records::released_before(&mut connection, &newest).await?.iter().map(release).collect();
    releases.push(release(&newest));
    releases.reverse();
    let acts = brakes::of_app(&mut connection, &app_id, &channel).await?.into_iter().rev();
    let acts = acts.map(|act| ReleaseAct {
        sequence: act.sequence,
        halted: act.halted,
        ceiling: act.ceiling,
        reason: act.reason,
        at_ms: act.at_ms,
    });
    Ok(ReleaseLineDetail { acts: acts.collect(), line: line(&mut connection, &newest).await?, releases })
}

fn release(record: &SubmissionRecord) -> Release {
    Release {
        sequence: record.sequence,
        submission: record.id.clone(),
        kind: record.kind,
        version: record.version.clone(),
        state: record.state,
        released_at_ms: record.released_at_ms.unwrap_or(record.submitted_at_ms),
    }
}

async fn line(connection: &mut AnyConnection, newest: &SubmissionRecord) -> Result<ReleaseLine, StoreError> {
    let document = ReleaseDocument::parse(&newest.release_document);
    let most = document.map_err(StoreError::document("read a logged release document"))?.rollout.ceiling;
    let reached = brake::reached(connection, &newest.app_id, &newest.channel, newest.sequence).await?;
    let acts = brakes::of_app(connection, &newest.app_id, &newest.channel).await?;
    Ok(ReleaseLine {
        app_id: newest.app_id.clone(),
        channel: newest.channel.clone(),
        department: newest.department.clone(),
        names: newest.names.clone(),
        most,
        reached: reached.unwrap_or(EVERYONE).min(most),
        halted: acts.last().is_some_and(|act| act.halted && act.sequence >= newest.sequence),
        newest: release(newest),
    })
}
