//! A terminal becomes known: with a code, and a key that was made on it.

use std::fs;

use guichet_api::{Enrolled, Enrolment, EnrolmentProof};
use guichet_trust::{
    canonical,
    sign::{PublicKey, Purpose, Signature},
};
use uuid::Uuid;

use super::{Code, STORE, policy, problems};
use crate::{
    audit::{self, Deed},
    database::{
        commit,
        terminals::{self, TerminalRecord},
    },
    error::{NotDone, StoreError},
    people::Actor,
    store::Store,
};

/// Takes a terminal in, and gives it what it needs.
pub async fn enrol(store: &Store, enrolment: &Enrolment) -> Result<Enrolled, NotDone> {
    if enrolment.format != 1 {
        return Err(problems::wrong_form().into());
    }
    // Who it is stands in the proof itself: what is read of it before it is verified decides nothing else.
    let bytes = enrolment.proof.as_bytes();
    let proof: EnrolmentProof = canonical::parse_canonical(bytes).map_err(|_| problems::wrong_form())?;
    let key: PublicKey = proof.key.parse().map_err(|_| problems::wrong_form())?;
    let signature: Signature = enrolment.signature.parse().map_err(|_| problems::wrong_form())?;
    key.verify(Purpose::Enrolment, bytes, &signature).map_err(|_| problems::bad_signature())?;
    let here = store.settings.base_url();
    if proof.store.trim_end_matches('/') != here {
        return Err(problems::other_store(&proof.store, here).into());
    }
    let code = Code::received(&proof.code).ok_or_else(problems::no_code)?;

    let now_ms = store.clock.now_ms();
    let mut change = store.database.change().await?;
    let record = terminals::code(&mut change, code.digest(), now_ms).await?.ok_or_else(problems::no_code)?;
    if terminals::has_key(&mut change, &proof.key).await? {
        return Err(problems::key_known().into());
    }
    if terminals::is_taken(&mut change, &record.hall, &record.name).await? {
        return Err(problems::place_taken(&record.hall, &record.name).into());
    }
    if !terminals::use_code(&mut change, &record.id, now_ms).await? {
        return Err(problems::no_code().into());
    }
    let terminal = TerminalRecord {
        id: Uuid::now_v7().to_string(),
        hall: record.hall,
        name: record.name,
        public_key: proof.key,
        enrolled_at_ms: now_ms,
        policy: record.policy,
        policy_sequence: record.policy_sequence,
        told: 0,
        seen_at_ms: now_ms,
        report: String::new(),
        picture_asked_at_ms: None,
        picture_at_ms: None,
        revoked: None,
    };
    terminals::insert(&mut change, &terminal).await?;
    let place = super::place(&terminal);
    let deed = Deed::new("terminal.enrol", &place, STORE).to(&terminal.public_key);
    audit::record(&mut change, Actor::Machine, deed, now_ms).await?;
    let operator = policy::operator(store)?.ok_or_else(problems::no_operator)?;
    let path = store.folder.trust_file();
    let trust = fs::read_to_string(&path).map_err(StoreError::file("read", &path))?;
    commit(change).await?;
    Ok(Enrolled { terminal: terminal.id, trust, operator_key: operator.to_string(), policy: terminal.policy })
}
