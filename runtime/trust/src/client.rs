//! What a device believes: metadata that verified, in one consistent state, and the update that leads to the next.
//!
//! Everything in a [`TrustedMetadata`] is signed by enough keys of its current delegator, and every targets document
//! is exactly the one the snapshot lists; [`Refresh`] keeps it so.

mod refresh;
mod restore;
mod search;

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, VecDeque},
};

pub use self::refresh::{Fetch, Limits, Refresh};
use crate::{
    Refusal,
    metadata::{
        Delegation, Document, Expiry, Metadata, Root, Snapshot, TargetFile, Targets, Timestamp, file_stem, owner_of_bin,
    },
    refusal::Reason,
};

/// Delegations from `targets` to a role, at most; far more than departments and their bins need.
const MAX_DELEGATIONS_DEEP: usize = 4;

/// Hash bins of one role that are followed by name, at most; a search finds its way through any number.
const MAX_BINS: usize = 1 << 12;

/// Metadata that was verified: from a root somebody chose to trust down to the roles of departments.
#[derive(Clone, Debug)]
pub struct TrustedMetadata {
    root: Document<Root>,
    /// The roots after the one that was given, which lead to `root`.
    chain: BTreeMap<u64, Vec<u8>>,
    timestamp: Option<Document<Timestamp>>,
    snapshot: Option<Document<Snapshot>>,
    targets: Option<Document<Targets>>,
    roles: BTreeMap<String, Document<Targets>>,
    /// Documents a search came upon under another delegator than the one that counts for their name.
    elsewhere: BTreeMap<String, Document<Targets>>,
}

impl TrustedMetadata {
    /// Trusts a root that came another way than from the store: with the program or its trust file (TUF 5.2).
    pub fn from_root(bytes: &[u8]) -> Result<Self, Refusal> {
        let root = Document::<Root>::parse(bytes.to_vec()).and_then(|root| {
            root.check_signed("root", &root)?;
            Ok(root)
        });
        let root = root.map_err(|refusal| refusal.at("root.json"))?;
        Ok(Self {
            root,
            chain: BTreeMap::new(),
            timestamp: None,
            snapshot: None,
            targets: None,
            roles: BTreeMap::new(),
            elsewhere: BTreeMap::new(),
        })
    }

    /// What to keep for [`Self::restore`]: every document exactly as it was served, under the name to keep it by.
    ///
    /// They are one state and belong together: replace all of them at once.
    pub fn documents(&self) -> impl Iterator<Item = (String, &[u8])> {
        let roots = self.chain.iter().map(|(version, bytes)| (root_name(*version), bytes.as_slice()));
        let named = |name: &str| format!("{name}.json");
        let timestamp = self.timestamp.iter().map(move |it| (named("timestamp"), it.bytes()));
        let snapshot = self.snapshot.iter().map(move |it| (named("snapshot"), it.bytes()));
        let targets = self.targets.iter().map(move |it| (named("targets"), it.bytes()));
        let roles = self.elsewhere.iter().chain(&self.roles);
        let roles = roles.map(move |(role, it)| (named(&file_stem(role)), it.bytes()));
        roots.chain(timestamp).chain(snapshot).chain(targets).chain(roles)
    }

    /// The trusted root.
    pub fn root(&self) -> &Document<Root> {
        &self.root
    }

    /// The trusted document of `targets` or of a delegated role.
    pub fn role(&self, role: &str) -> Option<&Document<Targets>> {
        if role == "targets" { self.targets.as_ref() } else { self.roles.get(role) }
    }

    /// The trusted version of a role.
    pub fn version(&self, role: &str) -> Option<u64> {
        self.header(role).map(|(version, _)| version)
    }

    /// When the trusted document of a role expires, in milliseconds since 1970.
    pub fn expires(&self, role: &str) -> Option<u64> {
        self.header(role).map(|(_, expires)| expires.as_millis())
    }

    /// The files `targets` or a delegated role vouches for, by itself or in its hash bins: only those its delegation
    /// covers, whatever it lists.
    pub fn targets(&self, role: &str) -> impl Iterator<Item = (&str, &TargetFile)> {
        let own = self.covered(role);
        let listed = move |path: &str| self.role(role).is_some_and(|own| own.signed().targets.contains_key(path));
        let binned = self.bins_of(role).into_iter().flat_map(|bin| self.covered(&bin).collect::<Vec<_>>());
        own.chain(binned.filter(move |(path, _)| !listed(path)))
    }

    /// The file at `path`, if `role` vouches for it, by itself or in its hash bins, and may.
    pub fn target(&self, role: &str, path: &str) -> Option<&TargetFile> {
        let (document, delegations) = self.authority(role)?;
        if !delegations.iter().all(|delegation| delegation.covers(path)) {
            return None;
        }
        if let Some(file) = document.signed().targets.get(path) {
            return Some(file);
        }
        let bin = document.signed().bins()?.bin(path).name;
        self.is_bin_of(role, document, &bin).then(|| self.roles.get(&bin)?.signed().targets.get(path)).flatten()
    }

