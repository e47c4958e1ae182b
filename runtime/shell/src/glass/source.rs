//! Where a window's apps come from, and the machine room that has them.

use std::{path::PathBuf, sync::Arc, time::Duration};

use guichet_contract::AppId;
use guichet_host::Host;

use super::{apps::DeskApps, picture::Seen};
use crate::{
    dev::Dev,
    look::LookedAt,
    machine::{Machine, MachineError, Post},
};

/// Where apps come from.
pub(crate) enum Source {
    /// A host, which follows a store.
    Host {
        /// The machine room's host.
        host: Host,
        /// Its home, where settings are kept.
        home: PathBuf,
        /// How often to look for new releases.
        refresh: Duration,
        /// Who opens apps for others.
        apps: Arc<DeskApps>,
    },
    /// A host whose releases somebody else keeps up to date.
    Kept {
        /// The machine room's host.
        host: Host,
        /// Its home, where settings are kept.
        home: PathBuf,
        /// Who opens apps for others.
        apps: Arc<DeskApps>,
    },
    /// One package file that nobody vouches for.
    Look(Box<LookedAt>),
    /// What `guichet dev` writes into this window.
    Dev(Box<Dev>),
}

/// A machine room at work, and what the window knows of where its apps come from.
pub(super) struct Started {
    pub(super) machine: Machine,
    /// The host's home; none where one package is looked at.
    pub(super) home: Option<PathBuf>,
    /// What a report tells of the package that is looked at.
    pub(super) seen: Seen,
    /// In a developer's window only.
    pub(super) dev: Option<Dev>,
}

impl Source {
    /// Starts the machine room, which says at once what there is; the app that will be opened `first` has the processors first.
    pub(super) fn start(self, first: Option<AppId>, post: &Post) -> Result<Started, MachineError> {
        let post = post.clone();
        let of_a_host = |machine, home| Started { machine, home: Some(home), seen: Seen::default(), dev: None };
        Ok(match self {
            Self::Host { host, home, refresh, apps } => {
                apps.attend(post.clone());
                of_a_host(Machine::start(host, refresh, first, post)?, home)
            }
            Self::Kept { host, home, apps } => {
                apps.attend(post.clone());
                of_a_host(Machine::kept(host, post)?, home)
            }
            Self::Look(looked_at) => {
                let LookedAt { look, app_id, bent } = *looked_at;
                let seen = Seen { bent, app_id: Some(app_id), ..Seen::default() };
                Started { machine: Machine::look(move || look.clone(), post)?, home: None, seen, dev: None }
            }
            Self::Dev(dev) => {
                let current = dev.current.clone();
                let machine = Machine::look(move || current.get(), post)?;
                Started { machine, home: None, seen: Seen::default(), dev: Some(*dev) }
            }
        })
    }
}
