//! Taking a service off the shelf and putting it back. Terminals that have it keep it: this is about who finds it.

use guichet_api::Shelf;
use guichet_contract::{AppId, Channel};
use guichet_package::release::MOST_REASON;

use super::problems;
use crate::{
    access::Action,
    audit::{self, Deed},
    database::{
        catalogue::{self as records, ShelfEntry},
        commit, log,
    },
    error::NotDone,
    people::Actor,
    problems as store_problems, reissue,
    store::Store,
};

/// Takes a service off the shelf.
pub async fn delist(store: &Store, by: Actor<'_>, app_id: &AppId, reason: &str) -> Result<Shelf, NotDone> {
    put(store, by, app_id, true, reason).await
}

/// Puts it back.
pub async fn list_again(store: &Store, by: Actor<'_>, app_id: &AppId, reason: &str) -> Result<Shelf, NotDone> {
    put(store, by, app_id, false, reason).await
}

/// Why a service is off the shelf, and since when; none if it is on it.
pub async fn state(store: &Store, app_id: &AppId) -> Result<Option<ShelfEntry>, NotDone> {
    let last = records::last(&mut *store.database.read().await?, app_id).await?;
    Ok(last.filter(|last| last.is_off))
}

async fn put(store: &Store, by: Actor<'_>, app_id: &AppId, is_off: bool, reason: &str) -> Result<Shelf, NotDone> {
    let channel = Channel::stable();
    let now_ms = store.clock.now_ms();
    let mut change = store.database.change().await?;
    let latest = log::latest(&mut change, app_id, &channel).await?;
    let department = latest.ok_or_else(|| store_problems::never_released(app_id, &channel))?.department;
    by.check(Action::Stop, Some(&department))?;
    let reason = reissue::plain(reason).ok_or_else(|| store_problems::no_stop_reason(MOST_REASON))?;
    let was_off = records::last(&mut change, app_id).await?.is_some_and(|last| last.is_off);
    if was_off == is_off {
        return Err(problems::so_already(app_id, is_off).into());
    }
    let entry = ShelfEntry { app_id: app_id.clone(), is_off, reason, at_ms: now_ms };
    records::put(&mut change, &entry).await?;
    let deed = if is_off { "service.delist" } else { "service.list" };
    audit::record(&mut change, by, Deed::new(deed, app_id.as_str(), Some(&department)).because(&entry.reason), now_ms)
        .await?;
    commit(change).await?;
    Ok(Shelf { app_id: entry.app_id, listed: !is_off, reason: entry.reason, since_ms: now_ms })
}
