//! A package as one file: read, consistent in itself, its seal not yet judged.

use std::{collections::BTreeMap, sync::OnceLock};

use guichet_trust::{
    digest::Digest,
    sign::{Message, PublicKey, SecretKey, Signature},
};

use crate::{
    Blob, CheckedPackage, Finding, Limits, PackagePath, Refusal, Seals, SigningBlock, Statement, VerifiedPackage,
    container, findings,
    manifest::{LocalizationResource, Manifest, Note, resource_for},
    release::PublisherKeys,
};

/// A `.ma` file of ours, held whole because its files are used.
///
/// Invariant: that of [`CheckedPackage`].
#[derive(Clone, Debug)]
pub struct PackageFile {
    bytes: Vec<u8>,
    /// Made when it is first asked for: judging a package takes the digests of its files, not that of the whole.
    digest: OnceLock<Digest>,
    checked: CheckedPackage,
    limits: Limits,
}

impl PackageFile {
    /// Opens a package.
    pub fn open(bytes: Vec<u8>, limits: &Limits) -> Result<Self, Refusal> {
        let checked = CheckedPackage::read(bytes.as_slice(), limits)?;
        Ok(Self { bytes, digest: OnceLock::new(), checked, limits: limits.clone() })
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
        self.checked.statement()
    }

    /// The bytes that are sealed.
    pub fn statement_bytes(&self) -> &[u8] {
        self.checked.statement_bytes()
    }

    /// The bytes of the seals, if anybody sealed the package.
    pub fn seals_bytes(&self) -> Option<&[u8]> {
        self.checked.seals_bytes()
    }

    /// The manifest.
    pub fn manifest(&self) -> &Manifest {
        self.checked.manifest()
    }

    /// The manifest in a language, as far as the package has it.
    pub fn localized_manifest(&self, lang: &str) -> Manifest {
        let resource = resource_for(lang, self.checked.files.keys()).and_then(|path| self.file(path.as_str()));
        match resource.and_then(|bytes| LocalizationResource::parse(bytes).ok()) {
            Some(resource) => self.manifest().localized(&resource),
            None => self.manifest().clone(),
        }
    }

    /// What was ignored or defaulted in the manifest.
    pub fn notes(&self) -> &[Note] {
        self.checked.notes()
    }

    /// What a build and a store remark on besides.
    pub fn findings(&self) -> Vec<Finding> {
        let files: BTreeMap<_, _> = self.files().map(|(path, bytes)| (path.clone(), bytes)).collect();
        findings::find(self.manifest(), &files)
    }

    /// The bytes of a file.
    pub fn file(&self, path: &str) -> Option<&[u8]> {
        self.checked.files.get(path).map(|file| &self.bytes[file.range.clone()])
    }

    /// Every file with its bytes, sorted by path.
    pub fn files(&self) -> impl Iterator<Item = (&PackagePath, &[u8])> {
        self.checked.files.iter().map(|(path, file)| (path, &self.bytes[file.range.clone()]))
    }

    /// The same package with a seal by this key added.
    pub fn seal(&self, key: &SecretKey) -> Result<Self, Refusal> {
        self.attach_seal(&key.public(), key.sign_message(&self.seal_message()))
    }

    /// What a publisher signs; the key may be one that this program never sees.
    pub fn seal_message(&self) -> Message {
        Seals::message(self.statement_bytes())
    }

    /// As [`Self::seal`], with a signature that was made elsewhere; one that is not good is refused.
    pub fn attach_seal(&self, key: &PublicKey, signature: Signature) -> Result<Self, Refusal> {
        let statement = self.statement_bytes();
        let mut seals = match self.seals_bytes() {
            Some(bytes) => Seals::parse(bytes, &self.limits)?,
            None => Seals::make(statement, &[]),
        };
        seals.attach(statement, key, signature)?;
        let files: BTreeMap<_, _> = self.files().map(|(path, bytes)| (path.clone(), bytes)).collect();
        let block = SigningBlock { statement, seals: Some(&seals.to_bytes()?) };
        Self::open(container::encode(&files, Some(block), &self.limits)?, &self.limits)
    }

    /// Judges the seals with the keys of a department (P-A2).
    pub fn verify(self, keys: &PublisherKeys) -> Result<VerifiedPackage, Refusal> {
        let contents = self.checked.verify(keys)?;
        Ok(VerifiedPackage::new(self, contents))
    }
}
