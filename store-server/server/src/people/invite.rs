//! Invitations: a secret that lets one person join, once, as what was decided beforehand.

use guichet_api::PersonRole;
use guichet_contract::Department;
use uuid::Uuid;

use super::{Actor, NewPerson, member, named, placed, problems};
use crate::{
    access::Action,
    audit::{self, Deed},
    database::{
        commit, departments,
        invitations::{self, InvitationRecord},
        people::{self, Person},
    },
    error::NotDone,
    organisation::{self, Subject},
    secret::Secret,
    store::Store,
};

/// How long an invitation lasts unless it is said otherwise, in milliseconds.
pub const INVITATION_MS: u64 = 7 * DAY_MS;
/// The most days an invitation may last.
pub const MOST_INVITATION_DAYS: u64 = 30;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// Somebody to invite.
#[derive(Clone, Debug)]
pub struct NewInvitation {
    /// The name others will see.
    pub name: String,
    /// What the person may do.
    pub role: PersonRole,
    /// The person's department, if the role has one.
    pub department: Option<Department>,
    /// How long it can be taken up, in milliseconds.
    pub lasts_ms: u64,
}

/// Somebody who has just joined.
#[derive(Debug)]
pub struct Welcome {
    /// Who.
    pub person: Person,
    /// Their token, which is kept nowhere.
    pub token: Secret,
}

/// Makes an invitation and returns its secret, which is kept nowhere.
pub async fn invite(store: &Store, by: Actor<'_>, new: NewInvitation) -> Result<(InvitationRecord, Secret), NotDone> {
    by.check(Action::Members, new.department.as_ref())?;
    placed(new.role, new.department.as_ref())?;
    if !(1..=MOST_INVITATION_DAYS * DAY_MS).contains(&new.lasts_ms) {
        return Err(problems::invitation_days(MOST_INVITATION_DAYS).into());
    }
    let (name, now_ms) = (named(&new.name)?, store.clock.now_ms());
    let mut change = store.database.change().await?;
    if let Some(department) = &new.department
        && departments::get(&mut change, department).await?.is_none()
    {
        return Err(problems::no_such_department(department).into());
    }
    // A name is promised once, so that joining does not fail for it.
    let promised = invitations::open(&mut change, None, now_ms).await?.into_iter().any(|open| open.name == name);
    if promised || people::by_name(&mut change, &name).await?.is_some() {
        return Err(problems::name_taken(&name).into());
    }
    let secret = Secret::generate()?;
    let record = InvitationRecord {
        id: Uuid::now_v7().to_string(),
        name,
        role: new.role,
        department: new.department,
        invited_by: by.id().map(str::to_owned),
        created_at_ms: now_ms,
        expires_at_ms: now_ms.saturating_add(new.lasts_ms),
    };
    invitations::insert(&mut change, &record, secret.digest()).await?;
    let deed = Deed::new("person.invite", &record.name, record.department.as_ref()).to(record.role);
    audit::record(&mut change, by, deed, now_ms).await?;
    commit(change).await?;
    Ok((record, secret))
}

/// The address that an invitation is opened at.
pub fn address(store: &Store, secret: &Secret) -> String {
    format!("{}/join?invitation={}", store.settings.base_url(), secret.reveal())
}

/// What an invitation offers, for whoever holds its secret.
pub async fn invited(store: &Store, secret: &Secret) -> Result<InvitationRecord, NotDone> {
    let mut connection = store.database.read().await?;
    let found = invitations::by_secret(&mut connection, secret.digest(), store.clock.now_ms()).await?;
    Ok(found.ok_or_else(problems::no_invitation)?)
}

/// Takes an invitation up: the person is there, and the invitation is no more.
pub async fn join(store: &Store, secret: &Secret) -> Result<Welcome, NotDone> {
    join_as(store, secret, None).await
}

/// The same; the person signs in with this account of an organisation from now on, if it is nobody's yet.
pub async fn join_as(store: &Store, secret: &Secret, subject: Option<&Subject>) -> Result<Welcome, NotDone> {
    let now_ms = store.clock.now_ms();
    let mut change = store.database.change().await?;
    let found = invitations::by_secret(&mut change, secret.digest(), now_ms).await?;
    let invitation = found.ok_or_else(problems::no_invitation)?;
    let new = NewPerson { name: invitation.name, role: invitation.role, department: invitation.department };
    let (person, token) = member::insert(&mut change, new, now_ms).await?;
    invitations::end(&mut change, &invitation.id, Some(&person.id), now_ms).await?;
    let deed = Deed::new("person.join", &person.name, person.department.as_ref()).to(person.role);
    audit::record(&mut change, Actor::Person(&person), deed, now_ms).await?;
    if let Some(subject) = subject {
        organisation::join(&mut change, subject, &person, now_ms).await?;
    }
    commit(change).await?;
    Ok(Welcome { person, token })
}

/// Takes an invitation back.
pub async fn withdraw(store: &Store, by: Actor<'_>, id: &str) -> Result<InvitationRecord, NotDone> {
    let now_ms = store.clock.now_ms();
    let mut change = store.database.change().await?;
    let found = invitations::by_id(&mut change, id, now_ms).await?;
    let invitation = found.ok_or_else(|| problems::no_such_invitation(id))?;
    by.check(Action::Members, invitation.department.as_ref())?;
    invitations::end(&mut change, id, None, now_ms).await?;
    let deed = Deed::new("person.uninvite", &invitation.name, invitation.department.as_ref());
    audit::record(&mut change, by, deed, now_ms).await?;
    commit(change).await?;
    Ok(invitation)
}
