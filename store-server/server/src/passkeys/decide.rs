//! Agreeing to a release with a passkey: the challenge is made of the exact release document, so that what was agreed to can
//! be shown later and nothing else can be put in its place.

use guichet_trust::digest::Digest;
use sqlx::AnyConnection;

use super::{Answer, Question, ceremony::Ceremony, request, sign_in::judged};
use crate::{
    database::{
        commit, identities,
        passkeys::{self as records, Decision},
        people::Person,
    },
    error::{NotDone, StoreError},
    people::problems,
    review,
    secret::entropy,
    store::Store,
};

/// SHA-256 over five lines; whoever has the nonce can make it again.
pub fn challenge(submission: &str, person: &str, release: Digest, nonce: &str) -> Digest {
    Digest::of(format!("guichet decision v1\n{submission}\n{person}\n{release}\n{nonce}\n").as_bytes())
}

/// Begins to ask for a decision about a submission that this person may review.
pub async fn offer_decision(store: &Store, person: &Person, submission: &str) -> Result<Question, NotDone> {
    let party = store.passkeys.party()?;
    let mut connection = store.database.read().await?;
    let record = review::reviewable(&mut connection, person, submission).await?;
    let keys = records::of(&mut connection, &person.id).await?;
    if keys.is_empty() {
        return Err(problems::no_passkey().into());
    }
    let nonce = Digest::of(&entropy()?).to_string();
    let release = Digest::of(&record.release_document);
    let challenge = challenge(submission, &person.id, release, &nonce);
    let (person, submission) = (person.id.clone(), submission.to_owned());
    let ceremony = Ceremony::Decide { person, submission, release, nonce };
    Ok(Question {
        ceremony: store.passkeys.ceremonies.begin(ceremony, challenge, store.clock.now_ms()),
        public_key: request(party, challenge, &keys),
    })
}

/// Keeps a person's agreement to the release that they were shown; it waits for their signature.
pub async fn agree(
    store: &Store,
    person: &Person,
    submission: &str,
    ceremony: &str,
    answer: &Answer,
) -> Result<(), NotDone> {
    let (party, now_ms) = (store.passkeys.party()?, store.clock.now_ms());
    let (challenge, asked) = store.passkeys.ceremonies.end(ceremony, now_ms)?;
    let Ceremony::Decide { person: of, submission: about, release, nonce } = asked else {
        return Err(problems::ceremony_over().into());
    };
    let mut change = store.database.change().await?;
    let record = review::reviewable(&mut change, person, submission).await?;
    if of != person.id || about != submission || Digest::of(&record.release_document) != release {
        return Err(problems::ceremony_over().into());
    }
    let found = records::by_id(&mut change, &answer.id).await?.filter(|key| key.person == person.id);
    let mut key = found.ok_or_else(problems::unknown_passkey)?;
    key.counter = judged(party, &challenge, &key, answer)?;
    records::update(&mut change, &key).await?;
    let decision = Decision {
        submission: about,
        person: of,
        release,
        nonce,
        passkey: key.id,
        assertion: serde_json::to_string(answer).map_err(StoreError::document("keep a decision"))?,
        at_ms: now_ms,
    };
    records::decide(&mut change, &decision).await?;
    review::noted(&mut change, person, &record, "submission.agree", None, now_ms).await?;
    Ok(commit(change).await?)
}

/// Whether a person who has passkeys has agreed to exactly this release; whoever has none is not asked to, unless the store
/// asks everybody, or they sign in through an organisation.
pub async fn decided(
    store: &Store,
    connection: &mut AnyConnection,
    person: &Person,
    submission: &str,
    release_document: &[u8],
) -> Result<(), NotDone> {
    let is_asked = store.settings.passkeys_required
        || !records::of(connection, &person.id).await?.is_empty()
        || identities::of(connection, &person.id).await?.is_some();
    if !is_asked {
        return Ok(());
    }
    let agreed = records::decided(connection, submission, &person.id).await?;
    if agreed == Some(Digest::of(release_document)) { Ok(()) } else { Err(problems::not_agreed().into()) }
}
