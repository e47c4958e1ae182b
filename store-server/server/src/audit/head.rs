//! The signed head of the record, once a day: a C2SP checkpoint of the tree over its entries, under an origin of its own.

use guichet_trust::{
    digest::Digest,
    log::{Frontier, LogSigner, leaf_hash},
};
use sqlx::AnyConnection;

use crate::{
    database::{audit as records, commit},
    error::StoreError,
    keys::log_key,
    store::Store,
};

/// What follows the log's origin in that of the record.
const AUDIT: &str = "/audit";
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// Signs the record as it is, unless that was done within a day or there is nothing new. Says whether it did. What it signed
/// is a static file, so that whoever keeps a copy can show later that an entry was changed.
pub async fn sign_daily(store: &Store) -> Result<bool, StoreError> {
    let now_ms = store.clock.now_ms();
    let mut change = store.database.change().await?;
    let last = records::last_head(&mut change).await?;
    let size = records::last(&mut change).await?.map_or(0, |(position, _)| position.saturating_add(1));
    if size == 0 || last.is_some_and(|(of, at_ms, _)| of >= size || now_ms < at_ms.saturating_add(DAY_MS)) {
        return Ok(false);
    }
    let note = signer(store)?.sign(size, root(&mut change, size).await?).to_text();
    records::insert_head(&mut change, size, &note, now_ms).await?;
    commit(change).await?;
    store.folder.put(&store.folder.audit_head(), note.as_bytes())?;
    tracing::info!(size, "signed the head of the audit record");
    Ok(true)
}

/// Writes the newest signed head where it is served from, if it is not there: it may have been lost, or never have come to be.
pub async fn restore(store: &Store) -> Result<(), StoreError> {
    let last = records::last_head(&mut *store.database.read().await?).await?;
    let path = store.folder.audit_head();
    match last {
        Some((.., signed)) if std::fs::read(&path).ok().as_deref() != Some(signed.as_bytes()) => {
            store.folder.put(&path, signed.as_bytes())
        }
        _ => Ok(()),
    }
}

/// Signs with the log's key, under a name of its own: no signature of one can pass for one of the other.
pub(crate) fn signer(store: &Store) -> Result<LogSigner, StoreError> {
    let origin = format!("{}{AUDIT}", store.settings.log_origin());
    LogSigner::new(&origin, log_key(&store.folder.online())?).map_err(StoreError::document("name the audit record"))
}

/// The root of the RFC 6962 tree over the first entries' lines.
pub(crate) async fn root(connection: &mut AnyConnection, size: u64) -> Result<Digest, StoreError> {
    let (mut tree, mut next) = (Frontier::new(), Some(0));
    while let Some(from) = next {
        let entries = records::from(connection, from).await?;
        next = entries.last().map(|entry| entry.position.saturating_add(1));
        for entry in entries.iter().filter(|entry| entry.position < size) {
            tree.append(leaf_hash(entry.line().as_bytes()));
        }
        if next.is_some_and(|next| next >= size) {
            next = None;
        }
    }
    Ok(tree.root())
}
