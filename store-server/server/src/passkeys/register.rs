//! A new passkey, and the end of one.

use guichet_trust::{
    digest::Digest,
    passkey::{self, Answer as Said},
};
use serde_json::json;
use uuid::Uuid;

use super::{Answer, Question, WAITS_MS, bytes, ceremony::Ceremony, listed, text};
use crate::{
    access::Action,
    audit::{self, Deed},
    database::{
        commit,
        passkeys::{self as records, PasskeyRecord},
        people::Person,
    },
    error::{NotDone, StoreError},
    organisation,
    people::{Actor, named, present, problems},
    secret::entropy,
    store::Store,
};

/// The most passkeys of one person.
const MOST: usize = 20;

/// Refuses whoever is here on an organisation's word.
fn on_ones_own(person: &Person) -> Result<(), NotDone> {
    if person.limits.is_some() { Err(organisation::problems::not_enough().into()) } else { Ok(()) }
}

/// Begins to register a passkey.
pub async fn offer_registration(store: &Store, person: &Person) -> Result<Question, NotDone> {
    let party = store.passkeys.party()?;
    on_ones_own(person)?;
    let known = records::of(&mut *store.database.read().await?, &person.id).await?;
    if known.len() >= MOST {
        return Err(problems::too_many_passkeys(MOST).into());
    }
    let id = Uuid::parse_str(&person.id).map_err(StoreError::document("read a person's id"))?;
    let challenge = Digest::of(&entropy()?);
    let ceremony = Ceremony::Register { person: person.id.clone() };
    Ok(Question {
        ceremony: store.passkeys.ceremonies.begin(ceremony, challenge, store.clock.now_ms()),
        // Whoever signs in types no name, so the authenticator keeps whose the passkey is.
        public_key: json!({
            "challenge": text(challenge.as_bytes()),
            "rp": { "id": party.id, "name": "Guichet" },
            "user": { "id": text(id.as_bytes()), "name": person.name, "displayName": person.name },
            "pubKeyCredParams": [{ "type": "public-key", "alg": -7 }],
            "excludeCredentials": listed(&known),
            "authenticatorSelection":
                { "residentKey": "required", "requireResidentKey": true, "userVerification": "required" },
            "attestation": "none",
            "timeout": WAITS_MS,
        }),
    })
}

/// Registers the passkey that a browser has made.
pub async fn register(
    store: &Store,
    person: &Person,
    ceremony: &str,
    name: &str,
    answer: &Answer,
) -> Result<(), NotDone> {
    let (party, now_ms) = (store.passkeys.party()?, store.clock.now_ms());
    on_ones_own(person)?;
    let (challenge, asked) = store.passkeys.ceremonies.end(ceremony, now_ms)?;
    if asked != (Ceremony::Register { person: person.id.clone() }) {
        return Err(problems::ceremony_over().into());
    }
    let (client_data, data) = (bytes(&answer.client_data)?, bytes(&answer.authenticator_data)?);
    let public_key = bytes(&answer.public_key)?;
    let said = Said { client_data: &client_data, authenticator_data: &data };
    let made = passkey::register(party, &challenge, said, &public_key);
    let made = made.map_err(|refusal| problems::passkey_refused(&refusal))?;
    let record = PasskeyRecord {
        id: text(&made.id),
        person: person.id.clone(),
        name: named(name)?,
        public_key,
        counter: made.counter,
        created_at_ms: now_ms,
    };
    let mut change = store.database.change().await?;
    present(&mut change, &person.id).await?;
    if records::is_taken(&mut change, &record.id).await? {
        return Err(problems::passkey_taken().into());
    }
    records::insert(&mut change, &record).await?;
    let deed = Deed::new("passkey.add", &record.name, person.department.as_ref());
    audit::record(&mut change, Actor::Person(person), deed, now_ms).await?;
    Ok(commit(change).await?)
}

/// A person's passkeys, for themselves and for who looks after them.
pub async fn of(store: &Store, by: Actor<'_>, id: &str) -> Result<Vec<PasskeyRecord>, NotDone> {
    let mut connection = store.database.read().await?;
    let person = present(&mut connection, id).await?;
    if by.id() != Some(id) {
        by.check(Action::Members, person.department.as_ref())?;
    }
    Ok(records::of(&mut connection, id).await?)
}

/// Removes a passkey: one's own, or one that somebody one looks after has lost. Returns whose it was.
pub async fn remove(store: &Store, by: Actor<'_>, id: &str) -> Result<String, NotDone> {
    let now_ms = store.clock.now_ms();
    let mut change = store.database.change().await?;
    let record = records::by_id(&mut change, id).await?.ok_or_else(|| problems::no_such_passkey(id))?;
    let person = present(&mut change, &record.person).await?;
    if by.id() != Some(&record.person) {
        by.check(Action::Members, person.department.as_ref())?;
    }
    records::remove(&mut change, id, now_ms).await?;
    let deed = Deed::new("passkey.remove", &record.name, person.department.as_ref()).because(&person.name);
    audit::record(&mut change, by, deed, now_ms).await?;
    commit(change).await?;
    Ok(record.person)
}
