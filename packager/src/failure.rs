//! Why a command did not do what it was asked: class, what, where, hint, and the exit code that goes with it.

mod zh;

use std::{io, path::Path, path::PathBuf};

use guichet_api::Problem;
use guichet_host::{JournalRefusal, preview::PreviewError};
use serde::Serialize;

use crate::{
    check::Found,
    exit_status::ExitStatus,
    journey::NoGlass,
    lang::Lang,
    message::{Detail, Field},
    proposal::Meant,
    refusal_zh,
};

/// One variant for each operation that can fail. Display is English; [`Failure::report`] speaks both languages.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("there is no folder here")]
    NoFolder { path: PathBuf },
    #[error("what another tool builds is not here yet")]
    NotBuilt { path: PathBuf },
    #[error("could not list the folder: {source}")]
    List { path: PathBuf, source: ignore::Error },
    #[error("there is no guichet-desktop, which is the window")]
    NoWindow,
    #[error("the window did not end well: {why}")]
    WindowFailed { why: String },
    #[error("{0}")]
    Preview(#[from] PreviewError),
    #[error("this computer is paired with no terminal `{what}`")]
    NoSuchTerminal { what: String },
    #[error("changes of the folder cannot be noticed: {source}")]
    Unwatchable { path: PathBuf, source: notify::Error },
    #[error("could not read the file: {source}")]
    Read { path: PathBuf, source: io::Error },
    #[error("could not write the file: {source}")]
    Write { path: PathBuf, source: io::Error },
    #[error("the folder has no manifest.json, so it is not an app")]
    NoManifest { path: PathBuf },
    #[error("the folder has no page (*.html), so there is nothing to open")]
    NoPages { path: PathBuf },
    #[error("{}", found.first().map(ToString::to_string).unwrap_or_default())]
    NotPortable { path: PathBuf, found: Vec<Found> },
    #[error("the package is not the build of this folder")]
    NotThisBuild { path: PathBuf, files: Vec<FileDifference> },
    #[error("the folder is not empty, and nothing was written")]
    FolderNotEmpty { path: PathBuf },
    #[error("there is already a file here, and it was not touched")]
    KeyExists { path: PathBuf },
    #[error("could not read the key file: {source}")]
    KeyUnreadable { path: PathBuf, source: io::Error },
    #[error("{why}")]
    KeyMalformed { path: PathBuf, why: String },
    #[error("{failure}")]
    Token { failure: Box<guichet_pkcs11::TokenFailure>, place: Option<String> },
    #[error("the system gave no random bytes: {why}")]
    NoRandomness { why: String },
    #[error("{app_id} has no release before its newest, so there is nothing to go back to")]
    NothingBefore { app_id: String },
    #[error("a staff's PIN is 6 to 12 digits")]
    StaffPin { path: PathBuf },
    #[error("the policy's devices cannot be so: {why}")]
    PolicyDevices { path: PathBuf, why: String },
    #[error("there are no journeys here (*.js)")]
    NoJourneys { path: PathBuf },
    #[error("the journeys cannot be loaded: {why}")]
    JourneysNotLoaded { path: PathBuf, why: String },
    #[error("no window can be shown and driven here: {}", no_glass(why).0)]
    NoGlass { why: NoGlass },
    #[error("there is no terminal to ask on, and no {flag} was given")]
    NobodyToAsk { flag: &'static str },
    #[error("there is no terminal to ask on, and nothing is signed without a yes")]
    NobodyToConfirm { id: String },
    #[error("nothing says which publisher keys the seal is to be judged by")]
    NothingToJudgeBy,
    #[error("the package has no seal")]
    Unsealed { path: PathBuf },
    #[error("the seal is by none of the publisher keys that the store lists: {keys}")]
    UnknownPublisher { path: PathBuf, keys: String },
    #[error("{}", refusal.what())]
    Package { refusal: Box<guichet_package::Refusal>, place: String },
    #[error("{}", refusal.what())]
    Trust { refusal: Box<guichet_trust::Refusal>, place: String },
    #[error("{0}")]
    Address(guichet_package::address::AddressRefusal),
    #[error("the address has {bytes} bytes, more than a QR code can hold")]
    TooLongForQr { bytes: usize },
    #[error("the name of the picture ends neither in .svg nor in .png")]
    QrKind { path: PathBuf },
    #[error("{refusal}")]
    Journal { path: PathBuf, refusal: JournalRefusal },
    #[error("the pages of session {session} could not be played: {what} ({class})")]
    NotPlayed { session: u64, class: String, what: String, hint: String },
    #[error("there is no display to play pages on")]
    NoDisplay,
    #[error("{}", of_engine(.0).0)]
    Engine(guichet_host::EngineError),
    #[error("could not reach {url}: {why}")]
    Unreachable { url: String, why: Detail },
    #[error("the store's address `{url}` cannot be used: {why}")]
    BadAddress { url: String, why: Detail },
    #[error("no token was given, and the store asks who you are")]
    NoToken,
    #[error("{}", .0.what)]
    Store(Box<Problem>),
    #[error("{url} answered with {what}, which a store does not")]
    NotAStore { url: String, what: String },
    #[error("the file `{path}` that the store publishes {what}")]
    Mirror { path: String, what: Detail },
    #[error("the proposal is not what this machine verified: {what}: {proposed}, expected {verified}")]
    ProposalDiffers { what: Field, proposed: Detail, verified: Detail },
    #[error("the store proposes {}", match proposed {
        Meant::Release => "a newer version",
        Meant::Revert => "to go back to an earlier version",
        Meant::Recall => "to take the app back",
    })]
    NotMeant { proposed: Meant },
    #[error("the keys that had signed what role {role} lists were removed: {paths}")]
    NotAdopted { role: String, paths: String },
    #[error("your key may not sign for {roles}")]
    NotYourRole { roles: String },
    #[error("nothing was signed")]
    NotSigned,
    #[error("you have signed this already")]
    AlreadySigned { id: String },
    #[error("the submission is {state}, so there is nothing to decide")]
    NothingToDecide { id: String, state: String },
    #[error("there is no submission of `{what}` that you may see")]
    NoSubmission { what: String },
}

