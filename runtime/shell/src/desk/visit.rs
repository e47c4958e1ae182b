//! Addresses: what opens an app from outside, from another app or from a QR code (A8 to A10), and the way back.

use guichet_contract::AppId;
use guichet_host::{Problem, Start, preview::PreviewAddress};
use guichet_package::{Address, address::AddressRefusal};
use guichet_services::open_app::Trouble;

use super::{Desk, Effect, Failure, OpenApp, Status};
use crate::preview::managed;

/// Most apps that wait below the open one.
const MOST_BELOW: usize = 4;

/// Most other apps that pages may open within [`A_WHILE_MS`]: a person clicks less often.
const MOST_CALLS: usize = 8;
/// In milliseconds.
const A_WHILE_MS: u64 = 30_000;

/// Somebody wants to go somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Visit {
    /// Where to.
    pub(crate) address: Address,
    /// From which page of which app, as an address; empty if it is the person.
    referrer: String,
}

impl Visit {
    /// From the command line, from a QR code, or typed.
    pub(crate) fn by_the_person(address: Address) -> Self {
        Self { address, referrer: String::new() }
    }

    /// What the session is started with.
    pub(super) fn start(&self) -> Start {
        let Address { version, .. } = &self.address;
        Start {
            page: self.address.page_query_and_fragment(),
            version: version.clone(),
            below: Vec::new(),
            referrer: self.referrer.clone(),
        }
    }
}

impl OpenApp {
    /// The page on the glass, as its app's `referrerInfo` for another (L10): no query, for that may be personal (L15).
    fn address(&self) -> String {
        let page = self.pages.last().map(|page| page.route.clone());
        Address { page, ..Address::of(self.app_id.clone()) }.to_string()
    }
}

impl Desk {
    /// Opens what an address says; an app that is open stays where it is, below.
    pub(super) fn visit(&mut self, visit: Visit, now_ms: u64) -> Vec<Effect> {
        let mut effects = vec![Effect::Raise];
        let is_here = |open: &OpenApp| {
            open.app_id == visit.address.app_id
                && matches!(open.status, Status::Running | Status::Unloaded)
                && visit.address.asks_for(&open.version_name)
        };
        if self.is_look && self.open.as_ref().is_some_and(|open| open.app_id != visit.address.app_id) {
            effects.extend(self.refuse(Some(visit.address.app_id.clone()), only_a_look()));
        } else if !visit.address.is_known_to(&self.hosts) {
            effects.extend(self.refuse(Some(visit.address.app_id.clone()), foreign_host(&visit.address)));
        } else if let Some(depth) = self.open.iter().chain(self.below.iter().rev()).position(is_here) {
            // It is open already, in front or below: what lies above it is closed, and it goes on where it was.
            for _ in 0..depth {
                effects.extend(self.put_aside(now_ms));
            }
            let page = visit.address.page_query_and_fragment().filter(|page| !page.starts_with(['?', '#']));
            effects.extend(self.open.iter().zip(page).map(|(open, page)| Effect::VisitPage(open.run, page)));
        } else {
            self.wanted = Some(visit);
            effects.extend(self.seek(now_ms));
        }
        effects
    }

    /// The address of a preview, from a person: it opens beside this window, in one of its own.
    pub(super) fn preview(&mut self, text: String) -> Vec<Effect> {
        if self.is_look {
            self.refuse(None, only_a_look())
        } else if !self.may_scan {
            self.refuse(None, managed())
        } else {
            match text.parse::<PreviewAddress>() {
                Ok(address) => vec![Effect::Preview(address)],
                Err(error) => self.refuse(None, error.problem()),
            }
        }
    }

    /// A link in an app's page leads to another app. Only the page that is seen may do that.
    pub(super) fn called(&mut self, run: u64, address: Address, now_ms: u64) -> Vec<Effect> {
        let caller = self.open.as_ref().filter(|open| open.run == run && open.status == Status::Running);
        let Some(referrer) = caller.map(OpenApp::address) else { return vec![] };
        // Two apps that send a person back and forth, or one that asks for whatever there is, would end and begin processes,
        // fetch packages and raise notices as fast as they can.
        self.called_ms.retain(|at_ms| at_ms.abs_diff(now_ms) < A_WHILE_MS);
        if self.called_ms.len() >= MOST_CALLS {
            return self.refuse_once(address.app_id, too_often());
        }
        self.called_ms.push(now_ms);
        self.visit(Visit { address, referrer }, now_ms)
    }

