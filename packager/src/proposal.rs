//! What the store proposes to sign, held against what this machine verified; a difference stops everything.

use std::{collections::BTreeSet, fmt::Display};

use guichet_api::Proposal;
use guichet_contract::{Department, Permission};
use guichet_package::{Blob, ReleaseDocument, VerifiedPackage, release::release_path};
use guichet_trust::metadata::{TargetFile, owner_of_bin};

use crate::{
    failure::Failure,
    message::{Detail, Field},
    metadata::Metadata,
    table,
};

/// What a reviewer means to sign. A store that proposes anything else is not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meant {
    /// A newer version.
    Release,
    /// An earlier version again.
    Revert,
    /// No version any more.
    Recall,
}

/// A proposed release that agrees with the package and follows the releases before it.
#[derive(Debug)]
pub(crate) struct Proposed {
    /// What would be released.
    pub(crate) release: ReleaseDocument,
    /// Where it would be listed.
    pub(crate) path: String,
    /// The release it would follow.
    pub(crate) previous: Option<ReleaseDocument>,
    /// What the last widening release allowed.
    pub(crate) allowed: Vec<Permission>,
    /// The roles that must list it.
    pub(crate) roles: Vec<String>,
    file: TargetFile,
}

impl Proposed {
    /// Compares a proposal with the package and with the releases before it.
    pub(crate) fn check(
        proposal: &Proposal,
        package: &VerifiedPackage,
        metadata: &Metadata,
        department: &Department,
        meant: Meant,
    ) -> Result<Self, Failure> {
        let bytes = proposal.release_document.as_bytes();
        let refuse = |refusal| Failure::document(refusal, "the proposal");
        let release = ReleaseDocument::parse(bytes).map_err(refuse)?;
        // A member this program does not know would be signed unseen.
        let known = release.to_bytes().map_err(refuse)?;
        if known != bytes {
            return Err(differs(Field::ReleaseDocument, Detail::UnknownMembers, Detail::NoUnknownMembers));
        }
        let path = release_path(department, &package.statement().app_id, &release.channel);
        same(Field::TargetPath, &proposal.target_path, &path)?;
        same_package(&release, package)?;

        let (narrow, wide) = (department.to_string(), format!("{department}-wide"));
        let listed = metadata.listed(&narrow, &path)?;
        names_the_one_before(&release, listed.as_deref(), meant)?;
        let previous = read(listed, &path)?;
        if let Some(previous) = &previous {
            follows(&release, previous, meant)?;
        }
        if release.is_recall() != (meant == Meant::Recall) {
            return Err(Failure::NotMeant { proposed: what_it_is(&release, previous.as_ref()) });
        }
        let allowed = read(metadata.target(&wide, &path)?, &path)?.map(|it| it.permissions).unwrap_or_default();
        let families: BTreeSet<&str> =
            proposal.roles.iter().map(|role| owner_of_bin(&role.role).unwrap_or(&role.role)).collect();
        let mut roles = vec![narrow];
        // A store may ask more reviewers than it must, for a first release say: that allows nothing more.
        if families.contains(wide.as_str()) || !Permission::beyond(&allowed, &release.permissions).is_empty() {
            roles.push(wide);
        }
        same(Field::Roles, &sorted(&families.into_iter().collect::<Vec<_>>()), &sorted(&roles))?;
        Ok(Self { file: TargetFile::of(bytes), release, path, previous, allowed, roles })
    }

    /// What would be listed under [`Proposed::path`].
    pub(crate) fn file(&self) -> &TargetFile {
        &self.file
    }

    /// The permissions that no earlier widening release allows.
    pub(crate) fn widens(&self) -> Vec<&Permission> {
        Permission::beyond(&self.allowed, &self.release.permissions)
    }
}

fn read(bytes: Option<Vec<u8>>, path: &str) -> Result<Option<ReleaseDocument>, Failure> {
    bytes.map(|bytes| ReleaseDocument::parse(&bytes).map_err(|refusal| Failure::document(refusal, path))).transpose()
}

