//! Proof that a publisher sealed what one holds: values that only verification makes.

use std::collections::BTreeMap;

use guichet_contract::Department;
use guichet_trust::{
    digest::{Digest, Hashed},
    sign::KeyId,
};

use crate::{
    Blob, FileEntry, Limits, PackageFile, Refusal, Seals, SigningBlock, Statement, container,
    contents::{self, ContentsRefusal},
    layout,
    manifest::{MANIFEST_PATH, Manifest, ManifestFault, ManifestRefusal, process},
    release::{PublisherKeys, ReleaseDocument, ReleaseRefusal},
    seal::SealRefusal,
};

/// A statement that a publisher sealed, without the files: what a host keeps so that it can serve files one by one.
///
/// Invariant: one of the department's listed keys that is not revoked sealed exactly `statement_bytes`, and the app id
/// is the department's.
#[derive(Clone, Debug)]
pub struct VerifiedContents {
    statement: Statement,
    statement_bytes: Vec<u8>,
    seals_bytes: Vec<u8>,
    department: Department,
    sealed_by: KeyId,
}

/// A package that a publisher sealed, with every file.
///
/// Invariant: that of [`PackageFile`] and that of [`VerifiedContents`].
#[derive(Clone, Debug)]
pub struct VerifiedPackage {
    file: PackageFile,
    contents: VerifiedContents,
}

impl VerifiedContents {
    /// Verifies the seals first and trusts the statement after, both from these bytes.
    pub fn verify(statement: &[u8], seals: &[u8], keys: &PublisherKeys, limits: &Limits) -> Result<Self, Refusal> {
        let sealed_by = Seals::parse(seals, limits)?.verify(statement, keys)?;
        let parsed = Statement::parse(statement, limits)?;
        if !keys.owns(&parsed.app_id) {
            return Err(SealRefusal::ForeignAppId {
                app_id: parsed.app_id.to_string(),
                department: keys.department.to_string(),
                prefixes: keys.prefixes.iter().map(ToString::to_string).collect(),
            }
            .into());
        }
        Ok(Self {
            statement: parsed,
            statement_bytes: statement.to_vec(),
            seals_bytes: seals.to_vec(),
            department: keys.department.clone(),
            sealed_by,
        })
    }

    /// The statement.
    pub fn statement(&self) -> &Statement {
        &self.statement
    }

    /// The bytes that are sealed.
    pub fn statement_bytes(&self) -> &[u8] {
        &self.statement_bytes
    }

    /// The bytes of the seals.
    pub fn seals_bytes(&self) -> &[u8] {
        &self.seals_bytes
    }

    /// The department whose key sealed it.
    pub fn department(&self) -> &Department {
        &self.department
    }

    /// The key that sealed it.
    pub fn sealed_by(&self) -> KeyId {
        self.sealed_by
    }

    /// The entry of a file: [`FileEntry::check`] judges bytes that were read for it.
    pub fn file(&self, path: &str) -> Option<&FileEntry> {
        self.statement.file(path)
    }

    /// Reads the manifest from the bytes of its file, checking that they are the sealed ones.
    pub fn manifest(&self, bytes: &[u8]) -> Result<Manifest, Refusal> {
        let entry = self.file(MANIFEST_PATH).ok_or_else(|| ManifestRefusal::whole(ManifestFault::Missing))?;
        entry.check(bytes)?;
        let (manifest, _) = process(bytes)?;
        contents::check_manifest(&self.statement, &manifest)?;
        Ok(manifest)
    }

    /// Makes the canonical container again from a source of file bytes by digest.
    ///
    /// It is the dictionary of a delta: if it is not what it should be, neither is the result.
    pub fn container(
        &self,
        mut blob: impl FnMut(&Digest) -> Option<Vec<u8>>,
        limits: &Limits,
    ) -> Result<Vec<u8>, Refusal> {
        let mut files = BTreeMap::new();
        for entry in &self.statement.files {
            let bytes = blob(&entry.sha256).ok_or_else(|| ContentsRefusal::Missing { path: entry.path.to_string() })?;
            files.insert(entry.path.clone(), bytes);
        }
        container::encode(&files, Some(self.block()), limits)
    }