    /// The hash bins of a role whose documents are here and count.
    pub fn bins_of(&self, role: &str) -> Vec<String> {
        let Some(document) = self.role(role) else { return Vec::new() };
        let bins = document.signed().bins().into_iter().flat_map(|bins| bins.all().take(MAX_BINS));
        bins.map(|bin| bin.name).filter(|bin| self.is_bin_of(role, document, bin)).collect()
    }

    /// Whether a bin's document is here and signed by those who may sign for the role itself: whom a role lets sign for
    /// its bins, it cannot keep against whoever delegates to it.
    fn is_bin_of(&self, role: &str, document: &Document<Targets>, bin: &str) -> bool {
        let Some(found) = self.roles.get(bin) else { return false };
        let is_its_own = self.step_to(bin).is_some_and(|step| step.delegator == role);
        let Some(delegator) = self.step_to(role).and_then(|step| self.role(step.delegator)) else { return false };
        // What is here was verified by the keys the role names. Only where those are others is it judged again.
        is_its_own
            && (names_the_same_keys(delegator, role, document)
                || delegator.signed().signers(role).is_some_and(|signers| signers.check(found).is_ok()))
    }

    /// What a role's own document lists and every delegation that leads to it covers.
    fn covered(&self, role: &str) -> impl Iterator<Item = (&str, &TargetFile)> {
        self.authority(role).into_iter().flat_map(|(document, delegations)| {
            let listed = document.signed().targets.iter().map(|(path, file)| (path.as_str(), file));
            listed.filter(move |(path, _)| delegations.iter().all(|delegation| delegation.covers(path)))
        })
    }

    /// Whether these bytes are what the trusted snapshot lists for a role, whoever signed them.
    pub fn is_published(&self, role: &str, document: &Document<Targets>) -> bool {
        self.is_pinned(role, document)
    }

    /// The version of a role's document that the trusted snapshot lists.
    pub fn published_version(&self, role: &str) -> Option<u64> {
        self.snapshot.as_ref()?.signed().pin(role).map(|pin| pin.version)
    }

