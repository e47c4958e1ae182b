//! One update, step by step as TUF 1.0.34 section 5 has it: it names the next file, judges what came, and goes on.

use std::collections::VecDeque;

use super::{TrustedMetadata, root_name, search::Search};
use crate::{
    Refusal,
    metadata::{Document, Pin, Root, Snapshot, TargetFile, Targets, Timestamp, file_stem},
    refusal::Reason,
};

/// How much an update may fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one root.
    pub root_bytes: u64,
    /// Bytes of the timestamp.
    pub timestamp_bytes: u64,
    /// Bytes of the snapshot.
    pub snapshot_bytes: u64,
    /// Bytes of the targets document of one role.
    pub targets_bytes: u64,
    /// Roots one update may step through.
    pub root_rotations: usize,
    /// Delegated roles one update may fetch.
    pub delegated_roles: usize,
    /// Delegated roles one search for a target may visit.
    pub searched_roles: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            root_bytes: 256 << 10,
            timestamp_bytes: 16 << 10,
            snapshot_bytes: 2 << 20,
            targets_bytes: 4 << 20,
            root_rotations: 256,
            delegated_roles: 4096,
            searched_roles: 32,
        }
    }
}

/// A file the update needs next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetch {
    /// Its path below `/metadata/`, encoded for an address.
    pub path: String,
    /// Stop reading after this many bytes: more are refused.
    pub max_bytes: u64,
    /// Whether `None` is an answer: true for the root that may not exist yet. Say `None` only when the store says that
    /// there is no such file; when it cannot be reached, drop the update.
    pub may_be_absent: bool,
}

/// An update in progress; holds no connection and reads no clock.
///
/// ```text
/// while let Some(fetch) = refresh.next() {
///     let answer = download(fetch)?;
///     if let Err(refusal) = refresh.accept(answer) { report(refusal) }
/// }
/// trusted = refresh.finish();
/// ```
///
/// A refused top-level document ends the update; a refused delegated role costs that role alone.
#[derive(Clone, Debug)]
pub struct Refresh {
    former: TrustedMetadata,
    trusted: TrustedMetadata,
    /// TUF 5.1: fixed, so that a long update does not expire on its way.
    now_ms: u64,
    limits: Limits,
    stage: Stage,
    fetch: Option<Fetch>,
    wanted: VecDeque<String>,
    roots: usize,
    roles: usize,
    online_keys_rotated: bool,
    search: Option<Search>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    Root,
    Timestamp,
    Snapshot,
    Targets,
    Role(String),
    Search,
    Complete,
    Refused,
}

impl Refresh {
    /// Begins an update of `trusted` at the time `now_ms`.
    pub fn begin(trusted: TrustedMetadata, now_ms: u64, limits: Limits) -> Self {
        let mut refresh = Self {
            former: trusted.clone(),
            trusted,
            now_ms,
            limits,
            stage: Stage::Root,
            fetch: None,
            wanted: VecDeque::new(),
            roots: 0,
            roles: 0,
            online_keys_rotated: false,
            search: None,
        };
        refresh.fetch_root();
        refresh
    }

    /// The file to fetch now; `None` when the update has ended, or waits for a role to be wanted.
    pub fn next(&self) -> Option<&Fetch> {
        self.fetch.as_ref()
    }

    /// Judges the bytes of the file that [`Self::next`] names, or that there is no such file.
    ///
    /// A refusal leaves the trusted state as it was. After one of a delegated role the update goes on.
    pub fn accept(&mut self, bytes: Option<Vec<u8>>) -> Result<(), Refusal> {
        let Some(fetch) = self.fetch.take() else {
            return Err(Reason::Ended.into());
        };
        let judged = match bytes {
            Some(bytes) => self.judge(bytes, fetch.max_bytes),
            None if fetch.may_be_absent => self.end_of_roots(),
            None => Err(Reason::Missing.into()),
        };
        if judged.is_err() {
            match self.stage {
                Stage::Role(_) => self.fetch_wanted(),
                // TUF 5.6.7.2: a role that does not verify ends the search.
                Stage::Search => self.stage = Stage::Complete,
                _ => self.stage = Stage::Refused,
            }
        }
        judged.map_err(|refusal| refusal.at(fetch.path))
    }

    /// Asks for the document of a delegated role; it is fetched when the top-level roles are known. A role that is not
    /// delegated to or not in the snapshot, and one whose trusted document is current, is skipped.
    pub fn want_role(&mut self, role: &str) {
        if !self.wanted.iter().any(|wanted| wanted == role) {
            self.wanted.push_back(role.to_owned());
        }
        if self.stage == Stage::Complete {
            self.fetch_wanted();
        }
    }

