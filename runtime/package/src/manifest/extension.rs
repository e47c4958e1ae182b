//! `guichet`: the one member of ours, where errors are refused instead of ignored.

use std::{fmt, str::FromStr};

use guichet_contract::Part;
use serde::{Deserialize, Serialize};

use super::{
    ManifestFault, ManifestRefusal, PageRoute, Tab,
    members::{Members, whole},
    tabs,
    url::resolve,
};
use crate::PackagePath;

/// What a manifest says to Guichet only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extension {
    /// The WebAssembly component that is the app's logic; without one, `app.js` is.
    pub logic: Option<PackagePath>,
    /// The hue of the app's arch in the library.
    pub glaze: Glaze,
    /// The version of what the app keeps in storage; 0 if it does not say.
    pub storage_version: u32,
    /// What is personal, for journals: names of JSON members, and beginnings of storage keys after `storage:`.
    pub personal: Vec<String>,
    /// Pages that lie beside each other; empty if the app has none.
    pub tabs: Vec<Tab>,
    /// The parts without which the app is nothing: where one is missing, it is not offered.
    pub requires: Vec<Part>,
}

/// Most entries of `personal`.
const MOST_PERSONAL: usize = 64;
/// Longest entry of `personal`, in bytes.
const MOST_PERSONAL_BYTES: usize = 128;

/// One of the eight hues.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Glaze {
    /// Blue-green.
    #[default]
    Celadon,
    /// Blue.
    Indigo,
    /// Purple.
    Plum,
    /// Yellow-brown.
    Ochre,
    /// Orange.
    Persimmon,
    /// Green.
    Moss,
    /// Pink.
    Rose,
    /// Gray.
    Slate,
}

impl Glaze {
    /// All of them.
    pub const ALL: [Self; 8] =
        [Self::Celadon, Self::Indigo, Self::Plum, Self::Ochre, Self::Persimmon, Self::Moss, Self::Rose, Self::Slate];

    /// The word in the manifest.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Celadon => "celadon",
            Self::Indigo => "indigo",
            Self::Plum => "plum",
            Self::Ochre => "ochre",
            Self::Persimmon => "persimmon",
            Self::Moss => "moss",
            Self::Rose => "rose",
            Self::Slate => "slate",
        }
    }
}

/// A word is not one of the eight hues.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such glaze")]
pub struct InvalidGlaze;

impl FromStr for Glaze {
    type Err = InvalidGlaze;

    fn from_str(text: &str) -> Result<Self, InvalidGlaze> {
        Self::ALL.into_iter().find(|glaze| glaze.as_str() == text).ok_or(InvalidGlaze)
    }
}

impl fmt::Display for Glaze {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Extension {
    pub(super) fn process(members: &mut Members<'_>, pages: &[PageRoute]) -> Result<Self, ManifestRefusal> {
        let Some(value) = members.get("guichet") else { return Ok(Self::default()) };
        let refusal = members.refuse("guichet", ManifestFault::Extension("an object"));
        let object = value.as_object().ok_or(refusal)?;
        let place = members.place("guichet");
        let mut inner = members.below(object, place);
        inner.note_unknown(&["logic", "glaze", "storage_version", "personal", "tabs", "requires"]);
        let read = |name: &str, wanted| (inner.get(name), inner.refuse(name, ManifestFault::Extension(wanted)));

        let logic = match read("logic", "the path of a WebAssembly component in the package") {
            (None, _) => None,
            (Some(value), refusal) => Some(value.as_str().and_then(|text| resolve(text).ok()).ok_or(refusal)?),
        };
        let glaze = match read("glaze", "one of celadon, indigo, plum, ochre, persimmon, moss, rose and slate") {
            (None, _) => Glaze::default(),
            (Some(value), refusal) => value.as_str().and_then(|text| text.parse().ok()).ok_or(refusal)?,
        };
        let storage_version = match read("storage_version", "a whole number from 0 to 4294967295") {
            (None, _) => 0,
            (Some(value), refusal) => whole(value).and_then(|number| u32::try_from(number).ok()).ok_or(refusal)?,
        };
        let personal = match read(
            "personal",
            "at most 64 names of JSON members or beginnings of storage keys, each 1 to 128 bytes",
        ) {
            (None, _) => Vec::new(),
            (Some(value), refusal) => personal(value).ok_or(refusal)?,
        };
        let tabs = match read("tabs", tabs::WANTED) {
            (None, _) => Vec::new(),
            (Some(value), refusal) => tabs::tabs(value, pages).ok_or(refusal)?,
        };
        let requires = match read(
            "requires",
            "a list of parts of a terminal: print, card, speech, clipboard, scan, notify, files, open-app, telemetry",
        ) {
            (None, _) => Vec::new(),
            (Some(value), refusal) => requires(value).ok_or(refusal)?,
        };
        Ok(Self { logic, glaze, storage_version, personal, tabs, requires })
    }
}

fn requires(value: &serde_json::Value) -> Option<Vec<Part>> {
    let parts = value.as_array()?.iter().map(|part| part.as_str().and_then(Part::named)).collect::<Option<Vec<_>>>()?;
    let is_twice = |(at, part): (usize, &Part)| parts.iter().take(at).any(|before| before == part);
    (!parts.iter().enumerate().any(is_twice)).then_some(parts)
}

fn personal(value: &serde_json::Value) -> Option<Vec<String>> {
    let entries = value.as_array().filter(|entries| entries.len() <= MOST_PERSONAL)?;
    let is_entry = |entry: &&str| (1..=MOST_PERSONAL_BYTES).contains(&entry.len());
    entries.iter().map(|entry| entry.as_str().filter(is_entry).map(str::to_owned)).collect()
}
