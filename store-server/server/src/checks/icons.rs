//! Icons that people would take for another department's, compared as pictures.

use std::collections::{BTreeMap, BTreeSet};

use guichet_api::{CheckFinding, CheckWeight, LooksLike};
use guichet_package::PackageFile;
use guichet_trust::digest::Digest;

use super::{
    likeness::Look,
    task::{Given, Looks, Missed, Why},
    words,
};

/// The most icons of a package that are looked at.
const MOST: usize = 8;
/// The most apps that one finding names.
const MOST_NAMED: usize = 20;
/// What is kept of one that is not seen here as people see it.
const UNSEEN: &str = "?";

/// Compares the icons of a package with those under which other departments have released apps. Says, too, how those
/// look that nobody had looked at.
pub(super) fn of(package: &PackageFile, given: &Given) -> (Vec<CheckFinding>, Looks) {
    let mut looks = Looks::new();
    let mut unseen = given.icons.iter();
    let mut missed: BTreeSet<Missed> = given.task.missed.iter().cloned().collect();
    let others: Vec<_> = given
        .task
        .icons
        .iter()
        .filter_map(|other| {
            let kept = match &other.look {
                Some(kept) => kept.clone(),
                None => {
                    let look = match Look::of(&other.path, unseen.next()?) {
                        Ok(look) => look.as_ref().map(Look::to_string).unwrap_or_default(),
                        Err(_) => UNSEEN.to_owned(),
                    };
                    looks.insert(other.sha256, look.clone());
                    look
                }
            };
            let look = kept.parse().ok();
            if look.is_none() && !kept.is_empty() {
                let (app_id, department) = (other.app_id.clone(), other.department.clone());
                missed.insert(Missed { why: Why::Unseen, app_id, department });
            }
            Some((other, look?))
        })
        .collect();
    let mut all = not_compared(&missed);
    let icons: BTreeMap<String, &[u8]> = package
        .manifest()
        .icons
        .iter()
        .filter_map(|icon| {
            let path = icon.src.to_string();
            Some((path.clone(), package.file(&path)?))
        })
        .collect();
    for (at, (path, bytes)) in icons.into_iter().enumerate() {
        let about = |class, weight, words, name: &str| CheckFinding {
            path: Some(path.clone()),
            ..words::finding(class, weight, words, name)
        };
        if at >= MOST {
            all.push(about("icons/not-compared", CheckWeight::Note, &words::MORE_ICONS, &MOST.to_string()));
            continue;
        }
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

/// With which apps an icon is not compared, once for each reason.
fn not_compared(missed: &BTreeSet<Missed>) -> Vec<CheckFinding> {
    let mut all = Vec::new();
    for (why, weight, words) in [
        (Why::Lost, CheckWeight::Warning, &words::OTHERS_LOST),
        (Why::Later, CheckWeight::Warning, &words::OTHERS_LATER),
        (Why::Unseen, CheckWeight::Note, &words::OTHERS_UNSEEN),
    ] {
        let apps = missed.iter().filter(|missed| missed.why == why);
        let mut names: Vec<_> = apps.map(|missed| format!("{}, {}", missed.app_id, missed.department)).collect();
        if names.is_empty() {
            continue;
        }
        let more = names.len().saturating_sub(MOST_NAMED);
        names.truncate(MOST_NAMED);
        if more > 0 {
            names.push(format!("+ {more}"));
        }
        all.push(words::finding("icons/others-not-compared", weight, words, &names.join("; ")));
    }
    all
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use guichet_api::CheckName;
    use guichet_package::{Limits, PackageDraft, PublisherKeys};
    use serde_json::json;

    use super::*;
    use crate::checks::task::{OtherIcon, Task};

    fn package(icons: usize) -> PackageFile {
        let names: Vec<_> = (0..icons).map(|number| format!("common/icon{number}.svg")).collect();
        let manifest = json!({
            "app_id": "gov.example.permit",
            "name": "Permit",
            "icons": names.iter().map(|name| json!({"src": name, "sizes": "any"})).collect::<Vec<_>>(),
            "pages": ["pages/home"],
            "platform_version": {"min_code": 1, "target_code": 1, "release_type": "Release"},
            "version": {"code": 1, "name": "1.0.0"},
            "window": {},
        });
        let files = [("manifest.json", manifest.to_string()), ("app.js", String::new()), ("app.css", String::new())];
        let page = ("pages/home.html", "<!doctype html><title>x</title>".to_owned());
        let icons = names.iter().map(|name| (name.as_str(), "<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_owned()));
        let files: BTreeMap<_, _> = (files.into_iter().chain([page]).chain(icons))
            .map(|(path, text)| (path.parse().unwrap(), text.into_bytes()))
            .collect();
        PackageDraft::new(files, &Limits::default()).unwrap().unsealed().unwrap()
    }

    /// What is said beside another department's app with this icon, which somebody has looked at or nobody.
    fn beside(package: &PackageFile, icon: &str, look: Option<&str>) -> (Vec<String>, Looks) {
        let other = OtherIcon {
            app_id: "gov.example.tax".parse().unwrap(),
            department: "tax".parse().unwrap(),
            sha256: Digest::of(icon.as_bytes()),
            path: "icon.svg".to_owned(),
            look: look.map(str::to_owned),
            bytes: icon.len(),
        };
        let task = Task {
            check: CheckName::Icons,
            keys: PublisherKeys {
                format: 1,
                department: "residence".parse().unwrap(),
                name: BTreeMap::new(),
                prefixes: Vec::new(),
                keys: Vec::new(),
            },
            others: Vec::new(),
            same_icon: Vec::new(),
            icons: vec![other],
            missed: Vec::new(),
            package_bytes: 0,
            before_bytes: None,
        };
        let icons = if look.is_none() { vec![icon.as_bytes().to_vec()] } else { Vec::new() };
        let (found, looks) = of(package, &Given { task, package: Vec::new(), before: None, icons });
        (found.into_iter().map(|found| format!("{} {}", found.class, found.what.en)).collect(), looks)
    }

    #[test]
    fn another_departments_icon_that_is_not_seen_here_is_named_each_time() {
        let (package, icon) = (package(1), "<svg xmlns=\"http://www.w3.org/2000/svg\"><text>1</text></svg>");
        let (first, looks) = beside(&package, icon, None);
        assert!(first[0].starts_with("icons/others-not-compared") && first[0].ends_with("gov.example.tax, tax"));
        let kept = looks.values().next().unwrap();
        assert_eq!(beside(&package, icon, Some(kept)), (first, Looks::new()));
        assert_eq!(beside(&package, "<svg xmlns=\"http://www.w3.org/2000/svg\"/>", None).0, Vec::<String>::new());
    }

    #[test]
    fn more_icons_than_are_compared_are_named() {
        let said = |number| beside(&package(number), "<svg xmlns=\"http://www.w3.org/2000/svg\"/>", None).0;
        assert_eq!(said(MOST), Vec::<String>::new());
        assert_eq!(said(MOST + 2).len(), 2);
        assert!(said(MOST + 1)[0].starts_with("icons/not-compared"));
    }

    #[test]
    fn every_app_that_is_not_compared_is_named_up_to_a_number() {
        let missed = |why, number: usize| Missed {
            why,
            app_id: format!("gov.example.app{number:02}").parse().unwrap(),
            department: "tax".parse().unwrap(),
        };
        let mut all: BTreeSet<_> = (0..22).map(|number| missed(Why::Unseen, number)).collect();
        all.extend([missed(Why::Later, 1), missed(Why::Lost, 2), missed(Why::Lost, 3)]);
        let found = not_compared(&all);
        let said: Vec<_> = found.iter().map(|found| (found.weight, &*found.what.en)).collect();
        assert_eq!(said.len(), 3);
        assert_eq!(said[0].0, CheckWeight::Warning);
        assert!(said[0].1.ends_with("gov.example.app02, tax; gov.example.app03, tax"), "{}", said[0].1);
        assert!(said[1].1.ends_with("gov.example.app01, tax"), "{}", said[1].1);
        assert!(said[2].1.contains("app19, tax; + 2") && !said[2].1.contains("app20"), "{}", said[2].1);
        assert!(not_compared(&BTreeSet::new()).is_empty());
    }
}
