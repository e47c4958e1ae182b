//! Policies that an operator has signed elsewhere: judged with the operator's key before anything is kept.

use std::fs;

use guichet_package::policy::{SignedPolicy, operator_key};
use guichet_trust::sign::PublicKey;

use super::{STORE, place, problems};
use crate::{
    access::Action,
    audit::{self, Deed},
    database::{commit, terminals},
    error::{NotDone, StoreError},
    people::Actor,
    store::Store,
};

/// The operator's key, which whoever runs the store has laid into its folder; none if nobody has.
pub fn operator(store: &Store) -> Result<Option<PublicKey>, NotDone> {
    let path = store.folder.operator_key();
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(StoreError::file("read", &path)(error).into()),
    };
    let key = operator_key(&text).map_err(StoreError::document("read the operator's key"))?;
    Ok(Some(key))
}

/// A policy that a terminal would take: signed by the operator, and not ended.
pub(super) fn judged(store: &Store, text: &str) -> Result<SignedPolicy, NotDone> {
    let operator = operator(store)?.ok_or_else(problems::no_operator)?;
    let refuse = |refusal: guichet_package::Refusal| problems::policy_refused(&refusal);
    let signed = SignedPolicy::verify(text.trim().as_bytes(), &operator).map_err(refuse)?;
    signed.policy().check_current(store.clock.now_ms()).map_err(|refusal| refuse(refusal.into()))?;
    Ok(signed)
}

/// The file of a signed policy, in its one form.
pub(super) fn text(signed: &SignedPolicy) -> Result<String, NotDone> {
    let bytes = signed.to_bytes().map_err(|refusal| problems::policy_refused(&refusal))?;
    String::from_utf8(bytes).map_err(|error| StoreError::document("write a policy")(error).into())
}

/// Gives a terminal a newer policy, which it takes at its next heartbeat.
pub async fn assign(store: &Store, by: Actor<'_>, id: &str, policy: &str) -> Result<(), NotDone> {
    by.check(Action::Terminals, STORE)?;
    let signed = judged(store, policy)?;
    let (sequence, now_ms) = (signed.policy().sequence, store.clock.now_ms());
    let mut change = store.database.change().await?;
    let terminal = terminals::by_id(&mut change, id).await?.ok_or_else(|| problems::no_such_terminal(id))?;
    if terminal.revoked.is_some() {
        return Err(problems::revoked_already(&place(&terminal)).into());
    }
    let named = &signed.policy().terminal;
    if (&named.hall, &named.name) != (&terminal.hall, &terminal.name) {
        return Err(problems::other_terminal(&format!("{} / {}", named.hall, named.name), &place(&terminal)).into());
    }
    if !terminals::assign(&mut change, id, &text(&signed)?, sequence).await? {
        return Err(problems::not_newer(sequence, terminal.policy_sequence).into());
    }
    let place = place(&terminal);
    let deed = Deed::new("terminal.policy", &place, STORE).from_to(terminal.policy_sequence, sequence);
    audit::record(&mut change, by, deed, now_ms).await?;
    commit(change).await?;
    Ok(())
}