/// Field by field, so that the failure names the one that differs.
fn same_package(release: &ReleaseDocument, package: &VerifiedPackage) -> Result<(), Failure> {
    let verified = ReleaseDocument::of(package, release.channel.clone(), release.sequence);
    let blob = |blob: &Blob| format!("{} of {} bytes", blob.sha256, blob.length);
    let version = |release: &ReleaseDocument| format!("{} ({})", release.version.name, release.version.code);
    let permissions = |release: &ReleaseDocument| serde_json::json!(release.permissions).to_string();
    same(Field::AppId, &release.app_id, &verified.app_id)?;
    same(Field::Version, &version(release), &version(&verified))?;
    same(Field::Container, &blob(&release.container), &blob(&verified.container))?;
    same(Field::Statement, &blob(&release.statement), &blob(&verified.statement))?;
    same(Field::Seals, &blob(&release.seals), &blob(&verified.seals))?;
    same(Field::Platform, &release.platform.min_code, &verified.platform.min_code)?;
    same(Field::Permissions, &permissions(release), &permissions(&verified))?;
    package.matches(release).map_err(|refusal| Failure::document(refusal, "the proposal"))
}

fn what_it_is(release: &ReleaseDocument, previous: Option<&ReleaseDocument>) -> Meant {
    let goes_back = previous.is_some_and(|previous| release.version.code <= previous.version.code);
    match (release.is_recall(), goes_back) {
        (true, _) => Meant::Recall,
        (_, true) => Meant::Revert,
        _ => Meant::Release,
    }
}

/// A release never goes back behind the one before it, unless that is what a reviewer means.
fn follows(release: &ReleaseDocument, previous: &ReleaseDocument, meant: Meant) -> Result<(), Failure> {
    let proposed = what_it_is(release, Some(previous));
    if proposed != meant {
        return Err(Failure::NotMeant { proposed });
    }
    let above = |what, proposed: u64, before: u64| match proposed > before {
        true => Ok(()),
        false => Err(differs(what, proposed.to_string().into(), Detail::Above { number: before })),
    };
    above(Field::Sequence, release.sequence, previous.sequence)?;
    if release.floor < previous.floor {
        let wanted = Detail::AtLeast { number: previous.floor };
        return Err(differs(Field::Floor, release.floor.to_string().into(), wanted));
    }
    match previous.revoked.difference(&release.revoked).next() {
        Some(sequence) => Err(differs(Field::Recalled, Detail::OneLeftOut, Detail::Among { sequence: *sequence })),
        None => Ok(()),
    }
}

/// Terminals that a rollout leaves out take the release before: the one that is listed now and no other, and none where a
/// reviewer means to go back from it.
fn names_the_one_before(release: &ReleaseDocument, listed: Option<&[u8]>, meant: Meant) -> Result<(), Failure> {
    let Some(before) = &release.before else { return Ok(()) };
    let said = |wanted| Err(differs(Field::Before, before.sha256.to_string().into(), wanted));
    match meant {
        Meant::Revert | Meant::Recall => said(Detail::NoneHere),
        Meant::Release if !listed.is_some_and(|listed| before.is(listed)) => said(Detail::TheOneListedNow),
        Meant::Release => Ok(()),
    }
}

pub(crate) fn same<T: PartialEq + Display + ?Sized>(what: Field, proposed: &T, verified: &T) -> Result<(), Failure> {
    if proposed == verified {
        return Ok(());
    }
    Err(differs(what, table::plain(&proposed.to_string()).into(), verified.to_string().into()))
}

/// The store proposes something else than this machine verified.
pub(crate) fn differs(what: Field, proposed: Detail, verified: Detail) -> Failure {
    Failure::ProposalDiffers { what, proposed, verified }
}

