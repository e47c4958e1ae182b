//! What devices tell about releases: counted, never answered with anything.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Extension,
    extract::{ConnectInfo, DefaultBodyLimit, State},
    http::StatusCode,
};
use guichet_api::{BeaconEnvelope, MOST_BEACON_BYTES, MOST_BEACONS, Problem, paths};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{pace::Who, reader::JsonBody};
use crate::{
    database::{beacons, commit},
    error::NotDone,
    problems,
    store::Store,
};

const HOUR_MS: u64 = 60 * 60 * 1000;

pub(super) fn routes() -> OpenApiRouter<Arc<Store>> {
    OpenApiRouter::new().routes(routes!(tell)).layer(DefaultBodyLimit::max(MOST_BEACON_BYTES))
}

/// Tells what became of releases on a device. Nothing says which device; what is about no release is not counted.
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
    if envelope.format != 1 || envelope.beacons.is_empty() || envelope.beacons.len() > MOST_BEACONS {
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
    for beacon in &envelope.beacons {
        beacons::count(&mut change, beacon, now_ms - now_ms % HOUR_MS).await?;
    }
    commit(change).await?;
    Ok(StatusCode::ACCEPTED)
}
