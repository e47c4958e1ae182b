//! Which role documents a reviewer signs, prepared before the question is asked and signed after it was answered.

use guichet_api::{Proposal, ProposalRole, SignedDocument};
use guichet_trust::{
    editor::{self, Draft, Pending, attach_signature},
    metadata::{Document, Expiry, Signers, Targets, owner_of_bin},
    sign::PublicKey,
};

use crate::{
    failure::Failure,
    key::Key,
    message::{Detail, Field, Message},
    metadata::Metadata,
    printer::Printer,
    proposal::{Proposed, differs, same, sorted},
};

const DAY_MS: u64 = 86_400_000;
/// How long a department's role document lasts: the timestamp and the snapshot say what is fresh.
const LASTS_MS: u64 = 400 * DAY_MS;

/// The documents to sign.
pub(crate) struct Plan {
    steps: Vec<Step>,
}

struct Step {
    role: String,
    /// What else would be signed for, because those who had signed it no longer may: paths beside the release's.
    adopted: Vec<String>,
    work: Work,
    have: usize,
    need: u64,
}

enum Work {
    /// The next version of the role's document, which nobody has signed yet.
    First(Box<Draft<Targets>>),
    /// A document another reviewer has signed: these bytes, and nothing else, get one more signature.
    Add(Vec<u8>),
}

impl Plan {
    /// Prepares the documents of all proposed roles that still need signatures.
    pub(crate) fn prepare(
        proposed: &Proposed,
        proposal: &Proposal,
        metadata: &Metadata,
        key: &PublicKey,
        now_ms: u64,
    ) -> Result<Self, Failure> {
        check_listed(proposed, metadata, key)?;
        let mut steps = Vec::new();
        for family in &proposed.roles {
            let refuse = |refusal| Failure::trust(refusal, format!("role {family}"));
            let (targets, listing) = (metadata.targets()?, metadata.listing(family));
            let expires_ms = now_ms.saturating_add(LASTS_MS);
            let next = listing.next(targets, family, (&proposed.path, proposed.file()), expires_ms).map_err(refuse)?;
            let of_family = |role: &&ProposalRole| owner_of_bin(&role.role).unwrap_or(&role.role) == family;
            let meant: Vec<_> = proposal.roles.iter().filter(of_family).collect();
            for role in &meant {
                check_current(role, metadata)?;
            }
            let names = |names: Vec<&str>| sorted(&names);
            let wanted = names(next.drafts.iter().map(|(role, _)| role.as_str()).collect());
            same(Field::Roles, &names(meant.iter().map(|role| role.role.as_str()).collect()), &wanted)?;
            for (role, draft) in next.drafts {
                let Some(meant) = meant.iter().find(|meant| meant.role == role) else { continue };
                let delegator = next.delegator.as_ref().filter(|_| role != *family).unwrap_or(targets);
                // Signatures of keys that the office removed count for nothing, whatever the role itself says.
                let signers = targets.signed().signers(family);
                let lapsed = listing
                    .document(&role)
                    .filter(|document| signers.as_ref().is_none_or(|signers| signers.check(document).is_err()));
                let listed = lapsed.into_iter().flat_map(|document| document.signed().targets.keys());
                let adopted = listed.filter(|path| **path != proposed.path).cloned().collect();
                steps.extend(step(meant, draft, delegator, adopted, key, now_ms)?);
            }
        }
        Ok(Self { steps })
    }

    /// Whether there is nothing left for this key to sign.
    pub(crate) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// What signing vouches for besides the release, by role.
    pub(crate) fn adopted(&self) -> impl Iterator<Item = (&str, &[String])> {
        let steps = self.steps.iter().map(|step| (step.role.as_str(), step.adopted.as_slice()));
        steps.filter(|(_, adopted)| !adopted.is_empty())
    }

    /// Signs all of them.
    pub(crate) fn sign(self, key: &Key, printer: Printer) -> Result<Vec<SignedDocument>, Failure> {
        self.steps.into_iter().map(|step| step.sign(key, printer)).collect()
    }
}

