//! Which roles must list a release before a device takes it, and how far they are.

use std::collections::BTreeSet;

use guichet_api::ProposalRole;
use guichet_contract::Permission;
use guichet_package::{ReleaseDocument, release::release_path};
use guichet_trust::{
    editor::Pending,
    metadata::{Document, Signers, Targets},
    sign::KeyId,
};
use sqlx::SqliteConnection;

use super::widest;
use crate::{
    database::{documents, reviews, submissions::SubmissionRecord},
    error::{NotDone, StoreError},
    problems,
    repository::{self, Authority},
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
    /// The roles, in the order to sign them.
    pub roles: Vec<Need>,
}

/// One role that must list the release.
#[derive(Debug)]
pub struct Need {
    /// The role.
    pub role: String,
    /// Who may sign for it.
    pub signers: Signers,
    /// What it lists now; whoever signs the next one signs for all of it.
    pub current: Option<Document<Targets>>,
    /// What reviewers have signed so far and still follows `current`.
    pub pending: Option<Pending>,
}

impl Needs {
    /// Looks them up. A department's own role lists every release; `-wide` lists those that widen.
    pub async fn of(connection: &mut SqliteConnection, record: &SubmissionRecord) -> Result<Self, StoreError> {
        let authority = repository::authority(connection).await?;
        let release = ReleaseDocument::parse(&record.release_document)
            .map_err(StoreError::document("read a proposed release document"))?;
        let allowed = widest(connection, &record.department, &record.app_id, &record.channel).await?;
        let mut names = vec![repository::narrow_role(&record.department)];
        if !Permission::beyond(&allowed, &release.permissions).is_empty() {
            names.push(repository::wide_role(&record.department));
        }
        let kept = reviews::pending(connection, &record.id).await?;
        let mut roles = Vec::new();
        for role in names {
            let pending = kept.iter().find(|pending| pending.role == role).map(|pending| pending.document.as_slice());
            roles.push(Need::of(connection, &authority.targets, role, pending).await?);
        }
        let path = release_path(&record.department, &record.app_id, &record.channel);
        Ok(Self { authority, path, release, roles })
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
    async fn of(
        connection: &mut SqliteConnection,
        targets: &Document<Targets>,
        role: String,
        pending: Option<&[u8]>,
    ) -> Result<Self, StoreError> {
        let operation = "read a department's role";
        let signers = targets
            .signed()
            .signers(&role)
            .ok_or_else(|| StoreError::Document { operation, reason: format!("no delegation to `{role}`") })?;
        // Keys that signed it may have been removed since: what it lists then counts for nobody until it is signed anew.
        let current = documents::latest(connection, &role).await?;
        let current = current
            .map(|record| Pending::read(targets, &role, &record.document))
            .transpose()
            .map_err(StoreError::document(operation))?
            .map(|current| current.document);
        let pending = pending
            .map(|bytes| Pending::read(targets, &role, bytes))
            .transpose()
            .map_err(StoreError::document(operation))?;
        let next_version = next_version(current.as_ref());
        let pending = pending.filter(|pending| pending.document.version() == next_version);
        Ok(Self { role, signers, current, pending })
    }

    /// The version that follows.
    pub fn next_version(&self) -> u64 {
        next_version(self.current.as_ref())
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

fn next_version(current: Option<&Document<Targets>>) -> u64 {
    current.map_or(0, Document::version).saturating_add(1)
}
