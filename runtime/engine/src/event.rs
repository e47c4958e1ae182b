//! What goes into logic and what comes out: the journal's two columns.

use guichet_contract::{Failure, Value};

/// One event of `logic.handle`.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The app is launched: always the first event.
    Launched {
        /// The start page.
        route: String,
        /// Its query, without `?`.
        query: String,
        /// The language in use, a BCP 47 tag.
        lang: String,
        /// The direction of text, `auto`, `ltr` or `rtl`.
        dir: String,
        /// `referrerInfo`: the address of the page that has opened the app; empty if it was the person.
        referrer: String,
        /// For randomness; the same seed gives the same session.
        seed: (u64, u64),
    },
    /// The app has reached a state.
    Phase(Phase),
    /// A page of the app has reached a state.
    Page {
        /// 1, 2, 3… per session.
        page: u32,
        /// The page's route.
        route: String,
        /// Its query, without `?`.
        query: String,
        /// The state.
        phase: PagePhase,
    },
    /// A page calls a handler of the logic.
    Asked {
        /// The number that the answer must carry.
        id: u32,
        /// The page that asks.
        page: u32,
        /// The handler.
        name: String,
        /// JSON text.
        input: String,
    },
    /// A call has completed. One that was forgotten, or never started, is not delivered.
    Completed {
        /// The call's number, from [`Output::Start`].
        call: u32,
        /// What it brought.
        result: Result<Value, Failure>,
    },
}

/// App states after `launched` (MiniApp Lifecycle).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// In front.
    Shown,
    /// In the background.
    Hidden,
    /// About to end.
    Unloaded,
}

/// Page states (MiniApp Lifecycle).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PagePhase {
    /// Its document exists.
    Loaded,
    /// Its document is parsed.
    Ready,
    /// In front.
    Shown,
    /// Covered.
    Hidden,
    /// Gone.
    Unloaded,
}

/// One thing that logic did during an event, in the order in which it did them.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Starts a call. Its completion is expected, unless it is forgotten.
    Start {
        /// 1, 2, 3… per session.
        call: u32,
        /// The WIT interface, such as `storage`.
        interface: String,
        /// The WIT function, such as `get`.
        function: String,
        /// The arguments, unchecked.
        arguments: Vec<Value>,
    },
    /// No completion of this call is wanted any more.
    Forget {
        /// The call's number.
        call: u32,
    },
    /// Tells something that needs no answer.
    Tell {
        /// The WIT interface, such as `log`.
        interface: String,
        /// The WIT function, such as `write`.
        function: String,
        /// The arguments, unchecked.
        arguments: Vec<Value>,
    },
}

impl Phase {
    pub(crate) fn case(self) -> &'static str {
        match self {
            Self::Shown => "shown",
            Self::Hidden => "hidden",
            Self::Unloaded => "unloaded",
        }
    }
}

impl PagePhase {
    pub(crate) fn case(self) -> &'static str {
        match self {
            Self::Loaded => "loaded",
            Self::Ready => "ready",
            Self::Shown => "shown",
            Self::Hidden => "hidden",
            Self::Unloaded => "unloaded",
        }
    }
}