    /// Looks for the target at `path`, once the top-level roles are up to date: from `targets` down, each role's own
    /// list before its delegations, those in their order (TUF 5.6.7). Fetch what is named until nothing is, then ask
    /// [`Self::found`].
    pub fn want_target(&mut self, path: &str) -> Result<(), Refusal> {
        if self.stage != Stage::Complete {
            return Err(Reason::Ended.into());
        }
        self.search = Some(Search::new(path));
        self.go_on_searching().map_err(|refusal| refusal.at(path))
    }

    /// The target that was looked for last: the first role in order that lists it and may.
    pub fn found(&self) -> Option<&TargetFile> {
        self.search.as_ref().and_then(Search::found)
    }

    /// Whether all top-level roles are up to date.
    pub fn is_complete(&self) -> bool {
        matches!(self.stage, Stage::Role(_) | Stage::Search | Stage::Complete)
    }

    /// Whether keys of the timestamp or the snapshot were taken away on the way, so that what was trusted of both was
    /// forgotten (TUF 5.3.11).
    pub fn online_keys_rotated(&self) -> bool {
        self.online_keys_rotated
    }

    /// The state reached so far, with every step the specification persists at once.
    pub fn trusted(&self) -> &TrustedMetadata {
        &self.trusted
    }

    /// The state to go on with and to keep.
    ///
    /// Of a complete update it is the new one. Of any other it is the former one led to the newest root: half an
    /// update would name documents that are not there, and a device must go on without a network.
    pub fn finish(self) -> TrustedMetadata {
        if self.is_complete() {
            return self.trusted;
        }
        let TrustedMetadata { root, chain, .. } = self.trusted;
        let mut kept = TrustedMetadata { root, chain, ..self.former };
        if self.online_keys_rotated {
            kept.timestamp = None;
            kept.snapshot = None;
        }
        kept.prune();
        kept
    }

    fn judge(&mut self, bytes: Vec<u8>, allowed: u64) -> Result<(), Refusal> {
        let found = bytes.len() as u64;
        if found > allowed {
            return Err(Reason::Length { allowed, found }.into());
        }
        match self.stage.clone() {
            Stage::Root => self.root(bytes),
            Stage::Timestamp => self.timestamp(bytes),
            Stage::Snapshot => self.snapshot(bytes),
            Stage::Targets => {
                self.trusted.targets = Some(self.targets("targets", bytes)?);
                // Documents that went with the old delegations stay, if the new ones vouch for them too.
                self.trusted.roles = self.former.roles.clone();
                self.trusted.elsewhere = self.former.elsewhere.clone();
                self.trusted.prune();
                self.fetch_wanted();
                Ok(())
            }
            Stage::Role(role) => {
                let document = self.targets(&role, bytes)?;
                let delegates = document.signed().delegations().next().is_some();
                self.trusted.roles.insert(role, document);
                // It may be nearer to `targets` than the role that a document was judged by before.
                if delegates {
                    self.trusted.prune();
                }
                self.fetch_wanted();
                Ok(())
            }
            Stage::Search => {
                let Some((delegator, role)) = self.search.as_ref().and_then(Search::awaited) else {
                    return Err(Reason::Ended.into());
                };
                let document = self.delegated(&delegator, &role, bytes)?;
                self.keep(&delegator, &role, &document);
                self.search.iter_mut().for_each(|search| search.visit(&role, &document));
                self.go_on_searching()
            }
            Stage::Complete | Stage::Refused => Err(Reason::Ended.into()),
        }
    }

    /// TUF 5.3.3.
    fn fetch_root(&mut self) {
        self.stage = Stage::Root;
        let path = root_name(self.trusted.root.version() + 1);
        self.fetch = Some(Fetch { path, max_bytes: self.limits.root_bytes, may_be_absent: true });
    }

    fn root(&mut self, bytes: Vec<u8>) -> Result<(), Refusal> {
        let before = self.trusted.root.clone();
        if !self.trusted.follow_root(bytes)? {
            return self.end_of_roots();
        }
        let after = &self.trusted.root;
        self.online_keys_rotated |= ["timestamp", "snapshot"].iter().any(|role| lost_a_key(&before, after, role));
        self.roots += 1;
        if self.roots < self.limits.root_rotations {
            self.fetch_root();
            Ok(())
        } else {
            self.end_of_roots()
        }
    }

