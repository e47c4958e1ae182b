//! Signing in with a passkey: no name is typed and none can be tried.

use guichet_trust::{
    digest::Digest,
    passkey::{self, Answer as Said, RelyingParty},
};

use super::{Answer, Question, bytes, ceremony::Ceremony, request};
use crate::{
    database::{
        passkeys::{self as records, PasskeyRecord},
        sessions::OpenedWith,
    },
    error::NotDone,
    people::{self, present, problems},
    secret::{Secret, entropy},
    store::Store,
};

/// Begins to sign somebody in.
pub fn offer_sign_in(store: &Store) -> Result<Question, NotDone> {
    let (party, challenge) = (store.passkeys.party()?, Digest::of(&entropy()?));
    Ok(Question {
        ceremony: store.passkeys.ceremonies.begin(Ceremony::SignIn, challenge, store.clock.now_ms()),
        public_key: request(party, challenge, &[]),
    })
}

/// Signs in whoever has answered, and returns the secret for the cookie.
pub async fn sign_in(store: &Store, ceremony: &str, answer: &Answer, browser: &str) -> Result<Secret, NotDone> {
    let party = store.passkeys.party()?;
    let (challenge, asked) = store.passkeys.ceremonies.end(ceremony, store.clock.now_ms())?;
    if asked != Ceremony::SignIn {
        return Err(problems::ceremony_over().into());
    }
    let mut change = store.database.change().await?;
    let found = records::by_id(&mut change, &answer.id).await?;
    let mut record = found.ok_or_else(problems::unknown_passkey)?;
    record.counter = judged(party, &challenge, &record, answer)?;
    records::update(&mut change, &record).await?;
    let person = present(&mut change, &record.person).await?;
    people::sign_in_with(store, change, &person, OpenedWith::Passkey, browser).await
}

/// The new counter of a passkey, if the answer is its own.
pub(super) fn judged(
    party: &RelyingParty,
    challenge: &Digest,
    record: &PasskeyRecord,
    answer: &Answer,
) -> Result<u32, NotDone> {
    let (client_data, data) = (bytes(&answer.client_data)?, bytes(&answer.authenticator_data)?);
    let said = Said { client_data: &client_data, authenticator_data: &data };
    let signature = bytes(&answer.signature)?;
    let done = passkey::verify(party, challenge, said, &record.public_key, record.counter, &signature);
    Ok(done.map_err(|refusal| problems::passkey_refused(&refusal))?)
}