    /// Judges the files of a release without putting the package together: what [`VerifiedPackage::assemble`] and
    /// [`VerifiedPackage::matches`] would say, with each byte hashed once more and copied never.
    pub fn admit<'a>(
        &self,
        blob: impl Fn(&Digest) -> Option<&'a Hashed>,
        release: &ReleaseDocument,
        limits: &Limits,
    ) -> Result<(), Refusal> {
        self.matches(release)?;
        let mut files = BTreeMap::new();
        for entry in &self.statement.files {
            let found = blob(&entry.sha256).ok_or_else(|| ContentsRefusal::Missing { path: entry.path.to_string() })?;
            if found.digest() != entry.sha256 || found.bytes().len() as u64 != entry.size {
                return Err(ContentsRefusal::Altered { path: entry.path.to_string() }.into());
            }
            files.insert(entry.path.clone(), found.bytes());
        }
        let (manifest, _) = layout::check(&files, limits)?;
        contents::check_manifest(&self.statement, &manifest)?;
        if container::digest(&files, Some(self.block()), limits)? == release.container {
            return Ok(());
        }
        Err(ReleaseRefusal::OtherPackage { member: "container" }.into())
    }

    fn block(&self) -> SigningBlock<'_> {
        SigningBlock { statement: &self.statement_bytes, seals: Some(&self.seals_bytes) }
    }

    /// Whether this is the release that was approved.
    pub fn matches(&self, release: &ReleaseDocument) -> Result<(), Refusal> {
        let statement = &self.statement;
        let members = [
            ("app_id", release.app_id == statement.app_id),
            ("version", release.version == statement.version),
            ("platform", release.platform == statement.platform),
            ("statement", release.statement == Blob::of(&self.statement_bytes)),
            ("seals", release.seals == Blob::of(&self.seals_bytes)),
        ];
        if let Some((member, _)) = members.into_iter().find(|(_, same)| !same) {
            return Err(ReleaseRefusal::OtherPackage { member }.into());
        }
        let beyond = guichet_contract::Permission::beyond(&statement.permissions, &release.permissions);
        match beyond.first() {
            Some(permission) => Err(ReleaseRefusal::Permission { name: permission.name.to_string() }.into()),
            None => Ok(()),
        }
    }
}

impl VerifiedPackage {
    pub(crate) fn new(file: PackageFile, contents: VerifiedContents) -> Self {
        Self { file, contents }
    }

    /// Makes a package from its blobs: the statement, the seals, and a source of file bytes by digest.
    pub fn assemble(
        statement: Vec<u8>,
        seals: Vec<u8>,
        keys: &PublisherKeys,
        mut blob: impl FnMut(&Digest) -> Option<Vec<u8>>,
        limits: &Limits,
    ) -> Result<Self, Refusal> {
        let contents = VerifiedContents::verify(&statement, &seals, keys, limits)?;
        let mut files = BTreeMap::new();
        for entry in &contents.statement.files {
            let bytes = blob(&entry.sha256).ok_or_else(|| ContentsRefusal::Missing { path: entry.path.to_string() })?;
            entry.check(&bytes)?;
            files.insert(entry.path.clone(), bytes);
        }
        let block = SigningBlock { statement: &statement, seals: Some(&seals) };
        let file = PackageFile::open(container::encode(&files, Some(block), limits)?, limits)?;
        Ok(Self { file, contents })
    }

    /// The package.
    pub fn file(&self) -> &PackageFile {
        &self.file
    }

    /// What a host keeps of it.
    pub fn contents(&self) -> &VerifiedContents {
        &self.contents
    }

    /// The statement.
    pub fn statement(&self) -> &Statement {
        &self.contents.statement
    }

    /// The manifest.
    pub fn manifest(&self) -> &Manifest {
        self.file.manifest()
    }

    /// The department whose key sealed it.
    pub fn department(&self) -> &Department {
        &self.contents.department
    }

    /// Whether this is the release that was approved.
    pub fn matches(&self, release: &ReleaseDocument) -> Result<(), Refusal> {
        self.contents.matches(release)?;
        if release.container == self.file.container() {
            return Ok(());
        }
        Err(ReleaseRefusal::OtherPackage { member: "container" }.into())
    }
}
