//! What devices tell about releases: counted, never answered with anything.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Extension,
    extract::{ConnectInfo, DefaultBodyLimit, OriginalUri, Path, State},
    http::StatusCode,
    response::Response,
};
use guichet_api::{
    BeaconEnvelope, DayCount, DayCountList, MOST_BEACON_BYTES, MOST_BEACONS, MOST_COUNTS, MOST_IN_A_COUNT, Problem,
    paths,
};
use guichet_contract::{AppId, Channel};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    pace::Who,
    page::{Asked, Order},
    reader::{JsonBody, Narrowed},
};
use crate::{
    access::{self, Action},
    database::{beacons, commit, events, log, people::Person, submissions as records},
    error::NotDone,
    problems,
    store::Store,
};

const HOUR_MS: u64 = 60 * 60 * 1000;
const DAY_MS: u64 = 24 * HOUR_MS;
/// How far back counts are shown.
const LOOKS_BACK: u64 = 90;

pub(super) fn routes() -> OpenApiRouter<Arc<Store>> {
    OpenApiRouter::new().routes(routes!(tell)).layer(DefaultBodyLimit::max(MOST_BEACON_BYTES)).routes(routes!(counted))
}

/// Tells what became of releases on a device, and what apps have counted there. Nothing says which device; what is about no
/// release, or what it has not declared, is not counted.
#[utoipa::path(post, path = paths::BEACONS, tag = "beacons", security(()), request_body = BeaconEnvelope,
    responses(
        (status = 202, description = "Taken."),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
    ))]
async fn tell(
    State(store): State<Arc<Store>>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    JsonBody(envelope): JsonBody<BeaconEnvelope>,
) -> Result<StatusCode, NotDone> {
    let (beacons, counts) = (&envelope.beacons, &envelope.counts);
    let is_some = !beacons.is_empty() || !counts.is_empty();
    let fits = beacons.len() <= MOST_BEACONS && counts.len() <= MOST_COUNTS;
    let is_count = |count: u32| (1..=MOST_IN_A_COUNT).contains(&count);
    if envelope.format != 1 || !is_some || !fits || !counts.iter().all(|it| is_count(it.count)) {
        return Err(problems::wrong_envelope().into());
    }
    let now_ms = store.clock.now_ms();
    // Without a connection there is no address: somebody calls the router itself.
    if let Some(Extension(ConnectInfo(peer))) = peer
        && !store.paces.envelopes.admits(Who::Address(peer.ip()), now_ms)
    {
        return Err(problems::too_many_envelopes().into());
    }
    let mut change = store.database.change().await?;
    for beacon in beacons {
        beacons::count(&mut change, beacon, now_ms - now_ms % HOUR_MS).await?;
    }
    events::count(&mut change, counts, now_ms - now_ms % DAY_MS).await?;
    commit(change).await?;
    Ok(StatusCode::ACCEPTED)
}

/// What an app has counted in the last 90 days: its declared events, by day, release and event.
#[utoipa::path(get, path = paths::EVENTS, tag = "releases",
    params(("app" = String, Path), ("channel" = String, Path)),
    responses(
        (status = 200, body = DayCountList),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ))]
async fn counted(
    State(store): State<Arc<Store>>,
    person: Person,
    Path((app, channel)): Path<(String, String)>,
    Narrowed(asked): Narrowed<Asked>,
    uri: OriginalUri,
) -> Result<Response, NotDone> {
    let (Ok(app_id), Ok(channel)) = (app.parse::<AppId>(), channel.parse::<Channel>()) else {
        return Err(problems::no_such_page("GET", &format!("/apps/{app}/{channel}/events")).into());
    };
    let mut connection = store.database.read().await?;
    let sequence = log::last_sequence(&mut connection, &app_id, &channel).await?;
    let newest = records::of_release(&mut connection, &app_id, &channel, sequence).await?;
    let (newest, _) = newest.ok_or_else(|| problems::never_released(&app_id, &channel))?;
    access::check(&person, Action::Read, Some(&newest.department))?;
    let since_ms = store.clock.now_ms().saturating_sub(LOOKS_BACK * DAY_MS);
    let mut counts = events::of_app(&mut connection, &app_id, &channel, since_ms).await?;
    drop(connection);
    // A cursor has no colons.
    let key = |it: &DayCount| format!("{:020}/{:020}/{}", it.day_ms, it.sequence, it.event.as_str().replace(':', "."));
    counts.sort_by_key(|it| std::cmp::Reverse(key(it)));
    Ok(asked.of(counts, Order::Falling, key)?.answered(&uri, |items| DayCountList { items }))
}
