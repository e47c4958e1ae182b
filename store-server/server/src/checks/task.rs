//! What the process of a check is given and what it answers, over its standard input and output.

use std::collections::BTreeMap;

use guichet_api::{CheckFinding, CheckName};
use guichet_contract::{AppId, Department};
use guichet_package::PublisherKeys;
use guichet_trust::digest::Digest;
use serde::{Deserialize, Serialize};

/// The most bytes of an answer.
pub(super) const MOST_ANSWER: u64 = 4 << 20;

/// What is to be looked at; the packages follow it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Task {
    /// What for.
    pub(super) check: CheckName,
    /// The keys of the department that sealed it.
    pub(super) keys: PublisherKeys,
    /// Under which names other departments have apps.
    pub(super) others: Vec<Other>,
    /// Which apps of other departments have the very file that is its icon.
    pub(super) same_icon: Vec<(AppId, Department)>,
    /// The icons of other departments' apps.
    pub(super) icons: Vec<OtherIcon>,
    /// Those of other departments whose icons could not be brought.
    pub(super) missed: Vec<Missed>,
    /// How many bytes the package has.
    pub(super) package_bytes: usize,
    /// How many the release before it has, if there is one.
    pub(super) before_bytes: Option<usize>,
}

/// An app of another department.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Other {
    pub(super) app_id: AppId,
    pub(super) department: Department,
    /// Its names, in every language.
    pub(super) names: Vec<String>,
}

/// An icon of another department's app.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct OtherIcon {
    pub(super) app_id: AppId,
    pub(super) department: Department,
    pub(super) sha256: Digest,
    /// What kind of picture it is, by its name.
    pub(super) path: String,
    /// How it looks; none if nobody has looked, and then its bytes follow the packages.
    pub(super) look: Option<String>,
    /// How many bytes those are.
    pub(super) bytes: usize,
}

/// An app of another department, with an icon of which nothing is compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Missed {
    pub(super) why: Why,
    pub(super) app_id: AppId,
    pub(super) department: Department,
}

/// Why nothing is compared with an icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Why {
    /// The place where packages are kept has lost it.
    Lost,
    /// So many have never been looked at that it was not its turn.
    Later,
    /// It is not seen here as people see it.
    Unseen,
}

/// How icons look, by their digest; empty for one that says nothing, and no look at all for one that is not seen here.
pub(super) type Looks = BTreeMap<Digest, String>;

/// What was found.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Answer {
    pub(super) findings: Vec<CheckFinding>,
    /// How icons look that nobody had looked at.
    #[serde(default)]
    pub(super) looks: Looks,
}

/// A task with its packages.
#[derive(Debug)]
pub(super) struct Given {
    pub(super) task: Task,
    pub(super) package: Vec<u8>,
    pub(super) before: Option<Vec<u8>>,
    /// The icons nobody has looked at, in their order.
    pub(super) icons: Vec<Vec<u8>>,
}

impl Given {
    /// What the process reads.
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        let head = serde_json::to_vec(&self.task)?;
        let length = u32::try_from(head.len()).unwrap_or(u32::MAX).to_le_bytes();
        let before = self.before.as_deref().unwrap_or_default();
        Ok([&length[..], &head, &self.package, before, &self.icons.concat()].concat())
    }

    /// The same, read; none if it is not that.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let (head, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        let task: Task = serde_json::from_slice(head).ok()?;
        let (package, rest) = rest.split_at_checked(task.package_bytes)?;
        let (before, mut rest) = rest.split_at_checked(task.before_bytes.unwrap_or(0))?;
        let before = task.before_bytes.map(|_| before.to_vec());
        let mut icons = Vec::new();
        for icon in task.icons.iter().filter(|icon| icon.look.is_none()) {
            let (bytes, more) = rest.split_at_checked(icon.bytes)?;
            icons.push(bytes.to_vec());
            rest = more;
        }
        rest.is_empty().then(|| Self { package: package.to_vec(), before, icons, task })
    }
}
