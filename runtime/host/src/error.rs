//! Why the host could not do something: what, where, and what to do about it.

use std::{io, path::PathBuf};

use guichet_contract::{AppId, Department, Part, Permission};
use guichet_trust::{digest::Digest, metadata::Expiry};

use crate::listing::Problem;

/// One variant for each operation that failed.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// Another host has the lock of this home.
    #[error("another Guichet host is using this home")]
    HomeInUse {
        /// The home.
        path: PathBuf,
    },
    /// The home was written by a program with other ideas about it.
    #[error("this home has format {found}, this host knows format 1")]
    HomeFormat {
        /// The file that says so.
        path: PathBuf,
        /// What it says.
        found: String,
    },
    /// The disk did not do what was asked.
    #[error("could not {doing}: {why}")]
    Disk {
        /// What was asked.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        why: io::Error,
    },
    /// The operating system gives no randomness.
    #[error("this device gives no random numbers")]
    Random,
    /// No answer from the store.
    #[error("the store could not be reached: {why}")]
    Unreachable {
        /// What was asked for.
        url: String,
        /// What went wrong.
        why: String,
    },
    /// The store answered, but with something else.
    #[error("the store answered {status}")]
    BadAnswer {
        /// What was asked for.
        url: String,
        /// The HTTP status.
        status: u16,
    },
    /// A published file is not there.
    #[error("the store does not have a file that it has promised")]
    Absent {
        /// What was asked for.
        url: String,
    },
    /// A published file is larger than what was signed.
    #[error("a file of the store is larger than the {most} bytes it may have")]
    TooLarge {
        /// What was asked for.
        url: String,
        /// The limit.
        most: u64,
    },
    /// A published file is shorter than what was signed.
    #[error("a file of the store ends after {found} of {expected} bytes")]
    Truncated {
        /// What was asked for.
        url: String,
        /// The signed length.
        expected: u64,
        /// What came.
        found: u64,
    },
    /// A published file is not what was signed.
    #[error("a file of the store is not what was signed: expected {expected}, found {found}")]
    Altered {
        /// What was asked for.
        url: String,
        /// The signed digest.
        expected: Digest,
        /// The digest of what came.
        found: Digest,
    },
    /// A published `.zst` sibling cannot be decoded.
    #[error("a compressed file of the store cannot be decoded: {why}")]
    Undecodable {
        /// What was asked for.
        url: String,
        /// What the decoder said.
        why: String,
    },
    /// A file on this device is missing or is not what was verified when it was installed.
    #[error("a file of {app} on this device was altered or is missing")]
    CacheAltered {
        /// The app.
        app: AppId,
        /// The path in the package.
        file: String,
    },
    /// What a slot of this device holds is not what was installed.
    #[error("the record of {app} on this device is damaged: {why}")]
    SlotDamaged {
        /// The app.
        app: AppId,
        /// What does not fit.
        why: String,
    },
    /// The store's metadata is not acceptable.
    #[error("the store's metadata is not acceptable: {}", refusal.what())]
    Metadata {
        /// Why.
        refusal: guichet_trust::Refusal,
    },
    /// The release or one of its documents is not acceptable.
    #[error("{}", refusal.what())]
    Package {
        /// The document or app.
        subject: String,
        /// Why.
        refusal: guichet_package::Refusal,
    },
    /// Nothing proves that the release is in the transparency log.
    #[error("release {sequence} of {app} comes without a proof that it is in the log")]
    Unlogged {
        /// The app.
        app: AppId,
        /// The release.
        sequence: u64,
    },
    /// The transparency log, or the proof that something is in it, is not acceptable.
    #[error("{}", refusal.what())]
    Log {
        /// The proof's app, or the file.
        subject: String,
        /// Why.
        refusal: guichet_trust::Refusal,
    },
    /// The store's metadata is too old.
    #[error("what this host knows of the store is too old: its {role} ended at {}", Expiry::at(*since))]
    Expired {
        /// The role that ended first.
        role: String,
        /// When it ended, in milliseconds since 1970.
        since: u64,
    },
    /// No release of this app may be installed here.
    #[error("there is no app {app} for this terminal")]
    UnknownApp {
        /// The app.
        app: AppId,
    },
    /// The app is not on this device.
    #[error("{app} is not installed")]
    NotInstalled {
        /// The app.
        app: AppId,
    },
    /// Nothing is staged.
    #[error("no newer release of {app} is ready on this device")]
    NothingStaged {
        /// The app.
        app: AppId,
    },
    /// The app is being installed or removed already.
    #[error("{app} is being changed by someone else")]
    Busy {
        /// The app.
        app: AppId,
    },
    /// The store offers an older release than this device has accepted.
    #[error("the store offers release {offered} of {app}, but this device has accepted release {accepted}")]
    Rollback {
        /// The app.
        app: AppId,
        /// What is offered.
        offered: u64,
        /// What was accepted.
        accepted: u64,
    },
    /// The release is below the floor of its app.
    #[error("release {sequence} of {app} is below the floor {floor}")]
    BelowFloor {
        /// The app.
        app: AppId,
        /// The release.
        sequence: u64,
        /// The lowest release that may run.
        floor: u64,
    },
    /// The release asks for more than two reviewers have granted.
    #[error("release {sequence} of {app} asks for {}, which its department's wide role has not granted", permission.name)]
    Widened {
        /// The app.
        app: AppId,
        /// The release.
        sequence: u64,
        /// What is too much.
        permission: Box<Permission>,
    },
    /// The release was taken back.
    #[error("release {sequence} of {app} has been revoked")]
    Revoked {
        /// The app.
        app: AppId,
        /// The release.
        sequence: u64,
    },
    /// The app was taken back, and there is no release to go on with.
    #[error("{app} was taken back by its department{}", .reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default())]
    Recalled {
        /// The app.
        app: AppId,
        /// Why, in the department's words.
        reason: Option<String>,
    },
    /// The release is halted by the store's operator.
    #[error("release {sequence} of {app} is halted: {reason}")]
    Halted {
        /// The app.
        app: AppId,
        /// The release.
        sequence: u64,
        /// Why, in the operator's words.
        reason: String,
    },
    /// The release is being rolled out, and it is not this terminal's turn.
    #[error("release {sequence} of {app} is not for this terminal yet")]
    NotYet {
        /// The app.
        app: AppId,
        /// The release.
        sequence: u64,
    },
    /// Another release is on offer than the one a person has looked at.
    #[error("release {sequence} of {app} has come meanwhile, and release {shown} was looked at")]
    NotAsShown {
        /// The app.
        app: AppId,
        /// The release that was looked at.
        shown: u64,
        /// The one on offer now.
        sequence: u64,
    },
    /// The same number was given to two releases.
    #[error("the store offers another package as release {sequence} of {app} than the one on this device")]
    TwoReleases {
        /// The app.
        app: AppId,
        /// The release.
        sequence: u64,
    },
    /// The release was tried, and the one before is in use again.
    #[error("release {sequence} of {app} did not open on this device")]
    DidNotOpen {
        /// The app.
        app: AppId,
        /// The release.
        sequence: u64,
    },
    /// The release knows only an older form of the app's data.
    #[error("release {sequence} of {app} knows only an older form of its data: what was entered since would be lost")]
    WouldLoseData {
        /// The app.
        app: AppId,
        /// The release.
        sequence: u64,
    },
    /// Nothing waits for a person's decision.
    #[error("there is nothing to decide about {app}")]
    NoChoice {
        /// The app.
        app: AppId,
    },
    /// No verified list of the publisher's keys is on this device.
    #[error("this device has no verified list of the keys of {department}, which publishes {app}")]
    NoKeys {
        /// The app.
        app: AppId,
        /// Its publisher.
        department: Department,
    },
    /// The release needs a newer host.
    #[error("{app} needs platform code {wanted}, this host implements {have}")]
    Platform {
        /// The app.
        app: AppId,
        /// What it needs.
        wanted: u64,
        /// What there is.
        have: u64,
    },
    /// The release requires a part that this terminal has not got.
    #[error("{app} needs {}, and this terminal has none", part.thing())]
    NoPart {
        /// The app.
        app: AppId,
        /// What it needs.
        part: Part,
    },
    /// A document is about another app than its place says.
    #[error("a document at the place of {app} is about {found}")]
    Misplaced {
        /// What its place says.
        app: String,
        /// What it says.
        found: String,
    },
    /// A text is no page of the app.
    #[error("{app} has no page `{route}`")]
    NoSuchPage {
        /// The app.
        app: AppId,
        /// What was asked for.
        route: String,
    },
    /// No release of this app with the version that was asked for is here.
    #[error("{app} has no version {version} on this device: there is {}{}", there.join(", "), on_offer.as_ref().map(|offer| format!(", and the store offers {offer}")).unwrap_or_default())]
    NoSuchVersion {
        /// The app.
        app: AppId,
        /// What was asked for.
        version: String,
        /// The versions on this device, the current one first.
        there: Vec<String>,
        /// The version that the store offers to this device, if it has not got it.
        on_offer: Option<String>,
    },
    /// The engine could not be made.
    #[error("the engine did not start: {why}")]
    Engine {
        /// What it said.
        why: String,
    },
}

