//! Who is here: added, given another role or token, let go. Nobody is forgotten, for what they did refers to them.

use guichet_api::PersonRole;
use guichet_contract::Department;
use sqlx::AnyConnection;
use uuid::Uuid;

use super::{Actor, named, placed, problems};
use crate::{
    access::{self, Action},
    audit::{self, Deed},
    database::{
        commit,
        departments::{self, DepartmentRecord},
        identities,
        invitations::{self, InvitationRecord},
        people::{self, MemberRecord, Person},
        sessions,
    },
    error::{NotDone, StoreError},
    secret::Secret,
    store::Store,
};

/// Somebody to add.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// The name others will see.
    pub name: String,
    /// What the person may do.
    pub role: PersonRole,
    /// The person's department, if the role has one.
    pub department: Option<Department>,
}

/// Everybody whom somebody looks after.
#[derive(Clone, Debug)]
pub struct Team {
    /// The departments concerned.
    pub departments: Vec<DepartmentRecord>,
    /// Their people, and with all departments those of the store itself; also who has left.
    pub members: Vec<MemberRecord>,
    /// Who has not joined yet.
    pub invitations: Vec<InvitationRecord>,
}

/// Whom this person looks after.
pub async fn team(store: &Store, person: &Person) -> Result<Team, NotDone> {
    let department = access::reach(person, Action::Members)?;
    let mut connection = store.database.read().await?;
    let mut departments = departments::all(&mut connection).await?;
    departments.retain(|record| department.is_none_or(|own| record.id == *own));
    Ok(Team {
        departments,
        members: people::all(&mut connection, department).await?,
        invitations: invitations::open(&mut connection, department, store.clock.now_ms()).await?,
    })
}

/// Adds a person and returns the token, which is kept nowhere.
pub async fn add(store: &Store, by: Actor<'_>, new: NewPerson) -> Result<Secret, NotDone> {
    by.check(Action::Members, new.department.as_ref())?;
    placed(new.role, new.department.as_ref())?;
    let mut change = store.database.change().await?;
    if let Some(department) = &new.department
        && departments::get(&mut change, department).await?.is_none()
    {
        return Err(problems::no_such_department(department).into());
    }
    let new = NewPerson { name: named(&new.name)?, ..new };
    let now_ms = store.clock.now_ms();
    let (person, token) = insert(&mut change, new, now_ms).await?;
    let deed = Deed::new("person.add", &person.name, person.department.as_ref()).to(person.role);
    audit::record(&mut change, by, deed, now_ms).await?;
    commit(change).await?;
    Ok(token)
}

pub(super) async fn insert(
    connection: &mut AnyConnection,
    new: NewPerson,
    now_ms: u64,
) -> Result<(Person, Secret), NotDone> {
    if people::by_name(connection, &new.name).await?.is_some() {
        return Err(problems::name_taken(&new.name).into());
    }
    let token = Secret::generate()?;
    let person = Person {
        id: Uuid::now_v7().to_string(),
        name: new.name,
        role: new.role,
        department: new.department,
        limits: None,
    };
    people::insert(connection, &person, token.digest(), now_ms).await?;
    Ok((person, token))
}

/// Gives a person a new token in place of the old one, and ends their sign-ins. Nobody gets somebody else's token: they could
/// sign in as them.
pub async fn replace_token(store: &Store, by: Actor<'_>, id: &str) -> Result<Secret, NotDone> {
    let mut change = store.database.change().await?;
    let person = present(&mut change, id).await?;
    if by.id().is_some_and(|own| own != id) {
        return Err(problems::not_your_token().into());
    }
    let token = Secret::generate()?;
    people::replace_token(&mut change, &person, token.digest()).await?;
    sessions::close_all(&mut change, id).await?;
    let deed = Deed::new("person.token", &person.name, person.department.as_ref());
    audit::record(&mut change, by, deed, store.clock.now_ms()).await?;
    commit(change).await?;
    Ok(token)
}

/// Gives a person another role of the same department, or of the store.
pub async fn change_role(store: &Store, by: Actor<'_>, id: &str, role: PersonRole) -> Result<Person, NotDone> {
    let mut change = store.database.change().await?;
    let person = present(&mut change, id).await?;
    by.check(Action::Members, person.department.as_ref())?;
    by.check_other(&person)?;
    placed(role, person.department.as_ref())?;
    people::set_role(&mut change, &person, role).await?;
    let deed = Deed::new("person.role", &person.name, person.department.as_ref()).from_to(person.role, role);
    audit::record(&mut change, by, deed, store.clock.now_ms()).await?;
    commit(change).await?;
    Ok(Person { role, ..person })
}

/// Lets a person go: their token, their sign-ins and all else that opens a door end at once.
pub async fn let_go(store: &Store, by: Actor<'_>, id: &str) -> Result<Person, NotDone> {
    let mut change = store.database.change().await?;
    let person = present(&mut change, id).await?;
    by.check(Action::Members, person.department.as_ref())?;
    by.check_other(&person)?;
    let now_ms = store.clock.now_ms();
    people::leave(&mut change, &person, now_ms).await?;
    sessions::close_all(&mut change, id).await?;
    identities::remove(&mut change, id).await?;
    let deed = Deed::new("person.leave", &person.name, person.department.as_ref());
    audit::record(&mut change, by, deed, now_ms).await?;
    commit(change).await?;
    Ok(person)
}

/// The person of this id, if they are here.
pub(crate) async fn present(connection: &mut AnyConnection, id: &str) -> Result<Person, NotDone> {
    let found: Result<Option<MemberRecord>, StoreError> = people::by_id(connection, id).await;
    let here = found?.filter(|member| member.left_at_ms.is_none());
    Ok(here.ok_or_else(|| problems::no_such_person(id))?.person)
}