pub(crate) fn sorted<S: AsRef<str>>(names: &[S]) -> String {
    let mut names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    names.sort_unstable();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(sequence: u64, code: u32, floor: u64, revoked: &[u64]) -> ReleaseDocument {
        let blob = serde_json::json!({"sha256": "ab".repeat(32), "length": 1});
        let document = serde_json::json!({
            "format": 1, "app_id": "gov.example.repairs", "channel": "stable", "sequence": sequence, "floor": floor,
            "version": {"code": code, "name": "x"}, "container": blob, "statement": blob, "seals": blob,
            "permissions": [], "platform": {"min_code": 1}, "terminals": [], "health": {}, "revoked": revoked,
            "rollout": {"ceiling": 10000, "groups": [], "start": 0},
        });
        ReleaseDocument::parse(&guichet_trust::canonical::to_vec(&document).unwrap()).unwrap()
    }

    fn check(next: &ReleaseDocument, expected: Option<&str>) {
        let said = follows(next, &release(5, 50, 3, &[2, 4]), Meant::Release).err().map(|failure| failure.to_string());
        let said =
            said.as_deref().map(|text| text.trim_start_matches("the proposal is not what this machine verified: "));
        assert_eq!(said, expected);
    }

    #[test]
    fn a_release_never_goes_back_behind_the_one_before_it() {
        check(&release(6, 51, 3, &[2, 4]), None);
        check(&release(9, 60, 5, &[2, 3, 4, 5]), None);
        check(&release(5, 51, 3, &[2, 4]), Some("sequence: 5, expected above 5"));
        check(&release(6, 50, 3, &[2, 4]), Some("the store proposes to go back to an earlier version"));
        check(&release(6, 51, 3, &[2, 4, 6]), Some("the store proposes to take the app back"));
        check(&release(6, 51, 2, &[2, 4]), Some("floor: 2, expected 3 or above"));
        check(&release(6, 51, 3, &[2]), Some("recalled releases: one left out, expected 4 among them"));
    }

    #[test]
    fn the_release_before_is_the_one_that_is_listed() {
        let (listed, other) = (release(5, 50, 3, &[]).to_bytes().unwrap(), release(4, 50, 3, &[]).to_bytes().unwrap());
        let next = |before: Option<&[u8]>| ReleaseDocument { before: before.map(Blob::of), ..release(6, 51, 3, &[]) };
        let check = |before: Option<&[u8]>, is_listed: bool, meant, expected: Option<&str>| {
            let judged = names_the_one_before(&next(before), is_listed.then_some(&*listed), meant);
            let said = judged.err().map(|failure| failure.to_string());
            assert_eq!(said.as_deref().and_then(|said| said.split(", expected ").nth(1)), expected);
        };
        check(None, true, Meant::Release, None);
        check(Some(&listed), true, Meant::Release, None);
        check(Some(&other), true, Meant::Release, Some("the release that is listed now"));
        check(Some(&listed), false, Meant::Release, Some("the release that is listed now"));
        check(Some(&listed), true, Meant::Revert, Some("none: it goes back"));
        check(Some(&listed), true, Meant::Recall, Some("none: it goes back"));
        check(None, true, Meant::Revert, None);
    }

    #[test]
    fn only_what_a_reviewer_means_is_signed() {
        let before = release(5, 50, 3, &[2, 4]);
        let (newer, older, recall) =
            (release(6, 51, 3, &[2, 4]), release(6, 49, 3, &[2, 4]), release(6, 50, 3, &[2, 4, 5, 6]));
        for (meant, good) in [(Meant::Release, &newer), (Meant::Revert, &older), (Meant::Recall, &recall)] {
            for next in [&newer, &older, &recall] {
                assert_eq!(follows(next, &before, meant).is_ok(), next == good, "{meant:?} {}", next.version.code);
            }
        }
        let forgotten = follows(&release(6, 49, 3, &[2]), &before, Meant::Revert).unwrap_err();
        assert!(forgotten.to_string().ends_with("recalled releases: one left out, expected 4 among them"));
    }
}