/// What is done with most refusals of the host.
const RETRY_REFRESH: &str = "refresh; if it stays so, the store is being tampered with or is broken: tell its operator";

impl HostError {
    /// A stable word for the kind of failure.
    pub fn class(&self) -> &'static str {
        match self {
            Self::HomeInUse { .. } => "home/in-use",
            Self::HomeFormat { .. } => "home/format",
            Self::Disk { why, .. } if is_full(why) => "disk/full",
            Self::Disk { .. } => "disk/failed",
            Self::Random => "device/no-randomness",
            Self::Unreachable { .. } => "store/unreachable",
            Self::BadAnswer { .. } => "store/bad-answer",
            Self::Absent { .. } => "store/file-missing",
            Self::TooLarge { .. } => "blob/too-large",
            Self::Truncated { .. } => "blob/truncated",
            Self::Altered { .. } => "blob/altered",
            Self::Undecodable { .. } => "blob/undecodable",
            Self::CacheAltered { .. } => "cache/altered",
            Self::SlotDamaged { .. } => "cache/slot-damaged",
            Self::Metadata { refusal } => refusal.class(),
            Self::Package { refusal, .. } => refusal.class(),
            Self::Unlogged { .. } => "log/proof-missing",
            Self::Log { refusal, .. } => refusal.class(),
            Self::Expired { .. } => "metadata/expired",
            Self::UnknownApp { .. } => "library/unknown-app",
            Self::NotInstalled { .. } => "library/not-installed",
            Self::NothingStaged { .. } => "library/nothing-staged",
            Self::Busy { .. } => "library/busy",
            Self::Rollback { .. } => "release/rollback",
            Self::BelowFloor { .. } => "release/below-floor",
            Self::Widened { .. } => "release/widened",
            Self::Revoked { .. } => "release/revoked",
            Self::Recalled { .. } => "release/recalled",
            Self::Halted { .. } => "release/halted",
            Self::NotYet { .. } => "release/not-yet",
            Self::NotAsShown { .. } => "release/not-as-shown",
            Self::TwoReleases { .. } => "release/two-of-one-number",
            Self::DidNotOpen { .. } => "release/did-not-open",
            Self::WouldLoseData { .. } => "release/would-lose-data",
            Self::NoChoice { .. } => "library/no-choice",
            Self::NoKeys { .. } => "metadata/no-publisher-keys",
            Self::Platform { .. } => "release/platform",
            Self::NoPart { .. } => "release/no-part",
            Self::Misplaced { .. } => "release/misplaced",
            Self::NoSuchPage { .. } => "page/not-found",
            Self::NoSuchVersion { .. } => "release/no-such-version",
            Self::Engine { .. } => "engine/not-started",
        }
    }

    /// Where it was found: a file, an address, or a document.
    pub fn place(&self) -> Option<String> {
        match self {
            Self::HomeInUse { path } | Self::HomeFormat { path, .. } | Self::Disk { path, .. } => {
                Some(path.display().to_string())
            }
            Self::Unreachable { url, .. }
            | Self::BadAnswer { url, .. }
            | Self::Absent { url }
            | Self::TooLarge { url, .. }
            | Self::Truncated { url, .. }
            | Self::Altered { url, .. }
            | Self::Undecodable { url, .. } => Some(url.clone()),
            Self::CacheAltered { file, .. } => Some(file.clone()),
            Self::Metadata { refusal } => refusal.place(),
            Self::Log { subject, .. } => Some(subject.clone()),
            Self::Package { subject, refusal } => {
                Some(refusal.place().map_or_else(|| subject.clone(), |place| format!("{subject}: {place}")))
            }
            _ => None,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::HomeInUse { .. } => "close the other host, or give this one a home of its own with GUICHET_HOME".to_owned(),
            Self::HomeFormat { .. } => "use the newer host that wrote it, or another folder with GUICHET_HOME".to_owned(),
            Self::Disk { why, .. } if is_full(why) => {
                "free some space and try again; what is installed has not been touched".to_owned()
            }
            Self::Disk { .. } => "check that the folder is yours and the disk is sound".to_owned(),
            Self::Random => "restart the device; if it stays so, its system is broken".to_owned(),
            Self::Unreachable { .. } => "check the network; what is installed keeps running".to_owned(),
            Self::BadAnswer { .. } => "try again later; if it stays so, tell the store's operator".to_owned(),
            Self::Absent { .. } => "try again in a minute: the store may be publishing; if it stays so, tell its operator".to_owned(),
            Self::TooLarge { .. } | Self::Truncated { .. } | Self::Altered { .. } | Self::Undecodable { .. } => {
                "nothing was installed; try again, and if it stays so, tell the store's operator: the file was damaged or tampered with".to_owned()
            }
            Self::CacheAltered { .. } => {
                "connect this device to the store: the file is set aside and fetched again when it is next needed".to_owned()
            }
            Self::SlotDamaged { app, .. } => format!("remove {app} and install it again"),
            Self::Metadata { refusal } => refusal.hint(),
            Self::Package { refusal, .. } => refusal.hint(),
            Self::Unlogged { .. } => {
                "it was not published for everybody to see: refresh, and if it stays so, tell the store's operator and the security office".to_owned()
            }
            Self::Log { refusal, .. } => refusal.hint(),
            Self::Expired { .. } => {
                "connect to the store and refresh; if it stays so, the store's operator has to renew its metadata. What is installed keeps running".to_owned()
            }
            Self::UnknownApp { .. } => "refresh, and look the app up in the list of apps".to_owned(),
            Self::NotInstalled { .. } => "install it first".to_owned(),
            Self::NothingStaged { .. } => "refresh; a newer release is fetched when the store has one".to_owned(),
            Self::Busy { .. } => "wait until it is done".to_owned(),
            Self::Rollback { .. } | Self::TwoReleases { .. } | Self::Misplaced { .. } => RETRY_REFRESH.to_owned(),
            Self::Widened { app, .. } => {
                format!("two reviewers of its department have to approve this release of {app} with their role for wider permissions")
            }
            Self::Revoked { .. } | Self::BelowFloor { .. } => "refresh and install the newer release".to_owned(),
            Self::Recalled { .. } => {
                "it can be used again when its department releases a new version; what was entered is kept".to_owned()
            }
            Self::Halted { .. } => "wait for the next release; what is installed keeps running".to_owned(),
            Self::NotYet { .. } => "it comes by itself: the release is rolled out step by step".to_owned(),
            Self::NotAsShown { .. } => "look at it again before you add it: it may ask for something else".to_owned(),
            Self::DidNotOpen { .. } => "keep using the release before; the next one comes by itself".to_owned(),
            Self::WouldLoseData { .. } => "keep the release in use, or go back to the older one and lose what was entered since".to_owned(),
            Self::NoChoice { .. } => "open the app as usual".to_owned(),
            Self::NoKeys { .. } => "connect to the store and refresh".to_owned(),
            Self::Platform { .. } => "update the host on this device".to_owned(),
            Self::NoPart { part, .. } => format!("open it on a terminal with {}", part.thing()),
            Self::NoSuchPage { .. } => "open the app from its first page".to_owned(),
            Self::NoSuchVersion { .. } => "leave the version out of the address, or ask for one of these".to_owned(),
            Self::Engine { .. } => "install this host again; if it stays so, report it".to_owned(),
        }
    }

    /// The error as it is shown to a person.
    pub fn problem(&self) -> Problem {
        Problem { class: self.class(), what: self.to_string(), place: self.place(), hint: self.hint() }
    }
}

/// Whether the disk said that there is no room.
pub(crate) fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

#[cfg(test)]
mod tests;