impl Step {
    fn sign(self, key: &Key, printer: Printer) -> Result<SignedDocument, Failure> {
        let refuse = |refusal| Failure::trust(refusal, format!("role {}", self.role));
        let document = match self.work {
            Work::First(draft) => draft.sign(&[]).map_err(refuse)?,
            Work::Add(document) => document,
        };
        let signature = key.sign(&editor::message(&document).map_err(refuse)?)?;
        let bytes = attach_signature(&document, &key.public(), &signature).map_err(refuse)?;
        printer.say(&Message::Signed { role: self.role.clone(), have: self.have + 1, need: self.need });
        Ok(SignedDocument { role: self.role, document: String::from_utf8_lossy(&bytes).into_owned() })
    }
}

/// The key must be listed for every role, so that nobody finds out after half of the signatures.
fn check_listed(proposed: &Proposed, metadata: &Metadata, key: &PublicKey) -> Result<(), Failure> {
    let targets = metadata.targets()?.signed();
    let is_listed = |role: &&String| targets.signers(role).is_some_and(|signers| signers.keys().contains(&key.id()));
    let missing: Vec<&str> = proposed.roles.iter().filter(|role| !is_listed(role)).map(String::as_str).collect();
    if missing.is_empty() { Ok(()) } else { Err(Failure::NotYourRole { roles: missing.join(", ") }) }
}

fn step(
    role: &ProposalRole,
    draft: Draft<Targets>,
    delegator: &Document<Targets>,
    adopted: Vec<String>,
    key: &PublicKey,
    now_ms: u64,
) -> Result<Option<Step>, Failure> {
    let refuse = |refusal| Failure::trust(refusal, format!("role {}", role.role));
    let next = draft.signed().header.version;
    if next != role.next_version {
        let what = Field::RoleVersion { role: role.role.clone() };
        return Err(differs(what, role.next_version.to_string().into(), next.to_string().into()));
    }
    let Some(document) = &role.document else {
        let need = draft.signers().map_or(1, Signers::threshold);
        return Ok(Some(Step { role: role.role.clone(), adopted, work: Work::First(Box::new(draft)), have: 0, need }));
    };
    let pending = Pending::read(delegator, &role.role, document.as_bytes()).map_err(refuse)?;
    check_pending(&pending, &draft, now_ms)?;
    if pending.is_complete() || pending.signed_by.contains(&key.id()) {
        return Ok(None);
    }
    let (have, need) = (pending.signed_by.len(), pending.threshold);
    let work = Work::Add(document.clone().into_bytes());
    Ok(Some(Step { role: role.role.clone(), adopted, work, have, need }))
}

/// The store must mean the role's document that this machine knows to be the present one.
fn check_current(role: &ProposalRole, metadata: &Metadata) -> Result<(), Failure> {
    let known = metadata.role(&role.role);
    let version = known.map_or(0, Document::version);
    let meant = match &role.current {
        Some(text) => {
            let read = Document::<Targets>::parse(text.clone().into_bytes());
            read.map_err(|refusal| Failure::trust(refusal, format!("role {}", role.role)))?.version()
        }
        None => 0,
    };
    if meant > version {
        // Listed but not published yet: the targets it names may not be there.
        let path = format!("metadata/{meant}.{}.json", role.role);
        return Err(Failure::Mirror { path, what: Detail::NotPublishedYet });
    }
    let text = known.map(|document| String::from_utf8_lossy(document.bytes()).into_owned());
    if role.current != text {
        let what = Field::RoleNow { role: role.role.clone() };
        return Err(differs(what, meant.to_string().into(), version.to_string().into()));
    }
    Ok(())
}

/// What another reviewer has signed must say what this machine would have said; only the expiry may be another's.
fn check_pending(pending: &Pending, draft: &Draft<Targets>, now_ms: u64) -> Result<(), Failure> {
    let expires = pending.document.expires();
    if expires.is_past(now_ms) || expires.as_millis() > now_ms.saturating_add(LASTS_MS + DAY_MS) {
        let days = expires.as_millis().saturating_sub(now_ms) / DAY_MS;
        return Err(differs(Field::Expiry, Detail::Days { days }, Detail::UpToDays { days: LASTS_MS / DAY_MS }));
    }
    let mut wanted = draft.signed().clone();
    wanted.header.expires = Expiry::at(expires.as_millis());
    if *pending.document.signed() == wanted {
        Ok(())
    } else {
        Err(differs(Field::SecondSignature, Detail::SomethingElseToo, Detail::ThisReleaseOnly))
    }
}
