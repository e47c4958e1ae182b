//! Why a manifest is rejected: the cases in which MiniApp Manifest throws, and those of our own extension.

use super::MANIFEST_PATH;
use crate::refusal::Words;

/// The manifest is rejected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words().what)]
pub struct ManifestRefusal {
    /// A JSON pointer to the member; empty for the manifest itself.
    pub place: String,
    /// What is wrong there.
    pub fault: ManifestFault,
}

/// What a manifest is rejected for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ManifestFault {
    /// The package has none.
    Missing,
    /// More bytes than the limits allow.
    TooLarge(u64),
    /// Not JSON; what the parser says.
    NotJson(String),
    /// Two members of one name.
    DuplicateMember(String),
    /// JSON, but not an object.
    NotAnObject,
    /// A required member is absent.
    MissingMember,
    /// A required member is of another type.
    WrongType(&'static str),
    /// A number that is too large, negative or not whole.
    OutOfRange(&'static str),
    /// `app_id` cannot name an app here.
    AppId(String),
    /// No item of `icons` is usable.
    NoIcons,
    /// No item of `pages` is usable.
    NoPages,
    /// It is made for a newer platform than this one.
    Platform {
        /// The platform code that it wants.
        wanted: u32,
        /// The platform code of this host.
        have: u64,
    },
    /// A member of `guichet` is not what it must be.
    Extension(&'static str),
}

impl ManifestRefusal {
    pub(crate) fn whole(fault: ManifestFault) -> Self {
        Self { place: String::new(), fault }
    }

    pub(crate) fn words(&self) -> Words {
        let member = self.place.trim_start_matches('/').replace('/', ".");
        let words = match &self.fault {
            ManifestFault::Missing => Words::new(
                "manifest/missing",
                "the package has no manifest.json",
                "put manifest.json into the package's root folder; `guichet new` shows one",
            ),
            ManifestFault::TooLarge(most) => Words::new(
                "manifest/too-large",
                format!("the manifest is larger than {most} bytes"),
                "keep long texts in i18n/ and images in common/",
            ),
            ManifestFault::NotJson(why) => Words::new(
                "manifest/not-json",
                format!("the manifest is not JSON: {why}"),
                "correct the JSON at that line",
            ),
            ManifestFault::DuplicateMember(why) => Words::new(
                "manifest/duplicate-member",
                format!("the manifest is ambiguous: {why}"),
                "keep one of the two members",
            ),
            ManifestFault::NotAnObject => Words::new(
                "manifest/not-an-object",
                "the manifest is JSON, but not an object",
                "begin it with { and end it with }",
            ),
            ManifestFault::MissingMember => Words::new(
                "manifest/missing-member",
                format!("the manifest has no `{member}`"),
                format!("add `{member}`; MiniApp Manifest requires it"),
            ),
            ManifestFault::WrongType(wanted) => Words::new(
                "manifest/wrong-type",
                format!("`{member}` is not {wanted}"),
                format!("write {wanted} there"),
            ),
            ManifestFault::OutOfRange(wanted) => Words::new(
                "manifest/out-of-range",
                format!("`{member}` is not {wanted}"),
                format!("write {wanted} there"),
            ),
            ManifestFault::AppId(text) => Words::new(
                "manifest/app-id",
                format!("`{text}` cannot be an app id here"),
                "write two or more labels of a-z, 0-9 and -, each beginning with a letter, joined by dots, such as gov.example.residence",
            ),
            ManifestFault::NoIcons => Words::new(
                "manifest/no-icons",
                "no item of `icons` names an image of the package",
                "add an icon: \"icons\": [{\"src\": \"common/icon.svg\"}]",
            ),
            ManifestFault::NoPages => Words::new(
                "manifest/no-pages",
                "no item of `pages` names a page of the package",
                "add a page: \"pages\": [\"pages/home\"]",
            ),
            ManifestFault::Platform { wanted, have } => Words::new(
                "manifest/platform",
                format!("the app is made for platform {wanted}, and this one is {have}"),
                "update Guichet on this terminal, or ask the department for a version for this platform",
            ),
            ManifestFault::Extension(wanted) => Words::new(
                "manifest/extension",
                format!("`{member}` is not {wanted}"),
                format!("write {wanted} there, or leave it out"),
            ),
        };
        match &self.fault {
            ManifestFault::Missing => words,
            _ if self.place.is_empty() => words.at(MANIFEST_PATH),
            _ => words.at(format!("{MANIFEST_PATH}#{}", self.place)),
        }
    }
}
