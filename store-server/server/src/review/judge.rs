//! Whether a posted role document is the present one plus exactly the proposed release, newly signed. Pure.

use guichet_trust::{
    editor::{Pending, changes},
    metadata::Targets,
};

use super::Need;
use crate::{error::NotDone, problems, repository::OFFLINE_MS};

/// Reviewers' clocks are not the store's.
const CLOCK_SKEW_MS: u64 = 24 * 60 * 60 * 1000;

/// Judges one posted document; what is returned may be kept or, when it is complete, published.
pub fn judge(need: &Need, path: &str, posted: &[u8], now_ms: u64) -> Result<Pending, NotDone> {
    let role = need.role.as_str();
    let differs = |difference: &str| NotDone::from(problems::not_the_proposal(role, difference));
    let posted = need.read(posted).map_err(|refusal| NotDone::from(problems::document(role, refusal)))?;

    let (expected, found) = (need.next_version(), posted.document.version());
    if expected != found {
        return Err(problems::outdated(role, expected, found).into());
    }
    let expires_ms = posted.document.expires().as_millis();
    if expires_ms <= now_ms || expires_ms > now_ms.saturating_add(OFFLINE_MS).saturating_add(CLOCK_SKEW_MS) {
        return Err(differs("it must expire within 400 days"));
    }
    let wanted = need.draft.clone().expiring(expires_ms);
    if wanted.signed() != posted.document.signed() {
        return Err(differs(&difference(path, wanted.signed(), posted.document.signed())));
    }

    if posted.document.signatures().len() != posted.signed_by.len() {
        return Err(differs("it carries a signature that is not by a reviewer of this role"));
    }
    if let Some(pending) = &need.pending {
        if pending.document.signed() != posted.document.signed() {
            return Err(differs("another reviewer has signed a different document; add your signature to that one"));
        }
        if !pending.signed_by.is_subset(&posted.signed_by) {
            return Err(differs("a signature that another reviewer made is missing"));
        }
    }
    if !need.is_complete() && posted.signed_by.is_subset(&need.signed_by()) {
        return Err(problems::no_new_signature(role).into());
    }
    Ok(posted)
}

fn difference(path: &str, wanted: &Targets, posted: &Targets) -> String {
    let changes = changes(Some(wanted), posted);
    if let Some(other) = changes.iter().find(|change| change.path != path) {
        return format!("it changes `{}` too", other.path);
    }
    match changes.first() {
        None => "it says more than the proposal".to_owned(),
        Some(change) if change.after.is_none() => format!("it does not list `{path}`"),
        Some(_) => format!("what it lists under `{path}` is not the proposed release document"),
    }
}
