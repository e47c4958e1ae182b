//! Who at an organisation is who at the store.

use sqlx::AnyConnection;
use sqlx_macros::FromRow;

use super::{people::Person, stored};
use crate::{error::StoreError, organisation::Subject};

const PERSON: &str = "SELECT person FROM identities JOIN people ON people.id = identities.person \
     WHERE issuer = $1 AND subject = $2 AND left_at_ms IS NULL";
const OF: &str = "SELECT issuer, subject FROM identities WHERE person = $1";
const REMOVE: &str = "DELETE FROM identities WHERE person = $1";
const INSERT: &str = "INSERT INTO identities (issuer, subject, person, linked_at_ms) VALUES ($1, $2, $3, $4)";

#[cfg(test)]
pub(super) const QUERIES: &[&str] = &[PERSON, OF, REMOVE, INSERT];

#[derive(FromRow)]
struct Row {
    issuer: String,
    subject: String,
}

/// The person whose account this is, if they are here.
pub async fn person(connection: &mut AnyConnection, subject: &Subject) -> Result<Option<Person>, StoreError> {
    let id: Option<String> = sqlx::query_scalar(PERSON)
        .bind(&subject.issuer)
        .bind(&subject.subject)
        .fetch_optional(&mut *connection)
        .await
        .map_err(StoreError::database("look up an identity"))?;
    let Some(id) = id else { return Ok(None) };
    Ok(super::people::by_id(connection, &id).await?.map(|member| member.person))
}

/// The account of a person.
pub async fn of(connection: &mut AnyConnection, person: &str) -> Result<Option<Subject>, StoreError> {
    let row: Option<Row> = sqlx::query_as(OF)
        .bind(person)
        .fetch_optional(connection)
        .await
        .map_err(StoreError::database("look up an identity"))?;
    Ok(row.map(|row| Subject { issuer: row.issuer, subject: row.subject }))
}

/// Makes an account a person's only one.
pub async fn put(
    connection: &mut AnyConnection,
    subject: &Subject,
    person: &str,
    now_ms: u64,
) -> Result<(), StoreError> {
    remove(connection, person).await?;
    sqlx::query(INSERT)
        .bind(&subject.issuer)
        .bind(&subject.subject)
        .bind(person)
        .bind(stored(now_ms))
        .execute(connection)
        .await
        .map_err(StoreError::database("link an identity"))?;
    Ok(())
}

/// Ends a person's link.
pub async fn remove(connection: &mut AnyConnection, person: &str) -> Result<(), StoreError> {
    let removed = sqlx::query(REMOVE).bind(person).execute(connection).await;
    removed.map(drop).map_err(StoreError::database("end the link of an identity"))
}
