//! Why something is not acceptable: a stable class, what, where, and what to do about it.

use crate::{
    container::ContainerRefusal, contents::ContentsRefusal, delta::DeltaRefusal, document::DocumentRefusal,
    findings::Finding, layout::LayoutRefusal, manifest::ManifestRefusal, path::PathRefusal, policy::PolicyRefusal,
    release::ReleaseRefusal, seal::SealRefusal,
};

/// A package or a document about packages is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words().sentence())]
pub enum Refusal {
    /// A path in a package.
    Path(#[from] PathRefusal),
    /// The archive around the files.
    Container(#[from] ContainerRefusal),
    /// `manifest.json`.
    Manifest(#[from] ManifestRefusal),
    /// The files a MiniApp must have.
    Layout(#[from] LayoutRefusal),
    /// What a build or a store asks for beyond W3C.
    Finding(#[from] Finding),
    /// The statement against the files.
    Contents(#[from] ContentsRefusal),
    /// The publisher's seal.
    Seal(#[from] SealRefusal),
    /// The form of a signed document.
    Document(#[from] DocumentRefusal),
    /// A package against its release document.
    Release(#[from] ReleaseRefusal),
    /// A delta between two packages.
    Delta(#[from] DeltaRefusal),
    /// What a terminal is for.
    Policy(#[from] PolicyRefusal),
}

/// The four parts of a refusal.
pub(crate) struct Words {
    pub(crate) class: &'static str,
    pub(crate) what: String,
    pub(crate) place: Option<String>,
    pub(crate) hint: String,
}

impl Words {
    pub(crate) fn new(class: &'static str, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { class, what: what.into(), place: None, hint: hint.into() }
    }

    pub(crate) fn at(self, place: impl Into<String>) -> Self {
        Self { place: Some(place.into()), ..self }
    }

    fn sentence(&self) -> String {
        match &self.place {
            Some(place) => format!("{} (in {place})", self.what),
            None => self.what.clone(),
        }
    }
}

impl Refusal {
    /// The stable word for this kind of refusal, such as `container/duplicate-entry`.
    pub fn class(&self) -> &'static str {
        self.words().class
    }

    /// What is wrong, in one sentence.
    pub fn what(&self) -> String {
        self.words().what
    }

    /// Where it is wrong: a path, a JSON pointer, an offset.
    pub fn place(&self) -> Option<String> {
        self.words().place
    }

    /// What to do about it.
    pub fn hint(&self) -> String {
        self.words().hint
    }

    fn words(&self) -> Words {
        match self {
            Self::Path(refusal) => refusal.words(),
            Self::Container(refusal) => refusal.words(),
            Self::Manifest(refusal) => refusal.words(),
            Self::Layout(refusal) => refusal.words(),
            Self::Finding(finding) => finding.words(),
            Self::Contents(refusal) => refusal.words(),
            Self::Seal(refusal) => refusal.words(),
            Self::Document(refusal) => refusal.words(),
            Self::Release(refusal) => refusal.words(),
            Self::Delta(refusal) => refusal.words(),
            Self::Policy(refusal) => refusal.words(),
        }
    }
}
