//! What an app keeps, copied aside before a new release is launched, and put back when that release is given up.
//!
//! The services own what is in the data; here it is whole files, copied and exchanged while the services have none of
//! them open. Copies are never links: the originals are written in place.

use guichet_contract::AppId;

use crate::{console, error::HostError, host::Inner, state::State};

/// Most bytes that are copied: several times what an app may keep, for files with room in them.
pub(crate) const MOST_BYTES: u64 = 256 << 20;

impl Inner {
    /// How often what an app keeps has been changed. Data that cannot be read count as changed by nobody.
    pub(crate) fn data_changes(&self, app: &AppId) -> u64 {
        self.options.services.changes(app).unwrap_or_else(|failure| {
            tracing::warn!(%app, %failure, "the changes of an app's data cannot be counted");
            0
        })
    }

    /// Copies the data aside, as those of this release.
    pub(crate) fn copy_data(&self, app: &AppId, sequence: u64) -> Result<(), HostError> {
        let (data, snapshot) = (self.slots.data_path(app), self.slots.snapshot_path(app, sequence));
        if let Some(snapshots) = snapshot.parent() {
            self.home.make_folder(snapshots)?;
        }
        self.home.discard(&snapshot)?;
        let mut copied = Ok(());
        self.options.services.at_rest(app, &mut || copied = self.home.copy_folder(&data, &snapshot, MOST_BYTES));
        copied
    }

    /// Erases what an app keeps, then what was kept aside: going back to the release before begins with nothing, too.
    pub(crate) fn erase_data(&self, app: &AppId, state: &State) -> Result<(), HostError> {
        let state = self.put_back_if_due(app, state)?;
        let mut erased = Ok(());
        self.options.services.at_rest(app, &mut || erased = self.home.discard(&self.slots.data_path(app)));
        erased?;
        if state.kept_data.is_some() {
            self.slots.set(app, &state.keeping_nothing())?;
        }
        self.home.discard(&self.slots.snapshots_path(app))?;
        // An app may have said anything.
        console::files(&self.home.app(app)).iter().try_for_each(|path| self.home.discard(path))
    }

    /// Finishes putting data back, if that was begun: may be interrupted and begun again at any point.
    pub(crate) fn put_back_if_due(&self, app: &AppId, state: &State) -> Result<State, HostError> {
        if !state.is_restoring {
            return Ok(state.clone());
        }
        let data = self.slots.data_path(app);
        let mut put_back = Ok(());
        self.options.services.at_rest(app, &mut || {
            put_back = match &state.kept_data {
                // The copy is moved, so that its absence says that it is in its place.
                Some(kept) => self.home.exchange(&self.slots.snapshot_path(app, kept.sequence), &data),
                None => self.home.discard(&data),
            };
        });
        put_back?;
        let restored = state.restored();
        self.slots.set(app, &restored)?;
        Ok(restored)
    }
}
