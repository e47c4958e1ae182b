//! The store that the machine room follows, once it does.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use guichet_contract::AppId;
use guichet_host::{HostError, KeepFresh};

use super::{Room, percent};
use crate::desk::Event;

/// Refreshes and stages on a thread of its own, from the moment it is wanted.
pub(super) struct Following {
    room: Room,
    pause: Duration,
    fresh: Option<KeepFresh>,
}

impl Following {
    /// Follows nothing yet.
    pub(super) fn new(room: Room, pause: Duration) -> Self {
        Self { room, pause, fresh: None }
    }

    /// Refreshes at once and after every pause; what already does goes on.
    pub(super) fn begin(&mut self) {
        if self.fresh.is_some() {
            return;
        }
        match self.keep_fresh() {
            Ok(fresh) => self.fresh = Some(fresh),
            Err(error) => self.room.failed("refresh", None, &error),
        }
    }

    /// Refreshes at once.
    pub(super) fn now(&mut self) {
        match &self.fresh {
            Some(fresh) => fresh.now(),
            None => self.begin(),
        }
    }

    fn keep_fresh(&self) -> Result<KeepFresh, HostError> {
        let (staging, fetching, failed) = (self.room.clone(), self.room.clone(), Mutex::new(BTreeSet::new()));
        let on_progress = move |app_id: &AppId, progress| {
            if let Some(percent) = percent(progress) {
                staging.desk(Event::Staging(app_id.clone(), percent));
            }
        };
        self.room.host.keep_fresh(self.pause, on_progress, move |news| {
            fetching.news(news, &mut failed.lock().unwrap_or_else(PoisonError::into_inner));
        })
    }
}
