//! What a package says and where it lies, after every byte of it was looked at: the one judgement of a package.

use std::collections::BTreeMap;

use crate::{
    Limits, PackagePath, Refusal, Seals, Statement, VerifiedContents,
    container::{self, ContainerFault, ContainerRefusal, StoredFile, foreign},
    contents,
    files::StoredFiles,
    layout,
    manifest::{Manifest, Note},
    release::PublisherKeys,
    seal::SealRefusal,
    source::{self, NotOpened, Source},
};

/// A package that was looked through and not held: memory does not grow with its files.
///
/// Invariant: when it was read the container was canonical, the statement listed exactly these files with these bytes,
/// and the manifest was accepted and said what the statement says.
#[derive(Clone, Debug)]
pub struct CheckedPackage {
    pub(crate) files: BTreeMap<PackagePath, StoredFile>,
    pub(crate) statement: Statement,
    pub(crate) statement_bytes: Vec<u8>,
    pub(crate) seals_bytes: Option<Vec<u8>>,
    pub(crate) manifest: Manifest,
    pub(crate) notes: Vec<Note>,
    limits: Limits,
}

impl CheckedPackage {
    /// Judges a package wherever it lies. One that another tool has made is called so only if importing it would go
    /// well; otherwise it is refused for what is worse about it.
    pub fn read<S: Source + ?Sized>(source: &S, limits: &Limits) -> Result<Self, NotOpened<S::Error>> {
        match Self::read_ours(source, limits) {
            Err(NotOpened::Refused(Refusal::Container(refusal))) if refusal.fault.is_another_tools() => {
                let imported = foreign::read(source, limits).and_then(|files| layout::check(&files, limits));
                Err(imported.err().unwrap_or_else(|| refusal.into()))
            }
            judged => judged,
        }
    }

    fn read_ours<S: Source + ?Sized>(source: &S, limits: &Limits) -> Result<Self, NotOpened<S::Error>> {
        let container = container::read(source, limits)?;
        let Some(statement_range) = container.statement else {
            return Err(ContainerRefusal::whole(ContainerFault::NoSigningBlock).into());
        };
        // One byte more than there may be is enough to be refused.
        let bounded = |range: std::ops::Range<usize>, most: u64| {
            let most = usize::try_from(most).unwrap_or(usize::MAX).saturating_add(1);
            source::bytes(source, range.start..range.end.min(range.start.saturating_add(most)))
        };
        let statement_bytes = bounded(statement_range, limits.statement_bytes).map_err(NotOpened::Unread)?;
        let statement = Statement::parse(&statement_bytes, limits)?;
        let seals = container.seals.map(|range| bounded(range, limits.seals_bytes));
        let seals_bytes = seals.transpose().map_err(NotOpened::Unread)?;
        if let Some(seals) = &seals_bytes {
            Seals::parse(seals, limits)?;
        }
        contents::check_files(&statement, &container.files)?;
        let (manifest, notes) = layout::check(&StoredFiles { source, files: &container.files }, limits)?;
        contents::check_manifest(&statement, &manifest)?;
        let limits = limits.clone();
        Ok(Self { files: container.files, statement, statement_bytes, seals_bytes, manifest, notes, limits })
    }

    /// The statement.
    pub fn statement(&self) -> &Statement {
        &self.statement
    }

    /// The bytes that are sealed.
    pub fn statement_bytes(&self) -> &[u8] {
        &self.statement_bytes
    }

    /// The bytes of the seals, if anybody sealed the package.
    pub fn seals_bytes(&self) -> Option<&[u8]> {
        self.seals_bytes.as_deref()
    }

    /// The manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// What was ignored or defaulted in the manifest.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Judges the seals with the keys of a department.
    pub fn verify(&self, keys: &PublisherKeys) -> Result<VerifiedContents, Refusal> {
        let seals = self.seals_bytes().ok_or(SealRefusal::Missing)?;
        VerifiedContents::verify(&self.statement_bytes, seals, keys, &self.limits)
    }
}
