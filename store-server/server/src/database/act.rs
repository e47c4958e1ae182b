//! What hangs on the first change of one request: that things are as the asker saw them, and the mark that it was done.
//!
//! Both must be of that very change: looked at before, somebody else could come between; marked after, a crash could.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

use guichet_trust::digest::Digest;

use super::{Change, idempotency};
use crate::error::StoreError;

tokio::task_local! {
    static ACT: Arc<Act>;
}

/// Says whether things are still as somebody saw them.
pub(crate) type AsSeen = Pin<Box<dyn Future<Output = Result<bool, StoreError>> + Send>>;

/// What the changes of one request are to heed.
#[derive(Default)]
pub(crate) struct Act {
    key: Option<Digest>,
    as_seen: Mutex<Option<AsSeen>>,
}

impl fmt::Debug for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Act").field("key", &self.key).finish_non_exhaustive()
    }
}

impl Act {
    /// Marks the key as done, and goes on only if things are as seen.
    pub(crate) fn new(key: Option<Digest>, as_seen: Option<AsSeen>) -> Self {
        Self { key, as_seen: Mutex::new(as_seen) }
    }

    /// Does some work; its changes heed this.
    pub(crate) async fn within<T>(self, work: impl Future<Output = T>) -> T {
        ACT.scope(Arc::new(self), work).await
    }
}

/// Heeds what hangs on a change that has just begun, while nobody else can begin one.
pub(super) async fn begun(change: &mut Change) -> Result<(), StoreError> {
    let Ok(act) = ACT.try_with(Arc::clone) else { return Ok(()) };
    let as_seen = act.as_seen.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(as_seen) = as_seen
        && !as_seen.await?
    {
        return Err(StoreError::Overtaken);
    }
    match act.key {
        Some(key) => idempotency::done(change, key).await,
        None => Ok(()),
    }
}
