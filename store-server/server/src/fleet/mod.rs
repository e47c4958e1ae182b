//! Terminals of halls: how they enrol, what they tell, which policy they are to have, and how they are revoked.
//!
//! The store hands out what the operator has signed and never signs for a terminal itself.

mod code;
mod enrol;
mod policy;
pub mod problems;
mod report;

use guichet_contract::Department;

pub use code::{Code, NewCode, make_code, withdraw_code};
pub use enrol::enrol;
pub use policy::{assign, operator};
pub use report::{ask_for_picture, keep_picture, tell};

use crate::{
    access::Action,
    audit::{self, Deed},
    database::{
        commit,
        terminals::{self, CodeRecord, TerminalRecord},
    },
    error::NotDone,
    people::Actor,
    store::Store,
};

/// When a terminal is to tell again, in seconds.
pub const EVERY_SECONDS: u64 = 300;
/// A terminal that has not told anything for so many times that is late.
pub const LATE_AFTER: u64 = 3;
/// Terminals are the store's, not a department's.
const STORE: Option<&Department> = None;

/// What the fleet page shows.
#[derive(Debug)]
pub struct Fleet {
    /// All terminals, by hall and name.
    pub terminals: Vec<TerminalRecord>,
    /// Codes that can still be used.
    pub codes: Vec<CodeRecord>,
}

/// All terminals and open codes.
pub async fn fleet(store: &Store, by: Actor<'_>) -> Result<Fleet, NotDone> {
    by.check(Action::Terminals, STORE)?;
    let mut connection = store.database.read().await?;
    let terminals = terminals::all(&mut connection).await?;
    Ok(Fleet { terminals, codes: terminals::codes(&mut connection, store.clock.now_ms()).await? })
}

/// One terminal, revoked or not.
pub async fn terminal(store: &Store, by: Actor<'_>, id: &str) -> Result<TerminalRecord, NotDone> {
    by.check(Action::Terminals, STORE)?;
    let found = terminals::by_id(&mut *store.database.read().await?, id).await?;
    Ok(found.ok_or_else(|| problems::no_such_terminal(id))?)
}

/// What a terminal told, newest first.
pub async fn history(store: &Store, by: Actor<'_>, id: &str, most: u32) -> Result<Vec<(u64, String)>, NotDone> {
    by.check(Action::Terminals, STORE)?;
    Ok(terminals::history(&mut *store.database.read().await?, id, most).await?)
}

/// The last picture of a terminal's home page.
pub async fn picture(store: &Store, by: Actor<'_>, id: &str) -> Result<Vec<u8>, NotDone> {
    by.check(Action::Terminals, STORE)?;
    let found = terminals::picture(&mut *store.database.read().await?, id).await?;
    Ok(found.ok_or_else(|| problems::no_picture(id))?)
}

/// Ends what the store does for a terminal.
pub async fn revoke(store: &Store, by: Actor<'_>, id: &str, why: &str) -> Result<(), NotDone> {
    by.check(Action::Terminals, STORE)?;
    let why = crate::reissue::plain(why).ok_or_else(problems::no_reason)?;
    let now_ms = store.clock.now_ms();
    let mut change = store.database.change().await?;
    let terminal = terminals::by_id(&mut change, id).await?.ok_or_else(|| problems::no_such_terminal(id))?;
    if !terminals::revoke(&mut change, id, &why, now_ms).await? {
        return Err(problems::revoked_already(&place(&terminal)).into());
    }
    let place = place(&terminal);
    audit::record(&mut change, by, Deed::new("terminal.revoke", &place, STORE).because(&why), now_ms).await?;
    commit(change).await?;
    Ok(())
}

/// How a terminal is called in the record.
fn place(terminal: &TerminalRecord) -> String {
    format!("{} / {}", terminal.hall, terminal.name)
}
