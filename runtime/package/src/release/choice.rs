//! Which release a terminal may begin with while a newer one is on its way to everybody.
//!
//! A release document names the document of the release before. Whoever the rollout of the newest leaves out, by its
//! share, its groups or its time, goes back along these names to the first release that has a place for it.

use super::{Blob, Brake, Device, ReleaseDocument, rollout::takes_part};

/// How many releases before the newest are looked at.
pub const MOST_BEFORE: usize = 4;

/// What a terminal does about one release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice<'a> {
    /// It may begin with it.
    Take,
    /// It looks at the release with this document.
    Before(&'a Blob),
    /// It may begin with nothing of this app.
    Nothing,
}

/// Judges the newest release, or one that came before it, by the newest document and the brake.
///
/// What the newest recalls or puts below its floor is passed over, and so is what a brake halts that says something about
/// the releases before; a recall, a halt of everything, and a release for other kinds of terminal end the search.
pub fn choice<'a>(
    newest: &ReleaseDocument,
    release: &'a ReleaseDocument,
    brake: Option<&Brake>,
    device: &Device<'_>,
) -> Choice<'a> {
    let all_are_halted =
        brake.is_some_and(|brake| brake.halted && brake.earlier.is_none() && brake.speaks_about(release));
    if newest.is_recall() || all_are_halted || !release.is_for(device.terminal) {
        return Choice::Nothing;
    }
    if newest.allows(release.sequence) && takes_part(release, brake, device) {
        return Choice::Take;
    }
    release.before.as_ref().map_or(Choice::Nothing, Choice::Before)
}
