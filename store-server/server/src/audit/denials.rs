//! What was refused to somebody whom the store knows.
//!
//! Strangers are not recorded: nobody is named by a wrong token, and whoever has none could fill the disk.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use axum::{
    extract::{Request, State},
    http::StatusCode,
    middleware::Next,
    response::Response,
};

use super::{Deed, Outcome, append};
use crate::{
    database::{commit, people::Person},
    error::StoreError,
    people::Actor,
    store::Store,
};

const HOUR_MS: u64 = 60 * 60 * 1000;
/// As many of one person's within an hour as are recorded; the last of them says that more are not.
const MOST_AN_HOUR: u32 = 100;

/// Who turned out to be asking; filled in by whoever finds out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Caller(Arc<OnceLock<Person>>);

impl Caller {
    /// Says who it is.
    pub(crate) fn is(&self, person: &Person) {
        // Whoever found out first was right.
        let _known = self.0.set(person.clone());
    }
}

/// Who was asking, on the way out of a page.
#[derive(Clone, Debug)]
pub(crate) struct AskedBy(pub(crate) Person);

/// The class of a refusal, on its way out.
#[derive(Clone, Debug)]
pub(crate) struct RefusedFor(pub(crate) String);

/// How much was refused to whom within this hour.
#[derive(Debug, Default)]
pub struct Denials(Mutex<(u64, HashMap<String, u32>)>);

impl Denials {
    /// Counts one more of this person's.
    fn count(&self, person: &str, now_ms: u64) -> u32 {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let hour = now_ms / HOUR_MS;
        if counts.0 != hour {
            *counts = (hour, HashMap::new());
        }
        let count = counts.1.entry(person.to_owned()).or_default();
        *count = count.saturating_add(1);
        *count
    }
}

/// Records every 403 with who asked for what.
pub(crate) async fn watch(State(store): State<Arc<Store>>, mut request: Request, next: Next) -> Response {
    let caller = Caller::default();
    request.extensions_mut().insert(caller.clone());
    let asked = format!("{} {}", request.method(), request.uri().path());
    let response = next.run(request).await;
    let asked_by = response.extensions().get().map(|AskedBy(person)| person);
    if response.status() == StatusCode::FORBIDDEN
        && let Some(person) = asked_by.or(caller.0.get())
        && let Err(error) = denied(&store, person, &asked, response.extensions().get()).await
    {
        // The refusal stands whether or not it could be written down.
        tracing::error!(%error, "could not record a refusal");
    }
    response
}

async fn denied(store: &Store, person: &Person, asked: &str, class: Option<&RefusedFor>) -> Result<(), StoreError> {
    let now_ms = store.clock.now_ms();
    let count = store.denials.count(&person.id, now_ms);
    if count > MOST_AN_HOUR {
        return Ok(());
    }
    let class = class.map_or("access/role", |RefusedFor(class)| class);
    let mut deed = Deed::new("request", asked, person.department.as_ref()).because(class);
    if count == MOST_AN_HOUR {
        deed = deed.to("more are not recorded within this hour");
    }
    let mut change = store.database.change().await?;
    append(&mut change, Actor::Person(person), deed, Outcome::Denied, now_ms).await?;
    commit(change).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_is_counted_by_the_hour() {
        let denials = Denials::default();
        assert_eq!([denials.count("a", 0), denials.count("a", HOUR_MS - 1), denials.count("b", 0)], [1, 2, 1]);
        assert_eq!(denials.count("a", HOUR_MS), 1);
    }
}