    /// An app wants another opened. It has to be the one that is seen, and the other one has to be here.
    pub(crate) fn lead(&mut self, caller: &AppId, app: &AppId, now_ms: u64) -> Result<Vec<Effect>, Trouble> {
        let open = self.open.as_ref().filter(|open| open.app_id == *caller && open.status == Status::Running);
        let run = open.map(|open| open.run).ok_or(Trouble::NotSeen)?;
        if !self.is_installed(app) {
            return Err(Trouble::NotHere);
        }
        Ok(self.called(run, Address::of(app.clone()), now_ms))
    }

    /// The app has answered whoever has opened it: if it is still seen, the one below is seen again.
    pub(crate) fn lead_back(&mut self, app: &AppId, now_ms: u64) -> Vec<Effect> {
        let is_seen = self.open.as_ref().is_some_and(|open| open.app_id == *app);
        if is_seen && !self.below.is_empty() { self.put_aside(now_ms) } else { vec![] }
    }

    /// Opens an app above the open one, which is hidden and goes on (L4).
    pub(super) fn launch_above(&mut self, app_id: AppId, start: Start, now_ms: u64) -> Vec<Effect> {
        if self.open.is_some() && self.below.len() >= MOST_BELOW {
            return self.refuse(Some(app_id), too_many());
        }
        let mut effects = Vec::new();
        // One app runs once: another version of it takes its place.
        self.below.retain(|open| {
            let is_other = open.app_id != app_id;
            if !is_other && open.status != Status::Unloaded {
                effects.push(Effect::End(open.run));
            }
            is_other
        });
        if let Some(open) = self.open.take() {
            if open.status == Status::Running && open.app_id != app_id {
                effects.push(Effect::Hide(open.run));
                self.below.push(open.left(now_ms));
            } else {
                effects.push(Effect::End(open.run));
            }
        }
        effects.extend(self.open_or_return(app_id, start, now_ms));
        effects.extend(self.unload(now_ms, false));
        effects
    }

    /// The window is hidden or minimised, or can be seen again (L2).
    pub(super) fn covered(&mut self, is_covered: bool) -> Vec<Effect> {
        let change = |open: &OpenApp| if is_covered { Effect::Hide(open.run) } else { Effect::Show(open.run) };
        self.open.iter().map(change).collect()
    }

    /// The same as long as nobody has read it.
    fn refuse_once(&mut self, app_id: AppId, problem: Problem) -> Vec<Effect> {
        let is_said = self.error.as_ref().is_some_and(|(_, failure)| failure.problem.class == problem.class);
        if is_said { vec![] } else { self.refuse(Some(app_id), problem) }
    }

    /// Says why an address opens nothing; all that is open stays as it is.
    pub(super) fn refuse(&mut self, app_id: Option<AppId>, problem: Problem) -> Vec<Effect> {
        let number = self.number();
        self.error = Some((number, Failure { action: "visit", app_id, problem }));
        if self.picture { vec![Effect::Finish] } else { vec![] }
    }
}

/// A refused address, as it is shown.
pub(crate) fn problem(refusal: &AddressRefusal) -> Problem {
    Problem { class: refusal.class(), what: refusal.what(), place: None, hint: refusal.hint() }
}

/// The address is of a host that this terminal does not know.
pub(super) fn foreign_host(address: &Address) -> Problem {
    Problem {
        class: "address/foreign-host",
        what: format!("{} is no host whose addresses this terminal opens", address.host.as_deref().unwrap_or_default()),
        place: None,
        hint: "use the address that begins with guichet://, or have the host named in the terminal's trust file"
            .to_owned(),
    }
}

/// One package is looked at, and there is nothing else to open.
fn only_a_look() -> Problem {
    Problem {
        class: "library/unknown-app",
        what: "a window that shows one package file opens no other app".to_owned(),
        place: None,
        hint: "open it in a window on a store".to_owned(),
    }
}

fn too_often() -> Problem {
    Problem {
        class: "address/too-often",
        what: format!("pages have opened {MOST_CALLS} other services within {} s", A_WHILE_MS / 1000),
        place: None,
        hint: "wait a little, then use the link again".to_owned(),
    }
}

fn too_many() -> Problem {
    Problem {
        class: "address/too-many-open",
        what: format!("{MOST_BELOW} services wait below the open one already"),
        place: None,
        hint: "close one first".to_owned(),
    }
}
