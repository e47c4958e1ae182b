//! The next root or top-level targets on its way from keyholder to keyholder: one file that carries all a signer needs.
//!
//! Nothing in the file is believed because it is there: who may sign is read from the newest root, whose digest
//! keyholders compare with what they noted at the last ceremony.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{attach_signature, message, read_root, read_targets};
use crate::{
    Refusal, canonical,
    digest::Digest,
    metadata::{Document, Metadata, Root, Signers, Targets},
    refusal::Reason,
    sign::{KeyId, Message, PublicKey, SecretKey, Signature},
};

/// A document to be signed, and what it would replace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ceremony {
    format: u32,
    /// The store's newest root.
    root: String,
    /// The document that would be replaced; the root itself if that is what changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    targets: Option<String>,
    /// The next document, with the signatures it has so far.
    document: String,
}

/// What a keyholder decides about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// `root` or `targets`.
    pub role: &'static str,
    /// The version the document would have.
    pub version: u64,
    /// When it would expire, in milliseconds since 1970.
    pub expires: u64,
    /// The newest root by which this was read.
    pub root: Digest,
    /// Whose signatures are needed, and which are there.
    pub needs: Vec<Signatures>,
    /// Roles whose keys or threshold would change.
    pub roles: Vec<RoleChange>,
    /// Target paths whose files would change.
    pub paths: Vec<String>,
}

impl Question {
    /// Whether nothing is missing.
    pub fn is_answered(&self) -> bool {
        self.needs.iter().all(|need| need.signed_by.len() as u64 >= need.threshold)
    }
}

/// The signatures one set of keyholders has to give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signatures {
    /// The root that lists these keyholders.
    pub by_root: u64,
    /// The keys that may sign.
    pub keys: BTreeSet<KeyId>,
    /// The keys that have signed.
    pub signed_by: BTreeSet<KeyId>,
    /// How many have to.
    pub threshold: u64,
}

/// What would change for one role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleChange {
    /// The role.
    pub role: String,
    /// Keys that would sign for it from now on.
    pub added: BTreeSet<KeyId>,
    /// Keys that would no longer.
    pub removed: BTreeSet<KeyId>,
    /// How many had to sign, and how many would have to; 0 for a role that does not exist.
    pub threshold: (u64, u64),
}

impl Ceremony {
    /// The next root, not yet signed or with some signatures.
    pub fn of_root(root: &Document<Root>, next: &[u8]) -> Self {
        Self { format: 1, root: text(root.bytes()), targets: None, document: text(next) }
    }

    /// The next top-level targets.
    pub fn of_targets(root: &Document<Root>, targets: &Document<Targets>, next: &[u8]) -> Self {
        let targets = Some(text(targets.bytes()));
        Self { format: 1, root: text(root.bytes()), targets, document: text(next) }
    }

