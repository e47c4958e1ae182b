//! Names that people would take for another's (Unicode TR39), and icons that are another's.

use std::collections::BTreeSet;

use guichet_api::{CheckFinding, CheckWeight};
use guichet_contract::{AppId, Department};
use guichet_package::PackageFile;
use unicode_security::{RestrictionLevel, RestrictionLevelDetection as _, confusable_detection::skeleton};

use super::{task::Other, words};
use crate::submissions;

/// Compares the names of a package with those under which other departments have released apps.
pub(super) fn of(package: &PackageFile, others: &[Other], same_icon: &[(AppId, Department)]) -> Vec<CheckFinding> {
    let names = submissions::localized(package, |manifest| Some(manifest.name.clone()));
    let own: BTreeSet<&str> = names.values().map(String::as_str).collect();
    let id = package.statement().app_id.as_str();
    let mut all = Vec::new();
    for other in others {
        let alike = |own: &&str| other.names.iter().any(|name| looks(own) == looks(name));
        let who = |name: &str| format!("{name} ({}, {})", other.app_id, other.department);
        if let Some(name) = own.iter().find(|name| alike(name)) {
            all.push(words::finding("names/look-alike", CheckWeight::Grave, &words::LOOK_ALIKE, &who(name)));
        } else if looks(id) == looks(other.app_id.as_str()) {
            all.push(words::finding("names/look-alike", CheckWeight::Grave, &words::LOOK_ALIKE, &who(id)));
        }
    }
    for (app, department) in same_icon {
        let who = format!("{app}, {department}");
        all.push(words::finding("names/same-icon", CheckWeight::Warning, &words::SAME_ICON, &who));
    }
    for name in own {
        let letters: String = name.chars().filter(|c| c.is_alphanumeric()).collect();
        if !letters.check_restriction_level(RestrictionLevel::HighlyRestrictive) {
            let weight = CheckWeight::Warning;
            all.push(words::finding("names/mixed-scripts", weight, &words::MIXED_SCRIPTS, name));
        }
    }
    all
}

/// What is the same for two names that look the same, in whichever letters and however spaced.
fn looks(name: &str) -> String {
    let once: String = skeleton(name).collect();
    // Small letters of capitals that look like others look like others again.
    let small: String = once.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    skeleton(&small).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_the_same_are_the_same() {
        for (one, other) in [
            ("Residence permit", "residence  permit"),
            ("Residence permit", "Rеsidеnсе реrmit"),
            ("Tax 1040", "Tax l04O"),
            ("居住证", "居住证"),
            ("gov.example.tax", "gov.examp1e.tax"),
        ] {
            assert_eq!(looks(one), looks(other), "{one} {other}");
        }
        for (one, other) in [("Residence permit", "Resident permit"), ("居住证", "居民证"), ("Tax 1", "Tax 2")] {
            assert_ne!(looks(one), looks(other), "{one} {other}");
        }
    }
}
