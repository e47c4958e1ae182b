//! What the home page of a terminal shows: every app that is installed or may be, with its texts in one language.

use guichet_contract::{AppId, Department, PermissionName, Scope};

/// One app.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The app.
    pub app_id: AppId,
    /// Who publishes it.
    pub department: Department,
    /// The publisher's name in the language of the host.
    pub department_name: String,
    /// The app's name in the language of the host.
    pub name: String,
    /// What it is for, in the language of the host; empty if the author says nothing.
    pub description: String,
    /// The colour of its glaze, one of the eight of the design.
    pub glaze: Option<String>,
    /// Its first icon.
    pub icon: Option<Icon>,
    /// The release on this device.
    pub installed: Option<InstalledRelease>,
    /// A release that may be installed now: newer than the installed one, if there is one.
    pub available: Option<AvailableRelease>,
    /// What it asks for: of the installed release, or else of the available one.
    pub permissions: Vec<PermissionLine>,
    /// A newer release is on this device and waits for the next launch.
    pub staged: bool,
    /// Its department has taken it back: it cannot be opened until there is a new release.
    pub recalled: bool,
    /// Why, in the words that its reviewers signed.
    pub recall_reason: Option<String>,
    /// Why the store's operator holds a newer release back, in their words, plain and at most 500 characters; what is
    /// installed goes on.
    pub halted: Option<String>,
    /// A person has to decide about it, because going back loses data.
    pub choice: Option<Choice>,
}

/// Keep the release in use, or go back to one that knows only an older form of the data and lose what was entered since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// `version.name` of the release to go back to.
    pub back_to: String,
    /// Whether the release in use did not open properly; else the store offers the other one in its place.
    pub has_failed: bool,
}

/// An icon as the package holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Icon {
    /// Its media type.
    pub mime: &'static str,
    /// The file.
    pub bytes: Vec<u8>,
}

/// The release on this device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstalledRelease {
    /// The number the store gave it.
    pub sequence: u64,
    /// `version.name` of the manifest.
    pub version_name: String,
    /// `version.code` of the manifest.
    pub version_code: u64,
    /// Bytes of its files, and of what was made of them here so that it opens quickly.
    pub size: u64,
    /// Bytes that came over the wire to install it; names and icons shown before it was installed are not counted again.
    pub bytes_downloaded: u64,
}

/// A release that may be installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AvailableRelease {
    /// The number the store gave it.
    pub sequence: u64,
    /// `version.name` of the manifest.
    pub version_name: String,
    /// `version.code` of the manifest.
    pub version_code: u64,
    /// Bytes of the files this device does not have yet, before compression.
    pub download_bytes: u64,
}

/// One permission an app asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermissionLine {
    /// What it is.
    pub name: PermissionName,
    /// What it is limited to.
    pub scope: Scope,
    /// Why the author asks, in the language of the host.
    pub reason: String,
    /// Whether the app holds it here and now.
    pub granted: bool,
}

/// How recent a host's knowledge of the store is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freshness {
    /// When the store last answered with metadata that was accepted, in milliseconds since 1970.
    pub last_refresh_ms: Option<u64>,
    /// Since when the store's metadata is too old to install from; installed apps still run.
    pub expired_since_ms: Option<u64>,
    /// Whether it is too old now.
    pub expired: bool,
    /// What the last attempt failed with, if it failed.
    pub last_error: Option<Problem>,
}

/// An error as it is shown to a person: what, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// A stable word for its kind, such as `blob/altered`.
    pub class: &'static str,
    /// What is wrong.
    pub what: String,
    /// Where it was found.
    pub place: Option<String>,
    /// What to do about it.
    pub hint: String,
}

/// What a refresh brought.
#[derive(Debug, Default)]
pub struct Refreshed {
    /// Whether anything this host knows has changed.
    pub changed: bool,
    /// What was refused, each with the document it concerns; the other apps are not touched by it.
    pub refused: Vec<(String, Problem)>,
}

/// How far an installation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The release is accepted; this much is missing on this device.
    Started {
        /// Files to fetch.
        files: usize,
        /// Their bytes before compression.
        bytes: u64,
    },
    /// Another file is on this device.
    Fetched {
        /// Bytes so far, before compression.
        bytes: u64,
        /// Bytes in all.
        of: u64,
    },
    /// Everything is on this device and has been verified.
    Verified,
    /// The release is in its place.
    Placed,
}

/// What an installation did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// The app.
    pub app_id: AppId,
    /// The release that is on this device now.
    pub sequence: u64,
    /// Its `version.name`.
    pub version_name: String,
    /// Bytes that came over the transport for it, as they came.
    pub bytes_downloaded: u64,
    /// Files that came over the transport for it.
    pub files_downloaded: usize,
}
