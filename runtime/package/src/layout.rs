//! The files a MiniApp must have (MiniApp Packaging, *Package structure* and *Processing*, steps 4 to 6): what the text
//! lets a loader refuse, and no more. What a store or a build asks for besides is in [`crate::findings`].

use crate::{
    Limits,
    files::Files,
    manifest::{MANIFEST_PATH, Manifest, ManifestFault, ManifestRefusal, Note, process},
    refusal::Words,
    source::NotOpened,
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
}

/// Reads the manifest of a package (P-L1, P-A4) and checks that what it names is there (P-A5, P-A6): `app.js` (P-L2),
/// `app.css` (P-L3), the HTML of every page and widget (P-L4).
pub(crate) fn check<F: Files>(files: &F, limits: &Limits) -> Result<(Manifest, Vec<Note>), NotOpened<F::Error>> {
    let size = files.size(MANIFEST_PATH).ok_or_else(|| ManifestRefusal::whole(ManifestFault::Missing))?;
    if size > limits.manifest_bytes {
        return Err(ManifestRefusal::whole(ManifestFault::TooLarge(limits.manifest_bytes)).into());
    }
    let (manifest, notes) = process(&files.read(MANIFEST_PATH).map_err(NotOpened::Unread)?)?;
    for path in [SCRIPT, "app.css"] {
        if files.size(path).is_none() {
            return Err(LayoutRefusal::MissingFile { path }.into());
        }
    }
    check_named(&manifest, files, limits)?;
    Ok((manifest, notes))
}

fn check_named<F: Files>(manifest: &Manifest, files: &F, limits: &Limits) -> Result<(), NotOpened<F::Error>> {
    let pages = manifest.pages.iter().enumerate().map(|(index, page)| (format!("/pages/{index}"), page));
    let widgets =
        manifest.widgets.iter().enumerate().map(|(index, widget)| (format!("/widgets/{index}/path"), &widget.path));
    for (place, page) in pages.chain(widgets) {
        let path = page.html();
        if files.size(&path).is_none() {
            return Err(LayoutRefusal::MissingPage { place, path }.into());
        }
    }
    let Some(path) = manifest.guichet.logic.as_ref().map(ToString::to_string) else { return Ok(()) };
    if files.size(&path).is_none() {
        return Err(LayoutRefusal::MissingLogic { path }.into());
    }
    // An editor's last line break is no second logic.
    let is_small = files.size(SCRIPT) <= Some(limits.manifest_bytes);
    if !is_small || !files.read(SCRIPT).map_err(NotOpened::Unread)?.trim_ascii().is_empty() {
        return Err(LayoutRefusal::TwoLogics { path }.into());
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
        }
    }
}
