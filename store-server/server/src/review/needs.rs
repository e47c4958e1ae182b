//! Which roles must list a release before a device takes it, and how far they are.

use std::collections::BTreeSet;

use guichet_api::ProposalRole;
use guichet_contract::Permission;
use guichet_package::{ReleaseDocument, release::release_path};
use guichet_trust::{
    Refusal,
    editor::{Draft, Pending},
    metadata::{Document, Signers, TargetFile, Targets},
    sign::KeyId,
};
use sqlx::AnyConnection;

use super::widest;
use crate::{
    database::{reviews, submissions::SubmissionRecord},
    error::{NotDone, StoreError},
    problems,
    repository::{self, Authority, OFFLINE_MS},
};

/// All that a release of one submission needs.
#[derive(Debug)]
pub struct Needs {
    /// Who delegates to the roles.
    pub authority: Authority,
    /// The path the release is to be listed under.
    pub path: String,
    /// The release.
    pub release: ReleaseDocument,
    /// The department's roles that must list it, by themselves or in their hash bins.
    pub families: Vec<String>,
    /// The documents to sign for that, in their order.
    pub roles: Vec<Need>,
}

/// One document that must be signed so that the release is listed.
#[derive(Debug)]
pub struct Need {
    /// The role: a department's, or one of its hash bins.
    pub role: String,
    /// Who delegates to it.
    delegator: Document<Targets>,
    /// Who may sign for it.
    pub signers: Signers,
    /// What it lists now; whoever signs the next one signs for all of it, also if keys that had signed it were removed.
    pub current: Option<Document<Targets>>,
    /// What is to be signed, but for its expiry.
    pub(super) draft: Draft<Targets>,
    /// What reviewers have signed so far and still follows `current`.
    pub pending: Option<Pending>,
}

impl Needs {
    /// Looks them up. A department's own role lists every release; `-wide` lists those that widen, and those that two
    /// reviewers must sign for another reason.
    pub async fn of(connection: &mut AnyConnection, record: &SubmissionRecord) -> Result<Self, StoreError> {
        let authority = repository::authority(connection).await?;
        let release = ReleaseDocument::parse(&record.release_document)
            .map_err(StoreError::document("read a proposed release document"))?;
        let allowed = widest(connection, &record.department, &record.app_id, &record.channel).await?;
        let mut families = vec![repository::narrow_role(&record.department)];
        if record.is_wide || !Permission::beyond(&allowed, &release.permissions).is_empty() {
            families.push(repository::wide_role(&record.department));
        }
        let path = release_path(&record.department, &record.app_id, &record.channel);
        let file = TargetFile::of(&record.release_document);
        let kept = reviews::pending(connection, &record.id).await?;
        let mut roles = Vec::new();
        for family in &families {
            let listing = repository::listing(connection, family).await?;
            let next = listing.next(&authority.targets, family, (&path, &file), OFFLINE_MS);
            let next = next.map_err(StoreError::document("prepare a department's role"))?;
            for (role, draft) in next.drafts {
                let delegator = next.delegator.as_ref().filter(|_| role != *family).unwrap_or(&authority.targets);
                let pending = kept.iter().find(|pending| pending.role == role).map(|pending| &*pending.document);
                let current = listing.document(&role).cloned();
                roles.push(Need::of(delegator.clone(), role, current, draft, pending)?);
            }
        }
        Ok(Self { authority, path, release, families, roles })
    }

    /// Whether every role has as many keys as must sign.
    pub fn check_keys(&self) -> Result<(), NotDone> {
        let short = |need: &&Need| (need.signers.keys().len() as u64) < need.signers.threshold();
        match self.roles.iter().find(short) {
            Some(need) => {
                Err(problems::no_reviewer_keys(&need.role, need.signers.keys().len(), need.threshold()).into())
            }
            None => Ok(()),
        }
    }
}

impl Need {
    fn of(
        delegator: Document<Targets>,
        role: String,
        current: Option<Document<Targets>>,
        draft: Draft<Targets>,
        pending: Option<&[u8]>,
    ) -> Result<Self, StoreError> {
        let operation = "read a department's role";
        let signers = delegator.signed().signers(&role);
        let signers =
            signers.ok_or_else(|| StoreError::Document { operation, reason: format!("no delegation to `{role}`") })?;
        let pending = pending.map(|bytes| Pending::read(&delegator, &role, bytes)).transpose();
        let pending = pending.map_err(StoreError::document(operation))?;
        let next_version = draft.signed().header.version;
        let pending = pending.filter(|pending| pending.document.version() == next_version);
        Ok(Self { role, delegator, signers, current, draft, pending })
    }

    /// Reads what somebody has signed for it.
    pub(super) fn read(&self, posted: &[u8]) -> Result<Pending, Refusal> {
        Pending::read(&self.delegator, &self.role, posted)
    }

    /// The version that follows.
    pub fn next_version(&self) -> u64 {
        self.draft.signed().header.version
    }

    /// How many keys must sign.
    pub fn threshold(&self) -> u32 {
        u32::try_from(self.signers.threshold()).unwrap_or(u32::MAX)
    }

    /// Who has signed what is pending.
    pub fn signed_by(&self) -> BTreeSet<KeyId> {
        self.pending.as_ref().map(|pending| pending.signed_by.clone()).unwrap_or_default()
    }

    /// Whether what is pending has all its signatures.
    pub fn is_complete(&self) -> bool {
        self.pending.as_ref().is_some_and(Pending::is_complete)
    }

    pub(super) fn proposed(&self) -> ProposalRole {
        let text = |document: &Document<Targets>| String::from_utf8_lossy(document.bytes()).into_owned();
        ProposalRole {
            role: self.role.clone(),
            threshold: self.threshold(),
            keys: self.signers.keys().iter().map(ToString::to_string).collect(),
            signed_by: self.signed_by().iter().map(ToString::to_string).collect(),
            document: self.pending.as_ref().map(|pending| text(&pending.document)),
            current: self.current.as_ref().map(text),
            next_version: self.next_version(),
        }
    }
}
