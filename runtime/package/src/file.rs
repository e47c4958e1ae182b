//! A package as one file: read, consistent in itself, its seal not yet judged.

use std::{collections::BTreeMap, ops::Range, sync::OnceLock};

use guichet_trust::{digest::Digest, sign::SecretKey};

use crate::{
    Blob, Limits, PackagePath, Refusal, Seals, SigningBlock, Statement, VerifiedContents, VerifiedPackage,
    container::{self, ContainerFault, ContainerRefusal},
    contents,
    manifest::{LocalizationResource, Manifest, Note, resource_for},
    release::PublisherKeys,
    seal::SealRefusal,
};

/// A `.ma` file of ours.
///
/// Invariant: the container is canonical, the statement lists exactly these files with these bytes, the manifest is
/// accepted and says what the statement says.
#[derive(Clone, Debug)]
pub struct PackageFile {
    bytes: Vec<u8>,
    /// Made when it is first asked for: judging a package takes the digests of its files, not that of the whole.
    digest: OnceLock<Digest>,
    files: BTreeMap<PackagePath, Range<usize>>,
    statement: Statement,
    statement_range: Range<usize>,
    seals_range: Option<Range<usize>>,
    manifest: Manifest,
    notes: Vec<Note>,
    limits: Limits,
}

impl PackageFile {
    /// Opens a package.
    pub fn open(bytes: Vec<u8>, limits: &Limits) -> Result<Self, Refusal> {
        let container = container::parse(&bytes, limits)?;
        let Some(statement_range) = container.statement else {
            return Err(ContainerRefusal::whole(ContainerFault::NoSigningBlock).into());
        };
        let statement = Statement::parse(&bytes[statement_range.clone()], limits)?;
        if let Some(seals) = container.seals.clone() {
            Seals::parse(&bytes[seals], limits)?;
        }
        let slices: BTreeMap<_, _> =
            container.files.iter().map(|(path, range)| (path.clone(), &bytes[range.clone()])).collect();
        let (manifest, notes) = contents::check(&statement, &slices, limits)?;
        Ok(Self {
            digest: OnceLock::new(),
            files: container.files,
            statement,
            statement_range,
            seals_range: container.seals,
            manifest,
            notes,
            limits: limits.clone(),
            bytes,
        })
    }

    /// The whole file.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The digest of the whole file.
    pub fn digest(&self) -> Digest {
        *self.digest.get_or_init(|| Digest::of(&self.bytes))
    }

    /// The whole file as a release document names it.
    pub fn container(&self) -> Blob {
        Blob { sha256: self.digest(), length: self.bytes.len() as u64 }
    }

    /// The statement.
    pub fn statement(&self) -> &Statement {
        &self.statement
    }

    /// The bytes that are sealed.
    pub fn statement_bytes(&self) -> &[u8] {
        &self.bytes[self.statement_range.clone()]
    }

    /// The bytes of the seals, if anybody sealed the package.
    pub fn seals_bytes(&self) -> Option<&[u8]> {
        self.seals_range.clone().map(|range| &self.bytes[range])
    }

    /// The manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The manifest in a language, as far as the package has it.
    pub fn localized_manifest(&self, lang: &str) -> Manifest {
        let resource = resource_for(lang, self.files.keys()).and_then(|path| self.file(path.as_str()));
        match resource.and_then(|bytes| LocalizationResource::parse(bytes).ok()) {
            Some(resource) => self.manifest.localized(&resource),
            None => self.manifest.clone(),
        }
    }

    /// What was ignored or defaulted in the manifest.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// The bytes of a file.
    pub fn file(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(|range| &self.bytes[range.clone()])
    }

    /// Every file with its bytes, sorted by path.
    pub fn files(&self) -> impl Iterator<Item = (&PackagePath, &[u8])> {
        self.files.iter().map(|(path, range)| (path, &self.bytes[range.clone()]))
    }

    /// The same package with a seal by this key added.
    pub fn seal(&self, key: &SecretKey) -> Result<Self, Refusal> {
        let statement = self.statement_bytes();
        let seals = match self.seals_bytes() {
            Some(bytes) => {
                let mut seals = Seals::parse(bytes, &self.limits)?;
                seals.add(statement, key);
                seals
            }
            None => Seals::make(statement, &[key]),
        };
        let files: BTreeMap<_, _> = self.files().map(|(path, bytes)| (path.clone(), bytes)).collect();
        let block = SigningBlock { statement, seals: Some(&seals.to_bytes()?) };
        Self::open(container::encode(&files, Some(block), &self.limits)?, &self.limits)
    }

    /// Judges the seals with the keys of a department.
    pub fn verify(self, keys: &PublisherKeys) -> Result<VerifiedPackage, Refusal> {
        let seals = self.seals_bytes().ok_or(SealRefusal::Missing)?;
        let contents = VerifiedContents::verify(self.statement_bytes(), seals, keys, &self.limits)?;
        Ok(VerifiedPackage::new(self, contents))
    }
}