    /// TUF 5.3.10 to 5.3.12.
    fn end_of_roots(&mut self) -> Result<(), Refusal> {
        if self.online_keys_rotated {
            self.trusted.timestamp = None;
            self.trusted.snapshot = None;
        }
        if self.roots > 0 {
            self.trusted.prune();
        }
        let root = &self.trusted.root;
        root.check_expiry(self.now_ms).map_err(|refusal| refusal.at(root_name(root.version())))?;
        self.stage = Stage::Timestamp;
        let path = "timestamp.json".to_owned();
        self.fetch = Some(Fetch { path, max_bytes: self.limits.timestamp_bytes, may_be_absent: false });
        Ok(())
    }

    /// TUF 5.4.
    fn timestamp(&mut self, bytes: Vec<u8>) -> Result<(), Refusal> {
        let new = Document::<Timestamp>::parse(bytes)?;
        self.trusted.root.check_signed("timestamp", &new)?;
        if let Some(old) = &self.trusted.timestamp {
            let (trusted, found) = (old.version(), new.version());
            if found < trusted {
                return Err(Reason::Rollback { what: "the timestamp".to_owned(), trusted, found }.into());
            }
            if found == trusted {
                // 5.4.3.1: the same version with other bytes is not taken; the trusted one must still be fresh.
                old.check_expiry(self.now_ms)?;
                return self.fetch_snapshot();
            }
            let versions = (old.signed().snapshot(), new.signed().snapshot());
            if let (Some(Pin { version: trusted, .. }), Some(Pin { version: found, .. })) = versions
                && found < trusted
            {
                let what = "the snapshot it names".to_owned();
                return Err(Reason::Rollback { what, trusted: *trusted, found: *found }.into());
            }
        }
        new.check_expiry(self.now_ms)?;
        self.trusted.timestamp = Some(new);
        self.fetch_snapshot()
    }

    /// TUF 5.5.1, unless the trusted snapshot is the one that is named.
    fn fetch_snapshot(&mut self) -> Result<(), Refusal> {
        let pin = self.trusted.timestamp.as_ref().and_then(|it| it.signed().snapshot()).cloned();
        let pin = pin.ok_or(Reason::Missing)?;
        let known = self.trusted.snapshot.as_ref().is_some_and(|it| {
            pin.check_version(it).is_ok() && pin.check_bytes(it.bytes()).is_ok() && !it.expires().is_past(self.now_ms)
        });
        if known {
            return self.fetch_targets();
        }
        self.stage = Stage::Snapshot;
        self.fetch = Some(self.pinned("snapshot", &pin, self.limits.snapshot_bytes));
        Ok(())
    }

    /// TUF 5.5.2 to 5.5.7.
    fn snapshot(&mut self, bytes: Vec<u8>) -> Result<(), Refusal> {
        let pin = self.trusted.timestamp.as_ref().and_then(|it| it.signed().snapshot()).ok_or(Reason::Missing)?;
        pin.check_bytes(&bytes)?;
        let new = Document::<Snapshot>::parse(bytes)?;
        self.trusted.root.check_signed("snapshot", &new)?;
        pin.check_version(&new)?;
        if let Some(old) = &self.trusted.snapshot {
            not_rolled_back(old, &new)?;
        }
        new.check_expiry(self.now_ms)?;
        self.trusted.snapshot = Some(new);
        self.trusted.prune();
        self.fetch_targets()
    }

    /// TUF 5.6.1, unless the trusted targets document is the one that is listed.
    fn fetch_targets(&mut self) -> Result<(), Refusal> {
        if self.is_current("targets") {
            self.fetch_wanted();
            return Ok(());
        }
        self.stage = Stage::Targets;
        let pin = self.trusted.snapshot.as_ref().and_then(|it| it.signed().pin("targets")).ok_or(Reason::Missing)?;
        self.fetch = Some(self.pinned("targets", pin, self.limits.targets_bytes));
        Ok(())
    }

    /// TUF 5.6.2 to 5.6.5, for the top-level role and for delegated roles alike.
    fn targets(&self, role: &str, bytes: Vec<u8>) -> Result<Document<Targets>, Refusal> {
        let pin = self.trusted.snapshot.as_ref().and_then(|it| it.signed().pin(role)).ok_or(Reason::Missing)?;
        pin.check_bytes(&bytes)?;
        let new = Document::<Targets>::parse(bytes)?;
        self.trusted.check_role(role, &new)?;
        new.check_expiry(self.now_ms)?;
        Ok(new)
    }

