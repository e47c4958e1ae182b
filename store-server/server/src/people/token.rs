//! Tokens for machines: each may do some of what its person may, in one department, for a time.

use guichet_contract::Department;
use uuid::Uuid;

use super::{Actor, member::present, named, problems};
use crate::{
    access::{self, Action, Limits},
    audit::{self, Deed},
    database::{
        commit, departments,
        people::Person,
        tokens::{self, TokenRecord},
    },
    error::NotDone,
    secret::Secret,
    store::Store,
};

/// The most days a token may hold.
pub const MOST_TOKEN_DAYS: u64 = 366;
/// The most tokens of one person.
const MOST_TOKENS: usize = 50;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// A token to make.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub actions: Vec<Action>,
    /// Where; for whoever has a department nowhere else, for others everywhere if it is none.
    pub department: Option<Department>,
    /// For how many days.
    pub days: u64,
}

/// Makes a token of a person's and returns it; it is kept nowhere. It may nothing that the person may not, then or later.
pub async fn make_token(
    store: &Store,
    by: Actor<'_>,
    person: &Person,
    new: NewToken,
) -> Result<(TokenRecord, Secret), NotDone> {
    if by.id().is_some_and(|own| own != person.id) {
        return Err(problems::not_your_token().into());
    }
    let department = new.department.or_else(|| person.department.clone());
    if new.actions.is_empty() {
        return Err(problems::no_actions().into());
    }
    for action in &new.actions {
        if !action.is_for_machines() {
            return Err(problems::not_for_machines(*action).into());
        }
        access::check(person, *action, department.as_ref())?;
    }
    if !(1..=MOST_TOKEN_DAYS).contains(&new.days) {
        return Err(problems::token_days(MOST_TOKEN_DAYS).into());
    }
    let (name, now_ms) = (named(&new.name)?, store.clock.now_ms());
    let mut change = store.database.change().await?;
    let person = present(&mut change, &person.id).await?;
    if let Some(department) = &department
        && departments::get(&mut change, department).await?.is_none()
    {
        return Err(problems::no_such_department(department).into());
    }
    if tokens::of(&mut change, &person.id, now_ms).await?.len() >= MOST_TOKENS {
        return Err(problems::too_many_tokens(MOST_TOKENS).into());
    }
    let secret = Secret::generate()?;
    let record = TokenRecord {
        id: Uuid::now_v7().to_string(),
        person: person.id,
        name,
        limits: Limits { actions: new.actions, department },
        created_at_ms: now_ms,
        expires_at_ms: now_ms.saturating_add(new.days.saturating_mul(DAY_MS)),
    };
    tokens::insert(&mut change, &record, secret.digest()).await?;
    let deed = Deed::new("token.make", &record.name, record.limits.department.as_ref()).to(record.limits.words());
    audit::record(&mut change, by, deed, now_ms).await?;
    commit(change).await?;
    Ok((record, secret))
}

/// A person's tokens, for themselves and for who looks after them.
pub async fn tokens_of(store: &Store, by: Actor<'_>, id: &str) -> Result<Vec<TokenRecord>, NotDone> {
    let mut connection = store.database.read().await?;
    let person = present(&mut connection, id).await?;
    if by.id() != Some(id) {
        by.check(Action::Members, person.department.as_ref())?;
    }
    Ok(tokens::of(&mut connection, id, store.clock.now_ms()).await?)
}

/// Ends a token: one's own, or one of somebody one looks after.
pub async fn revoke_token(store: &Store, by: Actor<'_>, id: &str) -> Result<TokenRecord, NotDone> {
    let now_ms = store.clock.now_ms();
    let mut change = store.database.change().await?;
    let found = tokens::by_id(&mut change, id, now_ms).await?;
    let record = found.ok_or_else(|| problems::no_such_token(id))?;
    let person = present(&mut change, &record.person).await?;
    if by.id() != Some(&record.person) {
        by.check(Action::Members, person.department.as_ref())?;
    }
    tokens::revoke(&mut change, id, now_ms).await?;
    let deed = Deed::new("token.revoke", &record.name, person.department.as_ref());
    audit::record(&mut change, by, deed, now_ms).await?;
    commit(change).await?;
    Ok(record)
}
