//! The search for one target through the delegations, as TUF 5.6.7 orders it.

use std::collections::{BTreeMap, BTreeSet};

use super::TrustedMetadata;
use crate::metadata::{Document, TargetFile, Targets};

/// A search for one target path: where it has been, and where it goes next.
#[derive(Clone, Debug)]
pub(super) struct Search {
    path: String,
    /// What is still to be visited, the next one last: the delegator, and the role.
    ahead: Vec<(String, String)>,
    visited: BTreeSet<String>,
    /// Visited documents that delegate on, as this search verified them.
    delegators: BTreeMap<String, Document<Targets>>,
    found: Option<TargetFile>,
}

impl Search {
    pub(super) fn new(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            ahead: Vec::new(),
            visited: BTreeSet::new(),
            delegators: BTreeMap::new(),
            found: None,
        }
    }

    pub(super) fn found(&self) -> Option<&TargetFile> {
        self.found.as_ref()
    }

    /// The role whose document is being fetched, and its delegator.
    pub(super) fn awaited(&self) -> Option<(Document<Targets>, String)> {
        let (delegator, role) = self.ahead.last()?;
        Some((self.delegators.get(delegator)?.clone(), role.clone()))
    }

    /// Visits every document that is at hand; the role whose document is not, if the search needs one.
    pub(super) fn advance(&mut self, trusted: &TrustedMetadata, now_ms: u64, most: usize) -> Option<String> {
        if self.visited.is_empty()
            && let Some(targets) = &trusted.targets
        {
            self.visit("targets", targets);
        }
        while let Some((delegator, role)) = self.ahead.last().cloned() {
            if self.found.is_some() || self.visited.len() > most {
                self.ahead.clear();
            } else if self.visited.contains(&role) {
                self.ahead.pop();
            } else {
                let delegator = self.delegators.get(&delegator);
                // What was verified under another delegator is nothing here until this one has judged it.
                let mut known = [trusted.roles.get(&role), trusted.elsewhere.get(&role)].into_iter().flatten();
                let known = known.find(|it| {
                    trusted.is_pinned(&role, it)
                        && !it.expires().is_past(now_ms)
                        && delegator.is_some_and(|delegator| delegator.check_delegated(&role, it).is_ok())
                });
                match known.cloned() {
                    Some(document) => self.visit(&role, &document),
                    None => return Some(role),
                }
            }
        }
        None
    }

    /// Looks into a document: its own list first, then the roles it delegates the path to.
    pub(super) fn visit(&mut self, role: &str, document: &Document<Targets>) {
        if self.ahead.last().is_some_and(|(_, next)| next == role) {
            self.ahead.pop();
        }
        self.visited.insert(role.to_owned());
        self.found = document.signed().targets.get(&self.path).cloned();
        let mut next = Vec::new();
        for delegation in document.signed().delegations_for(&self.path) {
            next.push((role.to_owned(), delegation.name.clone()));
            if delegation.terminating {
                // Nothing after it is asked, neither here nor further up.
                self.ahead.clear();
                break;
            }
        }
        if !next.is_empty() {
            self.delegators.insert(role.to_owned(), document.clone());
        }
        self.ahead.extend(next.into_iter().rev());
    }
}
