//! Codes that a person carries from the console to a terminal: short enough to be typed, good once and for a day.

use std::fmt;

use guichet_trust::digest::Digest;
use uuid::Uuid;

use super::{STORE, policy, problems};
use crate::{
    access::Action,
    audit::{self, Deed},
    database::{
        commit,
        terminals::{self, CodeRecord},
    },
    error::{NotDone, StoreError},
    people::Actor,
    secret::entropy,
    store::Store,
};

/// How long a code can be used, in milliseconds.
const LASTS_MS: u64 = 24 * 60 * 60 * 1000;
/// What a code is made of: nothing that looks like something else, so 5 bits each (Crockford's base 32).
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// How many letters: 60 bits, of which nobody guesses one in a day at ten tries a minute.
const LENGTH: usize = 12;

/// A code, as a person types it.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(String);

impl Code {
    fn generate() -> Result<Self, StoreError> {
        let bytes = entropy()?;
        let letter = |byte: &u8| LETTERS.get(usize::from(byte % 32)).copied().map_or('0', char::from);
        Ok(Self(bytes.iter().take(LENGTH).map(letter).collect()))
    }

    /// One that somebody has sent: dashes and spaces do not count, nor does what is easily confused.
    pub fn received(text: &str) -> Option<Self> {
        let letter = |c: char| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            c => c,
        };
        let code: String = text.chars().filter(|c| !matches!(c, '-' | ' ')).take(LENGTH + 1).map(letter).collect();
        let is_one = code.len() == LENGTH && code.bytes().all(|byte| LETTERS.contains(&byte));
        is_one.then_some(Self(code))
    }

    /// What is kept of it.
    pub fn digest(&self) -> Digest {
        Digest::of(format!("guichet enrolment code\0{}", self.0).as_bytes())
    }

    /// The code in three groups, to hand over once.
    pub fn reveal(&self) -> String {
        let groups: Vec<&str> = (0..LENGTH).step_by(4).filter_map(|at| self.0.get(at..at + 4)).collect();
        groups.join("-")
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

/// A terminal that is to enrol.
#[derive(Clone, Debug)]
pub struct NewCode {
    /// The signed policy it will be given; it names hall and terminal.
    pub policy: String,
}

/// Makes a code for the terminal that a signed policy names, and returns it; it is kept nowhere.
pub async fn make_code(store: &Store, by: Actor<'_>, new: NewCode) -> Result<(CodeRecord, Code), NotDone> {
    by.check(Action::Terminals, STORE)?;
    let now_ms = store.clock.now_ms();
    let signed = policy::judged(store, &new.policy)?;
    let place = signed.policy().terminal.clone();
    let mut change = store.database.change().await?;
    let is_taken = terminals::is_taken(&mut change, &place.hall, &place.name).await?;
    let is_promised = terminals::codes(&mut change, now_ms)
        .await?
        .iter()
        .any(|code| code.hall == place.hall && code.name == place.name);
    if is_taken || is_promised {
        return Err(problems::place_taken(&place.hall, &place.name).into());
    }
    let code = Code::generate()?;
    let record = CodeRecord {
        id: Uuid::now_v7().to_string(),
        hall: place.hall,
        name: place.name,
        policy: policy::text(&signed)?,
        policy_sequence: signed.policy().sequence,
        created_at_ms: now_ms,
        expires_at_ms: now_ms.saturating_add(LASTS_MS),
    };
    terminals::insert_code(&mut change, &record, code.digest(), by.id()).await?;
    let about = format!("{} / {}", record.hall, record.name);
    let deed = Deed::new("terminal.code", &about, STORE).to(record.policy_sequence);
    audit::record(&mut change, by, deed, now_ms).await?;
    commit(change).await?;
    Ok((record, code))
}

/// Takes a code back that nobody has used.
pub async fn withdraw_code(store: &Store, by: Actor<'_>, id: &str) -> Result<(), NotDone> {
    by.check(Action::Terminals, STORE)?;
    let now_ms = store.clock.now_ms();
    let mut change = store.database.change().await?;
    let code = terminals::code_by_id(&mut change, id, now_ms).await?.ok_or_else(|| problems::no_such_code(id))?;
    terminals::use_code(&mut change, id, now_ms).await?;
    let about = format!("{} / {}", code.hall, code.name);
    audit::record(&mut change, by, Deed::new("terminal.uncode", &about, STORE), now_ms).await?;
    commit(change).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = Code::generate().unwrap();
        assert_eq!(code.reveal().len(), 14);
        assert_eq!(Code::received(&code.reveal()), Some(code.clone()));
        assert_eq!(Code::received(&code.reveal().to_lowercase().replace('-', " ")), Some(code.clone()));
        assert_eq!(Code::received("oil0-1111-1111"), Code::received("0110-1111-1111"));
        for bad in ["", "0110-1111-111", "0110-1111-11112", "0110-1111-111u", "0110-1111-111é"] {
            assert_eq!(Code::received(bad), None, "{bad}");
        }
        assert_eq!(format!("{code:?}"), "Code(…)");
        assert_ne!(code.digest(), Code::generate().unwrap().digest());
    }
}
