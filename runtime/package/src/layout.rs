//! The files a MiniApp must have (MiniApp Packaging, *Package structure* and *Processing*, steps 5 and 6).

use std::collections::BTreeMap;

use crate::{
    Limits, PackagePath, Refusal,
    manifest::{LocalizationResource, MANIFEST_PATH, Manifest, ManifestFault, ManifestRefusal, Note, process},
    refusal::Words,
};

/// The logic, or, beside a component, an empty file that W3C demands.
const SCRIPT: &str = "app.js";

/// A file is missing, or is not what its place demands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words().what)]
pub enum LayoutRefusal {
    /// `app.js` or `app.css`.
    MissingFile {
        /// Which.
        path: &'static str,
    },
    /// The HTML of a page that the manifest names.
    MissingPage {
        /// A JSON pointer into the manifest.
        place: String,
        /// The HTML's path.
        path: String,
    },
    /// An icon that the manifest names.
    MissingIcon {
        /// A JSON pointer into the manifest.
        place: String,
        /// The icon's path.
        path: String,
    },
    /// The component that `guichet.logic` names.
    MissingLogic {
        /// The component's path.
        path: String,
    },
    /// `app.js` has content although `guichet.logic` names a component: only one of them can be the logic.
    TwoLogics {
        /// The component's path.
        path: String,
    },
    /// An `i18n/<tag>.json` that is not a localization resource.
    Localization {
        /// Its path.
        path: String,
        /// What is wrong with it.
        why: String,
    },
}

/// Reads the manifest of a package and checks that what it names is there.
pub(crate) fn check<B: AsRef<[u8]>>(
    files: &BTreeMap<PackagePath, B>,
    limits: &Limits,
) -> Result<(Manifest, Vec<Note>), Refusal> {
    let manifest = files.get(MANIFEST_PATH).ok_or_else(|| ManifestRefusal::whole(ManifestFault::Missing))?.as_ref();
    if manifest.len() as u64 > limits.manifest_bytes {
        return Err(ManifestRefusal::whole(ManifestFault::TooLarge(limits.manifest_bytes)).into());
    }
    let (manifest, notes) = process(manifest)?;
    for path in [SCRIPT, "app.css"] {
        if !files.contains_key(path) {
            return Err(LayoutRefusal::MissingFile { path }.into());
        }
    }
    check_named(&manifest, files)?;
    for (path, bytes) in
        files.iter().filter(|(path, _)| path.as_str().starts_with("i18n/") && path.extension() == Some("json"))
    {
        if let Err(why) = LocalizationResource::parse(bytes.as_ref()) {
            return Err(LayoutRefusal::Localization { path: path.to_string(), why: why.to_string() }.into());
        }
    }
    Ok((manifest, notes))
}

fn check_named<B: AsRef<[u8]>>(manifest: &Manifest, files: &BTreeMap<PackagePath, B>) -> Result<(), LayoutRefusal> {
    let pages = manifest.pages.iter().enumerate().map(|(index, page)| (format!("/pages/{index}"), page));
    let widgets =
        manifest.widgets.iter().enumerate().map(|(index, widget)| (format!("/widgets/{index}/path"), &widget.path));
    for (place, page) in pages.chain(widgets) {
        let path = page.html();
        if !files.contains_key(path.as_str()) {
            return Err(LayoutRefusal::MissingPage { place, path });
        }
    }
    for (index, icon) in manifest.icons.iter().enumerate() {
        if !files.contains_key(&icon.src) {
            return Err(LayoutRefusal::MissingIcon {
                place: format!("/icons/{index}/src"),
                path: icon.src.to_string(),
            });
        }
    }
    let Some(path) = &manifest.guichet.logic else { return Ok(()) };
    if !files.contains_key(path) {
        return Err(LayoutRefusal::MissingLogic { path: path.to_string() });
    }
    // An editor's last line break is no second logic.
    if files.get(SCRIPT).is_some_and(|script| !script.as_ref().trim_ascii().is_empty()) {
        return Err(LayoutRefusal::TwoLogics { path: path.to_string() });
    }
    Ok(())
}

impl LayoutRefusal {
    pub(crate) fn words(&self) -> Words {
        let in_manifest = |pointer: &str| format!("{MANIFEST_PATH}#{pointer}");
        match self {
            Self::MissingFile { path } => Words::new(
                "layout/missing-file",
                format!("the package has no {path}"),
                format!("add {path} to the root folder; it may be empty"),
            ),
            Self::MissingPage { place, path } => Words::new(
                "layout/missing-page",
                format!("the page `{path}` is named and is not there"),
                format!("add {path}, or take the page out of the manifest"),
            )
            .at(in_manifest(place)),
            Self::MissingIcon { place, path } => Words::new(
                "layout/missing-icon",
                format!("the icon `{path}` is named and is not there"),
                format!("add {path}, or correct the manifest"),
            )
            .at(in_manifest(place)),
            Self::MissingLogic { path } => Words::new(
                "layout/missing-logic",
                format!("the component `{path}` is named and is not there"),
                "build the component first, or correct the manifest",
            )
            .at(in_manifest("/guichet/logic")),
            Self::TwoLogics { path } => Words::new(
                "layout/two-logics",
                format!("the component `{path}` is the logic, and {SCRIPT} has content too"),
                format!("empty {SCRIPT} but keep the file, or take `logic` out of the manifest"),
            )
            .at(SCRIPT),
            Self::Localization { path, why } => Words::new(
                "layout/localization",
                format!("the localization resource cannot be read: {why}"),
                "write an object of texts, nested at will",
            )
            .at(path.clone()),
        }
    }
}
