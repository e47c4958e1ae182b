//! Who tries a version out before it is handed in.

use sqlx::AnyConnection;

use crate::error::StoreError;

const CLEAR: &str = "DELETE FROM testers WHERE submission = $1";
const ADD: &str = "INSERT INTO testers (submission, person) VALUES ($1, $2)";
const NAMES: &str = "SELECT people.name FROM testers JOIN people ON people.id = testers.person WHERE submission = $1 ORDER BY people.name";
const IS_ONE: &str = "SELECT COUNT(*) FROM testers JOIN submissions ON submissions.id = testers.submission \
     WHERE submission = $1 AND person = $2 AND state = 'trial'";

#[cfg(test)]
pub(super) const QUERIES: &[&str] = &[CLEAR, ADD, NAMES, IS_ONE];

/// Lists these people, by id, and nobody else.
pub async fn set(connection: &mut AnyConnection, submission: &str, people: &[String]) -> Result<(), StoreError> {
    let operation = "list testers";
    sqlx::query(CLEAR).bind(submission).execute(&mut *connection).await.map_err(StoreError::database(operation))?;
    for person in people {
        let added = sqlx::query(ADD).bind(submission).bind(person).execute(&mut *connection).await;
        added.map_err(StoreError::database(operation))?;
    }
    Ok(())
}

/// The testers' names.
pub async fn names(connection: &mut AnyConnection, submission: &str) -> Result<Vec<String>, StoreError> {
    let names = sqlx::query_scalar(NAMES).bind(submission).fetch_all(connection).await;
    names.map_err(StoreError::database("list testers"))
}

/// Whether this person may try it out now.
pub async fn is_one(connection: &mut AnyConnection, submission: &str, person: &str) -> Result<bool, StoreError> {
    let count: i64 = sqlx::query_scalar(IS_ONE)
        .bind(submission)
        .bind(person)
        .fetch_one(connection)
        .await
        .map_err(StoreError::database("look up a tester"))?;
    Ok(count > 0)
}
