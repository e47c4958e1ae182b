//! What a publisher does with a submission: hand it in again, take it back, put it away.

use std::collections::BTreeSet;

use guichet_api::Submission;
use guichet_package::ReleaseDocument;
use sqlx::AnyConnection;

use super::{Event, TooLate, advance, follow::renumber, step};
use crate::{
    access::{self, Action},
    audit::{self, Deed},
    checks,
    database::{
        commit, log,
        people::{self as members, Person},
        reviews,
        submissions::{self as records, SubmissionRecord},
        testers,
    },
    error::{NotDone, StoreError},
    people::{Actor, problems as people_problems},
    problems, review,
    store::Store,
};

/// Hands a draft in, or what was to be changed and needs no change after all. It gets the next number and a new turn.
pub async fn hand_in(store: &Store, person: &Person, id: &str) -> Result<Submission, NotDone> {
    let now_ms = store.clock.now_ms();
    let mut change = store.database.change().await?;
    let record = own(&mut change, person, id, Event::Submit).await?;
    if let Some(latest) = log::latest(&mut change, &record.app_id, &record.channel).await? {
        let latest = ReleaseDocument::parse(&latest.release_document);
        let latest = latest.map_err(StoreError::document("read a logged release document"))?;
        let highest = u64::from(latest.version.code);
        if record.version.code <= highest {
            return Err(problems::version_not_higher(&record.app_id, record.version.code, highest).into());
        }
    }
    renumber(&mut change, &record, store.settings.second_reviewer).await?;
    records::hand_in(&mut change, id, person, now_ms).await?;
    moved(&mut change, person, &record, Event::Submit, "submission.submit", now_ms).await?;
    checks::begin(store, &mut change, id, now_ms).await?;
    commit(change).await?;
    checks::wake(store);
    shown(store, id).await
}

/// Lets these people, by name, try a draft out; nobody ends the trial.
pub async fn try_out(store: &Store, person: &Person, id: &str, names: &[String]) -> Result<Submission, NotDone> {
    let now_ms = store.clock.now_ms();
    let event = if names.is_empty() { Event::EndTrial } else { Event::Try };
    let mut change = store.database.change().await?;
    let record = own(&mut change, person, id, event).await?;
    let mut people = BTreeSet::new();
    for name in names {
        // PostgreSQL knows no zero bytes.
        let name = &name.replace('\0', "\u{fffd}");
        let found = members::by_name(&mut change, name).await?.filter(|member| member.left_at_ms.is_none());
        people.insert(found.ok_or_else(|| people_problems::no_such_person(name))?.person.id);
    }
    testers::set(&mut change, id, &people.into_iter().collect::<Vec<_>>()).await?;
    moved(&mut change, person, &record, event, "submission.trial", now_ms).await?;
    commit(change).await?;
    shown(store, id).await
}

/// Takes a submission back, at any time before it is approved. It is a draft again.
pub async fn withdraw(store: &Store, person: &Person, id: &str) -> Result<Submission, NotDone> {
    let now_ms = store.clock.now_ms();
    let mut change = store.database.change().await?;
    let record = own(&mut change, person, id, Event::Withdraw).await?;
    moved(&mut change, person, &record, Event::Withdraw, "submission.withdraw", now_ms).await?;
    reviews::clear(&mut change, id, true).await?;
    commit(change).await?;
    shown(store, id).await
}

/// Puts away what nobody goes on with.
pub async fn archive(store: &Store, person: &Person, id: &str) -> Result<Submission, NotDone> {
    let now_ms = store.clock.now_ms();
    let mut change = store.database.change().await?;
    let record = own(&mut change, person, id, Event::Archive).await?;
    moved(&mut change, person, &record, Event::Archive, "submission.archive", now_ms).await?;
    commit(change).await?;
    shown(store, id).await
}

/// Another package takes the place of one that is on its way or with its publisher.
pub(crate) async fn replace(
    connection: &mut AnyConnection,
    person: &Person,
    id: &str,
    by: &SubmissionRecord,
    now_ms: u64,
) -> Result<(), NotDone> {
    let record = own(connection, person, id, Event::Supersede).await?;
    if (&record.app_id, &record.channel) != (&by.app_id, &by.channel) || record.released_at_ms.is_some() {
        return Err(problems::not_replaced(id).into());
    }
    let state = step(connection, person, &record, Event::Supersede, Some(&by.version.name), now_ms).await?;
    reviews::clear(connection, id, true).await?;
    let about = format!("{} {} #{}", record.app_id, record.version.name, record.sequence);
    let deed = Deed::new("submission.replace", &about, Some(&record.department)).from_to(record.state, state);
    let deed = deed.because(&by.version.name);
    Ok(audit::record(connection, Actor::Person(person), deed, now_ms).await?)
}

/// The submission, if this person may act for its publisher and this can happen to it.
async fn own(
    connection: &mut AnyConnection,
    person: &Person,
    id: &str,
    event: Event,
) -> Result<SubmissionRecord, NotDone> {
    let record = records::get(connection, id).await?.ok_or_else(|| problems::no_such_submission(id))?;
    access::check(person, Action::Submit, Some(&record.department))?;
    advance(record.state, event).map_err(|TooLate(state)| problems::too_late(state))?;
    Ok(record)
}

async fn moved(
    connection: &mut AnyConnection,
    person: &Person,
    record: &SubmissionRecord,
    event: Event,
    deed: &'static str,
    now_ms: u64,
) -> Result<(), NotDone> {
    let state = step(connection, person, record, event, None, now_ms).await?;
    let about = format!("{} {} #{}", record.app_id, record.version.name, record.sequence);
    let deed = Deed::new(deed, &about, Some(&record.department)).from_to(record.state, state);
    Ok(audit::record(connection, Actor::Person(person), deed, now_ms).await?)
}

async fn shown(store: &Store, id: &str) -> Result<Submission, NotDone> {
    review::shown(store, id).await
}
