//! A folder of an author that may become a package.

use std::collections::BTreeMap;

use guichet_trust::sign::SecretKey;

use crate::{
    Finding, Limits, PackageFile, PackagePath, Refusal, Seals, SigningBlock, Statement, container, findings, layout,
    manifest::{Manifest, Note},
};

/// Files that form a MiniApp.
///
/// Invariant: the manifest is accepted, what it names is there, and the paths and sizes are within the limits.
#[derive(Debug)]
pub struct PackageDraft {
    files: BTreeMap<PackagePath, Vec<u8>>,
    manifest: Manifest,
    notes: Vec<Note>,
    statement: Statement,
    limits: Limits,
}

impl PackageDraft {
    /// Checks what an author wants to pack.
    pub fn new(files: BTreeMap<PackagePath, Vec<u8>>, limits: &Limits) -> Result<Self, Refusal> {
        PackagePath::check_together(files.keys())?;
        container::check_sizes(&files, limits)?;
        let (manifest, notes) = layout::check(&files, limits)?;
        let statement = Statement::of(&manifest, &files);
        Ok(Self { files, manifest, notes, statement, limits: limits.clone() })
    }

    /// The manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// What was ignored or defaulted in the manifest.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// The files, sorted by path.
    pub fn files(&self) -> &BTreeMap<PackagePath, Vec<u8>> {
        &self.files
    }

    /// What a build and a store remark on besides.
    pub fn findings(&self) -> Vec<Finding> {
        findings::find(&self.manifest, &self.files)
    }

    /// What will be sealed.
    pub fn statement(&self) -> &Statement {
        &self.statement
    }

    /// The package, sealed by a publisher's key.
    pub fn seal(&self, key: &SecretKey) -> Result<PackageFile, Refusal> {
        let statement = self.statement.to_bytes()?;
        let seals = Seals::make(&statement, &[key]).to_bytes()?;
        self.file(&statement, Some(&seals))
    }

    /// The package without a seal: it can be looked at and sealed later.
    pub fn unsealed(&self) -> Result<PackageFile, Refusal> {
        self.file(&self.statement.to_bytes()?, None)
    }

    fn file(&self, statement: &[u8], seals: Option<&[u8]>) -> Result<PackageFile, Refusal> {
        let bytes = container::encode(&self.files, Some(SigningBlock { statement, seals }), &self.limits)?;
        PackageFile::open(bytes, &self.limits)
    }
}
