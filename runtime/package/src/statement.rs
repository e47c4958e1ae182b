//! The statement: what a publisher seals, from which every byte of a package follows.

use std::collections::BTreeMap;

use guichet_contract::{AppId, Permission};
use guichet_trust::digest::Digest;
use serde::{Deserialize, Serialize};

use crate::{
    Limits, PackagePath, Refusal,
    document::{self, Document, DocumentFault, FORMAT},
    manifest::Manifest,
};

/// App id, version, permissions, platform, and the sorted list of files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// 1.
    pub format: u32,
    /// The app.
    pub app_id: AppId,
    /// Its version.
    pub version: Version,
    /// What it runs on.
    pub platform: Platform,
    /// What it asks for, in the manifest's order.
    pub permissions: Vec<Permission>,
    /// Every file, sorted by the bytes of its path.
    pub files: Vec<FileEntry>,
}

/// `version` of the manifest, as it is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// The number that only ever rises.
    pub code: u32,
    /// What people read.
    pub name: String,
}

/// `platform_version` of the manifest, as it is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Platform {
    /// The lowest platform code the app runs on.
    pub min_code: u32,
}

/// One file of a package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Its path.
    pub path: PackagePath,
    /// Its size, in bytes.
    pub size: u64,
    /// The digest of its bytes.
    pub sha256: Digest,
}

impl Statement {
    /// The statement about these files.
    pub(crate) fn of<B: AsRef<[u8]>>(manifest: &Manifest, files: &BTreeMap<PackagePath, B>) -> Self {
        Self {
            format: FORMAT,
            app_id: manifest.app_id.clone(),
            version: Version { code: manifest.version.code, name: manifest.version.name.clone() },
            platform: Platform { min_code: manifest.platform_version.min_code },
            permissions: manifest.permissions(),
            files: files
                .iter()
                .map(|(path, bytes)| {
                    let bytes = bytes.as_ref();
                    FileEntry { path: path.clone(), size: bytes.len() as u64, sha256: Digest::of(bytes) }
                })
                .collect(),
        }
    }

    /// The canonical bytes, over which seals are made.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Refusal> {
        document::to_bytes(self)
    }

    /// Reads a statement; its paths can lie in one tree and its sizes are within the limits.
    pub fn parse(bytes: &[u8], limits: &Limits) -> Result<Self, Refusal> {
        if bytes.len() as u64 > limits.statement_bytes {
            return Err(document::refuse::<Self>(DocumentFault::TooLarge { most: limits.statement_bytes }));
        }
        let statement: Self = document::parse(bytes)?;
        PackagePath::check_together(statement.files.iter().map(|file| &file.path))?;
        let is_within = statement.files.len() <= limits.files
            && statement.files.iter().all(|file| file.size <= limits.file_bytes)
            && statement.total_bytes() <= limits.total_bytes;
        if !is_within {
            return Err(document::refuse::<Self>(DocumentFault::Invalid {
                member: "files",
                wanted: "within the limits of a package",
            }));
        }
        Ok(statement)
    }

    /// The entry of a file.
    pub fn file(&self, path: &str) -> Option<&FileEntry> {
        self.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok().and_then(|at| self.files.get(at))
    }

    /// All files together, in bytes.
    pub fn total_bytes(&self) -> u64 {
        self.files.iter().fold(0, |total, file| total.saturating_add(file.size))
    }
}

impl Document for Statement {
    const NAME: &'static str = "the statement";

    fn format(&self) -> u32 {
        self.format
    }

    fn check(&self) -> Result<(), DocumentFault> {
        if self.version.code == 0 {
            return Err(DocumentFault::Invalid { member: "version.code", wanted: "above 0" });
        }
        if !self.files.is_sorted_by(|one, next| one.path < next.path) {
            return Err(DocumentFault::Invalid { member: "files", wanted: "sorted by path" });
        }
        Ok(())
    }
}
