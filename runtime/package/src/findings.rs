//! What a loader puts up with and a build or a store does not: faults that W3C lets pass, and advice.
//!
//! The loader follows MiniApp Packaging and MiniApp Manifest to the letter, so that every host shows the same app. A
//! store that publishes for thousands of terminals may ask for more; each thing it asks for has a class of its own.

use std::collections::{BTreeMap, HashSet};

use oxilangtag::LanguageTag;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    PackagePath,
    manifest::{LocalizationResource, MANIFEST_PATH, Manifest},
    refusal::Words,
};

/// Longest localization resource, in bytes: that of a manifest.
const MOST_RESOURCE_BYTES: usize = 256 << 10;

/// Something that a build and a store remark on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words().what)]
pub enum Finding {
    /// An icon that the manifest names is not in the package; W3C only says that it is not shown.
    MissingIcon {
        /// A JSON pointer into the manifest.
        place: String,
        /// The icon's path.
        path: String,
    },
    /// An `i18n/<tag>.json` that is not a localization resource; a loader ignores it (D18).
    Localization {
        /// Its path.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// A file of `i18n/` whose name is no language tag: no host finds it.
    LanguageTag {
        /// Its path.
        path: String,
    },
    /// A permission whose scope does not say what it must, so that no host grants anything for it.
    Scope {
        /// A JSON pointer into the manifest.
        place: String,
        /// The permission.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// A file that is neither declared nor referenced (P-L7): no host ever reads it.
    Unreferenced {
        /// Its path.
        path: String,
    },
    /// `version.name` is not the recommended X.Y.Z.
    VersionName {
        /// What it is.
        name: String,
    },
    /// The app is made for an older platform than the one it needs.
    TargetBelowMinimum {
        /// `target_code`.
        target: u32,
        /// `min_code`.
        min: u32,
    },
}

impl Finding {
    /// Whether a build and a store refuse the package for it; the others are advice.
    pub fn is_refused(&self) -> bool {
        matches!(
            self,
            Self::MissingIcon { .. } | Self::Localization { .. } | Self::LanguageTag { .. } | Self::Scope { .. }
        )
    }

    /// The stable word for this kind of finding, such as `check/missing-icon`.
    pub fn class(&self) -> &'static str {
        self.words().class
    }

    pub(crate) fn words(&self) -> Words {
        let in_manifest = |pointer: &str| format!("{MANIFEST_PATH}#{pointer}");
        match self {
            Self::MissingIcon { place, path } => Words::new(
                "check/missing-icon",
                format!("the icon `{path}` is named and is not there"),
                format!("add {path}, or correct the manifest"),
            )
            .at(in_manifest(place)),
            Self::Localization { path, why } => Words::new(
                "check/localization",
                format!("the localization resource cannot be read: {why}"),
                "write an object of texts, nested at will",
            )
            .at(path.clone()),
            Self::LanguageTag { path } => Words::new(
                "check/language-tag",
                "the localization resource is not named by a language",
                "name it by a BCP 47 tag, such as i18n/zh-Hans.json",
            )
            .at(path.clone()),
            Self::Scope { place, name, why } => Words::new(
                "check/scope",
                format!("nothing can be granted for `{name}`: {why}"),
                "list the hosts by name: \"scope\": {\"domains\": [\"data.example.gov\"]}",
            )
            .at(in_manifest(place)),
            Self::Unreferenced { path } => Words::new(
                "check/unreferenced",
                "the file is neither declared nor referenced, so no host reads it",
                "leave it out, name it where it is used, or put it into common/",
            )
            .at(path.clone()),
            Self::VersionName { name } => Words::new(
                "check/version-name",
                format!("`{name}` is not a version such as 1.2.0"),
                "write three numbers joined by dots (semver.org)",
            )
            .at(in_manifest("/version/name")),
            Self::TargetBelowMinimum { target, min } => Words::new(
                "check/target-code",
                format!("the app is made for platform {target} but needs {min}"),
                "raise target_code to min_code at least, or leave it out",
            )
            .at(in_manifest("/platform_version/target_code")),
        }
    }
}

/// Everything there is to remark on a package whose manifest was accepted, what is refused first.
pub(crate) fn find<B: AsRef<[u8]>>(manifest: &Manifest, files: &BTreeMap<PackagePath, B>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, icon) in manifest.icons.iter().enumerate() {
        if !files.contains_key(&icon.src) {
            let place = format!("/icons/{index}/src");
            findings.push(Finding::MissingIcon { place, path: icon.src.to_string() });
        }
    }
    for (index, request) in manifest.req_permissions.iter().enumerate() {
        if let Some(why) = request.permission.scope_fault() {
            let (place, name) = (format!("/req_permissions/{index}"), request.permission.name.to_string());
            findings.push(Finding::Scope { place, name, why });
        }
    }
    findings.extend(files.iter().filter_map(|(path, bytes)| judge_resource(path, bytes.as_ref())));
    let version = &manifest.version.name;
    if !is_semver(version) {
        findings.push(Finding::VersionName { name: version.clone() });
    }
    let platform = &manifest.platform_version;
    if let Some(target) = platform.target_code.filter(|target| *target < platform.min_code) {
        findings.push(Finding::TargetBelowMinimum { target, min: platform.min_code });
    }
    let unreferenced = unreferenced(manifest, files).into_iter();
    findings.extend(unreferenced.map(|path| Finding::Unreferenced { path: path.to_string() }));
    findings
}

