//! What a document will say before anybody signed it.

use std::{borrow::Cow, collections::BTreeMap};

use crate::{
    Refusal, canonical,
    metadata::{
        Delegation, Delegations, Document, Envelope, Expiry, Header, Key, Metadata, Others, Pin, RoleKeys, Root,
        SPEC_VERSION, SignatureEntry, Signers, Snapshot, TargetFile, Targets, Timestamp, is_pattern, is_role_name,
        is_target_path,
    },
    refusal::Reason,
    sign::{KeyId, Message, PublicKey, SecretKey, Signature},
};

/// A document that is being made.
#[derive(Clone, Debug)]
pub struct Draft<T> {
    signed: T,
    /// The delegated role it is for: who may sign it and what it may list.
    role: Option<(Delegation, Signers)>,
}

impl<T: Metadata> Draft<T> {
    /// The version after `document`, the same in everything else.
    pub fn next(document: &Document<T>, expires_ms: u64) -> Self {
        let mut signed = document.signed().clone();
        let header = signed.header_mut();
        header.version += 1;
        header.expires = Expiry::at(expires_ms);
        SPEC_VERSION.clone_into(&mut header.spec_version);
        Self { signed, role: None }
    }

    /// What it will say.
    pub fn signed(&self) -> &T {
        &self.signed
    }

    /// The same, expiring at another time.
    #[must_use]
    pub fn expiring(mut self, expires_ms: u64) -> Self {
        self.signed.header_mut().expires = Expiry::at(expires_ms);
        self
    }

    /// The document's bytes with the signatures of `keys`.
    pub fn sign(&self, keys: &[&SecretKey]) -> Result<Vec<u8>, Refusal> {
        self.signed.check()?;
        if let Some((delegation, signers)) = &self.role {
            let listed = signers.keys();
            if let Some(key) = keys.iter().find(|key| !listed.contains(&key.public().id())) {
                let key = key.public().id().to_string();
                return Err(Reason::EditKey { role: delegation.name.clone(), key }.into());
            }
        }
        let signed = serde_json::to_value(&self.signed).map_err(|error| Reason::Format(error.to_string()))?;
        let mut envelope = Envelope { signatures: Vec::new(), signed };
        for key in keys {
            sign(&mut envelope, key)?;
        }
        canonical::to_vec(&envelope)
    }
}

/// The same document with one more signature; the signed part stays as it is. Signing twice changes nothing.
pub fn add_signature(document: &[u8], key: &SecretKey) -> Result<Vec<u8>, Refusal> {
    let mut envelope = Envelope::parse(document)?;
    sign(&mut envelope, key)?;
    canonical::to_vec(&envelope)
}

/// What a keyholder of this document signs; the key may be one that this program never sees.
pub fn message(document: &[u8]) -> Result<Message, Refusal> {
    message_of(&Envelope::parse(document)?)
}

/// As [`add_signature`], with a signature that was made elsewhere; one that is not good is refused.
pub fn attach_signature(document: &[u8], key: &PublicKey, signature: &Signature) -> Result<Vec<u8>, Refusal> {
    let mut envelope = Envelope::parse(document)?;
    key.check(&message_of(&envelope)?, signature)?;
    attach(&mut envelope, key, signature);
    canonical::to_vec(&envelope)
}

fn message_of(envelope: &Envelope) -> Result<Message, Refusal> {
    Ok(Message::of_document(canonical::olpc(&envelope.signed)?))
}

fn sign(envelope: &mut Envelope, key: &SecretKey) -> Result<(), Refusal> {
    let signature = key.sign_message(&message_of(envelope)?);
    attach(envelope, &key.public(), &signature);
    Ok(())
}

fn attach(envelope: &mut Envelope, key: &PublicKey, signature: &Signature) {
    let keyid = key.id().to_string();
    envelope.signatures.retain(|entry| entry.keyid != keyid);
    envelope.signatures.push(SignatureEntry { keyid, sig: signature.to_string() });
}

impl Draft<Root> {
    /// The first root; it can be signed once every top-level role was given its keys.
    pub fn first_root(expires_ms: u64) -> Self {
        let header = header::<Root>(expires_ms);
        let (keys, roles) = (BTreeMap::new(), BTreeMap::new());
        Self { signed: Root { header, consistent_snapshot: true, keys, roles, others: Others::new() }, role: None }
    }