/// A failure in the words of one language, as it is shown.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) class: String,
    pub(crate) what: String,
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) detail: Option<String>,
    /// The files in which a package and a folder differ.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) files: Vec<FileDifference>,
    pub(crate) hint: String,
}

/// One file in which a package and a folder differ.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct FileDifference {
    pub(crate) path: String,
    /// `only_in_package`, `only_in_folder` or `other_bytes`.
    pub(crate) kind: &'static str,
}

impl Failure {
    /// A key on a token that cannot be used, with the URI that led there.
    pub(crate) fn token(failure: guichet_pkcs11::TokenFailure, uri: &guichet_pkcs11::TokenUri) -> Self {
        Self::Token { failure: Box::new(failure), place: Some(uri.to_string()) }
    }

    /// A URI that cannot be followed; it is not repeated, for a PIN may stand in it.
    pub(crate) fn token_uri(failure: guichet_pkcs11::TokenFailure) -> Self {
        Self::Token { failure: Box::new(failure), place: None }
    }

    /// A refused package, with the file it was read from.
    pub(crate) fn package(refusal: impl Into<guichet_package::Refusal>, path: &Path) -> Self {
        Self::document(refusal, path.display().to_string())
    }

    /// A refused folder: the place is a path in it.
    pub(crate) fn in_folder(refusal: guichet_package::Refusal, folder: &Path) -> Self {
        Self::Package { refusal: Box::new(refusal), place: format!("{}/", folder.display()) }
    }

    /// A refused package or document, with where it came from.
    pub(crate) fn document(refusal: impl Into<guichet_package::Refusal>, place: impl Into<String>) -> Self {
        Self::Package { refusal: Box::new(refusal.into()), place: place.into() }
    }

    /// Refused metadata, a refused key or document, with where it came from.
    pub(crate) fn trust(refusal: guichet_trust::Refusal, place: impl Into<String>) -> Self {
        Self::Trust { refusal: Box::new(refusal), place: place.into() }
    }

    /// The exit code: what was asked for was wrong, or refused, or only failed.
    pub(crate) fn status(&self) -> ExitStatus {
        match self {
            Self::NobodyToAsk { .. }
            | Self::NobodyToConfirm { .. }
            | Self::NothingToJudgeBy
            | Self::NoToken
            | Self::Address(_)
            | Self::TooLongForQr { .. }
            | Self::QrKind { .. }
            | Self::BadAddress { .. } => ExitStatus::Usage,
            Self::NoManifest { .. }
            | Self::NoPages { .. }
            | Self::NotPortable { .. }
            | Self::NotThisBuild { .. }
            | Self::Unsealed { .. }
            | Self::UnknownPublisher { .. }
            | Self::Package { .. }
            | Self::PolicyDevices { .. }
            | Self::Trust { .. }
            | Self::Journal { .. }
            | Self::NotMeant { .. }
            | Self::NotAdopted { .. }
            | Self::ProposalDiffers { .. } => ExitStatus::Refused,
            Self::Store(problem) => match problem.status {
                403 | 409 | 413 | 422 => ExitStatus::Refused,
                _ => ExitStatus::Failed,
            },
            _ => ExitStatus::Failed,
        }
    }

