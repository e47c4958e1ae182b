//! Keeping what the online keys sign young, for as long as the store runs.

use std::{sync::Arc, time::Duration};

use guichet_trust::metadata::{Document, Metadata, Snapshot, Timestamp};
use tokio::sync::watch;

use crate::{
    audit, brake,
    error::StoreError,
    publish,
    repository::{self, SNAPSHOT_MS, TIMESTAMP_MS},
    store::Store,
};

/// How often to try again what could not be published, such as a release that waits for witnesses.
const RETRY: Duration = Duration::from_secs(5);
/// How many of those make a round in which everything is looked at; much shorter than anything expires.
const ROUND: u32 = 120;

/// Signs anew what has less than half of its time left. Says whether something was signed.
pub async fn renew(store: &Store) -> Result<bool, StoreError> {
    let now_ms = store.clock.now_ms();
    let mut change = store.database.change().await?;
    let braked = brake::renew(store, &mut change, now_ms).await?;
    let snapshot: Option<Document<Snapshot>> = repository::parsed(&mut change, "snapshot").await?;
    let timestamp: Option<Document<Timestamp>> = repository::parsed(&mut change, "timestamp").await?;
    if braked || is_due(snapshot.as_ref(), SNAPSHOT_MS, now_ms) {
        repository::sign_snapshot(&mut change, &store.online, now_ms).await?;
    } else if is_due(timestamp.as_ref(), TIMESTAMP_MS, now_ms) {
        repository::sign_timestamp(&mut change, &store.online, now_ms).await?;
    } else {
        return Ok(false);
    }
    store.commit(change).await?;
    Ok(true)
}

fn is_due<T: Metadata>(document: Option<&Document<T>>, lasts_ms: u64, now_ms: u64) -> bool {
    document.is_none_or(|document| document.expires().as_millis() < now_ms.saturating_add(lasts_ms / 2))
}

/// Renews and publishes until the store is told to stop.
pub async fn watch(store: Arc<Store>, mut stop: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(RETRY);
    let mut tick = 0;
    loop {
        tokio::select! {
            _ = ticks.tick() => {
                let_out(&store).await;
                if tick % ROUND == 0 || store.is_lagging() {
                    round(&store).await;
                }
                tick = (tick + 1) % ROUND;
            }
            // Told to stop, or nobody is left to tell.
            _ = stop.changed() => return,
        }
    }
}

/// Lets out what was to wait until now.
pub async fn let_out(store: &Store) {
    if let Err(not_done) = brake::let_out(store).await {
        tracing::error!(?not_done, "could not let out what was scheduled");
    }
}

async fn round(store: &Store) {
    match renew(store).await {
        Ok(renewed) if renewed || store.is_lagging() => publish::publish_or_lag(store).await,
        Ok(_) => {}
        Err(error) => tracing::error!(%error, "could not renew the timestamp"),
    }
    if let Err(error) = audit::sign_daily(store).await {
        tracing::error!(%error, "could not sign the audit record");
    }
}
