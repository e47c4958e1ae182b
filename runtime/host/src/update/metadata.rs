//! Following the store's metadata, and keeping what was trusted as one file.

use std::collections::{BTreeMap, BTreeSet};

use guichet_trust::{
    client::{Fetch, Limits, Refresh, TrustedMetadata},
    metadata::owner_of_bin,
};
use serde::{Deserialize, Serialize};

use crate::{
    error::HostError,
    home::Home,
    listing::Problem,
    transport::{StaticPath, Transport},
};

/// The roles whose age decides whether anything may be installed.
const TOP_LEVEL: [&str; 4] = ["root", "timestamp", "snapshot", "targets"];

/// What a host keeps of the metadata it trusts: all documents in one file, so that a power cut cannot mix two states.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Kept {
    format: u32,
    /// When the store last answered with metadata that was accepted.
    pub(crate) refreshed_ms: Option<u64>,
    documents: BTreeMap<String, String>,
}

impl Kept {
    fn path(home: &Home) -> std::path::PathBuf {
        home.trust().join("trusted.json")
    }

    /// Reads it back and verifies all of it again, from the root this host was given.
    pub(crate) fn restore(home: &Home, root: &[u8]) -> Result<(TrustedMetadata, Option<u64>), HostError> {
        let kept = home.read(&Self::path(home))?.and_then(|bytes| serde_json::from_slice::<Self>(&bytes).ok());
        let kept = kept.filter(|kept| kept.format == 1).unwrap_or_default();
        let documents = kept.documents.into_iter().map(|(name, text)| (name, text.into_bytes())).collect();
        let trusted = TrustedMetadata::restore(root, &documents).map_err(|refusal| HostError::Metadata { refusal })?;
        Ok((trusted, kept.refreshed_ms))
    }

    /// Keeps what was verified.
    pub(crate) fn keep(home: &Home, trusted: &TrustedMetadata, refreshed_ms: Option<u64>) -> Result<(), HostError> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let documents = trusted.documents().map(|(name, bytes)| (name, text(bytes))).collect();
        let kept = Self { format: 1, refreshed_ms, documents };
        home.make_folder(&home.trust())?;
        home.write(&Self::path(home), &serde_json::to_vec(&kept).unwrap_or_default())
    }
}

/// The end of following the metadata.
pub(crate) struct Followed {
    /// What to go on with.
    pub(crate) trusted: TrustedMetadata,
    /// Delegated roles that were refused; each costs its department alone.
    pub(crate) refused: Vec<(String, Problem)>,
    /// Why the store's state was not reached, if it was not.
    pub(crate) failed: Option<HostError>,
}

/// Follows the store from what is trusted to its newest state, all departments included.
pub(crate) fn follow(trusted: &TrustedMetadata, transport: &Transport, now_ms: u64) -> Followed {
    let mut refresh = Refresh::begin(trusted.clone(), now_ms, Limits::default());
    let mut refused = Vec::new();
    let mut wanted = BTreeSet::new();
    loop {
        while let Some(fetch) = refresh.next().cloned() {
            let is_delegated = refresh.is_complete();
            let fetched = match StaticPath::metadata(&fetch.path) {
                // What has a version in its name has a compressed sibling; roots are small, and the next one seldom exists.
                Some(path) if is_versioned(&fetch) => transport.fetch_decoded(&path, fetch.max_bytes),
                Some(path) => transport.fetch(&path, fetch.max_bytes),
                None => Ok(None),
            };
            let answer = match fetched {
                Ok(answer) => answer,
                // A role that is too large is refused like one that is not there.
                Err(HostError::TooLarge { .. }) if is_delegated => None,
                // Half a state would name documents that are not there: the former one stays.
                Err(error) if is_delegated => {
                    return Followed { trusted: trusted.clone(), refused, failed: Some(error) };
                }
                Err(error) => return Followed { trusted: refresh.finish(), refused, failed: Some(error) },
            };
            if let Err(refusal) = refresh.accept(answer) {
                let error = HostError::Metadata { refusal };
                if !is_delegated {
                    return Followed { trusted: refresh.finish(), refused, failed: Some(error) };
                }
                refused.push((fetch.path, error.problem()));
            }
        }
        // Departments first, and then their hash bins, which only their own documents name.
        let roles = refresh.trusted().delegated_roles().map(|delegation| delegation.name.clone());
        let roles: Vec<_> = roles.filter(|role| !wanted.contains(role)).collect();
        let is_deeper = |role: &String| wanted.is_empty() || owner_of_bin(role).is_some();
        let roles: Vec<_> = roles.into_iter().filter(is_deeper).collect();
        if roles.is_empty() {
            return Followed { trusted: refresh.finish(), refused, failed: None };
        }
        roles.iter().for_each(|role| refresh.want_role(role));
        wanted.extend(roles);
    }
}

fn is_versioned(fetch: &Fetch) -> bool {
    !fetch.may_be_absent && fetch.path.split_once('.').is_some_and(|(version, _)| version.parse::<u64>().is_ok())
}

/// Which role ended first, and when, if any of these has ended.
pub(crate) fn expired(trusted: &TrustedMetadata, department: Option<&str>, now_ms: u64) -> Option<(String, u64)> {
    let roles = TOP_LEVEL.into_iter().chain(department);
    let ended = roles.filter_map(|role| Some((role.to_owned(), trusted.expires(role)?)));
    ended.filter(|(_, end)| *end <= now_ms).min_by_key(|(_, end)| *end)
}