    /// What is shown, in one language.
    pub(crate) fn report(&self, lang: Lang) -> Report {
        let class = self.class().to_owned();
        let (what, hint) = match lang {
            Lang::En => (self.to_string(), self.hint()),
            Lang::Zh => self.zh(),
        };
        // A refusal from deeper down has its exact words in English only: they become the detail.
        let detail = match (lang, self) {
            (
                Lang::Zh,
                Self::Package { .. } | Self::Trust { .. } | Self::Token { .. } | Self::Store(_) | Self::Address(_),
            ) => Some(self.to_string()),
            _ => None,
        };
        let files = match self {
            Self::NotThisBuild { files, .. } => files.clone(),
            _ => Vec::new(),
        };
        let detail = detail.filter(|_| refusal_zh::knows(self.class()));
        Report { class, what, place: self.place(), detail, files, hint }
    }

    fn class(&self) -> &str {
        match self {
            Self::NoFolder { .. } => "project/no-folder",
            Self::NotBuilt { .. } => "project/not-built",
            Self::List { .. } => "project/unreadable",
            Self::Read { .. } => "file/unreadable",
            Self::Write { .. } => "file/unwritable",
            Self::NoWindow => "dev/no-window",
            Self::WindowFailed { .. } => "dev/window-failed",
            Self::Preview(error) => error.class(),
            Self::NoSuchTerminal { .. } => "preview/no-such-terminal",
            Self::Unwatchable { .. } => "dev/unwatchable",
            Self::NoManifest { .. } => "project/no-manifest",
            Self::NoPages { .. } => "web/no-pages",
            Self::NotPortable { found, .. } => found.first().map_or("web/no-pages", |found| found.class),
            Self::NotThisBuild { .. } => "project/other-build",
            Self::FolderNotEmpty { .. } => "project/folder-not-empty",
            Self::KeyExists { .. } => "key/exists",
            Self::KeyUnreadable { .. } => "key/unreadable",
            Self::KeyMalformed { .. } => "key/malformed",
            Self::Token { failure, .. } => failure.class(),
            Self::NoRandomness { .. } => "key/no-randomness",
            Self::NobodyToAsk { .. } => "usage/nobody-to-ask",
            Self::NobodyToConfirm { .. } => "usage/nobody-to-confirm",
            Self::NothingToJudgeBy => "usage/nothing-to-judge-by",
            Self::Unsealed { .. } => "seal/missing",
            Self::UnknownPublisher { .. } => "seal/unknown-publisher",
            Self::Package { refusal, .. } => refusal.class(),
            Self::Trust { refusal, .. } => refusal.class(),
            Self::Address(refusal) => refusal.class(),
            Self::TooLongForQr { .. } => "address/too-long-for-qr",
            Self::QrKind { .. } => "usage/qr-kind",
            Self::Journal { refusal, .. } => refusal.class(),
            Self::Engine(guichet_host::EngineError::NoProgram { .. }) => "engine/program-missing",
            Self::Engine(_) => "engine/unusable",
            Self::NotPlayed { .. } => "glass/not-played",
            Self::NoDisplay => "glass/no-display",
            Self::Unreachable { .. } => "store/unreachable",
            Self::BadAddress { .. } => "usage/store-address",
            Self::NoToken => "usage/no-token",
            Self::Store(problem) => &problem.class,
            Self::NotAStore { .. } => "store/not-a-store",
            Self::Mirror { .. } => "store/published-file",
            Self::ProposalDiffers { .. } => "review/proposal-differs",
            Self::NotMeant { .. } => "review/not-meant",
            Self::NotAdopted { .. } => "review/not-adopted",
            Self::NotYourRole { .. } => "review/not-your-role",
            Self::NotSigned => "review/not-signed",
            Self::AlreadySigned { .. } => "review/already-approved",
            Self::NothingToDecide { .. } => "review/nothing-to-decide",
            Self::NoSubmission { .. } => "store/no-submission",
            Self::NothingBefore { .. } => "release/nothing-before",
            Self::StaffPin { .. } => "policy/pin",
            Self::PolicyDevices { .. } => "policy/devices",
            Self::NoJourneys { .. } => "project/no-journeys",
            Self::JourneysNotLoaded { .. } => "project/journeys-not-loaded",
            Self::NoGlass { .. } => "window/not-driven",
        }
    }

