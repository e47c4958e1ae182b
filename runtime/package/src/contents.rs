//! The contents of a package: a statement held against the files it is about.

use std::collections::BTreeMap;

use guichet_trust::digest::Digest;

use crate::{FileEntry, PackagePath, Refusal, Statement, container::StoredFile, manifest::Manifest, refusal::Words};

/// The files are not those the statement is about.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words().what)]
pub enum ContentsRefusal {
    /// A file has other bytes than were stated.
    Altered {
        /// Its path.
        path: String,
    },
    /// A file is stated and not there.
    Missing {
        /// Its path.
        path: String,
    },
    /// A file is there and not stated.
    Unlisted {
        /// Its path.
        path: String,
    },
    /// The manifest says something else than the statement.
    Disagrees {
        /// The member of the statement.
        member: &'static str,
    },
}

impl FileEntry {
    /// Whether these are the bytes that were stated.
    pub fn check(&self, bytes: &[u8]) -> Result<(), Refusal> {
        if bytes.len() as u64 == self.size && Digest::of(bytes) == self.sha256 {
            return Ok(());
        }
        Err(ContentsRefusal::Altered { path: self.path.to_string() }.into())
    }
}

/// Holds a statement against the files of a container.
pub(crate) fn check_files(
    statement: &Statement,
    files: &BTreeMap<PackagePath, StoredFile>,
) -> Result<(), ContentsRefusal> {
    if let Some(path) = files.keys().find(|path| statement.file(path.as_str()).is_none()) {
        return Err(ContentsRefusal::Unlisted { path: path.to_string() });
    }
    for stated in &statement.files {
        let path = || stated.path.to_string();
        let found = files.get(&stated.path).ok_or_else(|| ContentsRefusal::Missing { path: path() })?;
        if (found.range.len() as u64, found.sha256) != (stated.size, stated.sha256) {
            return Err(ContentsRefusal::Altered { path: path() });
        }
    }
    Ok(())
}

/// Holds a statement against a manifest that was read from its own file.
pub(crate) fn check_manifest(statement: &Statement, manifest: &Manifest) -> Result<(), ContentsRefusal> {
    let version = (statement.version.code, &statement.version.name);
    let members = [
        ("app_id", statement.app_id == manifest.app_id),
        ("version", version == (manifest.version.code, &manifest.version.name)),
        ("platform.min_code", statement.platform.min_code == manifest.platform_version.min_code),
        ("permissions", statement.permissions == manifest.permissions()),
    ];
    match members.into_iter().find(|(_, agree)| !agree) {
        Some((member, _)) => Err(ContentsRefusal::Disagrees { member }),
        None => Ok(()),
    }
}

impl ContentsRefusal {
    pub(crate) fn words(&self) -> Words {
        const AGAIN: &str = "fetch the package again; if it stays so, ask its publisher";
        match self {
            Self::Altered { path } => {
                Words::new("contents/altered", "the file's bytes are not those that were sealed", AGAIN)
                    .at(path.clone())
            }
            Self::Missing { path } => {
                Words::new("contents/missing-file", "a file that was sealed is not there", AGAIN).at(path.clone())
            }
            Self::Unlisted { path } => {
                Words::new("contents/unlisted-file", "a file is there that was not sealed", AGAIN).at(path.clone())
            }
            Self::Disagrees { member } => Words::new(
                "contents/disagrees",
                format!("the statement and the manifest differ in `{member}`"),
                "build the package with `guichet build`, which writes the statement from the manifest",
            )
            .at(*member),
        }
    }
}
