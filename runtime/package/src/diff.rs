//! What a version of a package may do and contains that another did not: the permissions first.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use guichet_contract::{AppId, Permission, PermissionName, Scope};
use guichet_trust::digest::Digest;
use serde::Serialize;

use crate::{FileEntry, Manifest, PackageFile, PackagePath, Statement, Version};

/// Two packages compared, by what their statements and manifests say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PackageDiff {
    /// The one before.
    pub old: Side,
    /// The one after.
    pub new: Side,
    /// Permissions, the widened ones first.
    pub permissions: Vec<PermissionChange>,
    /// Routes of pages that were not there.
    pub pages_added: Vec<String>,
    /// Routes of pages that are no longer there.
    pub pages_removed: Vec<String>,
    /// Files that are not the same, the largest first.
    pub files: Vec<FileChange>,
}

/// Which package one side is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Side {
    /// Its app.
    pub app_id: AppId,
    /// Its version.
    pub version: Version,
    /// The lowest platform code it runs on.
    pub platform: u32,
    /// All its files together, in bytes.
    pub bytes: u64,
}

/// How what may be done changed; the order is that of concern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PermissionChangeKind {
    /// Nothing of it was asked for.
    Added,
    /// More than before is asked for.
    Widened,
    /// Less than before is asked for.
    Narrowed,
    /// It is no longer asked for.
    Removed,
}

/// One permission that is asked for otherwise than before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PermissionChange {
    /// Its name.
    pub name: PermissionName,
    /// How it changed.
    pub kind: PermissionChangeKind,
    /// What it was limited to, once for each time it was asked for.
    pub old_scopes: Vec<Scope>,
    /// What it is limited to.
    pub new_scopes: Vec<Scope>,
}

/// How a file changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FileChangeKind {
    /// It was not there.
    Added,
    /// It has other bytes.
    Changed,
    /// It is no longer there.
    Removed,
}

/// One file that is not the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileChange {
    /// Its path.
    pub path: PackagePath,
    /// How it changed.
    pub kind: FileChangeKind,
    /// Its size before, if it was there.
    pub old_size: Option<u64>,
    /// Its size, if it is there.
    pub new_size: Option<u64>,
}

impl PackageDiff {
    /// Compares two packages.
    pub fn of(old: &PackageFile, new: &PackageFile) -> Self {
        Self::of_parts((old.statement(), old.manifest()), (new.statement(), new.manifest()))
    }

    /// Compares two packages by their statements and manifests alone.
    pub fn of_parts(old: (&Statement, &Manifest), new: (&Statement, &Manifest)) -> Self {
        let pages = |manifest: &Manifest| manifest.pages.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
        let (old_pages, new_pages) = (pages(old.1), pages(new.1));
        Self {
            old: Side::of(old.0),
            new: Side::of(new.0),
            permissions: permissions(&old.0.permissions, &new.0.permissions),
            pages_added: new_pages.difference(&old_pages).cloned().collect(),
            pages_removed: old_pages.difference(&new_pages).cloned().collect(),
            files: files(&old.0.files, &new.0.files),
        }
    }
}

impl PermissionChange {
    /// Whether it allows what was not allowed.
    pub fn widens(&self) -> bool {
        self.kind <= PermissionChangeKind::Widened
    }
}

impl Side {
    fn of(statement: &Statement) -> Self {
        Self {
            app_id: statement.app_id.clone(),
            version: statement.version.clone(),
            platform: statement.platform.min_code,
            bytes: statement.files.iter().map(|file| file.size).sum(),
        }
    }
}

/// A name is judged with all that both sides ask for, because `host:card` includes `host:card.read`.
fn permissions(old: &[Permission], new: &[Permission]) -> Vec<PermissionChange> {
    let named = |name: &PermissionName, list: &[Permission]| {
        list.iter().filter(|permission| permission.name == *name).cloned().collect::<Vec<_>>()
    };
    let scopes = |list: Vec<Permission>| list.into_iter().map(|permission| permission.scope).collect::<Vec<_>>();
    let names: BTreeSet<_> = old.iter().chain(new).map(|permission| &permission.name).collect();
    let mut changes: Vec<PermissionChange> = names
        .into_iter()
        .filter_map(|name| {
            let (before, after) = (named(name, old), named(name, new));
            let widens = !Permission::beyond(old, &after).is_empty();
            let narrows = !Permission::beyond(new, &before).is_empty();
            let kind = match (widens, narrows) {
                (true, _) if before.is_empty() => PermissionChangeKind::Added,
                (true, _) => PermissionChangeKind::Widened,
                (false, true) if after.is_empty() => PermissionChangeKind::Removed,
                (false, true) => PermissionChangeKind::Narrowed,
                (false, false) => return None,
            };
            Some(PermissionChange { name: name.clone(), kind, old_scopes: scopes(before), new_scopes: scopes(after) })
        })
        .collect();
    changes.sort_by(|one, next| (one.kind, &one.name).cmp(&(next.kind, &next.name)));
    changes
}

fn files(old: &[FileEntry], new: &[FileEntry]) -> Vec<FileChange> {
    type Found = (u64, Digest);
    let mut both: BTreeMap<&PackagePath, (Option<Found>, Option<Found>)> = BTreeMap::new();
    for file in old {
        both.entry(&file.path).or_default().0 = Some((file.size, file.sha256));
    }
    for file in new {
        both.entry(&file.path).or_default().1 = Some((file.size, file.sha256));
    }
    let mut changes: Vec<FileChange> = both
        .into_iter()
        .filter(|(_, (before, after))| before != after)
        .map(|(path, (before, after))| FileChange {
            path: path.clone(),
            kind: match (before, after) {
                (None, _) => FileChangeKind::Added,
                (_, None) => FileChangeKind::Removed,
                _ => FileChangeKind::Changed,
            },
            old_size: before.map(|(size, _)| size),
            new_size: after.map(|(size, _)| size),
        })
        .collect();
    changes.sort_by_key(|change| Reverse(change.old_size.max(change.new_size)));
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(old: &str, new: &str) -> Vec<String> {
        let list = |json: &str| serde_json::from_str::<Vec<Permission>>(json).unwrap();
        permissions(&list(old), &list(new)).iter().map(|change| format!("{:?} {}", change.kind, change.name)).collect()
    }

    #[test]
    fn what_widens_comes_first() {
        let old =
            r#"[{"name":"host:card"},{"name":"host:print"},{"name":"host:network","scope":{"domains":["a.example"]}}]"#;
        let new = r#"[{"name":"host:print","scope":{"pages":2}},{"name":"host:network","scope":{"domains":["a.example","b.example"]}},{"name":"host:storage"}]"#;
        let expected = ["Added host:storage", "Widened host:network", "Narrowed host:print", "Removed host:card"];
        assert_eq!(changes(old, new), expected);
        assert_eq!(changes(old, old), [""; 0]);
    }

    #[test]
    fn a_verb_of_an_interface_is_less_than_the_interface() {
        let (all, verb) = (r#"[{"name":"host:card"}]"#, r#"[{"name":"host:card.read"}]"#);
        assert_eq!(changes(all, verb), ["Removed host:card"]);
        assert_eq!(changes(verb, all), ["Added host:card"]);
    }

    #[test]
    fn a_scope_that_is_other_and_not_less_is_wider() {
        let scope = |domain: &str| format!(r#"[{{"name":"host:network","scope":{{"domains":["{domain}"]}}}}]"#);
        assert_eq!(changes(&scope("a.example"), &scope("b.example")), ["Widened host:network"]);
    }
}
