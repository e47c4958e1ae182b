//! What may happen to the desk, what it wants done, and what it leaves for a person to read.

use std::time::Duration;

use guichet_contract::{AppId, PermissionName};
use guichet_host::{Freshness, Listing, Problem, SessionEvent, Start, preview::PreviewAddress};
use guichet_package::Address;

use super::{AtKiosk, Bar};
use crate::{
    action::{Action, Picture},
    settings::Settings,
};

/// Something that happened.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// The host's own page asks.
    Asked(Action),
    /// The machine room says what there is.
    Library(Vec<Listing>),
    /// An attempt to refresh is over.
    Refreshed(Freshness),
    /// An app that is being added is on its way; percent.
    Progress(AppId, u8),
    /// A newer version of an app is on its way, to wait here; percent.
    Staging(AppId, u8),
    /// An app has been added.
    Installed(AppId),
    /// An app has been removed.
    Removed {
        /// What it was called.
        name: String,
        /// Which.
        app_id: AppId,
    },
    /// What an app kept has been erased.
    Erased(AppId),
    /// The waiting release is in use.
    Activated(AppId),
    /// A person has gone back to the version before.
    GoneBack(AppId),
    /// The machine room could not do what was asked.
    Failed(Failure),
    /// The session of this run has begun, with the release of this `version.name`.
    Launched(u64, String),
    /// The app of this run says how the bar above it should look.
    Framed(u64, Bar),
    /// The person wants the menu of an app whose bar is hidden.
    MenuAsked,
    /// A session says something.
    Session(u64, SessionEvent),
    /// The view has loaded this page.
    Loaded(u64, u32),
    /// This page says that it has been drawn.
    Ready(u64, u32),
    /// A link in the page leads to this page of the same app: the path of its URL, with its query.
    Linked(u64, String),
    /// The view cannot go on.
    Broke(u64, Problem),
    /// An address is to be opened, as from the command line.
    Visit(Address),
    /// The window is to come to the front.
    Front,
    /// A link in the page of this run leads to another app.
    Called(u64, Address),
    /// A picture or message holds no address.
    Misread(Problem),
    /// Nobody can see the window now, or somebody can again.
    Covered(bool),
    /// This run speaks this language, and would speak the terminal's if it were begun anew; none if it speaks that already, or
    /// has no words in it.
    Speaks(u64, Option<String>),
    /// The page has closed its window.
    Closed(u64),
    /// The page that was asked for is none of this run's app; its first one has opened.
    NoPage(u64),
    /// In a developer's window: the open app is begun anew, as this one, on its pages or on its first one.
    Anew(AppId, On),
    /// In a developer's window: light, dark, or as the system has it.
    Themed(Option<String>),
    /// Time has passed.
    Beat {
        /// Whether this device has hardly any memory left.
        is_memory_short: bool,
    },
    /// Something happened at a kiosk, at a time that never goes back.
    Kiosk(AtKiosk, Duration),
    /// The person closes the window.
    CloseRequested,
}

/// Where an app begins anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum On {
    /// On the pages that are open.
    ItsPages,
    /// On its first page.
    ItsFirst,
}

/// Something the machine room could not do.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    /// What was asked: `install`, `open`, `remove`, `erase`, `update`, `refresh` or `permission`.
    pub(crate) action: &'static str,
    /// For which app.
    pub(crate) app_id: Option<AppId>,
    /// What went wrong.
    pub(crate) problem: Problem,
}

/// What the machine room is asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Look for new releases from now on.
    Follow,
    /// Look for new releases.
    Refresh,
    /// Add an app: the release that a person was looking at, or whichever is on offer.
    Install(AppId, Option<u64>),
    /// Remove an app with its data.
    Remove(AppId),
    /// Erase what an app keeps.
    Erase(AppId),
    /// Take a permission back.
    Withdraw(AppId, PermissionName),
    /// Give a permission back.
    Allow(AppId, PermissionName),
    /// Speak this language.
    SetLanguage(String),
    /// Use the waiting release.
    Activate(AppId),
    /// Keep the release in use.
    KeepRelease(AppId),
    /// Go back to the release before, and lose what was entered since.
    GoBack(AppId),
    /// Say anew what there is.
    List,
    /// Begin a session; a waiting release is used.
    Launch {
        /// The run, to tell its events from those of an earlier one.
        run: u64,
        /// The app.
        app_id: AppId,
        /// At which page, in which version, for whom.
        start: Start,
    },
}

/// What has to be done outside.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Effect {
    /// By the machine room.
    Order(Order),
    /// The session opens the page at this path.
    OpenPage(u64, String),
    /// The session opens the page that an address names, or its first one.
    VisitPage(u64, String),
    /// The session closes its top page.
    GoBack(u64),
    /// The view shows this page: as it was left, or loaded.
    Load(u64, u32, String),
    /// This page was closed, and its document goes.
    Shut(u64, u32),
    /// The view's page receives this JSON text.
    Deliver(u64, u32, String),
    /// The session ends and says so, because its view cannot go on.
    GiveUp(u64, Problem),
    /// The session and its view are dropped, after both have heard of it.
    End(u64),
    /// The session goes to the background.
    Hide(u64),
    /// The session comes to the front.
    Show(u64),
    /// A preview opens in a window of its own.
    Preview(PreviewAddress),
    /// The window comes to the front.
    Raise,
    /// Somebody reads the QR code in this picture.
    Scan(Picture),
    /// The host's own page tells when it has been painted.
    AwaitPaint,
    /// Somebody has come to this kiosk.
    Begun,
    /// A line for whoever started the program.
    Say(String),
    /// All that is on the glass speaks the desk's language.
    Speak,
    /// Settings are kept for the next start.
    Keep(Settings),
    /// What was asked for by the command line is done or has failed.
    Finish,
    /// The program ends.
    Exit,
}

/// A notice that stays until it is dismissed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    /// A new version is in use.
    Updated(AppId, String),
    /// The department went back to this version, and it is in use.
    Reverted(AppId, String),
    /// A new version did not open; this one is in use again.
    WentBack(AppId, String),
    /// A person has gone back to this version and given up what was entered since.
    GoneBack(AppId, String),
    /// An app was added.
    Added(AppId),
    /// The page that an address named is not in this app; its first one has opened.
    NoPage(AppId),
    /// It had been in the background for too long, and what a person had typed into it is gone.
    Unloaded(AppId),
    /// What an app kept was erased.
    Erased(AppId),
    /// An app was removed; its name.
    Removed(String),
}

impl Notice {
    /// Whether it is about an app that is here.
    pub(super) fn is_about(&self, app_id: &AppId) -> bool {
        matches!(self, Self::Updated(about, _) | Self::Reverted(about, _) | Self::GoneBack(about, _) | Self::WentBack(about, _) | Self::Added(about) | Self::NoPage(about) | Self::Unloaded(about) | Self::Erased(about) if about == app_id)
    }
}