    /// Reads the file.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let ceremony: Self = canonical::parse_as(bytes)?;
        match ceremony.format {
            1 => Ok(ceremony),
            other => Err(Reason::Format(format!("its format is {other}, not 1")).into()),
        }
    }

    /// The file's bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Refusal> {
        canonical::to_vec(self)
    }

    /// The document with the signatures it has.
    pub fn document(&self) -> &[u8] {
        self.document.as_bytes()
    }

    /// What the keyholders are asked.
    pub fn question(&self) -> Result<Question, Refusal> {
        let root = read_root(None, self.root.as_bytes()).map_err(|refusal| refusal.at("root.json"))?;
        match &self.targets {
            None => self.about_root(&root),
            Some(current) => {
                let current = read_targets(&root, current.as_bytes()).map_err(|refusal| refusal.at("targets.json"))?;
                self.about_targets(&root, &current)
            }
        }
    }

    /// Adds the signature of a keyholder whom the question asks.
    pub fn sign(&mut self, key: &SecretKey) -> Result<(), Refusal> {
        let signature = key.sign_message(&self.message(&key.public())?);
        self.attach(&key.public(), &signature)
    }

    /// What a keyholder signs, if the question asks this one.
    pub fn message(&self, key: &PublicKey) -> Result<Message, Refusal> {
        let question = self.question()?;
        let id = key.id();
        if !question.needs.iter().any(|need| need.keys.contains(&id)) {
            return Err(Reason::EditKey { role: question.role.to_owned(), key: id.to_string() }.into());
        }
        message(self.document.as_bytes())
    }

    /// Adds a signature that was made elsewhere; one that is not good is refused.
    pub fn attach(&mut self, key: &PublicKey, signature: &Signature) -> Result<(), Refusal> {
        self.document = text(&attach_signature(self.document.as_bytes(), key, signature)?);
        Ok(())
    }

    fn about_root(&self, root: &Document<Root>) -> Result<Question, Refusal> {
        let next = Document::<Root>::parse(self.document.clone().into_bytes())?;
        follows(root.version(), next.version())?;
        let signers = |root: &Document<Root>| root.signed().signers("root");
        let needs = [(root, signers(root)), (&next, signers(&next))].into_iter();
        let needs = needs.filter_map(|(by, signers)| Some(signatures(by.version(), &signers?, &next)));
        let of = |root: &Document<Root>| -> Signing {
            let roles = root.signed().roles.keys();
            roles.filter_map(|role| Some((role.clone(), root.signed().signers(role)?))).collect()
        };
        Ok(Question {
            role: "root",
            needs: needs.collect(),
            roles: changed(&of(root), &of(&next)),
            paths: Vec::new(),
            ..question(root, &next)
        })
    }

    fn about_targets(&self, root: &Document<Root>, current: &Document<Targets>) -> Result<Question, Refusal> {
        let next = Document::<Targets>::parse(self.document.clone().into_bytes())?;
        next.signed().check_role("targets")?;
        follows(current.version(), next.version())?;
        let signers = root.signed().signers("targets");
        let of = |targets: &Document<Targets>| -> Signing {
            let roles = targets.signed().listed().iter().map(|delegation| &delegation.name);
            roles.filter_map(|role| Some((role.clone(), targets.signed().signers(role)?))).collect()
        };
        let paths = super::changes(Some(current.signed()), next.signed());
        Ok(Question {
            role: "targets",
            needs: signers.iter().map(|signers| signatures(root.version(), signers, &next)).collect(),
            roles: changed(&of(current), &of(&next)),
            paths: paths.into_iter().map(|change| change.path).collect(),
            ..question(root, &next)
        })
    }
}

type Signing = BTreeMap<String, Signers>;

fn question<T: Metadata>(root: &Document<Root>, next: &Document<T>) -> Question {
    Question {
        role: T::TYPE,
        version: next.version(),
        expires: next.expires().as_millis(),
        root: root.digest(),
        needs: Vec::new(),
        roles: Vec::new(),
        paths: Vec::new(),
    }
}

fn signatures<T>(by_root: u64, signers: &Signers, document: &Document<T>) -> Signatures {
    let (keys, signed_by) = (signers.keys(), signers.signed(document));
    Signatures { by_root, keys, signed_by, threshold: signers.threshold() }
}

fn follows(current: u64, next: u64) -> Result<(), Reason> {
    match next == current + 1 {
        true => Ok(()),
        false => Err(Reason::Version { expected: current + 1, found: next }),
    }
}

fn changed(before: &Signing, after: &Signing) -> Vec<RoleChange> {
    let names: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let changes = names.into_iter().map(|role| {
        let keys = |roles: &Signing| roles.get(role).map(Signers::keys).unwrap_or_default();
        let threshold = |roles: &Signing| roles.get(role).map_or(0, Signers::threshold);
        let (had, has) = (keys(before), keys(after));
        RoleChange {
            role: role.clone(),
            added: has.difference(&had).copied().collect(),
            removed: had.difference(&has).copied().collect(),
            threshold: (threshold(before), threshold(after)),
        }
    });
    changes.filter(|it| !it.added.is_empty() || !it.removed.is_empty() || it.threshold.0 != it.threshold.1).collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