    fn place(&self) -> Option<String> {
        match self {
            Self::NoFolder { path }
            | Self::NotBuilt { path }
            | Self::List { path, .. }
            | Self::Read { path, .. }
            | Self::Write { path, .. }
            | Self::Unwatchable { path, .. }
            | Self::NoManifest { path }
            | Self::NoPages { path }
            | Self::NotThisBuild { path, .. }
            | Self::FolderNotEmpty { path }
            | Self::NoJourneys { path }
            | Self::JourneysNotLoaded { path, .. }
            | Self::KeyExists { path }
            | Self::KeyUnreadable { path, .. }
            | Self::KeyMalformed { path, .. }
            | Self::QrKind { path }
            | Self::StaffPin { path }
            | Self::PolicyDevices { path, .. }
            | Self::Journal { path, .. }
            | Self::Unsealed { path }
            | Self::UnknownPublisher { path, .. } => Some(path.display().to_string()),
            Self::NotPortable { path, found } => {
                Some(path.join(found.first().map(Found::place).unwrap_or_default()).display().to_string())
            }
            Self::Package { refusal, place } => Some(within(place, refusal.place())),
            Self::Trust { refusal, place } => Some(within(place, refusal.place())),
            Self::Token { place, .. } => place.clone(),
            Self::Store(problem) => problem.place.clone(),
            _ => None,
        }
    }

