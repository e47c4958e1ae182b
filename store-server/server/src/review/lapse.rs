//! Signatures that no longer count: their submissions go back to the queue, and reviewers begin anew.

use guichet_trust::metadata::{Document, Targets, owner_of_bin};
use sqlx::AnyConnection;

use crate::{
    database::{
        departments,
        people::Person,
        reviews::{self, PendingDocument},
        submissions::{self as records, SubmissionRecord},
    },
    error::{NotDone, StoreError},
    lifecycle::{Event, must_follow, step},
    repository,
};

/// Sends other submissions back whose signatures no longer follow a role that has moved on.
pub(super) async fn lapse_overtaken(
    connection: &mut AnyConnection,
    person: &Person,
    released: &SubmissionRecord,
    moved: &[&str],
    now_ms: u64,
) -> Result<(), NotDone> {
    for other in records::in_review(connection, &released.department).await? {
        let pending = reviews::pending(connection, &other.id).await?;
        // A role that one reviewer can complete costs the next reviewer nothing to sign again; what waited for a
        // second signature must begin anew.
        let wide = repository::wide_role(&other.department);
        let is_wide = |role: &str| owner_of_bin(role).unwrap_or(role) == wide;
        let lapses = pending.iter().any(|pending| is_wide(&pending.role) && moved.contains(&pending.role.as_str()));
        if other.id != released.id && lapses {
            reviews::clear(connection, &other.id, true).await?;
            step(connection, person, &other, Event::Lapsed, None, now_ms).await?;
        }
    }
    Ok(())
}

/// Sends the submissions back that were signed in part by keys that the newest targets no longer list.
pub(crate) async fn lapse_unsigned(connection: &mut AnyConnection, now_ms: u64) -> Result<(), StoreError> {
    let targets = repository::authority(connection).await?.targets;
    for department in departments::all(connection).await? {
        for record in records::in_review(connection, &department.id).await? {
            let pending = reviews::pending(connection, &record.id).await?;
            if pending.iter().all(|pending| is_whole(&targets, pending)) {
                continue;
            }
            reviews::clear(connection, &record.id, true).await?;
            must_follow(connection, &record, Event::Lapsed, now_ms).await?;
        }
    }
    Ok(())
}

/// Whether each signature of a document is by a key that is listed for its role, or for the role whose hash bin it is.
fn is_whole(targets: &Document<Targets>, pending: &PendingDocument) -> bool {
    let signers = targets.signed().signers(owner_of_bin(&pending.role).unwrap_or(&pending.role));
    let document = Document::<Targets>::parse(pending.document.clone());
    let read = signers.zip(document.ok());
    read.is_some_and(|(signers, document)| signers.signed(&document).len() == document.signatures().len())
}
