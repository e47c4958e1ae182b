//! Icons that people would take for another department's, compared as pictures.

use std::collections::BTreeMap;

use guichet_api::{CheckFinding, CheckWeight, LooksLike};
use guichet_package::PackageFile;
use guichet_trust::digest::Digest;

use super::{
    likeness::Look,
    task::{Given, Looks},
    words,
};

/// The most icons of a package that are looked at.
const MOST: usize = 8;

/// Compares the icons of a package with those under which other departments have released apps. Says, too, how those
/// look that nobody had looked at.
pub(super) fn of(package: &PackageFile, given: &Given) -> (Vec<CheckFinding>, Looks) {
    let mut looks = Looks::new();
    let mut unseen = given.icons.iter();
    let others: Vec<_> = given
        .task
        .icons
        .iter()
        .filter_map(|other| {
            let look = match &other.look {
                Some(look) => look.parse().ok(),
                None => {
                    let look = Look::of(&other.path, unseen.next()?).ok().flatten();
                    looks.insert(other.sha256, look.as_ref().map(Look::to_string).unwrap_or_default());
                    look
                }
            };
            Some((other, look?))
        })
        .collect();
    let mut all = Vec::new();
    let icons: BTreeMap<String, &[u8]> = package
        .manifest()
        .icons
        .iter()
        .filter_map(|icon| {
            let path = icon.src.to_string();
            Some((path.clone(), package.file(&path)?))
        })
        .collect();
    for (path, bytes) in icons.into_iter().take(MOST) {
        let about = |class, weight, words, name: &str| CheckFinding {
            path: Some(path.clone()),
            ..words::finding(class, weight, words, name)
        };
        let look = match Look::of(&path, bytes) {
            Ok(Some(look)) => look,
            Ok(None) => continue,
            Err(_) => {
                all.push(about("icons/not-compared", CheckWeight::Note, &words::ICON_NOT_COMPARED, ""));
                continue;
            }
        };
        let near = others.iter().filter(|(other, _)| other.sha256 != Digest::of(bytes));
        let near = near.filter_map(|(other, theirs)| Some((look.resembles(theirs)?, other)));
        for (apart, other) in near {
            let who = format!("{}, {}", other.app_id, other.department);
            let like = LooksLike { app_id: other.app_id.clone(), department: other.department.clone(), apart };
            let finding = about("icons/look-alike", CheckWeight::Warning, &words::LIKE_ICON, &who);
            all.push(CheckFinding { like: Some(like), ..finding });
        }
    }
    (all, looks)
}
