//! What reviewers do before they decide: take a submission on, ask and answer, hold it aside.

use super::{noted, others};
use crate::{
    access::{self, Action},
    database::{
        commit,
        people::Person,
        reviews,
        submissions::{self as records, SubmissionRecord},
        talk,
    },
    error::NotDone,
    lifecycle::{self, Event},
    problems,
    store::Store,
};

/// The most characters of a message, and of what is to be changed.
pub const LONGEST_TEXT: usize = 2000;

/// Takes a submission on, also from a colleague: what is claimed is not locked.
pub async fn claim(store: &Store, person: &Person, id: &str) -> Result<(), NotDone> {
    let now_ms = store.clock.now_ms();
    let mut change = store.database.change().await?;
    let record = others(&mut change, person, id, Event::Claim).await?;
    talk::claim(&mut change, id, person, now_ms).await?;
    if lifecycle::advance(record.state, Event::Claim) != Ok(record.state) {
        lifecycle::step(&mut change, person, &record, Event::Claim, None, now_ms).await?;
    }
    noted(&mut change, person, &record, "submission.claim", None, now_ms).await?;
    Ok(commit(change).await?)
}

/// Gives a submission back to the queue.
pub async fn unclaim(store: &Store, person: &Person, id: &str) -> Result<(), NotDone> {
    let record = of(store, person, id, &[Action::Review]).await?;
    let mut change = store.database.change().await?;
    talk::unclaim(&mut change, id).await?;
    noted(&mut change, person, &record, "submission.unclaim", None, store.clock.now_ms()).await?;
    Ok(commit(change).await?)
}

/// Says something about a submission, which its publisher and its reviewers read. Returns the words as they are kept,
/// and when.
pub async fn say(store: &Store, person: &Person, id: &str, text: &str) -> Result<(String, u64), NotDone> {
    of(store, person, id, &[Action::Submit, Action::Review]).await?;
    let text = words(text).ok_or_else(|| problems::no_message(LONGEST_TEXT))?;
    let (now_ms, mut change) = (store.clock.now_ms(), store.database.change().await?);
    talk::say(&mut change, id, person, &text, now_ms).await?;
    commit(change).await?;
    Ok((text, now_ms))
}

/// Holds a submission aside, and says why.
pub async fn quarantine(store: &Store, person: &Person, id: &str, reason: &str) -> Result<(), NotDone> {
    let now_ms = store.clock.now_ms();
    let mut change = store.database.change().await?;
    let record = others(&mut change, person, id, Event::Quarantine).await?;
    let reason = words(reason).ok_or_else(problems::no_reason)?;
    lifecycle::step(&mut change, person, &record, Event::Quarantine, Some(&reason), now_ms).await?;
    reviews::clear(&mut change, id, true).await?;
    noted(&mut change, person, &record, "submission.quarantine", Some(&reason), now_ms).await?;
    Ok(commit(change).await?)
}

/// Lets a submission out of quarantine, and says why.
pub async fn free(store: &Store, person: &Person, id: &str, reason: &str) -> Result<(), NotDone> {
    let now_ms = store.clock.now_ms();
    let mut change = store.database.change().await?;
    let record = others(&mut change, person, id, Event::Free).await?;
    let reason = words(reason).ok_or_else(problems::no_reason)?;
    lifecycle::step(&mut change, person, &record, Event::Free, Some(&reason), now_ms).await?;
    noted(&mut change, person, &record, "submission.free", Some(&reason), now_ms).await?;
    Ok(commit(change).await?)
}

/// Text of people as it is kept: some, not too much, and nothing that a database refuses.
pub(crate) fn words(text: &str) -> Option<String> {
    // PostgreSQL keeps no zero bytes.
    let text = text.replace("\r\n", "\n").trim().to_owned();
    let is_good = !text.is_empty() && text.chars().count() <= LONGEST_TEXT && !text.contains('\0');
    is_good.then_some(text)
}

/// The submission, if this person may do one of these things in its department.
async fn of(store: &Store, person: &Person, id: &str, actions: &[Action]) -> Result<SubmissionRecord, NotDone> {
    let record = records::get(&mut *store.database.read().await?, id).await?;
    let record = record.ok_or_else(|| problems::no_such_submission(id))?;
    let may = |action: &Action| access::check(person, *action, Some(&record.department));
    match actions.iter().map(may).find(Result::is_ok) {
        Some(_) => Ok(record),
        None => Err(actions
            .first()
            .map(may)
            .and_then(Result::err)
            .unwrap_or_else(|| problems::no_such_submission(id).into())),
    }
}
