//! What a session says to the shell.

use std::{sync::Arc, time::Duration};

use guichet_contract::Level;

use super::{
    player::Played,
    rehearsal::{HostCall, Renewal},
};
use crate::listing::Choice;

/// Where the events of a session go. Called on the session's own thread; with a short [`SessionEvent::ToPage`], of less than
/// 4 KiB, also on the one that brings a page's message, which it must not keep waiting.
pub type Sink = Arc<dyn Fn(SessionEvent) + Send + Sync>;

/// One thing the shell has to do or to know.
#[derive(Clone, Debug, PartialEq)]
pub enum SessionEvent {
    /// Evaluate `__guichet.receive(<json>)` in this page's view.
    ToPage {
        /// The page.
        page: u32,
        /// A JSON text.
        json: String,
    },
    /// Show a new page above the present one.
    Open {
        /// Its number, 1, 2, 3… per session.
        page: u32,
        /// `pages/x`.
        route: String,
        /// What follows the question mark; may be empty.
        query: String,
        /// What follows the number sign; may be empty.
        fragment: String,
    },
    /// There is a page below those that will be opened; it is shown when somebody goes back to it.
    Below {
        /// Its number.
        page: u32,
        /// `pages/x`.
        route: String,
        /// What follows the question mark; may be empty.
        query: String,
        /// What follows the number sign; may be empty.
        fragment: String,
    },
    /// A person has typed something into this page: if its view goes, that is lost.
    Typed {
        /// The page.
        page: u32,
    },
    /// Show a new page instead of the present one.
    Replace {
        /// The page that is gone.
        replaced: u32,
        /// The new page's number.
        page: u32,
        /// `pages/x`.
        route: String,
        /// What follows the question mark; may be empty.
        query: String,
        /// What follows the number sign; may be empty.
        fragment: String,
    },
    /// Show this page alone: a tab of the app. The one that was seen waits beside, unless it is among the closed.
    Switch {
        /// The page that is seen: a new one, or one that waited.
        page: u32,
        /// The pages that are gone.
        closed: Vec<u32>,
        /// `pages/x`.
        route: String,
        /// What follows the question mark; may be empty.
        query: String,
        /// What follows the number sign; may be empty.
        fragment: String,
    },
    /// Close the present page and show the one below.
    Back {
        /// The page that is gone.
        closed: u32,
        /// The page that is on top now.
        page: u32,
    },
    /// A new release failed its trial, so the one before is in use again, with its data.
    ///
    /// If this session runs on, it is one of that release already; if it ends, the app can be opened again at once.
    WentBack {
        /// The release that is in use again.
        sequence: u64,
        /// Its `version.name`.
        version_name: String,
    },
    /// The app or a page has reached a state.
    Lifecycle(LifecycleEvent),
    /// A new release failed its trial, but going back loses data: the person decides, with
    /// [`crate::Host::keep_release`] or [`crate::Host::go_back`].
    Undecided(Choice),
    /// The pages of a recorded session have been played to the end or to the first difference.
    Played(Box<Played>),
    /// The session is over; nothing follows.
    Ended(Ending),
    /// The app said something on its console, or threw.
    Log(LogLine),
    /// In a developer's window: a host API was called. May come on another thread.
    Asked(HostCall),
    /// In a developer's window: the logic has been given an event.
    Handled {
        /// Its kind, such as `launched`, `page shown` or `asked send`.
        event: String,
        /// How long it took.
        took: Duration,
    },
    /// In a developer's window: this came of another package ([`crate::Session::renew`]).
    Renewed(Renewal),
}

/// A state of the app or of a page was reached (MiniApp Lifecycle).
#[derive(Clone, Debug, PartialEq)]
pub struct LifecycleEvent {
    /// The page; none for the app.
    pub page: Option<u32>,
    /// `launched`, `shown`, `hidden`, `error`, `unloaded`; of a page `loaded`, `shown`, `ready`, `hidden`, `unloaded`.
    pub phase: &'static str,
    /// What its listeners are given: the `InputObject`, the `LifecycleError` or the page's input.
    pub input: serde_json::Value,
}

/// Why a session is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// `session/closed`, or why it could not go on, such as `logic/event-deadline`.
    pub class: &'static str,
    /// One sentence for the person at the terminal.
    pub reason: String,
    /// What can be done.
    pub hint: String,
}

impl Ending {
    pub(super) fn closed() -> Self {
        Self { class: "session/closed", reason: "the app was closed".to_owned(), hint: String::new() }
    }

    /// Ours, and nobody else's.
    pub(super) fn host_fault() -> Self {
        Self {
            class: "session/host-fault",
            reason: "the host made a mistake while the app was running".to_owned(),
            hint: "open the app again; if it stays so, report it".to_owned(),
        }
    }

    /// A release on trial made a mistake, and there is one to go back to.
    pub(super) fn mistake(message: &str) -> Self {
        Self {
            class: "session/failed-trial",
            reason: format!("the new version made a mistake when it was first used: {message}"),
            hint: "nothing is to be done: the version before is used again".to_owned(),
        }
    }

    /// Whether somebody closed it, as opposed to a failure.
    pub fn is_closed(&self) -> bool {
        self.class == "session/closed"
    }
}

/// A line of an app's console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// How loud.
    pub level: Level,
    /// The page that wrote it; none for the logic.
    pub page: Option<u32>,
    /// What it says.
    pub text: String,
}