    /// Gives a top-level role one more key, leaves one out, or changes how many must sign.
    pub fn change_role(
        &mut self,
        role: &str,
        add: &[PublicKey],
        remove: &[KeyId],
        threshold: Option<u64>,
    ) -> Result<(), Refusal> {
        let Some(current) = self.signed.roles.get(role) else { return Err(Reason::EditRole(role.to_owned()).into()) };
        let (mut keyids, threshold) = (current.keyids.clone(), threshold.unwrap_or(current.threshold));
        for key in remove {
            let id = key.to_string();
            if !keyids.contains(&id) {
                return Err(Reason::EditKey { role: role.to_owned(), key: id }.into());
            }
            keyids.retain(|listed| *listed != id);
        }
        let added = ids(add);
        keyids.retain(|listed| !added.contains(listed));
        keyids.extend(added);
        reachable(role, keyids.len(), threshold)?;
        self.signed.keys.extend(add.iter().map(|key| (key.id().to_string(), Key::of(key))));
        self.signed.roles.insert(role.to_owned(), RoleKeys { keyids, threshold, others: Others::new() });
        self.drop_unused_keys();
        Ok(())
    }

    /// Gives a top-level role its keys in place of those it had.
    pub fn set_role(&mut self, role: &str, keys: &[PublicKey], threshold: u64) -> Result<(), Refusal> {
        let keyids = ids(keys);
        reachable(role, keyids.len(), threshold)?;
        for key in keys {
            self.signed.keys.insert(key.id().to_string(), Key::of(key));
        }
        self.signed.roles.insert(role.to_owned(), RoleKeys { keyids, threshold, others: Others::new() });
        self.drop_unused_keys();
        Ok(())
    }

    fn drop_unused_keys(&mut self) {
        let used: Vec<&String> = self.signed.roles.values().flat_map(|role| &role.keyids).collect();
        self.signed.keys.retain(|id, _| used.contains(&id));
    }
}

impl Draft<Targets> {
    /// The first document of the top-level role `targets`.
    pub fn first_targets(expires_ms: u64) -> Self {
        Self { signed: targets("targets", expires_ms), role: None }
    }

    /// Who may sign it, if it is for a delegated role.
    pub fn signers(&self) -> Option<&Signers> {
        self.role.as_ref().map(|(_, signers)| signers)
    }

    /// The next document of a role that `delegator` delegates to: the first one if there is no `current`. Take both
    /// from metadata that was just refreshed: an old document would bring back what was taken from it since.
    pub fn of_role(
        delegator: &Document<Targets>,
        role: &str,
        current: Option<&Document<Targets>>,
        expires_ms: u64,
    ) -> Result<Self, Refusal> {
        let delegation = delegator.signed().delegation(role).map(Cow::into_owned);
        let authority = delegation.zip(delegator.signed().signers(role));
        if authority.is_none() {
            return Err(Reason::EditRole(role.to_owned()).into());
        }
        let signed = match current {
            Some(current) => {
                current.signed().check_role(role)?;
                Targets { role: Some(role.to_owned()), ..Self::next(current, expires_ms).signed }
            }
            None => targets(role, expires_ms),
        };
        Ok(Self { signed, role: authority })
    }

    /// Whether its role may list this path.
    pub(super) fn may_list(&self, path: &str) -> bool {
        is_target_path(path) && self.role.as_ref().is_none_or(|(delegation, _)| delegation.covers(path))
    }

    /// Lists these files and no others.
    pub(super) fn set_targets(&mut self, files: BTreeMap<String, TargetFile>) {
        self.signed.targets = files;
    }

    /// Delegates to these roles and to no others.
    pub(super) fn set_delegations(&mut self, delegations: Delegations) {
        self.signed.delegations = Some(delegations);
    }

    /// Lists a file, in place of what was listed under that path.
    pub fn set_target(&mut self, path: &str, file: TargetFile) -> Result<(), Refusal> {
        if !self.may_list(path) {
            let role = self.signed.role.clone().unwrap_or_else(|| "targets".to_owned());
            return Err(Reason::EditPath { role, path: path.to_owned() }.into());
        }
        self.signed.targets.insert(path.to_owned(), file);
        Ok(())
    }

    /// No longer lists a file.
    pub fn remove_target(&mut self, path: &str) {
        self.signed.targets.remove(path);
    }

    /// Delegates to a new role, after those there are.
    pub fn delegate(&mut self, new: &NewDelegation<'_>) -> Result<(), Refusal> {
        let name = new.name.to_owned();
        if !is_role_name(new.name) {
            return Err(Reason::EditRole(name).into());
        }
        if self.signed.delegation(new.name).is_some() {
            return Err(Reason::EditRoleTaken(name).into());
        }
        if let Some(path) = new.paths.iter().find(|path| !is_pattern(path)) {
            return Err(Reason::EditPath { role: name, path: (*path).to_owned() }.into());
        }
        let delegation = Delegation {
            name,
            keyids: Vec::new(),
            threshold: new.threshold,
            terminating: new.terminating,
            paths: Some(new.paths.iter().map(|path| (*path).to_owned()).collect()),
            path_hash_prefixes: None,
            others: Others::new(),
        };
        self.signed.delegations.get_or_insert_default().roles.get_or_insert_default().push(delegation);
        new.keys.iter().try_for_each(|key| self.add_role_key(new.name, key))
    }

