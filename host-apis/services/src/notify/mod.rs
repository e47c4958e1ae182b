//! `notify`: whose notice is whose and how many there may be; who shows them is a part.

mod simulated;

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use guichet_contract::{
    AppId, Failure, Permit,
    notify::{MAX_IN_ALL, MAX_SHOWN, Notice, Notify, Show, Withdraw},
};

pub use simulated::{Simulated, State};

/// Who shows notices on a terminal.
pub trait NoticePart: Send + Sync + fmt::Debug {
    /// Whether anybody does.
    fn is_there(&self) -> bool;

    /// Shows a notice, and says by what it is found again.
    fn show(&self, app: &AppId, notice: &Notice) -> Result<u32, Unreachable>;

    /// Takes a notice away; nothing happens if it is gone.
    fn withdraw(&self, shown: u32) -> Result<(), Unreachable>;
}

/// Whoever shows notices does not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreachable;

/// The notices of a terminal's apps.
#[derive(Debug, Default)]
pub struct Notices {
    part: Option<Arc<dyn NoticePart>>,
    apps: Mutex<HashMap<AppId, Shown>>,
}

/// The notices of one app: the number it knows, and the one that the part knows.
#[derive(Debug, Default)]
struct Shown {
    last: u32,
    known: BTreeMap<u32, u32>,
}

impl Notices {
    /// Shown by this part.
    pub fn new(part: Arc<dyn NoticePart>) -> Self {
        Self { part: Some(part), apps: Mutex::default() }
    }

    /// Whether anybody shows them.
    pub fn has_any(&self) -> bool {
        self.part.as_ref().is_some_and(|part| part.is_there())
    }

    /// The session of an app is over, and so are its notices.
    pub fn over(&self, app: &AppId) {
        let Some(shown) = self.apps().remove(app) else { return };
        let gone = shown.known.into_values().filter_map(|number| self.part.as_ref()?.withdraw(number).err());
        if gone.count() > 0 {
            tracing::warn!("notices of an app that is over can still be seen");
        }
    }

    fn apps(&self) -> MutexGuard<'_, HashMap<AppId, Shown>> {
        self.apps.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn part(&self) -> Result<&dyn NoticePart, Failure> {
        self.part.as_deref().filter(|part| part.is_there()).ok_or_else(|| {
            let hint = "say it on the page; an app that is nothing without notices says \"requires\": [\"notify\"]";
            failure("notify/unsupported", "nobody shows notices on this terminal", hint)
        })
    }
}

impl Notify for Notices {
    fn show(&self, permit: Permit<Show>) -> Result<u32, Failure> {
        let (app, Show { notice, .. }) = permit.redeem();
        let part = self.part()?;
        let mut apps = self.apps();
        let shown = apps.entry(app.clone()).or_default();
        if shown.last >= MAX_IN_ALL {
            let what = format!("the app has shown {MAX_IN_ALL} notices since it was opened");
            return Err(failure("notify/too-many", &what, "show what matters most, and the rest on the page"));
        }
        if shown.known.len() >= MAX_SHOWN
            && let Some((_, oldest)) = shown.known.pop_first()
        {
            part.withdraw(oldest).map_err(unreachable)?;
        }
        let number = part.show(&app, &notice).map_err(unreachable)?;
        shown.last += 1;
        shown.known.insert(shown.last, number);
        Ok(shown.last)
    }

    fn withdraw(&self, permit: Permit<Withdraw>) -> Result<(), Failure> {
        let (app, Withdraw { number, .. }) = permit.redeem();
        let part = self.part()?;
        let known = self.apps().get_mut(&app).and_then(|shown| shown.known.remove(&number));
        known.map_or(Ok(()), |known| part.withdraw(known)).map_err(unreachable)
    }
}

fn unreachable(_: Unreachable) -> Failure {
    let hint = "say it on the page as well";
    failure("notify/unreachable", "whoever shows notices on this terminal does not answer", hint)
}

fn failure(class: &str, what: &str, hint: &str) -> Failure {
    Failure::Unavailable(format!("{class}: {what}; hint: {hint}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trouble_says_what_to_do() {
        let words =
            [Notices::default().part().unwrap_err(), unreachable(Unreachable)].map(|failure| failure.to_string());
        insta::assert_snapshot!(words.join("\n"), @r#"
        notify/unsupported: nobody shows notices on this terminal; hint: say it on the page; an app that is nothing without notices says "requires": ["notify"]
        notify/unreachable: whoever shows notices on this terminal does not answer; hint: say it on the page as well
        "#);
    }
}
