//! Why a package is not the release that was approved.

use crate::refusal::Words;

/// A package does not match its release document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words().what)]
pub enum ReleaseRefusal {
    /// The document is about another package.
    OtherPackage {
        /// The first member that differs.
        member: &'static str,
    },
    /// The document approves what the package does not ask for.
    Permission {
        /// The permission's name.
        name: String,
    },
    /// The leaf that was proved to be in the log is about another release.
    OtherLeaf {
        /// The first member that differs.
        member: &'static str,
    },
}

impl ReleaseRefusal {
    pub(crate) fn words(&self) -> Words {
        match self {
            Self::OtherPackage { member } => Words::new(
                "release/other-package",
                format!("this is not the package that was approved: `{member}` differs"),
                "fetch the package again; if it stays so, ask the store's operator",
            )
            .at(format!("the release document's {member}")),
            Self::Permission { name } => Words::new(
                "release/permission",
                format!("the release approves `{name}`, which the package does not ask for"),
                "sign a release document that approves what the package asks for, or less",
            )
            .at("the release document's permissions"),
            Self::OtherLeaf { member } => Words::new(
                "log/other-release",
                format!("the log has another release than this in its place: `{member}` differs"),
                "this was not published for everybody to see: tell the store's operator and the security office",
            )
            .at(format!("the leaf's {member}")),
        }
    }
}
