//! Who must sign the log's checkpoints, as the store's operator has decided it and hosts are told.

use guichet_package::TrustFile;
use guichet_trust::log::{LogSigner, Policy, Quorum, Role, VerifierKey};
use sqlx::AnyConnection;

use crate::{
    database::{commit, witnesses},
    error::{NotDone, StoreError},
    problems,
    store::Store,
};

/// The policy as it is now.
pub async fn policy(connection: &mut AnyConnection, log: &LogSigner) -> Result<Policy, StoreError> {
    let operation = "read the log's policy";
    let keys: Vec<_> = witnesses::all(connection).await?.into_iter().map(|witness| witness.key).collect();
    let (needed, _) = witnesses::quorum(connection).await?;
    let text = if needed == 0 { "none".to_owned() } else { needed.to_string() };
    let quorum = Quorum::parse(&text, keys.len()).map_err(StoreError::document(operation))?;
    Policy::new(log.key().clone(), keys, quorum).map_err(StoreError::document(operation))
}

/// Adds a witness. Without a quorum, more than half must sign from now on.
pub async fn add_witness(store: &Store, key: &VerifierKey, url: &str, quorum: Option<u64>) -> Result<Policy, NotDone> {
    if key.role() != Role::Witness || !(url.starts_with("https://") || url.starts_with("http://")) {
        return Err(problems::no_witness(&key.to_string(), url).into());
    }
    let mut change = store.database.change().await?;
    witnesses::insert(&mut change, key, url.trim_end_matches('/'), store.clock.now_ms()).await?;
    finish(store, change, quorum).await
}

/// Removes a witness. Without a quorum, more than half of the others must sign from now on.
pub async fn remove_witness(store: &Store, key: &VerifierKey, quorum: Option<u64>) -> Result<Policy, NotDone> {
    let mut change = store.database.change().await?;
    if !witnesses::remove(&mut change, key).await? {
        return Err(problems::not_a_witness(&key.to_string()).into());
    }
    finish(store, change, quorum).await
}

/// Sets how many must sign.
pub async fn set_quorum(store: &Store, quorum: u64) -> Result<Policy, NotDone> {
    let change = store.database.change().await?;
    finish(store, change, Some(quorum)).await
}

async fn finish(store: &Store, mut change: crate::database::Change, quorum: Option<u64>) -> Result<Policy, NotDone> {
    let all = witnesses::all(&mut change).await?.len();
    let needed = quorum.unwrap_or(Quorum::majority(all).needed() as u64);
    if needed > all as u64 {
        return Err(problems::quorum_too_high(needed, all).into());
    }
    witnesses::set_quorum(&mut change, needed).await?;
    let policy = policy(&mut change, &store.log).await?;
    commit(change).await?;
    write_trust_file(store, &policy)?;
    Ok(policy)
}

/// Writes into the file that hosts are given which log they must find releases in.
pub fn write_trust_file(store: &Store, policy: &Policy) -> Result<(), StoreError> {
    let operation = "write the trust file";
    let path = store.folder.trust_file();
    let bytes = std::fs::read(&path).map_err(StoreError::file("read", &path))?;
    let file = TrustFile::parse(&bytes).map_err(StoreError::document(operation))?.with_log(policy);
    let text = file.to_text().map_err(StoreError::document(operation))?;
    store.folder.put(&path, text.as_bytes())
}