    /// Lists one more key for a delegated role. A role may for a time have fewer keys than its threshold: it then
    /// accepts nothing.
    pub fn add_role_key(&mut self, role: &str, key: &PublicKey) -> Result<(), Refusal> {
        let delegations = self.signed.delegations.get_or_insert_default();
        let Some(delegation) = delegations.roles.iter_mut().flatten().find(|it| it.name == role) else {
            return Err(Reason::EditRole(role.to_owned()).into());
        };
        let id = key.id().to_string();
        if !delegation.keyids.contains(&id) {
            delegation.keyids.push(id.clone());
        }
        delegations.keys.insert(id, Key::of(key));
        Ok(())
    }

    /// No longer lists a key for a delegated role.
    pub fn remove_role_key(&mut self, role: &str, key: &KeyId) -> Result<(), Refusal> {
        let delegations = self.signed.delegations.get_or_insert_default();
        let id = key.to_string();
        let delegation = delegations.roles.iter_mut().flatten().find(|it| it.name == role);
        let Some(delegation) = delegation.filter(|it| it.keyids.contains(&id)) else {
            return Err(Reason::EditKey { role: role.to_owned(), key: id }.into());
        };
        delegation.keyids.retain(|listed| *listed != id);
        let used: Vec<&String> = delegations.roles.iter().flatten().flat_map(|role| &role.keyids).collect();
        delegations.keys.retain(|id, _| used.contains(&id));
        Ok(())
    }

    /// Changes how many keys of a delegated role must sign.
    pub fn set_role_threshold(&mut self, role: &str, threshold: u64) -> Result<(), Refusal> {
        let delegations = self.signed.delegations.get_or_insert_default();
        let Some(delegation) = delegations.roles.iter_mut().flatten().find(|it| it.name == role) else {
            return Err(Reason::EditRole(role.to_owned()).into());
        };
        delegation.threshold = threshold;
        Ok(())
    }
}

impl Draft<Snapshot> {
    /// The first snapshot; it can be signed once `targets` is pinned.
    pub fn first_snapshot(expires_ms: u64) -> Self {
        let header = header::<Snapshot>(expires_ms);
        Self { signed: Snapshot { header, meta: BTreeMap::new(), others: Others::new() }, role: None }
    }

    /// Lists this document for a role; roles once listed stay listed, or devices would refuse the snapshot (5.5.5).
    pub fn pin(&mut self, role: &str, document: &Document<Targets>) {
        self.signed.meta.insert(format!("{role}.json"), Pin::of(document));
    }
}

impl Draft<Timestamp> {
    /// The first timestamp.
    pub fn first_timestamp(snapshot: &Document<Snapshot>, expires_ms: u64) -> Self {
        let header = header::<Timestamp>(expires_ms);
        let mut draft = Self { signed: Timestamp { header, meta: BTreeMap::new(), others: Others::new() }, role: None };
        draft.set_snapshot(snapshot);
        draft
    }

    /// Names this snapshot as the current one.
    pub fn set_snapshot(&mut self, snapshot: &Document<Snapshot>) {
        self.signed.meta.insert("snapshot.json".to_owned(), Pin::of(snapshot));
    }
}

/// A role to delegate to.
#[derive(Clone, Debug)]
pub struct NewDelegation<'a> {
    /// Its name, and that of its document.
    pub name: &'a str,
    /// Its keys; more can be listed later.
    pub keys: &'a [PublicKey],
    /// How many of them must sign.
    pub threshold: u64,
    /// Patterns of the paths it may list.
    pub paths: &'a [&'a str],
    /// Whether a search for a path it covers ends here.
    pub terminating: bool,
}

fn header<T: Metadata>(expires_ms: u64) -> Header {
    Header {
        kind: T::TYPE.to_owned(),
        spec_version: SPEC_VERSION.to_owned(),
        version: 1,
        expires: Expiry::at(expires_ms),
    }
}

fn targets(role: &str, expires_ms: u64) -> Targets {
    Targets {
        header: header::<Targets>(expires_ms),
        role: Some(role.to_owned()),
        targets: BTreeMap::new(),
        delegations: (role == "targets").then(Delegations::default),
        others: Others::new(),
    }
}

fn ids(keys: &[PublicKey]) -> Vec<String> {
    let mut ids = Vec::new();
    for key in keys {
        let id = key.id().to_string();
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

fn reachable(role: &str, keys: usize, threshold: u64) -> Result<(), Refusal> {
    if threshold == 0 || threshold > keys as u64 {
        return Err(Reason::EditThreshold { role: role.to_owned(), threshold, keys }.into());
    }
    Ok(())
}