    /// The delegated roles, nearest to `targets` first and then in order of appearance, whether their documents were
    /// fetched or not.
    pub fn delegated_roles(&self) -> impl Iterator<Item = Cow<'_, Delegation>> {
        self.delegations().into_iter().map(|step| step.delegation)
    }

    fn header(&self, role: &str) -> Option<(u64, Expiry)> {
        fn of<T: Metadata>(document: &Document<T>) -> (u64, Expiry) {
            (document.version(), document.expires())
        }
        match role {
            "root" => Some(of(&self.root)),
            "timestamp" => self.timestamp.as_ref().map(of),
            "snapshot" => self.snapshot.as_ref().map(of),
            _ => self.role(role).map(of),
        }
    }

    /// The document of a role and every delegation that leads to it.
    fn authority(&self, role: &str) -> Option<(&Document<Targets>, Vec<Cow<'_, Delegation>>)> {
        let document = self.role(role)?;
        let mut chain = Vec::new();
        let mut next = role;
        while next != "targets" {
            let step = self.step_to(next)?;
            chain.push(step.delegation);
            next = step.delegator;
        }
        Some((document, chain))
    }

    /// The delegation to a role that counts; nearly always one of `targets` itself, which is looked at first.
    fn step_to(&self, role: &str) -> Option<Step<'_>> {
        let direct = self.targets.as_ref().and_then(|targets| targets.signed().delegation(role));
        match direct {
            Some(delegation) => Some(Step { delegator: "targets", delegation }),
            None => {
                self.own_bin(role).or_else(|| self.delegations().into_iter().find(|step| step.delegation.name == role))
            }
        }
    }

    /// The delegation to a hash bin by the role that it is named after: nobody else can take that name.
    fn own_bin(&self, role: &str) -> Option<Step<'_>> {
        let owner = owner_of_bin(role)?;
        let (delegator, document) = self.roles.get_key_value(owner)?;
        let delegation = document.signed().bins()?.named(role).map(Cow::Owned)?;
        Some(Step { delegator, delegation })
    }

    /// All delegations by breadth: where two roles delegate to the same name, the one nearer to `targets` counts, so
    /// that no department can take another's name by delegating to it.
    fn delegations(&self) -> Vec<Step<'_>> {
        let mut steps = Vec::new();
        let mut seen = BTreeSet::new();
        let mut queue: VecDeque<(&str, _, _)> = self.targets.iter().map(|it| ("targets", it, 1)).collect();
        while let Some((delegator, document, depth)) = queue.pop_front() {
            for delegation in document.signed().delegations().take(document.signed().listed().len().max(MAX_BINS)) {
                let is_anothers = || self.own_bin(&delegation.name).is_some_and(|step| step.delegator != delegator);
                if seen.contains(&delegation.name) || (delegator != "targets" && is_anothers()) {
                    continue;
                }
                seen.insert(delegation.name.clone());
                if let Some((name, next)) = self.roles.get_key_value(&delegation.name)
                    && depth < MAX_DELEGATIONS_DEEP
                {
                    queue.push_back((name, next, depth + 1));
                }
                steps.push(Step { delegator, delegation });
            }
        }
        steps
    }

    /// Whether `document` is what the snapshot lists for `role` and its current delegator lets it say.
    fn check_role(&self, role: &str, document: &Document<Targets>) -> Result<(), Refusal> {
        if role == "targets" {
            self.root.check_signed(role, document)?;
            document.signed().check_role(role)?;
        } else {
            let delegator = self.step_to(role).and_then(|step| self.role(step.delegator));
            let Some(delegator) = delegator else { return Err(Reason::Delegation(role.to_owned()).into()) };
            delegator.check_delegated(role, document)?;
        }
        match self.snapshot.as_ref().and_then(|snapshot| snapshot.signed().pin(role)) {
            Some(pin) => pin.check_version(document),
            None => Err(Reason::Unlisted(format!("`{role}.json`")).into()),
        }
    }

    /// Drops what no longer verifies or is no longer listed: called whenever something above it changed.
    fn prune(&mut self) {
        if self.timestamp.as_ref().is_some_and(|it| self.root.check_signed("timestamp", it).is_err()) {
            self.timestamp = None;
        }
        if self.snapshot.as_ref().is_some_and(|it| self.root.check_signed("snapshot", it).is_err()) {
            self.snapshot = None;
        }
        let mut stale = std::mem::take(&mut self.elsewhere);
        stale.append(&mut self.roles);
        self.targets = self.targets.take().filter(|it| self.admits("targets", it));
        // By breadth, so that a role is judged by a delegator that was itself judged before.
        for _ in 0..MAX_DELEGATIONS_DEEP {
            let names = self.delegations().into_iter().map(|step| step.delegation.name.clone());
            let found: Vec<_> = names.filter_map(|name| stale.remove_entry(&name)).collect();
            let kept: Vec<_> = found.into_iter().filter(|(role, it)| self.admits(role, it)).collect();
            if kept.is_empty() {
                break;
            }
            self.roles.extend(kept);
        }
        self.find_elsewhere(stale);
    }

    /// Keeps of `stale` what the snapshot lists and any delegator that is trusted vouches for.
    fn find_elsewhere(&mut self, mut stale: BTreeMap<String, Document<Targets>>) {
        stale.retain(|role, it| self.is_pinned(role, it));
        loop {
            let delegators = self.targets.iter().chain(self.roles.values()).chain(self.elsewhere.values());
            let delegators: Vec<_> = delegators.filter(|it| it.signed().delegations.is_some()).collect();
            let vouched = |role: &str, it: &_| delegators.iter().any(|by| by.check_delegated(role, it).is_ok());
            let found = stale.iter().filter(|(role, it)| vouched(role, it)).map(|(role, _)| role.clone());
            let found: Vec<_> = found.collect();
            if found.is_empty() {
                return;
            }
            self.elsewhere.extend(found.iter().filter_map(|role| stale.remove_entry(role)));
        }
    }

    fn admits(&self, role: &str, document: &Document<Targets>) -> bool {
        self.is_pinned(role, document) && self.check_role(role, document).is_ok()
    }

    fn is_pinned(&self, role: &str, document: &Document<Targets>) -> bool {
        let pin = self.snapshot.as_ref().and_then(|snapshot| snapshot.signed().pin(role));
        pin.is_some_and(|pin| pin.check_bytes(document.bytes()).is_ok() && pin.check_version(document).is_ok())
    }
}

/// One delegation and the role that makes it.
struct Step<'a> {
    delegator: &'a str,
    delegation: Cow<'a, Delegation>,
}

/// Whether a role lets exactly those sign for its bins who sign for itself.
fn names_the_same_keys(delegator: &Document<Targets>, role: &str, document: &Document<Targets>) -> bool {
    let (above, below) = (&delegator.signed().delegations, &document.signed().delegations);
    let Some((above, below)) = above.as_ref().zip(below.as_ref()) else { return false };
    let listed = delegator.signed().delegation(role).zip(below.succinct_roles.as_ref());
    listed.is_some_and(|(role, bins)| {
        let keys = bins.keyids.iter().all(|id| above.keys.get(id) == below.keys.get(id));
        role.keyids == bins.keyids && role.threshold == bins.threshold && keys
    })
}

fn root_name(version: u64) -> String {
    format!("{version}.root.json")
}