/// P-L6: what stands in `i18n/` is a localization resource.
fn judge_resource(path: &PackagePath, bytes: &[u8]) -> Option<Finding> {
    let name = path.as_str().strip_prefix("i18n/")?;
    let tag = name.strip_suffix(".json")?;
    if LanguageTag::parse(tag).is_err() {
        return Some(Finding::LanguageTag { path: path.to_string() });
    }
    let why = if bytes.len() > MOST_RESOURCE_BYTES {
        format!("it is larger than {MOST_RESOURCE_BYTES} bytes")
    } else {
        LocalizationResource::parse(bytes).err()?.to_string()
    };
    Some(Finding::Localization { path: path.to_string(), why })
}

/// `X.Y.Z` of whole numbers, with what semver.org allows behind them.
fn is_semver(name: &str) -> bool {
    let core = name.split(['-', '+']).next().unwrap_or(name);
    let is_number = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()) && (part == "0" || !part.starts_with('0'))
    };
    core.split('.').count() == 3 && core.split('.').all(is_number)
}

/// The files that are neither declared by the manifest or their place, nor named by one that is (P-L7, D19).
///
/// What a running app asks for by name is only known when it runs; a name that stands anywhere in a resource of the
/// package counts as a reference, and everything in `common/` is shared by definition (P-L5).
fn unreferenced<'a, B: AsRef<[u8]>>(manifest: &Manifest, files: &'a BTreeMap<PackagePath, B>) -> Vec<&'a PackagePath> {
    let pages = manifest.pages.iter().chain(manifest.widgets.iter().map(|widget| &widget.path));
    let mut declared: HashSet<String> = pages.flat_map(|page| [page.html(), page.css(), page.js()]).collect();
    declared.extend([MANIFEST_PATH, "app.js", "app.css"].map(str::to_owned));
    declared.extend(manifest.icons.iter().map(|icon| icon.src.to_string()));
    declared.extend(manifest.guichet.logic.as_ref().map(ToString::to_string));
    let is_declared = |path: &PackagePath| {
        let text = path.as_str();
        declared.contains(text) || text.starts_with("common/") || text.starts_with("i18n/")
    };
    let (mut fresh, mut rest): (Vec<_>, Vec<_>) = files.keys().partition(|path| is_declared(path));
    let mut words: HashSet<&[u8]> = HashSet::new();
    while !fresh.is_empty() && !rest.is_empty() {
        for path in &fresh {
            let bytes = files.get(path.as_str()).map(AsRef::as_ref).unwrap_or_default();
            words.extend(bytes.split(|byte| is_between_names(*byte)).filter(|word| !word.is_empty()));
        }
        (fresh, rest) = rest.into_iter().partition(|path| is_named(path.name(), &words));
    }
    rest
}

/// What cannot stand in a file name as it is written in a resource.
fn is_between_names(byte: u8) -> bool {
    byte <= b' '
        || matches!(
            byte,
            b'"' | b'\'' | b'`' | b'/' | b'\\' | b'(' | b')' | b'<' | b'>' | b'?' | b'#' | b'=' | b',' | b';'
        )
}

fn is_named(name: &str, words: &HashSet<&[u8]>) -> bool {
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'_').remove(b'~');
    words.contains(name.as_bytes()) || words.contains(utf8_percent_encode(name, KEPT).to_string().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_is_judged_up_to_its_largest_size() {
        let path: PackagePath = "i18n/en.json".parse().unwrap();
        let texts = |bytes: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(bytes - 8)).into_bytes();
        assert_eq!(judge_resource(&path, &texts(MOST_RESOURCE_BYTES)), None);
        let found = judge_resource(&path, &texts(MOST_RESOURCE_BYTES + 1)).unwrap();
        assert!(matches!(&found, Finding::Localization { why, .. } if why.contains("larger than")), "{found:?}");
    }
}