    fn hint(&self) -> String {
        match self {
            Self::NoPages { .. } => "build first, and give the folder the tool has built into, such as dist".into(),
            Self::NotPortable { found, .. } => found.first().map(|found| found.words(Lang::En).1).unwrap_or_default(),
            Self::NoWindow => "put guichet-desktop beside guichet or into PATH; guichet doctor says what else is missing".into(),
            Self::WindowFailed { .. } => "see what it says above; guichet doctor says what is missing".into(),
            Self::Preview(error) => error.hint().into(),
            Self::NoSuchTerminal { .. } => "guichet preview --terminals shows them; name one, or at least four digits of its key".into(),
            Self::Unwatchable { .. } => "the system lets a person watch so many folders and no more: close other programs that watch, or raise fs.inotify.max_user_watches".into(),
            Self::NoFolder { .. } => "name the app's folder, or make one with guichet new".into(),
            Self::NotBuilt { .. } => "run its build first, such as npm run build; --from DIR names another folder".into(),
            Self::List { .. } | Self::Read { .. } => "see that the file is there and that you may read it".into(),
            Self::Write { .. } => "see that the folder is there, that you may write to it and that the disk is not full".into(),
            Self::NoManifest { .. } => "name the folder that holds manifest.json, or make an app with guichet new".into(),
            Self::NotThisBuild { .. } => "check out the very version it was built from; what .guichetignore lists and what editors change counts too".into(),
            Self::FolderNotEmpty { .. } => "choose a new folder".into(),
            Self::KeyExists { .. } => "choose another name; a key that is overwritten is lost for good".into(),
            Self::KeyUnreadable { .. } => "name the key file with --key; guichet key new FILE makes one".into(),
            Self::KeyMalformed { .. } => "name the file that guichet key new wrote; the text `ed25519:…` is only the public half".into(),
            Self::Token { failure, .. } => failure.hint(),
            Self::NoRandomness { .. } => "try again".into(),
            Self::NobodyToAsk { flag } => format!("give {flag}, or --yes to take what the program would suggest"),
            Self::NobodyToConfirm { id } => format!("look at it with guichet review show {id}, then give --yes"),
            Self::NothingToJudgeBy => "give --trust guichet.trust.json or --keys FILE, or --unsealed to judge all but the seal".into(),
            Self::Unsealed { path } => format!("seal it with the publisher's key: guichet seal --key KEY {}", path.display()),
            Self::UnknownPublisher { .. } => "seal with a key that the security office has listed for your department".into(),
            Self::Package { refusal, .. } => refusal.hint(),
            Self::Trust { refusal, .. } => refusal.hint(),
            Self::Address(refusal) => refusal.hint(),
            Self::TooLongForQr { .. } => "carry a reference in the query, not the data itself".into(),
            Self::QrKind { .. } => "name it like poster.svg (sharp at any size) or poster.png".into(),
            Self::Journal { refusal, .. } => match refusal {
                JournalRefusal::NotAJournal => "name the file that guichet-desktop --record wrote".into(),
                JournalRefusal::Format(_) => "use the guichet of the release that recorded it".into(),
                JournalRefusal::Malformed { .. } => "a journal that was edited is evidence of nothing; record the session again".into(),
                JournalRefusal::NoProgram { .. } => "give the package that was recorded with --package FILE".into(),
                JournalRefusal::NoPages => "record it again with guichet-desktop --record of this version, and open a page".into(),
                JournalRefusal::NoPackage { .. } => "give the package that was recorded with --package FILE".into(),
                JournalRefusal::OtherApp { .. } => "give a package of the app that was recorded".into(),
                JournalRefusal::Unreadable(_) => "see that the file is there and that you may read it".into(),
            },
            Self::Engine(error) => of_engine(error).1,
            Self::NotPlayed { hint, .. } if hint.is_empty() => "look at the package with guichet-desktop --open FILE --unsealed".into(),
            Self::NotPlayed { hint, .. } => hint.clone(),
            Self::NoDisplay => "install Xvfb, or run it in a session with a screen".into(),
            Self::Unreachable { .. } => "see that the store runs and that the address is right: --store URL or GUICHET_STORE_URL".into(),
            Self::BadAddress { .. } => "write it like http://127.0.0.1:8480".into(),
            Self::NoToken => "set GUICHET_TOKEN to the token an administrator of the store gave you".into(),
            Self::Store(problem) => problem.hint.clone(),
            Self::NotAStore { .. } => "see that the address is a store's: --store URL or GUICHET_STORE_URL".into(),
            Self::Mirror { .. } => "try again in a minute; if it stays, tell the store's operator. Nothing was signed".into(),
            Self::ProposalDiffers { .. } => "do not sign; tell the security office. Nothing was signed".into(),
            Self::NotMeant { proposed } => match proposed {
                Meant::Release => "leave --revert and --recall out if that is what you mean. Nothing was signed".into(),
                Meant::Revert => "give --revert if that is what you mean. Nothing was signed".into(),
                Meant::Recall => "give --recall if that is what you mean. Nothing was signed".into(),
            },
            Self::NotAdopted { .. } => "ask the security office why, look at each, and give --adopt if you answer for them. Nothing was signed".into(),
            Self::NotYourRole { .. } => "name your own reviewer's key with --key; an administrator lists it with guichet-store keys reviewer add".into(),
            Self::NotSigned => "run the command again when you have decided".into(),
            Self::AlreadySigned { .. } => "it needs another reviewer's signature; ask a colleague".into(),
            Self::NothingToDecide { id, .. } => format!("guichet status {id} shows what happened to it"),
            Self::StaffPin { .. } => "write only digits into the first line of the file".into(),
            Self::PolicyDevices { .. } => "write `devices` as docs/reference/drivers.md says for devices.json".into(),
            Self::NoJourneys { .. } => "write one: journey(\"what is seen\", async (app) => { await app.open(); await app.see(\"…\"); })".into(),
            Self::JourneysNotLoaded { .. } => "journeys are modules of their own: they import each other, and nothing of npm's or of the app's".into(),
            Self::NoGlass { why } => no_glass(why).1,
            Self::NothingBefore { app_id } => format!("hold it back with guichet halt {app_id}, or take it back with guichet recall {app_id}"),
            Self::NoSubmission { .. } => "guichet status without a name shows everything you may see".into(),
        }
    }
}

/// What and hint of a window that cannot be shown or driven.
fn no_glass(why: &NoGlass) -> (String, String) {
    match why {
        NoGlass::Missing(program) => (
            format!("{program} is not installed"),
            match *program {
                "Xvfb" => "sudo apt-get install xvfb, or run what needs no window with --headless".to_owned(),
                "WebKitWebDriver" => {
                    "sudo apt-get install webkit2gtk-driver, or run what needs no window with --headless".to_owned()
                }
                _ => "put it beside guichet or into PATH, or run what needs no window with --headless".to_owned(),
            },
        ),
        NoGlass::NotStarted(why) => (
            why.clone(),
            "guichet doctor says what this machine lacks; --headless runs what needs no window".to_owned(),
        ),
    }
}

/// What and hint of an engine that could not be made.
fn of_engine(error: &guichet_host::EngineError) -> (String, String) {
    let said = error.to_string();
    let (what, hint) = said.split_once("; hint: ").unwrap_or((&said, ""));
    (what.to_owned(), hint.to_owned())
}

fn within(place: &str, inner: Option<String>) -> String {
    match inner {
        None => place.to_owned(),
        Some(inner) if place.ends_with('/') => format!("{}{inner}", place.trim_start_matches("./")),
        Some(inner) => format!("{place}: {inner}"),
    }
}