    /// The document of a role a search reached by way of `delegator`, which alone judges it.
    fn delegated(
        &self,
        delegator: &Document<Targets>,
        role: &str,
        bytes: Vec<u8>,
    ) -> Result<Document<Targets>, Refusal> {
        let pin = self.trusted.snapshot.as_ref().and_then(|it| it.signed().pin(role)).ok_or(Reason::Missing)?;
        pin.check_bytes(&bytes)?;
        let new = Document::<Targets>::parse(bytes)?;
        delegator.check_delegated(role, &new)?;
        pin.check_version(&new)?;
        new.check_expiry(self.now_ms)?;
        Ok(new)
    }

    fn keep(&mut self, delegator: &Document<Targets>, role: &str, document: &Document<Targets>) {
        let counts = self.trusted.step_to(role).and_then(|step| self.trusted.role(step.delegator));
        if counts == Some(delegator) {
            self.trusted.elsewhere.remove(role);
            self.trusted.roles.insert(role.to_owned(), document.clone());
            if document.signed().delegations.is_some() {
                self.trusted.prune();
            }
        } else {
            self.trusted.elsewhere.insert(role.to_owned(), document.clone());
        }
    }

    /// Visits what is here, up to the next role that has to be fetched or the end.
    fn go_on_searching(&mut self) -> Result<(), Refusal> {
        self.stage = Stage::Complete;
        let Some(mut search) = self.search.take() else { return Ok(()) };
        let awaited = search.advance(&self.trusted, self.now_ms, self.limits.searched_roles);
        self.search = Some(search);
        let Some(role) = awaited else { return Ok(()) };
        let pin = self.trusted.snapshot.as_ref().and_then(|it| it.signed().pin(&role)).cloned();
        let pin = pin.ok_or_else(|| Reason::Unpinned(role.clone()))?;
        self.stage = Stage::Search;
        self.fetch = Some(self.pinned(&role, &pin, self.limits.targets_bytes));
        Ok(())
    }

    /// TUF 5.6.7, one role at a time and only those that were asked for.
    fn fetch_wanted(&mut self) {
        self.stage = Stage::Complete;
        while let Some(role) = self.wanted.pop_front() {
            if self.is_current(&role)
                || self.trusted.step_to(&role).is_none()
                || self.roles == self.limits.delegated_roles
            {
                continue;
            }
            // What is trusted of it has expired; it is not to be used until a newer one came.
            self.trusted.roles.remove(&role);
            let Some(pin) = self.trusted.snapshot.as_ref().and_then(|it| it.signed().pin(&role)) else { continue };
            self.fetch = Some(self.pinned(&role, pin, self.limits.targets_bytes));
            self.roles += 1;
            self.stage = Stage::Role(role);
            return;
        }
    }

    /// Whether the trusted document of a role, which is the listed one, is fresh.
    fn is_current(&self, role: &str) -> bool {
        self.trusted.role(role).is_some_and(|it| !it.expires().is_past(self.now_ms))
    }

    fn pinned(&self, role: &str, pin: &Pin, limit: u64) -> Fetch {
        let consistent = self.trusted.root.signed().consistent_snapshot;
        let stem = file_stem(role);
        let path = if consistent { format!("{}.{stem}.json", pin.version) } else { format!("{stem}.json") };
        Fetch { path, max_bytes: pin.length.map_or(limit, |length| length.min(limit)), may_be_absent: false }
    }
}

/// TUF 5.3.11: keys were rotated if one that was trusted no longer is. A key that is only added recovers nothing.
fn lost_a_key(before: &Document<Root>, after: &Document<Root>, role: &str) -> bool {
    let keys = |root: &Document<Root>| root.signed().signers(role).map(|it| it.keys()).unwrap_or_default();
    !keys(before).is_subset(&keys(after))
}

/// TUF 5.5.5.
fn not_rolled_back(old: &Document<Snapshot>, new: &Document<Snapshot>) -> Result<(), Refusal> {
    let rollback = |what: &str, trusted, found| Reason::Rollback { what: what.to_owned(), trusted, found };
    if new.version() < old.version() {
        return Err(rollback("the snapshot", old.version(), new.version()).into());
    }
    for (name, trusted) in &old.signed().meta {
        match new.signed().meta.get(name) {
            None => return Err(Reason::Unlisted(format!("`{name}`")).into()),
            Some(found) if found.version < trusted.version => {
                return Err(rollback(&format!("`{name}`"), trusted.version, found.version).into());
            }
            Some(_) => {}
        }
    }
    Ok(())
}
